// A WebSocket to a bridge as a transport.
import { MailError } from "./errors.js";

/** What is buffered by the browser before we wait. */
const BUFFERED = 1 << 18;

/**
 * Connects to a bridge such as mailwire-bridge. `secure` says whether nobody can listen on all of the
 * way; by default, if the bridge is reached by wss: or on this machine, and its path does not say
 * that it goes on in clear, as mailwire-bridge's `/imap/…` and `/pop3/…` do.
 */
export async function webSocketTransport(url, { protocols = ["binary"], secure, signal, WebSocket: Socket = globalThis.WebSocket } = {}) {
  signal?.throwIfAborted();
  const where = new URL(url, globalThis.location?.href);
  const socket = new Socket(where.href, protocols);
  socket.binaryType = "arraybuffer";
  let controller;
  let over = false;
  const readable = new ReadableStream({
    start: (it) => (controller = it),
    cancel: () => socket.close(),
  });
  const end = (error) => {
    if (over) return;
    over = true;
    try {
      if (error) controller.error(error);
      else controller.close();
    } catch {}
  };
  socket.addEventListener("message", ({ data }) => {
    if (over) return;
    if (typeof data === "string") return end(new MailError("TRANSPORT", "the bridge sent text, not bytes"));
    controller.enqueue(new Uint8Array(data));
  });
  await new Promise((resolve, reject) => {
    const aborted = () => {
      socket.close();
      reject(signal.reason);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    socket.addEventListener("open", () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    socket.addEventListener("error", () => {
      const error = new MailError("TRANSPORT", `the WebSocket to ${where.host} failed`);
      end(error);
      reject(error);
    });
    socket.addEventListener("close", ({ code, reason, wasClean }) => {
      const error = wasClean && code <= 1001 ? undefined : new MailError("TRANSPORT", code === 1006 ? "the connection to the bridge was lost" : `the bridge closed: ${reason || code}`);
      end(error);
      reject(error ?? new MailError("TRANSPORT", "the bridge closed at once"));
    });
  });
  const writable = new WritableStream({
    async write(chunk) {
      while (socket.bufferedAmount > BUFFERED && socket.readyState === 1) await new Promise((resolve) => setTimeout(resolve, 5));
      if (socket.readyState !== 1) throw new MailError("TRANSPORT", "the WebSocket is closed");
      socket.send(chunk);
    },
    close: () => socket.close(),
    abort: () => socket.close(),
  });
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(where.hostname);
  return { readable, writable, secure: secure ?? ((/^(wss|https):$/.test(where.protocol) || local) && !/^\/(imap|pop3)\//.test(where.pathname)), close: () => socket.close() };
}
