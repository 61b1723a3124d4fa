import type { Transport } from "./index.js";

/** `connect` of `cloudflare:sockets`. */
export type Connect = (address: { hostname: string; port: number }, options?: any) => any;
/** TLS from the start. */
export function connectTls(connect: Connect, where: { host: string; port: number }): Promise<Transport>;
/** In clear, to be secured by STARTTLS. */
export function connectTcp(connect: Connect, where: { host: string; port: number }): Promise<Transport>;
