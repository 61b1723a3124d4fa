// The sans-IO layer: bytes in, events out; commands in, bytes out.
import { Imap, Pop3, Watch as WasmWatch } from "./mailwire.js";
import { memory } from "./wasm.js";
import { Args } from "./args.js";
import { MailError, fromWasm } from "./errors.js";
import { Records } from "./records.js";
import { encode, filter, message } from "./commands.js";

const EMPTY = new Uint8Array(0);
const now = () => performance.now();

/** Credentials, as wasm/src/sasl.rs reads them. */
function credentials(auth, secure) {
  const a = new Args();
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (auth.certificate) a.u8(2).bytes(auth.user ?? "").bytes("");
  else if (auth.anonymous !== undefined) a.u8(3).bytes(String(auth.anonymous)).bytes("");
  else if (auth.token !== undefined) a.u8(1).bytes(auth.user ?? "").bytes(auth.token);
  else a.u8(0).bytes(auth.user).bytes(auth.pass ?? "");
  return a.bool(secure).bytes(nonce).finish();
}

/** The bits of `Quirks` in the core, in their order. */
const QUIRKS = [
  "idAfterLogin", "capabilityAfterLogin", "noRfc822", "shortCommands", "noNamespace", "noListOptions",
  "noMove", "noUidOnly", "noLoginLiterals", "oddQuotes", "literalSpaces",
];
/** Quirks as bits; nothing: to be guessed. */
function quirkBits(names) {
  if (names === undefined || names === null) return 0xffffffff;
  return [...names].reduce((bits, name) => {
    const bit = QUIRKS.indexOf(name);
    if (bit < 0) throw new MailError("INVALID_ARGUMENT", `invalid argument: no such quirk: ${name}`);
    return bits | (1 << bit);
  }, 0);
}

class Machine {
  #raw;
  #records = new Records();
  #chunks = [];
  #from = 0;
  #events = [];
  #next = 0;
  #failure;
  /** Nothing was called since there was nothing to send. */
  #quiet = false;
  /** Milliseconds that do not count. */
  #late = 0;
  /** When to call `nextEvent` at the latest, by `performance.now()`. */
  deadline = Infinity;
  /** Whether the connection has ended in order. */
  closed = false;

  constructor(make) {
    memory();
    this.#raw = this.call(make);
  }

