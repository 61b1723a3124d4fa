// What the wasm tells: see wasm/src/records.rs for the form of it.
import { memory } from "./wasm.js";

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** What fields hold that are not given as they came. */
const FIELDS = new Map([
  // The words that say what an object is; they come as texts.
  ...["event", "item"].map((name) => [name, (value) => spelt(value)]),
  // Numbers that may be larger than 2^53, and so are always BigInt.
  ...["modSeq", "highestModSeq", "xGmMsgId", "xGmThrId"].map((name) => [name, (value) => (typeof value === "number" ? BigInt(value) : value)]),
]);

const KINDS = new Map();
function spelt(text) {
  let name = KINDS.get(text);
  if (name === undefined) KINDS.set(text, (name = camel(text)));
  return name;
}

const END = {};

// What is read at the moment. Variables are faster than fields, and nothing here waits.
let words;
let at;
let texts;
let read;
let chunk;
let bytes;
let names;
let fields;

function text(length) {
  const from = read;
  read = from + length;
  return texts.slice(from, read);
}

/** The number of a name; a new one is learnt. */
function named(number) {
  if (number) return number;
  const name = camel(text(words[at++] >>> 4));
  fields.push(FIELDS.get(name));
  return names.push(name) - 1;
}

function value() {
  const word = words[at++];
  const argument = word >>> 4;
  switch (word & 15) {
    case 0: return null;
    case 1: return true;
    case 2: return false;
    case 3: return argument;
    case 4: {
      const low = words[at++];
      const high = words[at++] | 0;
      if (high >= -0x200000 && high < 0x200000) return high * 0x100000000 + low;
      return (BigInt(high) << 32n) | BigInt(low);
    }
    case 5: return text(argument);
    case 6: return names[named(argument)];
    case 7: {
      const object = {};
      for (;;) {
        const key = words[at++];
        const kind = key & 15;
        if (kind === 6) {
          const number = named(key >>> 4);
          const got = value();
          const given = fields[number];
          object[names[number]] = given === undefined ? got : given(got);
        } else if (kind === 5) {
          const name = text(key >>> 4);
          const got = value();
          // The name may be a stranger's.
          if (name === "__proto__") Object.defineProperty(object, name, { value: got, enumerable: true });
          else object[name] = got;
        } else return object;
      }
    }
    case 8: {
      const array = [];
      for (let one; (one = value()) !== END;) array.push(one);
      return array;
    }
    case 9: return END;
    case 10: {
      const from = words[at++];
      return chunk.subarray(from, from + argument);
    }
    default: {
      const from = bytes;
      bytes = from + argument;
      return new Uint8Array(memory(), from, argument).slice();
    }
  }
}

/** Reads what one machine tells: it tells a name once, and its number from then on. */
export class Records {
  #names = [""];
  #fields = [undefined];

  /** All values behind the first `skip` words. */
  values(raw, told, skip, input, into) {
    words = new Uint32Array(memory(), raw.wordsAt(), raw.wordsLength());
    [at, texts, read, chunk, bytes] = [skip, told, 0, input, raw.bytesAt()];
    [names, fields] = [this.#names, this.#fields];
    while (at < words.length) into.push(value());
    words = texts = chunk = undefined;
    return into;
  }
}
