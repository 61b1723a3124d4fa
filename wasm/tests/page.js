import { ImapConnection, init, version } from "mailwire";

await init();
new ImapConnection().free();
document.title = `mailwire ${version()}`;