  /** @internal */
  get raw() {
    if (!this.#raw) throw new MailError("CLOSED", "this was freed already");
    this.#quiet = false;
    return this.#raw;
  }

  /** @internal */
  call(what) {
    try {
      return what();
    } catch (error) {
      throw fromWasm(error);
    }
  }

  receiveData(bytes) {
    if (!(bytes instanceof Uint8Array)) throw new MailError("INVALID_ARGUMENT", "input is a Uint8Array");
    if (bytes.length) this.#chunks.push(bytes);
  }

  receiveEnd() {
    this.raw.close();
  }

  nextEvent() {
    for (;;) {
      if (this.#next < this.#events.length) {
        const event = this.#events[this.#next];
        this.#events[this.#next++] = undefined;
        if (event.event !== "error") return event;
        this.#failure = new MailError(event.code, event.message);
      }
      if (this.#failure) throw this.#failure;
      if (this.closed || !this.#feed()) return null;
    }
  }

  /** Whether something came of it. */
  #feed() {
    const chunk = this.#chunks[0] ?? EMPTY;
    this.#events = [];
    this.#next = 0;
    const at = now();
    const texts = this.call(() => this.raw.feed(chunk, this.#from, at - this.#late));
    const [taken, pause, wait] = new Uint32Array(memory(), this.raw.wordsAt(), 3);
    this.#records.values(this.raw, texts, 3, chunk, this.#events);
    this.deadline = wait === 0xffffffff ? Infinity : at + wait;
    if (taken >= chunk.length) {
      this.#chunks.shift();
      this.#from = 0;
    } else this.#from = taken;
    if (pause === 1) this.closed = true;
    // 0: it wants more, which may be here.
    return this.#events.length > 0 || (pause === 0 ? this.#chunks.length > 0 : pause !== 1);
  }

  /** It was not the server that kept us waiting so long. @internal */
  forgive(milliseconds) {
    this.#late += milliseconds;
  }

  dataToSend() {
    if (this.#quiet) return null;
    const bytes = this.raw.output() ?? null;
    this.#quiet = bytes === null;
    return bytes;
  }

  /** @internal A single value that a call told. */
  told(texts) {
    return this.#records.values(this.raw, texts, 0, EMPTY, [])[0];
  }

  /** Input that was not looked at yet, and is taken away. @internal */
  takeInput() {
    const chunks = this.#chunks;
    if (chunks.length) chunks[0] = chunks[0].subarray(this.#from);
    this.#chunks = [];
    this.#from = 0;
    return chunks.filter((it) => it.length);
  }

  free() {
    this.#raw?.free();
    this.#raw = undefined;
    this.#quiet = false;
    this.#chunks = [];
    this.#events = [];
    this.#failure ??= new MailError("CLOSED", "this was freed already");
  }
  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.free();
  }
}

export class ImapConnection extends Machine {
  constructor(options = {}) {
    super(() => new Imap(options.bufferSize ?? 1 << 16, options.timeout ?? 60_000, options.sendUnoffered ?? false, options.saslIr ?? true, quirkBits(options.quirks)));
  }
  send(name, args) {
    const [kind, tokens] = encode(name, args);
    return this.call(() => this.raw.send(kind, tokens));
  }
  login(user, pass) {
    return this.call(() => this.raw.login(user, new TextEncoder().encode(pass)));
  }
  authenticate(auth, secure) {
    return this.call(() => this.raw.authenticate(credentials(auth, secure)));
  }
  respond(response) {
    this.call(() => this.raw.respond(response));
  }
  cancel() {
    this.call(() => this.raw.cancel());
  }
  done() {
    this.call(() => this.raw.done());
  }
  tlsStarted() {
    this.call(() => this.raw.tlsStarted());
  }
  takeCompressed() {
    return [this.call(() => this.raw.takeCompressed()), ...this.takeInput()].filter((it) => it.length);
  }
  compressStarted() {
    this.call(() => this.raw.compressStarted());
  }
  compressEnded() {
    this.call(() => this.raw.compressEnded());
  }
  writeLiteral(bytes) {
    return this.call(() => this.raw.writeLiteral(bytes));
  }
  append(what, args) {
    const a = new Args();
    if (what === "message") message(a, args);
    else if (what === "part") {
      if (args.url !== undefined) a.u8(2).str(args.url);
      else a.u8(args.utf8 ? 1 : 0).u64(args.size);
    }
    this.call(() => this.raw.append(what, a.finish()));
  }
  setQuirks(names) {
    this.raw.setQuirks(quirkBits(names ?? []));
  }
  get info() {
    const info = this.told(this.call(() => this.raw.state()));
    info.quirks = QUIRKS.filter((_, bit) => info.quirks & (1 << bit));
    return info;
  }
}

const POP3 = {
  user: (a, it) => a.str(it.user),
  pass: (a, it) => a.bytes(it.pass),
  apop: (a, it) => a.str(it.user).bytes(it.timestamp).bytes(it.pass),
  auth: (a, it) => { a.str(it.mechanism); a.option(it.initialResponse, (bytes) => a.bytes(bytes)); },
  list: (a, it) => a.option(it.message, (number) => a.u32(number)),
  uidl: (a, it) => a.option(it.message, (number) => a.u32(number)),
  retr: (a, it) => a.u32(it.message),
  top: (a, it) => a.u32(it.message).u32(it.lines ?? 0),
  dele: (a, it) => a.u32(it.message),
  lang: (a, it) => a.option(it.language, (text) => a.str(text)),
  custom: (a, it) => a.bool(it.lines).str(it.text),
};

export class Pop3Connection extends Machine {
  constructor(options = {}) {
    super(() => new Pop3(options.bufferSize ?? 1 << 16, options.timeout ?? 60_000, options.sendUnoffered ?? false));
  }
  send(name, args = {}) {
    const a = new Args();
    if (Object.hasOwn(POP3, name)) POP3[name](a, args);
    const bytes = a.finish();
    this.call(() => this.raw.send(name, bytes));
  }
  authenticate(auth, secure) {
    this.call(() => this.raw.authenticate(credentials(auth, secure)));
  }
  respond(response) {
    this.call(() => this.raw.respond(response));
  }
  cancel() {
    this.call(() => this.raw.cancel());
  }
  tlsStarted() {
    this.call(() => this.raw.tlsStarted());
  }
  get info() {
    return this.told(this.call(() => this.raw.state()));
  }
}

export class Watch extends Machine {
  constructor(options = {}) {
    const a = new Args();
    const { auth } = options;
    const pop3 = options.protocol === "pop3";
    a.option(auth?.pass === undefined ? undefined : auth, (it) => a.str(it.user).bytes(it.pass));
    a.u32(options.timeout ?? 60_000).bool(options.startTls).bool(options.start === "everything");
    a.u32(options.poll ?? (pop3 ? 300_000 : 60_000));
    a.u32(options.backoff?.first ?? 1000).u32(options.backoff?.most ?? 900_000);
    a.u32(crypto.getRandomValues(new Uint32Array(1))[0]).bool(pop3);
    if (pop3) {
      a.u32(options.preview === false ? 0 : (options.previewLines ?? 20)).bool(options.delete);
      a.u32(options.capacity ?? 4096).option(options.record, (bytes) => a.bytes(bytes));
    } else {
      a.u32(quirkBits(options.quirks));
      a.bytes(filter(options.filter));
      a.u32(options.idle ?? 9 * 60_000).bool(options.markSeen).bool(options.preview !== false);
      a.list(Object.entries(options.id ?? {}), ([name, value]) => a.str(name).option(value, (text) => a.str(text)));
      const cursors = options.cursors ?? [];
      a.list((options.mailboxes ?? ["INBOX"]).map((name, place) => [name, cursors[place]]), ([name, cursor]) => {
        a.str(name).option(cursor, (it) => {
          a.option(it.uidValidity, (value) => a.u64(value)).u32(it.nextUid).u64(it.modSeq ?? 0);
        });
      });
    }
    super(() => new WasmWatch(options.bufferSize ?? 1 << 14, a.finish()));
  }
  acknowledge(mailbox, uid) {
    this.raw.acknowledge(mailbox, uid);
  }
  get cursors() {
    return this.told(this.call(() => this.raw.cursors()));
  }
  get record() {
    return this.raw.record() ?? null;
  }
  tlsStarted() {
    this.call(() => this.raw.tlsStarted());
  }
  reconnect() {
    this.takeInput();
    this.raw.reconnect();
  }
  unreachable() {
    this.raw.unreachable();
  }
  stop() {
    this.call(() => this.raw.stop());
  }
  authenticate(auth, secure) {
    const bytes = credentials(auth, secure);
    this.call(() => this.raw.authenticate(bytes));
  }
}
