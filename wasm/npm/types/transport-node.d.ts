import type { ConnectionOptions } from "node:tls";
import type { Socket } from "node:net";
import type { Transport } from "./index.js";

/** Where to connect. */
export interface ConnectOptions {
  /** The name of the server; the certificate is checked against it. */
  host: string;
  port: number;
  /** What else `tls.connect` is told: `ca`, `cert`, `key`, `servername`, … */
  tls?: ConnectionOptions;
  signal?: AbortSignal;
  /** Milliseconds until connecting is given up; 30000 by default, 0 for never. */
  timeout?: number;
}
/** TLS from the start: port 993 of IMAP, 995 of POP3. */
export function connectTls(options: ConnectOptions): Promise<Transport>;
/** In clear, to be secured by STARTTLS: port 143 of IMAP, 110 of POP3. */
export function connectTcp(options: ConnectOptions): Promise<Transport>;
/** A socket that is connected already. */
export function socketTransport(
  socket: Socket,
  options?: { secure?: boolean; startTls?: (socket: Socket) => Promise<Transport> },
): Transport;
