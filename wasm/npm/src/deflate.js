// COMPRESS (RFC 4978): a transport around a transport.

/** The most that a stored block holds (RFC 1951 section 3.2.4). */
const MOST = 0xffff;

/** Bytes as stored blocks. What a client sends is small, and web streams cannot flush a compressor. */
function stored(bytes) {
  const blocks = Math.ceil(bytes.length / MOST);
  const all = new Uint8Array(bytes.length + 5 * blocks);
  for (let from = 0, at = 0; from < bytes.length; from += MOST) {
    const piece = bytes.subarray(from, from + MOST);
    const { length } = piece;
    all.set([0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255], at);
    all.set(piece, at + 5);
    at += 5 + length;
  }
  return all;
}

/** `transport`, compressed. `already`: what came compressed and was read before. */
export function deflated(transport, already) {
  const source = transport.readable.getReader();
  const sink = transport.writable.getWriter();
  sink.closed?.catch?.(() => {});
  source.closed?.catch?.(() => {});
  const inflate = new DecompressionStream("deflate-raw");
  const into = inflate.writable.getWriter();
  into.closed.catch(() => {});
  const from = inflate.readable.getReader();
  from.closed.catch(() => {});
  let ended = false;
  let broken;
  const done = (async () => {
    try {
      for (const chunk of already) await into.write(chunk);
      for (;;) {
        const { done, value } = await source.read();
        if (done) break;
        await into.write(value);
      }
      ended = true;
      await into.close();
    } catch (error) {
      // Unless it is the compressed data that is broken, which its reader sees.
      broken = error;
      into.abort(error).catch(() => {});
    }
  })();
  const readable = new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await from.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          // A stream need not end in order.
          if (ended) controller.close();
          else controller.error(broken ?? error);
        }
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream({
    write: (bytes) => sink.write(stored(bytes)),
    close: () => sink.close(),
    abort: (reason) => sink.abort(reason),
  });
  return {
    readable, writable, secure: transport.secure, close: () => transport.close?.(),
    /** The transport as it was. Nothing must be on its way. */
    async inflated() {
      source.releaseLock();
      await sink.ready;
      sink.releaseLock();
      await done;
      return transport;
    },
  };
}
