// What FETCH brings, message by message, and the bodies as streams.
import { MailError, tell } from "./errors.js";
import { decodeWords } from "./mailwire.js";
import { decodeText, decoded, decodedBytes, joined } from "./transfer.js";

/** Messages and bytes that are kept before reading is held up. */
const MESSAGES = 200;
const BYTES = 1 << 18;

const encoder = new TextEncoder();
const words = (text) => (text && text.includes("=?") ? decodeWords(encoder.encode(text)) : text);

function addresses(list) {
  const all = [];
  let group;
  for (const it of list ?? []) {
    if (it.host === null) {
      // The start of a group, or its end.
      group = it.mailbox === null ? undefined : words(it.mailbox);
      continue;
    }
    const address = { name: words(it.name) ?? "", address: `${it.mailbox ?? ""}@${it.host}` };
    if (group !== undefined) address.group = group;
    all.push(address);
  }
  return all;
}

/** A date; null where there is none that can be read. */
function dateOf(text) {
  const date = new Date(text ?? NaN);
  return Number.isNaN(+date) ? null : date;
}

export function envelope(raw) {
  return {
    date: dateOf(raw.date), subject: words(raw.subject) ?? "",
    from: addresses(raw.from), sender: addresses(raw.sender), replyTo: addresses(raw.replyTo),
    to: addresses(raw.to), cc: addresses(raw.cc), bcc: addresses(raw.bcc),
    inReplyTo: raw.inReplyTo, messageId: raw.messageId,
  };
}

/** The MIME structure: a flat list of parts. */
export function structure(parts) {
  return parts.map(({ media_type, envelope: inner, ...part }) => {
    if (media_type !== undefined) part.type = `${media_type}/${part.subtype}`.toLowerCase();
    delete part.subtype;
    if (inner) part.envelope = envelope(inner);
    const name = part.disposition?.params?.filename ?? part.params?.name;
    if (name) part.fileName = words(name);
    return part;
  });
}

/** The bytes of one section, on their way from the connection to whoever reads them. */
export class Body {
  #chunks = [];
  #waiting;
  #ended = false;
  #error;
  #stream;
  kept = 0;
  got = 0;
  /** Nobody wants them. */
  skipped = false;
  /** From here on they were not kept. */
  lost = -1;

  constructor(total, hooks) {
    this.total = total;
    this.hooks = hooks;
  }

  /** From the connection. */
  push(chunk, most) {
    this.got += chunk.length;
    if (this.skipped || this.lost >= 0) return;
    if (this.kept + chunk.length > most && this.kept > 0 && !this.#waiting) {
      this.lost = this.got - chunk.length;
      return;
    }
    this.kept += chunk.length;
    this.#chunks.push(chunk);
    this.#waiting?.();
  }
  end() {
    this.#ended = true;
    this.#waiting?.();
  }
  fail(error) {
    if (this.#ended) return;
    this.#error = error;
    this.#waiting?.();
  }
  skip() {
    if (this.skipped) return;
    this.skipped = true;
    this.#chunks = [];
    this.kept = 0;
    this.#waiting?.();
  }

  get isRead() {
    return this.#stream !== undefined;
  }

  async *#pieces() {
    let at = 0;
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.kept -= chunk.length;
        at += chunk.length;
        this.hooks.taken();
        yield chunk;
      } else if (this.skipped) throw new MailError("SKIPPED", "the next message was asked for before this one was read to its end");
      else if (this.lost >= 0) {
        yield* this.hooks.refetch(at);
        return;
      } else if (this.#error) throw this.#error;
      else if (this.#ended) return;
      else {
        this.hooks.wanted();
        await new Promise((resolve) => (this.#waiting = resolve));
        this.#waiting = undefined;
      }
    }
  }

  stream() {
    const pieces = this.#pieces();
    this.#stream = new ReadableStream(
      {
        pull: async (controller) => {
          const { done, value } = await pieces.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => {
          this.skip();
          this.hooks.taken();
        },
      },
      { highWaterMark: 0 },
    );
    return this.#stream;
  }
}

/** Reads a stream to its end. */
export async function collect(stream) {
  const chunks = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return chunks.length === 1 ? chunks[0] : joined(chunks);
    chunks.push(value);
  }
}

/** A body in memory. It can be read more than once. */
class Kept {
  constructor(bytes, section) {
    this.bytes = bytes;
    this.section = section;
  }
  stream() {
    const { bytes } = this;
    return new ReadableStream({
      start(controller) {
        if (bytes.length) controller.enqueue(bytes.slice());
        controller.close();
      },
    });
  }
}

/** A message that FETCH told of. */
export class Message {
  #client;
  #body;
  #sections;

