// Transports of Deno.
const transport = (conn, secure, startTls) => ({
  readable: conn.readable, writable: conn.writable, secure, startTls,
  close: () => {
    try { conn.close(); } catch {}
  },
});

/** TLS from the start. */
export async function connectTls({ host, port, caCerts }) {
  return transport(await Deno.connectTls({ hostname: host, port, caCerts }), true);
}

/** In clear, to be secured by STARTTLS. */
export async function connectTcp({ host, port, caCerts }) {
  const conn = await Deno.connect({ hostname: host, port });
  return transport(conn, false, async () => transport(await Deno.startTls(conn, { hostname: host, caCerts }), true));
}
