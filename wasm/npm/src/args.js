// The arguments of commands, as wasm/src/args.rs reads them.
import { MailError } from "./errors.js";

const encoder = new TextEncoder();
const invalid = (why) => new MailError("INVALID_ARGUMENT", `invalid argument: ${why}`);

export class Args {
  #bytes = new Uint8Array(128);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  // Before the bytes or the view are looked at: they may be others then.
  #room(count) {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#bytes.length) {
      const more = new Uint8Array(Math.max(this.#at, 2 * this.#bytes.length));
      more.set(this.#bytes);
      this.#bytes = more;
      this.#view = new DataView(more.buffer);
    }
    return at;
  }

  u8(value) {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }
  bool(value) {
    return this.u8(value ? 1 : 0);
  }
  u32(value) {
    value = Number(value);
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw invalid(`${value} is no number of 32 bits`);
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
    return this;
  }
  i32(value) {
    const at = this.#room(4);
    this.#view.setInt32(at, value, true);
    return this;
  }
  u64(value) {
    let big;
    try {
      big = BigInt(value);
    } catch {
      throw invalid(`${value} is no number`);
    }
    if (big < 0n || big >= 1n << 64n) throw invalid(`${value} is no number of 64 bits`);
    const at = this.#room(8);
    this.#view.setBigUint64(at, big, true);
    return this;
  }
  bytes(value) {
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    if (!(bytes instanceof Uint8Array)) throw invalid("neither a string nor a Uint8Array");
    return this.u32(bytes.length).append(bytes);
  }
  str(value) {
    if (typeof value !== "string") throw invalid(`${typeof value} where a string is wanted`);
    return this.bytes(value);
  }
  option(value, write) {
    if (value === undefined || value === null) return this.u8(0);
    this.u8(1);
    write(value);
    return this;
  }
  list(values, write) {
    const all = values === undefined || values === null ? [] : typeof values === "string" ? [values] : [...values];
    this.u32(all.length);
    for (const value of all) write(value);
    return this;
  }
  strs(values) {
    return this.list(values, (it) => this.str(it));
  }
  /** A token of a command: see commands.js. */
  token(number, value) {
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    if (!(bytes instanceof Uint8Array)) throw invalid("neither a string nor a Uint8Array");
    const { length } = bytes;
    if (length >= 1 << 28) throw invalid("an argument of 256 MiB or more");
    this.u8(number).u8(length & 127).u8((length >> 7) & 127).u8((length >> 14) & 127).u8(length >> 21);
    return this.append(bytes);
  }
  append(bytes) {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  /** The parts of a day: `2026-11-21`, or a Date, of which the day in UTC counts. */
  dayOf(value) {
    const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(value instanceof Date ? toISO(value) : String(value));
    if (!match) throw invalid("a day is a Date or a string such as 2026-11-21");
    return match;
  }
  date(value) {
    const [, year, month, day] = this.dayOf(value);
    return this.u32(+year).u8(+month).u8(+day);
  }
  dateTime(value) {
    const date = value instanceof Date ? value : new Date(value);
    this.date(date);
    return this.u8(date.getUTCHours()).u8(date.getUTCMinutes()).u8(date.getUTCSeconds()).i32(0);
  }
  finish() {
    return this.#bytes.slice(0, this.#at);
  }
}

function toISO(date) {
  if (Number.isNaN(date.getTime())) throw invalid("an invalid Date");
  return date.toISOString();
}

/** Numbers, ranges, or the text of a set. */
export function sequenceSet(value) {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (value && typeof value[Symbol.iterator] === "function") {
    // Runs are put together, so that a long list makes no long command.
    const numbers = [...value];
    if (!numbers.length) throw invalid("an empty set of messages");
    const parts = [];
    for (let i = 0; i < numbers.length; i++) {
      const from = numbers[i];
      if (typeof from === "string") {
        parts.push(from);
        continue;
      }
      let to = from;
      while (numbers[i + 1] === to + 1) to = numbers[++i];
      parts.push(from === to ? from : `${from}:${to}`);
    }
    return parts.join(",");
  }
  throw invalid("a set of messages is a number, a list of them, or a string such as 1:3,7");
}
