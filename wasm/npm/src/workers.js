// Transports of Cloudflare Workers. `connect` is that of cloudflare:sockets, given by the caller,
// so that this file can be bundled anywhere.
const transport = (socket, secure, startTls) => ({
  readable: socket.readable, writable: socket.writable, secure,
  close: () => socket.close(),
  startTls: startTls && (() => transport(socket.startTls(), true)),
});
/** Connected. That it failed later on is told by its streams. */
async function opened(socket) {
  socket.closed?.catch(() => {});
  await socket.opened;
  return socket;
}

/** TLS from the start. */
export async function connectTls(connect, { host, port }) {
  return transport(await opened(connect({ hostname: host, port }, { secureTransport: "on", allowHalfOpen: false })), true);
}

/** In clear, to be secured by STARTTLS. */
export async function connectTcp(connect, { host, port }) {
  return transport(await opened(connect({ hostname: host, port }, { secureTransport: "starttls", allowHalfOpen: false })), false, true);
}
