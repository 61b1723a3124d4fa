// The IMAP client.
import { ImapConnection } from "./connection.js";
import { MailError, fromWasm, refused } from "./errors.js";
import { Fetching, collect, itemsOf, structure } from "./fetch.js";
import { Listeners, Session, discard, ready } from "./session.js";
import { decoded } from "./transfer.js";
import { sequenceSet } from "./args.js";

/** How long nothing must be asked before IDLE begins, and how long one lasts. */
const IDLE_AFTER = 300;
const IDLE_LASTS = 9 * 60_000;
/** Where there is no IDLE: how often to look. */
const POLL = 60_000;

const invalid = (why) => new MailError("INVALID_ARGUMENT", `invalid argument: ${why}`);

const noMessage = (uid) => new MailError("NO_SUCH_MESSAGE", `there is no message with the UID ${uid}`);

/** Commands that go on after they were sent: each has a method of its own. */
const OWN = { authenticate: "authenticate()", append: "append()", multiAppend: "appendMany()", replace: "replace()", idle: "updates()" };

/** Commands that open a mailbox, or close it. */
const OPENS = { select: true, examine: true, close: false, unselect: false, unauthenticate: false };
/** A set of messages; none, if a list of them is empty: what a search finds may be nothing. */
function setOf(messages) {
  const all = messages && typeof messages === "object" && messages[Symbol.iterator] ? [...messages] : messages;
  return Array.isArray(all) && !all.length ? null : sequenceSet(all);
}

/** Numbers that are put into a list. A set is short, whatever it says. */
const MOST = 1 << 24;

export class ImapClient {
  #listeners = new Listeners();
  #idling = null;
  #idleTimer;
  /** Whether the server can do it, as far as it showed. */
  #idles = true;
  /** NOTIFY was sent: what the server says need not be the answer to anything. */
  #notified = false;
  #options;
  #greeted;
  /** Resolved once nobody holds a mailbox. */
  #locked = Promise.resolve();
  #name = null;
  #closing = false;
  #ended;
  #loginError;
  #updates = new Set();
  /** @internal */
  greeting = true;

  /** Connects, and logs in if `options.auth` says how. */
  static async connect(transport, options = {}) {
    transport = await ready(transport, options.signal);
    let client;
    const onAbort = () => client.session.fail(new MailError("ABORTED", "connecting was aborted", { cause: options.signal.reason }));
    options.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      client = new ImapClient(transport, options);
      client.session.start();
      const { status } = await client.#greeted.promise;
      await client.#secure(transport, options);
      if (status !== "preAuth" && options.auth) await client.authenticate(options.auth);
      options.signal?.throwIfAborted();
      return client;
    } catch (error) {
      if (client) client.session.fail(error);
      else discard(transport);
      throw options.signal?.aborted ? options.signal.reason : error;
    } finally {
      options.signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Use `ImapClient.connect`. */
  constructor(transport, options) {
    this.#options = options;
    this.connection = new ImapConnection(options);
    const log = options.logger && ((entry) => options.logger({ protocol: "imap", ...entry }));
    let settle;
    const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
    promise.catch(() => {});
    this.#greeted = { promise, ...settle };
    const hooks = {
      event: (event) => this.#event(event),
      wantsHold: () => this.#wantsHold(),
      idle: () => this.#idle(),
      wanted: () => this.#endIdle(),
      over: (error) => this.#over(error),
    };
    const self = this;
    Object.defineProperty(hooks, "greeting", { get: () => self.greeting });
    /** @internal */
    this.session = new Session(this.connection, transport, hooks, log);
    this.maxKept = options.maxKept ?? 1 << 26;
  }

  async #secure(transport, options) {
    const wanted = options.startTls ?? (!this.session.secure && this.session.canStartTls);
    if (!wanted || this.session.secure) return;
    if (!this.session.canStartTls) throw new MailError("NO_TLS", "the transport has no startTls()");
    await this.#run("startTls");
  }

  // ---- What happens.