  constructor(client, seq, uid) {
    this.#client = client;
    if (seq !== undefined) this.seq = seq;
    if (uid !== undefined) this.uid = uid;
  }
  /** @internal */
  static put(message, what, value) {
    if (what === "body") message.#body = value;
    else (message.#sections ??= new Map()).set(what, value);
  }
  /** @internal */
  static open(message) {
    return message.#body;
  }

  /** The bytes of the message, or of a section of it; or those of a part, decoded. What is not on its way is fetched now. */
  body(section = "") {
    if (typeof section === "object") return decoded(this.body(section.number), section.encoding);
    const body = this.#body;
    if (body && (section === "" || section === body.section)) {
      if (!body.isRead && !body.skipped) return body.stream();
      ({ section } = body);
    }
    if (this.uid === undefined) throw new MailError("NO_UID", "the message has no UID to be fetched by");
    return this.#client.download(this.uid, { section });
  }
  async bytes(section) {
    return collect(this.body(section));
  }
  async text(section) {
    const bytes = await this.bytes(section);
    return typeof section === "object" ? decodeText(bytes, section.params?.charset) : new TextDecoder().decode(bytes);
  }
  /** A section that was asked for by `sections` or `headers`; or a part that was, decoded. */
  section(name) {
    if (typeof name === "object") {
      const bytes = this.section(name.number);
      return bytes && decodedBytes(bytes, name.encoding);
    }
    const key = name.toUpperCase();
    for (const [at, bytes] of this.#sections ?? []) if (at.toUpperCase() === key) return bytes;
    return undefined;
  }
  /** The header fields that were asked for: names in lower case, values unfolded and decoded. */
  get headers() {
    const all = new Map();
    for (const [name, bytes] of this.#sections ?? []) {
      if (!/^HEADER/i.test(name)) continue;
      const text = new TextDecoder().decode(bytes).replace(/\r?\n(?=[ \t])/g, "");
      for (const line of text.split(/\r?\n/)) {
        const at = line.indexOf(":");
        if (at <= 0) continue;
        const field = line.slice(0, at).trim().toLowerCase();
        all.set(field, [...(all.get(field) ?? []), words(line.slice(at + 1).trim())]);
      }
    }
    return all;
  }
}

/** What is asked for, as items of FETCH. */
export function itemsOf(query) {
  const it = typeof query === "string" ? { [query]: true } : (query ?? {});
  const items = new Set(["uid"]);
  const sections = [];
  let body;
  for (const [name, value] of Object.entries(it)) {
    if (!value) continue;
    if (name === "size") items.add("rfc822Size");
    else if (name === "labels") items.add("gmLabels");
    else if (name === "headers") {
      sections.push({ section: value === true ? "HEADER" : `HEADER.FIELDS (${value.join(" ")})`, peek: true });
    } else if (name === "sections") {
      for (const section of value) sections.push({ section, peek: true });
    } else if (name === "body") {
      const wanted = value === true ? {} : typeof value === "string" ? { section: value } : value;
      body = { section: wanted.section ?? "", peek: !wanted.markSeen, partial: wanted.partial };
    } else if (name === "preview") items.add(value === "lazy" ? { preview: "lazy" } : "preview");
    else if (name === "items") for (const one of value) items.add(one);
    else items.add(name);
  }
  return { items: [...items, ...sections, ...(body ? [body] : [])], body };
}

/** A FETCH: an async iterator of messages. It begins when the first is asked for. */
export class Fetching {
  #client;
  #args;
  #body;
  #signal;
  #onProgress;
  #messages = [];
  #waiting = [];
  #begun = false;
  #ended = false;
  #error;
  #dropped = false;
  #current;
  #section;
  #read;
  #last;
  name = "fetch";

  constructor(client, args, body, options) {
    this.#client = client;
    this.#args = args;
    this.#body = body;
    this.#signal = options.signal;
    this.#onProgress = options.onProgress;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** All messages at once, with their bodies in memory. */
  async all() {
    const all = [];
    for await (const message of this) {
      const body = Message.open(message);
      if (body) Message.put(message, "body", new Kept(await collect(body.stream()), body.section));
      all.push(message);
    }
    return all;
  }

  #begin() {
    this.#begun = true;
    if (this.#args.set === null) {
      this.#ended = true;
      return;
    }
    const job = {
      name: this.name,
      signal: this.#signal,
      send: () => this.#client.connection.send(this.name, this.#args),
      event: (event) => this.#event(event),
      drop: (error) => this.#drop(error),
      isFull: () => this.#isFull(),
    };
    this.#client.session.add(job).then(() => this.#end(), (error) => this.#end(error));
  }

  async next() {
    if (this.#signal?.aborted && !this.#begun) throw this.#signal.reason;
    if (!this.#begun) this.#begin();
    // The message before is done with: what was not read of it is skipped.
    if (this.#read) {
      this.#read.skip();
      this.#read = undefined;
    }
    const message = this.#messages.shift();
    if (!message) {
      if (this.#ended) {
        if (!this.#error) return { done: true, value: undefined };
        const error = this.#error;
        this.#error = undefined;
        throw error;
      }
      this.#client.session.release();
      if (!this.#messages.length) return new Promise((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        this.#client.session.release();
      });
      return this.next();
    }
    return this.#give(message);
  }

  #give(message) {
    this.#read = Message.open(message);
    this.#last = message;
    this.#client.session.release();
    return { done: false, value: message };
  }

  async return(value) {
    this.#dropped = true;
    this.#messages = [];
    this.#read?.skip();
    this.#section?.skip?.();
    if (!this.#begun) this.#ended = true;
    this.#client.session.release();
    return { done: true, value };
  }

  #drop(error) {
    this.#dropped = true;
    this.#messages = [];
    this.#read?.fail(error);
    if (this.#section instanceof Body) this.#section.fail(error);
  }

  #end(error) {
    this.#ended = true;
    if (error) {
      this.#error = error;
      if (this.#section instanceof Body) this.#section.fail(error);
      this.#read?.fail(error);
    }
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (this.#error) {
        reject(this.#error);
        this.#error = undefined;
      } else resolve({ done: true, value: undefined });
    }
  }

  /** Whether reading should wait for whoever reads this. */
  #isFull() {
    if (this.#dropped) return false;
    if (this.#section instanceof Body && !this.#section.skipped && this.#section.kept > BYTES) return true;
    return this.#messages.length > MESSAGES && !this.#waiting.length;
  }

  #ready(message) {
    if (this.#dropped) {
      Message.open(message)?.skip();
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(this.#give(message));
    else this.#messages.push(message);
  }

  /** Whether it belongs to this. */
  #event(event) {
    switch (event.event) {
      case "fetchStart":
        this.#current = new Message(this.#client, event.seq, event.uid);
        this.#current_.given = false;
        this.#current_.items = 0;
        return true;
      case "fetchItem":
        this.#item(event.item, event.value, event);
        return true;
      case "fetchBody": {
        this.#closeSection();
        const total = typeof event.data === "object" ? Object.values(event.data)[0] : undefined;
        const name = sectionName(event.section);
        const wanted = this.#body && !this.#current_.given && name === this.#body.section.toUpperCase();
        this.#current_.items++;
        if (wanted) {
          const message = this.#current;
          const body = new Body(total, {
            taken: () => body.kept < BYTES / 2 && this.#client.session.release(),
            wanted: () => this.#client.session.release(),
            refetch: (at) => this.#client.pieces(message.uid, { section: this.#body.section, partial: this.#body.partial, offset: at }),
          });
          body.section = this.#body.section;
          this.#section = body;
          Message.put(message, "body", body);
          this.#current_.given = true;
          this.#ready(message);
          if (this.#dropped) body.skip();
        } else this.#section = { name, chunks: [] };
        return true;
      }
      case "fetchChunk":
        if (this.#section instanceof Body) this.#section.push(event.data, this.#client.session.jobs.length ? this.#client.maxKept : Infinity);
        else this.#section?.chunks.push(event.data);
        if (this.#onProgress && this.#section instanceof Body) {
          tell(this.#onProgress, { uid: this.#current.uid, received: this.#section.got, total: this.#section.total });
        }
        return true;
      case "fetchEnd": {
        this.#closeSection();
        const message = this.#current;
        this.#current = undefined;
        if (!message || this.#current_.given) return true;
        // What came unasked has flags at most.
        if (this.#current_.items > 0) this.#ready(message);
        else if (message.flags) this.#client.flagsTold({ ...message });
        return true;
      }
      default:
        return false;
    }
  }

  #current_ = { given: false, items: 0 };

  #closeSection() {
    const section = this.#section;
    this.#section = undefined;
    if (!section) return;
    if (section instanceof Body) section.end();
    else {
      Message.put(this.#current, section.name, joined(section.chunks));
    }
  }

  #item(item, value, event) {
    this.#closeSection();
    const message = this.#current;
    if (!message) return;
    this.#current_.items += item === "uid" || item === "flags" || item === "modSeq" ? this.#wantsOnlyFlags : 1;
    switch (item) {
      case "envelope": message.envelope = envelope(value); break;
      case "bodyStructure": case "body": message.bodyStructure = structure(value); break;
      case "internalDate": message.internalDate = new Date(value); break;
      case "saveDate": message.saveDate = value === null ? null : new Date(value); break;
      case "rfc822Size": message.size = value; break;
      case "xGmLabels": message.labels = value; break;
      case "modSeq": message.modSeq = BigInt(value); break;
      case "xGmMsgId": message.gmMsgId = BigInt(value); break;
      case "xGmThrId": message.gmThrId = BigInt(value); break;
      case "binarySize": (message.binarySizes ??= {})[event.part] = value; break;
      default: message[item] = value;
    }
  }

  get #wantsOnlyFlags() {
    return this.#args.items?.every((it) => it === "uid" || it === "flags" || it === "modSeq") === false ? 0 : 1;
  }
}

/** `1.2.HEADER`, in capitals. */
function sectionName({ part, text }) {
  let name = "";
  if (typeof text === "string") name = text === "all" ? "" : text;
  else if (text) {
    const [[kind, names]] = Object.entries(text);
    const fields = Array.isArray(names) ? names.join(" ") : names;
    name = kind === "headerFields" ? `HEADER.FIELDS (${fields})` : kind === "headerFieldsNot" ? `HEADER.FIELDS.NOT (${fields})` : `${fields}`;
  }
  return [part, name].filter(Boolean).join(".").toUpperCase();
}
