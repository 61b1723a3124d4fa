import type { Transport } from "./index.js";

export interface ConnectOptions { host: string; port: number; caCerts?: string[] }
/** TLS from the start. */
export function connectTls(options: ConnectOptions): Promise<Transport>;
/** In clear, to be secured by STARTTLS. */
export function connectTcp(options: ConnectOptions): Promise<Transport>;