  #event(event) {
    switch (event.event) {
      case "greeting":
        this.greeting = false;
        this.greetingText = event.text;
        this.#greeted.resolve(event);
        return;
      case "completed":
        return this.#completed(event);
      case "saslError":
        this.#loginError = new MailError(event.code, event.message);
        return;
      case "idling":
        if (this.#idling) this.#idling.on = true;
        return;
      case "status":
        if (event.status === "bye") this.#tell("bye", { text: event.text });
        else if (event.code === "alert") this.#tell("alert", { text: event.text });
        break;
    }
    const { active } = this.session;
    if (active?.event?.(event)) return;
    this.#mailboxEvent(event);
  }

  #completed(event) {
    const { session } = this;
    if (this.#idling?.tag === event.tag) {
      const { ending, since } = this.#idling;
      // Some offer it and cannot do it, or end it at once. They are asked from time to time.
      const poll = this.#options.idle?.poll ?? POLL;
      this.#idles = event.status === "ok" && (ending || performance.now() - since >= poll);
      this.#idling = null;
      clearTimeout(this.#idleTimer);
      session.log?.({ type: "completed", tag: event.tag, command: "idle", status: event.status });
      return session.next();
    }
    const { active } = session;
    // The connection asks for capabilities by itself.
    if (active?.tag !== event.tag) return;
    session.finish();
    session.log?.({ type: "completed", tag: event.tag, command: active.name, status: event.status, code: event.code });
    if (event.status === "ok") {
      if (active.name in OPENS) {
        this.#name = OPENS[active.name] && active.mailbox;
        this.#idles = true;
      }
      active.resolve(event);
    } else if (this.#loginError && active.login) active.reject(this.#loginError);
    else if (active.login) {
      const error = refused(active.name, event);
      error.code = "AUTHENTICATION_FAILED";
      active.reject(error);
    } else active.reject(refused(active.name, event));
    this.#loginError = undefined;
  }

  #unasked;
  /** Somebody changed the flags of a message. @internal */
  flagsTold(message) {
    this.#tell("flags", message);
  }

  #mailboxEvent(event) {
    switch (event.event) {
      case "exists":
        return this.#tell("exists", { count: event.number });
      case "expunge":
        // Exchange tells of 0, too, which is no message.
        if (event.number) this.#tell("expunge", { seq: event.number });
        return;
      case "vanished":
        return this.#tell("vanished", { uids: event.uids, earlier: event.earlier });
      case "fetchStart":
        this.#unasked = { seq: event.seq, uid: event.uid };
        return;
      case "fetchItem":
        if (this.#unasked) this.#unasked[event.item] = event.item === "modSeq" ? BigInt(event.value) : event.value;
        return;
      case "fetchEnd":
        if (this.#unasked?.flags) this.flagsTold(this.#unasked);
        this.#unasked = undefined;
        return;
      case "mailboxStatus": case "list": case "metadata":
        return this.#tell(event.event, event);
    }
  }

  #tell(type, detail) {
    this.#listeners.emit(type, detail);
    for (const update of this.#updates) update({ type, ...detail });
  }

  #over(error) {
    clearTimeout(this.#idleTimer);
    this.#idling = null;
    const reason = error ?? new MailError("CLOSED", "the connection is closed");
    this.#greeted.reject(reason);
    for (const update of [...this.#updates]) update(null, error);
    this.#ended = error ?? undefined;
    this.#listeners.emit("close", { error: this.#ended });
  }

  #wantsHold() {
    const { active, jobs } = this.session;
    return jobs.length === 0 && active?.isFull?.() === true;
  }

  // ---- IDLE.

  #idle() {
    if (this.#idling || this.#closing || this.greeting || this.#options.idle === false || this.#name === null) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#beginIdle(), this.#options.idle?.after ?? IDLE_AFTER);
  }

  #beginIdle() {
    const { session } = this;
    if (session.failure || session.active || session.jobs.length || this.#idling || this.#closing) return;
    if (!this.#idles) return this.#poll();
    try {
      const tag = this.connection.send("idle");
      this.#idling = { tag, ending: false, since: performance.now() };
      session.log?.({ type: "command", command: "idle", tag });
      this.#idleTimer = setTimeout(() => this.#endIdle(), this.#options.idle?.lasts ?? IDLE_LASTS);
      this.#idleTimer.unref?.();
      session.pump();
    } catch (error) {
      // The server has no IDLE: it is asked from time to time.
      if (error.code === "NOT_OFFERED") this.#poll();
    }
  }

  #poll() {
    this.#idleTimer = setTimeout(() => this.noop().catch(() => {}), this.#options.idle?.poll ?? POLL);
    this.#idleTimer.unref?.();
  }

  /** Whether no IDLE is in the way. Ends it if it is. */
  #endIdle() {
    if (!this.#idling) {
      clearTimeout(this.#idleTimer);
      return true;
    }
    if (!this.#idling.ending) {
      this.#idling.ending = true;
      try {
        this.connection.done();
        this.session.pump();
      } catch {
        // It was ended already.
      }
    }
    return false;
  }

  // ---- Events for the program.

  on(name, listener) {
    // It may be over by the time that somebody asks.
    if (name === "close" && this.session.failure) queueMicrotask(() => listener({ error: this.#ended }));
    return this.#listeners.on(name, listener);
  }

  /** All that happens in the mailbox, as an async iterator. */
  async *updates(options = {}) {
    const queue = [];
    let wake;
    let over;
    const push = (update, error) => {
      if (update) queue.push(update);
      else over = { error };
      wake?.();
    };
    if (this.session.failure) throw this.session.failure;
    this.#updates.add(push);
    const { signal } = options;
    const onAbort = () => wake?.();
    signal?.addEventListener("abort", onAbort);
    try {
      for (;;) {
        if (signal?.aborted) throw signal.reason;
        if (queue.length) yield queue.shift();
        else if (over) {
          if (over.error) throw over.error;
          return;
        } else await new Promise((resolve) => (wake = resolve));
      }
    } finally {
      this.#updates.delete(push);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  // ---- Commands.

  /** Any command by its name; what the server said to it. */
  async command(name, args, options) {
    if (Object.hasOwn(OWN, name)) throw invalid(`${name} is sent by ${OWN[name]}`);
    this.#notified ||= name === "notify";
    const events = [];
    const completed = await this.#run(name, args, options, (event) => {
      events.push(event.event === "fetchChunk" ? { ...event, data: event.data.slice() } : event);
      return !["exists", "expunge", "vanished"].includes(event.event);
    });
    return { tag: completed.tag, events, code: completed.code, text: completed.text };
  }

  #run(name, args, options = {}, event) {
    return this.session.add({
      name,
      mailbox: args?.mailbox,
      signal: options.signal,
      send: () => this.connection.send(name, args),
      event,
    });
  }

  /** The events of these kinds that a command brings, but for METADATA that tells what has changed. */
  async #collect(name, args, options, ...kinds) {
    const events = [];
    await this.#run(name, args, options, (event) => kinds.includes(event.event) && !event.changed?.length && events.push(event) > 0);
    return events;
  }

  /** How the connection stands. */
  get #info() {
    if (this.session.failure) throw this.session.failure;
    return this.connection.info;
  }
  /** What is done differently for the sake of this server. */
  get quirks() {
    return this.#info.quirks;
  }
  set quirks(names) {
    if (this.session.failure) throw this.session.failure;
    this.connection.setQuirks(names);
  }
  get capabilities() {
    return new Set(this.#info.capabilities);
  }
  get state() {
    return this.session.failure ? "logout" : this.connection.info.state;
  }
  get secure() {
    return this.session.secure;
  }
  get closed() {
    return this.session.failure !== null;
  }
  /** The bytes that went over the connection. */
  get traffic() {
    return { received: this.session.received, sent: this.session.sent };
  }
  /** The selected mailbox, as it is now. */
  get mailbox() {
    if (this.session.failure || this.#name === null) return null;
    const { selected } = this.connection.info;
    return selected && { name: this.#name, ...selected };
  }

  async authenticate(auth, options = {}) {
    const safe = this.session.secure || this.#options.allowInsecure === true;
    const method = auth.token === undefined && auth.pass !== undefined && auth.method === "login";
    if (method && !safe) throw new MailError("LINK_IN_CLEAR", "the secret would be sent in clear");
    const token = typeof auth.token === "function" ? await this.session.outside(auth.token(), options.signal) : auth.token;
    await this.session.add({
      name: "authenticate",
      login: true,
      signal: options.signal,
      send: () => {
        // Mechanisms are chosen by what the server offers.
        if (!this.connection.info.knowsCapabilities) throw new MailError("CAPABILITIES_UNKNOWN", "");
        return method ? this.connection.login(auth.user, auth.pass) : this.connection.authenticate({ ...auth, token }, safe);
      },
    });
  }

  /** Both sides compress from now on (RFC 4978). */
  async compress(options) {
    if (typeof DecompressionStream === "undefined") throw new MailError("NOT_OFFERED", "there is no DecompressionStream here");
    await this.#run("compress", {}, options);
  }
  /** Forgets who one is (RFC 8437). */
  async unauthenticate(options) {
    await this.#run("unauthenticate", {}, options);
  }
  async noop(options) {
    await this.#run("noop", {}, options);
  }
  async id(fields, options) {
    const [event] = await this.#collect("id", { fields }, options, "id");
    return event ? Object.fromEntries(event.fields.map(({ name, value }) => [name, value])) : null;
  }
  async enable(capabilities, options) {
    const events = await this.#collect("enable", { capabilities }, options, "enabled");
    return events.flatMap((event) => event.capabilities);
  }
  async namespace(options) {
    const [found] = await this.#collect("namespace", {}, options, "namespace");
    if (!found) return null;
    const { event, ...namespaces } = found;
    return namespaces;
  }

  async list(pattern = "*", options = {}) {
    const wanted = Array.isArray(pattern) ? pattern : [pattern];
    const status = options.status && { status: options.status === true ? ["messages", "unseen"] : options.status };
    // Once anything is asked to be returned, what came by itself is not.
    const usual = status && ["children", ...(this.capabilities.has("SPECIAL-USE") ? ["specialUse"] : [])];
    const returns = [...new Set([...(options.returns ?? []), ...(status ? [...usual, status] : [])])];
    const args = { reference: options.reference, patterns: wanted, selection: options.selection, returns };
    const statuses = returns.some((it) => it.status || /^status/i.test(it));
    const all = new Map();
    await this.#run("list", args, options, (event) => {
      if (event.event === "list") all.set(event.mailbox, mailboxOf(event));
      else if (event.event === "mailboxStatus" && statuses && all.has(event.mailbox)) all.get(event.mailbox).status = statusOf(event);
      else return false;
      return true;
    });
    return [...all.values()];
  }
  async lsub(pattern = "*", options = {}) {
    const events = await this.#collect("lsub", { reference: options.reference, pattern }, options, "lsub");
    return events.map(mailboxOf);
  }
  async status(mailbox, items, options) {
    const name = nameOf(mailbox);
    let found;
    await this.#run("status", { mailbox, items }, options, (event) => {
      // After NOTIFY the server tells of other mailboxes, too; without it, some spell this one their way.
      if (event.event !== "mailboxStatus" || found || (this.#notified && nameOf(event.mailbox) !== name)) return false;
      found = statusOf(event);
      return true;
    });
    return found ?? {};
  }
  async create(mailbox, options = {}) {
    await this.#run("create", { mailbox, specialUse: options.specialUse }, options);
  }
  async delete(mailbox, options) {
    await this.#run("delete", { mailbox }, options);
  }
  async rename(from, to, options) {
    await this.#run("rename", { from, to }, options);
  }
  async subscribe(mailbox, options) {
    await this.#run("subscribe", { mailbox }, options);
  }
  async unsubscribe(mailbox, options) {
    await this.#run("unsubscribe", { mailbox }, options);
  }

  select(mailbox, options) {
    return this.#open("select", mailbox, options);
  }
  examine(mailbox, options) {
    return this.#open("examine", mailbox, options);
  }
  async #open(name, mailbox, options = {}) {
    // Not passed over: it would be opened to be written.
    if (options.readOnly && name === "select") throw invalid("to read only, call examine()");
    const { condStore, qresync } = options;
    const vanished = [];
    const changed = [];
    let message;
    try {
      await this.#run(name, { mailbox, condStore, qresync }, options, (event) => {
        if (!qresync) return false;
        if (event.event === "vanished") vanished.push(event.uids);
        else if (event.event === "fetchStart") message = { seq: event.seq, uid: event.uid };
        else if (event.event === "fetchItem" && message) message[event.item] = event.item === "modSeq" ? BigInt(event.value) : event.value;
        else if (event.event === "fetchEnd" && message) changed.push(message);
        else return false;
        return true;
      });
    } catch (error) {
      if (!this.session.failure && this.connection.info.state !== "selected") this.#name = null;
      throw error;
    }
    const selected = this.mailbox;
    if (selected && qresync) Object.assign(selected, { vanished: vanished.filter(Boolean).join(","), changed });
    return selected;
  }
  /** The mailbox for one task at a time, selected if it is not; the others wait until it is given back. */
  async lock(mailbox, { readOnly = false, signal } = {}) {
    let release;
    const released = new Promise((resolve) => (release = resolve));
    const before = this.#locked;
    this.#locked = before.then(() => released);
    try {
      await this.session.outside(before, signal);
      const { mailbox: open } = this;
      if (!open || nameOf(open.name) !== nameOf(mailbox) || open.readOnly !== readOnly) await this[readOnly ? "examine" : "select"](mailbox, { signal });
    } catch (error) {
      release();
      throw error;
    }
    return { mailbox, release, [Symbol.dispose ?? Symbol.for("Symbol.dispose")]: release };
  }
  async close(options) {
    await this.#run("close", {}, options);
  }
  async unselect(options) {
    await this.#run("unselect", {}, options);
  }

  /** The numbers of the messages that match, as UIDs unless `options.uid` is false. */
  async search(query = { all: true }, options = {}) {
    const args = { uid: options.uid !== false, query };
    const events = await this.#collect("search", args, options, "search", "esearch");
    return events.flatMap((event) => (event.event === "search" ? event.numbers : numbers(event.all)));
  }
  /** A search that returns what `returns` says: `min`, `max`, `count`, `all`, … (RFC 4731). */
  async searchReturn(query, returns, options = {}) {
    const events = await this.#collect("search", { uid: options.uid !== false, query, returns }, options, "esearch");
    const found = Object.assign({}, ...events.map((event) => dropNulls(event)));
    if (found.all !== undefined) found.all = events.flatMap((event) => numbers(event.all));
    return found;
  }
  async sort(criteria, query = { all: true }, options = {}) {
    const args = { uid: options.uid !== false, criteria: Array.isArray(criteria) ? criteria : [criteria], query };
    const events = await this.#collect("sort", args, options, "sort", "esearch");
    return events.flatMap((event) => (event.event === "sort" ? event.numbers : numbers(event.all)));
  }
  /** Conversations as trees: `{ id, children }`; `id` is missing where there is no such message. */
  async thread(algorithm = "references", query = { all: true }, options = {}) {
    const events = await this.#collect("thread", { uid: options.uid !== false, algorithm, query }, options, "thread");
    return tree(events.flatMap((event) => event.threads));
  }

  fetch(set, query, options = {}) {
    const { items, body } = itemsOf(query);
    const args = { uid: options.uid === true, set: setOf(set), items, changedSince: options.changedSince, vanished: options.vanished, partial: options.partial };
    return new Fetching(this, args, body, options);
  }
  async fetchOne(number, query, options) {
    const messages = await this.fetch(number, query, options).all();
    return messages[0] ?? null;
  }
  /** The bytes of a message, or of a section of it, as a stream; or those of a part, decoded. */
  download(uid, options = {}) {
    if (typeof options !== "object") throw invalid("options are an object, such as { part }");
    // One that was looked for and not found is not the whole message.
    if (!("part" in options)) return this.#stream(this.pieces(uid, options));
    const { part, section, offset = 0, partial: [from] = [0] } = options;
    if (part?.number === undefined && typeof part !== "string") throw invalid("no part");
    if (section !== undefined) throw invalid("a part or a section, not both");
    if (typeof part === "string") return this.#stream(this.#numbered(uid, part, options));
    if (offset || from) throw invalid("what is decoded begins at its beginning");
    return decoded(this.#stream(this.pieces(uid, { ...options, section: part.number })), part.encoding);
  }
  /** A part of which only the number is known. */
  async *#numbered(uid, number, options) {
    const message = await this.fetchOne(uid, { bodyStructure: true }, { uid: true, signal: options.signal });
    if (!message) throw noMessage(uid);
    const part = message.bodyStructure?.find((it) => it.number === number);
    if (!part) throw new MailError("NO_SUCH_PART", `the message has no part ${number}`);
    yield* iterate(this.download(uid, { ...options, part }));
  }
  #stream(pieces) {
    return new ReadableStream(
      {
        pull: async (controller) => {
          const { done, value } = await pieces.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => pieces.return(),
      },
      { highWaterMark: 0 },
    );
  }
  /** @internal */
  async *pieces(uid, { section = "", offset = 0, partial, signal, onProgress, markSeen } = {}) {
    const [from, length] = partial ?? [0, 0xffffffff];
    if (length <= offset) return;
    const body = { section, markSeen, partial: partial || offset ? [from + offset, length - offset] : undefined };
    const messages = this.fetch(uid, { body }, { uid: true, signal, onProgress });
    const { done, value: message } = await messages.next();
    if (done) throw noMessage(uid);
    const reader = message.body(section).getReader();
    let whole = false;
    try {
      for (;;) {
        const { done: end, value } = await reader.read();
        if (end) break;
        yield value;
      }
      whole = true;
    } finally {
      if (whole) await messages.next();
      else {
        reader.cancel().catch(() => {});
        await messages.return();
      }
    }
  }

  async #store(action, messages, flags, options = {}) {
    const set = setOf(messages);
    if (set === null) return { modified: [] };
    const args = { uid: options.uid === true, set, action, silent: options.silent !== false, unchangedSince: options.unchangedSince, flags };
    const { code } = await this.#run("store", args, options);
    return { modified: numbers(code?.modified) };
  }
  addFlags(set, flags, options) {
    return this.#store("add", set, flags, options);
  }
  removeFlags(set, flags, options) {
    return this.#store("remove", set, flags, options);
  }
  setFlags(set, flags, options) {
    return this.#store("replace", set, flags, options);
  }
  async #transfer(name, messages, mailbox, options = {}) {
    const set = setOf(messages);
    return set === null ? {} : copied(await this.command(name, { uid: options.uid === true, set, mailbox }, options));
  }
  copy(messages, mailbox, options) {
    return this.#transfer("copy", messages, mailbox, options);
  }
  move(messages, mailbox, options) {
    return this.#transfer("move", messages, mailbox, options);
  }
  /** Removes what is marked as deleted; with `uids`, only of these. */
  async expunge(uids, options) {
    // No list is all, an empty one is nothing.
    const set = uids === undefined ? undefined : setOf(uids);
    if (set !== null) await this.#run("expunge", { uids: set }, options);
  }

  /** Puts a message into a mailbox. */
  async append(mailbox, content, options = {}) {
    const message = messageOf(content, options);
    const { code } = await this.#upload("append", { mailbox, ...message.args }, options, (io) => io.content(message));
    return appended(code);
  }
  /** Several, all or none (RFC 3502). */
  async appendMany(mailbox, messages, options = {}) {
    const { code } = await this.#upload("multiAppend", { mailbox }, options, async (io) => {
      for await (const { content, ...more } of io.each(messages)) {
        const message = messageOf(content, more);
        if (!(await io.next())) return;
        io.step("message", message.args);
        await io.content(message);
      }
      if (await io.next()) io.step("end");
    });
    const { uidValidity, uids } = code?.appendUid ?? {};
    return { uidValidity, uids: numbers(uids) };
  }
  /** Puts a message in the place of another (RFC 8508). */
  async replace(number, mailbox, content, options = {}) {
    const message = messageOf(content, options);
    const args = { uid: options.uid !== false, replaced: number, mailbox, ...message.args };
    const events = [];
    const { code } = await this.#upload("replace", args, options, (io) => io.content(message), (event) => {
      if (event.event === "status") events.push(event);
      return event.event === "status";
    });
    return appended(code?.appendUid ? code : events.find((event) => event.code?.appendUid)?.code);
  }

  /** A command whose literals are given by `give`, as the server is ready for them. */
  async #upload(name, args, options, give, event) {
    const { session, connection } = this;
    let turn;
    let wake;
    let over = false;
    let aborted = false;
    let quit;
    const quitting = new Promise((resolve) => (quit = resolve));
    const job = {
      name,
      signal: options.signal,
      send: () => connection.send(name, args),
      event: (it) => {
        if (it.event === "cancellingLiteral") return true;
        if (it.event !== "sendLiteral" && it.event !== "nextPart") return event?.(it) ?? false;
        turn = it.event;
        wake?.();
        return true;
      },
      drop: () => {
        aborted = true;
        wake?.();
        quit();
      },
    };
    const settled = session.add(job).finally(() => {
      over = true;
      wake?.();
    });
    settled.catch(() => {});
    let sent = 0;
    /** Whether it was left before its end. */
    let cut = false;
    const gone = () => (cut ||= session.failure !== null || aborted);
    /** What a source gives, unless it is too late for that. */
    const each = async function* (source) {
      const it = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
      try {
        for (let got; (got = await Promise.race([quitting, it.next()])) && !got.done && !gone();) yield got.value;
      } finally {
        // It may be waiting for something that does not come.
        Promise.resolve(it.return?.()).catch(() => {});
      }
    };
    const next = async () => {
      while (!turn && !over && !gone()) await new Promise((resolve) => (wake = resolve));
      const it = gone() ? undefined : turn;
      turn = undefined;
      return it;
    };
    const literal = async ({ size, pieces }, total) => {
      if (!(await next())) return;
      let given = 0;
      for await (const piece of each(pieces)) {
        if (!(piece instanceof Uint8Array)) throw invalid("a message comes in Uint8Arrays");
        if (given + piece.length > size) throw invalid("the message is longer than its size says");
        for (let at = 0; at < piece.length;) {
          const count = connection.writeLiteral(piece.subarray(at, at + 8192));
          at += count;
          given += count;
          sent += count;
          session.pump();
          options.onProgress?.({ sent, total });
          if (given === size) continue;
          if (gone()) return;
          await session.room();
          if (gone()) return;
        }
      }
      if (given < size && !gone()) throw invalid("the message is shorter than its size says");
    };
    const step = (what, more) => {
      connection.append(what, more);
      session.pump();
    };
    const content = async ({ source, parts }) => {
      if (source) return literal(source, source.size);
      for (const part of parts) {
        if (!(await next())) return;
        const text = part.url === undefined ? bytesOf(part.text, part.size) : undefined;
        step("part", text ? { size: text.size, utf8: part.utf8 } : { url: part.url });
        if (text) await literal(text);
      }
      if (name !== "multiAppend" && (await next())) step("end");
    };
    const giveUp = (error) => {
      const place = session.jobs.indexOf(job);
      if (place >= 0) session.jobs.splice(place, 1);
      else if (!session.failure && job.tag !== undefined && !(over && !connection.info.literalRemaining)) {
        try {
          // The server is made to refuse it. Where that cannot be, only the end of all helps.
          connection.append("cancel");
          session.pump();
        } catch {
          session.fail(error instanceof MailError ? error : new MailError("ABORTED", "an upload was given up", { cause: error }));
        }
      }
    };
    try {
      await give({ next, step, content, each });
    } catch (error) {
      giveUp(error);
      throw error;
    }
    if (cut) giveUp(options.signal?.reason);
    return settled;
  }

  async quota(mailbox = "INBOX", options) {
    const events = await this.#collect("getQuotaRoot", { mailbox }, options, "quota", "quotaRoot");
    return events.filter((event) => event.event === "quota").map(({ root, resources }) => ({ root, resources }));
  }
  async getMetadata(mailbox, entries, options = {}) {
    const events = await this.#collect("getMetadata", { mailbox, entries, depth: options.depth, maxSize: options.maxSize }, options, "metadata");
    return Object.fromEntries(events.flatMap((event) => event.values.map(({ entry, value }) => [entry, value])));
  }
  async setMetadata(mailbox, entries, options) {
    await this.#run("setMetadata", { mailbox, entries }, options);
  }

  /** Says goodbye, and closes. */
  async logout(options = {}) {
    if (this.session.failure) return;
    this.#closing = true;
    await this.session.add({ name: "logout", last: true, signal: options.signal, send: () => this.connection.send("logout") });
    await this.session.ended;
  }
  /** Closes at once. */
  destroy(reason) {
    this.session.fail(reason ?? null);
  }
  async [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
    try {
      await this.logout();
    } catch {
      this.destroy();
    }
  }
}

