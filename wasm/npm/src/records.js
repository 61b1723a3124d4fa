// What the wasm tells: see wasm/src/records.rs for the form of it.
import { memory } from "./wasm.js";

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
/** Numbers that may be larger than 2^53, and so are always BigInt. */
const BIG = new Set(["modSeq", "highestModSeq", "xGmMsgId", "xGmThrId"]);

const END = {};

/** The words that say what an object is; they come as texts. */
const KINDS = new Map();
function spelt(text) {
  let name = KINDS.get(text);
  if (name === undefined) KINDS.set(text, (name = camel(text)));
  return name;
}

export class Records {
  #names = [""];
  #big = [false];
  #words;
  #at = 0;
  #texts = "";
  #read = 0;
  #chunk;
  #bytes = 0;

  /** All values behind the first `skip` words. */
  values(raw, texts, skip, chunk, into) {
    const buffer = memory();
    this.#words = new Uint32Array(buffer, raw.wordsAt(), raw.wordsLength());
    this.#at = skip;
    this.#texts = texts;
    this.#read = 0;
    this.#chunk = chunk;
    this.#bytes = raw.bytesAt();
    const end = this.#words.length;
    while (this.#at < end) into.push(this.#value());
    this.#words = this.#chunk = undefined;
    return into;
  }

  #text(length) {
    const from = this.#read;
    this.#read = from + length;
    return this.#texts.slice(from, from + length);
  }

  #name(number) {
    if (number) return number;
    const name = camel(this.#text(this.#words[this.#at++] >>> 4));
    this.#big.push(BIG.has(name));
    return this.#names.push(name) - 1;
  }

  #value() {
    const word = this.#words[this.#at++];
    const argument = word >>> 4;
    switch (word & 15) {
      case 0: return null;
      case 1: return true;
      case 2: return false;
      case 3: return argument;
      case 4: {
        const low = this.#words[this.#at++];
        const high = this.#words[this.#at++] | 0;
        if (high >= -0x200000 && high < 0x200000) return high * 0x100000000 + low;
        return (BigInt(high) << 32n) | BigInt(low);
      }
      case 5: return this.#text(argument);
      case 6: return this.#names[this.#name(argument)];
      case 7: {
        const object = {};
        for (;;) {
          const key = this.#words[this.#at++];
          const kind = key & 15;
          if (kind === 6) {
            const number = this.#name(key >>> 4);
            const value = this.#value();
            const name = this.#names[number];
            if (name === "event" || name === "item") object[name] = spelt(value);
            else object[name] = this.#big[number] && typeof value === "number" ? BigInt(value) : value;
          } else if (kind === 5) {
            const name = this.#text(key >>> 4);
            const value = this.#value();
            // The name may be a stranger's.
            if (name === "__proto__") Object.defineProperty(object, name, { value, enumerable: true });
            else object[name] = value;
          } else return object;
        }
      }
      case 8: {
        const array = [];
        for (let value; (value = this.#value()) !== END;) array.push(value);
        return array;
      }
      case 9: return END;
      case 10: {
        const from = this.#words[this.#at++];
        return this.#chunk.subarray(from, from + argument);
      }
      default: {
        const from = this.#bytes;
        this.#bytes = from + argument;
        return new Uint8Array(memory(), from, argument).slice();
      }
    }
  }
}
