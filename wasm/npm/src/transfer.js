// Parts as they were before they were wrapped for their journey, and their text.
import { MailError } from "./errors.js";
import { Transfer } from "./mailwire.js";
import { init, memory } from "./wasm.js";

/** Bytes that are decoded at a time: the memory of the wasm never shrinks. */
const PIECE = 1 << 16;
const encoder = new TextEncoder();

/** What decodes it; nothing if it is given as it is. */
function decoderOf(encoding) {
  memory();
  return encoding ? Transfer.of(encoder.encode(encoding)) : undefined;
}

/** A stream of what another gives, decoded. It asks for no more than it is asked for. */
export function decoded(from, encoding) {
  const reader = from.getReader();
  let rest = new Uint8Array(0);
  let decoder;
  let begun = false;
  let over = false;
  const free = () => {
    over = true;
    decoder?.free();
    decoder = undefined;
  };
  /** The next bytes; nothing at the end. */
  const next = async () => {
    if (!begun) {
      begun = true;
      await init();
      if (!over) decoder = decoderOf(encoding);
    }
    while (!over) {
      if (!rest.length) {
        const { done, value } = await reader.read();
        if (over) return;
        if (done) {
          const end = decoder?.decode(rest);
          free();
          return end;
        }
        if (!(value instanceof Uint8Array)) throw new MailError("INVALID_ARGUMENT", "invalid argument: what is decoded is Uint8Arrays");
        // The decoder would take nothing for the end.
        if (!value.length) continue;
        if (!decoder) return value;
        rest = value;
      }
      const bytes = decoder.decode(rest.subarray(0, PIECE));
      rest = rest.subarray(PIECE);
      if (bytes.length) return bytes;
    }
  };
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const bytes = await next();
          if (bytes?.length) controller.enqueue(bytes);
          if (over) controller.close();
        } catch (error) {
          free();
          reader.cancel(error).catch(() => {});
          throw error;
        }
      },
      cancel(reason) {
        free();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The same of what is there at once. */
export function decodedBytes(bytes, encoding) {
  const decoder = decoderOf(encoding);
  if (!decoder) return bytes;
  try {
    const pieces = [];
    for (let at = 0; at < bytes.length; at += PIECE) pieces.push(decoder.decode(bytes.subarray(at, at + PIECE)));
    pieces.push(decoder.decode(bytes.subarray(0, 0)));
    return joined(pieces);
  } finally {
    decoder.free();
  }
}

/** Chunks as one. */
export function joined(chunks) {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Decodes base64 and quoted-printable. */
export class TransferDecoderStream {
  constructor(encoding) {
    const { readable, writable } = new TransformStream(undefined, undefined, { highWaterMark: 0 });
    this.writable = writable;
    this.readable = decoded(readable, encoding);
  }
}

/** In two steps: in one, Node 20 leaves 0x80 to 0x9f of windows-1252 as they are. */
function textIn(charset, bytes) {
  const decoder = new TextDecoder(charset);
  return decoder.decode(bytes, { stream: true }) + decoder.decode();
}

/** Bytes as text, by their charset. */
export function decodeText(bytes, charset) {
  // US-ASCII is what software says that does not know better.
  if (charset && !/ascii|ansi_x3|unknown/i.test(charset)) {
    try {
      return textIn(charset, bytes);
    } catch {
      // Nobody knows it.
    }
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return textIn("windows-1252", bytes);
  }
}
