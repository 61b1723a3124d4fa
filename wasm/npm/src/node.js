// Transports of Node: node:net and node:tls as web streams.
import net from "node:net";
import tls from "node:tls";

/** A socket as `{ readable, writable }`, with the backpressure of both. */
export function socketTransport(socket, { secure = false, startTls } = {}) {
  let read;
  let failed;
  const readable = new ReadableStream(
    {
      start(controller) {
        read = controller;
        // It will not say so again.
        if (socket.destroyed) return controller.error(socket.errored ?? new Error("the socket is closed"));
        socket.on("data", (chunk) => {
          // A Buffer of Node's own pool is small, and not to be kept for long.
          controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
          if (controller.desiredSize <= 0) socket.pause();
        });
        socket.on("end", () => close(controller));
        socket.on("error", (error) => {
          failed ??= error;
          try { controller.error(error); } catch {}
        });
        socket.on("close", () => (failed ? undefined : close(controller)));
      },
      pull: () => void socket.resume(),
      cancel: () => void socket.destroy(),
    },
    { highWaterMark: 1 << 18, size: (chunk) => chunk.byteLength },
  );
  const writable = new WritableStream({
    write: (chunk) =>
      new Promise((resolve, reject) => {
        if (failed) return reject(failed);
        socket.write(chunk, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => void socket.end(),
    abort: () => void socket.destroy(),
  });
  return {
    readable, writable, secure,
    close: () => {
      socket.end();
      setTimeout(() => socket.destroy(), 500).unref();
    },
    startTls: startTls && (() => {
      socket.removeAllListeners("data");
      socket.removeAllListeners("end");
      socket.removeAllListeners("close");
      return startTls(socket);
    }),
  };
  function close() {
    try { read.close(); } catch {}
  }
}

const once = (socket, event, signal) => {
  // From now on there is always somebody who listens.
  socket.on("error", () => {});
  return new Promise((resolve, reject) => {
    const settle = (how) => (value) => {
      socket.off(event, resolved);
      socket.off("error", rejected);
      signal?.removeEventListener("abort", aborted);
      how(value);
    };
    const resolved = settle(resolve);
    const rejected = settle(reject);
    const aborted = () => {
      socket.destroy();
      rejected(signal.reason);
    };
    socket.once(event, resolved);
    socket.once("error", rejected);
    signal?.addEventListener("abort", aborted, { once: true });
  });
};

/** TLS from the start: port 993 of IMAP, 995 of POP3. `options.tls` goes to `tls.connect`. */
export async function connectTls({ host, port, tls: more, signal, timeout = 30_000 }) {
  signal = within(timeout, signal);
  signal?.throwIfAborted();
  const socket = tls.connect({ host, port, servername: net.isIP(host) ? undefined : host, ...more });
  await once(socket, "secureConnect", signal);
  return socketTransport(socket, { secure: true });
}

/** In clear, to be secured by STARTTLS: port 143 of IMAP, 110 of POP3. */
export async function connectTcp({ host, port, tls: more, signal, timeout = 30_000 }) {
  signal = within(timeout, signal);
  signal?.throwIfAborted();
  const socket = net.connect({ host, port });
  socket.setNoDelay(true);
  await once(socket, "connect", signal);
  return socketTransport(socket, {
    startTls: async (plain) => {
      // The certificate is checked against the host, which an IP address is, too.
      const secured = tls.connect({ socket: plain, host, servername: net.isIP(host) ? undefined : host, ...more });
      await once(secured, "secureConnect", within(timeout));
      return socketTransport(secured, { secure: true });
    },
  });
}

function within(timeout, signal) {
  if (!timeout) return signal;
  const limit = AbortSignal.timeout(timeout);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}