/** A set such as `1:3,7` as numbers. */
export function numbers(set) {
  if (!set) return [];
  if (Array.isArray(set)) return set;
  const all = [];
  for (const part of String(set).split(",")) {
    const [from, to = from] = part.split(":").map(Number);
    if (all.length + Math.abs(to - from) >= MOST) throw new MailError("TOO_BIG", `too many numbers: ${part}`);
    for (let number = Math.min(from, to); number <= Math.max(from, to); number++) all.push(number);
  }
  return all;
}

const dropNulls = (it) => Object.fromEntries(Object.entries(it).filter(([name, value]) => value !== null && !["event", "more", "tag", "uid", "mailbox", "uidValidity", "updates", "other"].includes(name)));

function mailboxOf({ mailbox, delimiter, attributes, extended }) {
  const has = (name) => attributes.some((it) => it.toLowerCase() === name);
  const use = attributes.find((it) => /^\\(all|archive|drafts|flagged|junk|sent|trash|important)$/i.test(it));
  return {
    name: mailbox, delimiter, attributes, extended,
    selectable: !has("\\noselect") && !has("\\nonexistent"),
    specialUse: use ?? (mailbox.toUpperCase() === "INBOX" ? "\\Inbox" : undefined),
  };
}

/** INBOX has one name, however it is written (RFC 9051 section 5.1). */
const nameOf = (mailbox) => (/^inbox$/i.test(mailbox) ? "INBOX" : mailbox);

