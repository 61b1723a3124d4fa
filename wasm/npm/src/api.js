export { ImapConnection, Pop3Connection, Watch } from "./connection.js";
export { ImapClient } from "./imap.js";
export { MailError } from "./errors.js";
export { decodeWords, version } from "./mailwire.js";
export { init, initSync } from "./wasm.js";
