// Transports of Cloudflare Workers. `connect` is that of cloudflare:sockets, given by the caller,
// so that this file can be bundled anywhere.
const transport = (socket, secure, startTls) => ({
  readable: socket.readable, writable: socket.writable, secure,
  close: () => socket.close(),
  startTls: startTls && (() => transport(socket.startTls(), true)),
});

/** TLS from the start. */
export async function connectTls(connect, { host, port }) {
  const socket = connect({ hostname: host, port }, { secureTransport: "on", allowHalfOpen: false });
  await socket.opened;
  return transport(socket, true);
}

/** In clear, to be secured by STARTTLS. */
export async function connectTcp(connect, { host, port }) {
  const socket = connect({ hostname: host, port }, { secureTransport: "starttls", allowHalfOpen: false });
  await socket.opened;
  return transport(socket, false, true);
}