function statusOf({ values }) {
  return Array.isArray(values) ? Object.assign({}, ...values) : values;
}

function copied({ code, events }) {
  // MOVE tells it in an untagged OK (RFC 6851 section 4.3).
  const all = [code, ...events.map((event) => event.code)];
  const it = all.find((one) => one?.copyUid)?.copyUid;
  if (!it) return {};
  const [from, to] = [numbers(it.source), numbers(it.destination)];
  return { uidValidity: it.uidValidity, uids: new Map(from.map((uid, place) => [uid, to[place]])) };
}

/** `(1 2 (3)(4))`: 1, then 2 in answer to it, then 3 and 4 in answer to 2. */
function tree(tokens) {
  const root = { children: [] };
  const stack = [];
  let at = root;
  for (const token of tokens) {
    if (token === "(") {
      stack.push(at);
      // `((3)(5))`: answers to a message that is not here.
      if (stack.length > 1 && at === root) {
        const missing = { children: [] };
        root.children.push(missing);
        at = missing;
      }
    } else if (token === ")") at = stack.pop() ?? root;
    else {
      const node = { id: token, children: [] };
      at.children.push(node);
      at = node;
    }
  }
  return root.children;
}

function appended(code) {
  const it = code?.appendUid;
  return it ? { uidValidity: it.uidValidity, uid: numbers(it.uids)[0] } : {};
}

/** A message to be sent: what its command says, and its bytes or its parts. */
function messageOf(content, options) {
  if (Array.isArray(options)) throw invalid("options are an object, such as { flags }");
  const { flags, date, size, binary, utf8 } = options;
  const more = { flags, date, binary, utf8 };
  if (Array.isArray(content)) return { args: { ...more, parts: true }, parts: content };
  const source = bytesOf(content, size);
  return { args: { ...more, size: source.size }, source };
}

function bytesOf(content, size) {
  if (content === undefined || content === null) throw invalid("there is no content");
  if (typeof content === "string") content = new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return { size: content.length, pieces: [content] };
  if (typeof Blob !== "undefined" && content instanceof Blob) return { size: content.size, pieces: iterate(content.stream()) };
  if (!Number.isSafeInteger(size)) throw invalid("the size of a stream must be given as options.size");
  return { size, pieces: iterate(content) };
}

async function* iterate(stream) {
  if (stream[Symbol.asyncIterator]) return yield* stream;
  const reader = stream.getReader();
  try {
    for (let got; !(got = await reader.read()).done;) yield got.value;
  } finally {
    // It may have been left before its end.
    reader.cancel().catch(() => {});
  }
}

export { collect, fromWasm, structure };
