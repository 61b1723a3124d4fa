export { ImapConnection, Pop3Connection, Watch } from "./connection.js";
export { ImapClient, numbers } from "./imap.js";
export { Pop3Client } from "./pop3.js";
export { watch } from "./watch.js";
export { webSocketTransport } from "./websocket.js";
export { MailError } from "./errors.js";
export { TransferDecoderStream, decodeText } from "./transfer.js";
export { version } from "./mailwire.js";
export { init, initSync, setSource } from "./wasm.js";
import { decodeWords as decode } from "./mailwire.js";
import { memory } from "./wasm.js";

/** A header's text as people read it: encoded words (RFC 2047) are decoded. */
export function decodeWords(value) {
  memory();
  return decode(typeof value === "string" ? new TextEncoder().encode(value) : value);
}
