import { setSource } from "./core.js";
// Bundlers look for this very expression.
setSource(() => new URL("./mailwire_bg.wasm", import.meta.url));
export { decodeText, decodeWords, ImapClient, ImapConnection, init, initSync, MailError, numbers, Pop3Client, Pop3Connection, TransferDecoderStream, version, Watch, watch, webSocketTransport } from "./core.js";
