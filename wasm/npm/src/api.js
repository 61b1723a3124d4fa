export { ImapConnection, Pop3Connection, Watch } from "./connection.js";
export { ImapClient, numbers } from "./imap.js";
export { Pop3Client } from "./pop3.js";
export { watch } from "./watch.js";
export { webSocketTransport } from "./websocket.js";
export { MailError } from "./errors.js";
export { decodeWords, version } from "./mailwire.js";
export { init, initSync } from "./wasm.js";
