// The POP3 client.
import { Pop3Connection } from "./connection.js";
import { MailError, refused, tell } from "./errors.js";
import { Body, collect } from "./fetch.js";
import { Session, discard, ready } from "./session.js";

const BYTES = 1 << 18;

export class Pop3Client {
  #options;
  #greeted;
  #loginError;
  #capabilities = [];
  /** @internal */
  greeting = true;

  static async connect(transport, options = {}) {
    transport = await ready(transport, options.signal);
    let client;
    const onAbort = () => client.session.fail(new MailError("ABORTED", "connecting was aborted", { cause: options.signal.reason }));
    options.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      client = new Pop3Client(transport, options);
      client.session.start();
      await client.#greeted.promise;
      if (!client.session.secure && (options.startTls ?? client.session.canStartTls)) {
        if (!client.session.canStartTls) throw new MailError("NO_TLS", "the transport has no startTls()");
        await client.#run("stls");
      }
      if (options.auth) await client.authenticate(options.auth);
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

  /** Use `Pop3Client.connect`. */
  constructor(transport, options) {
    this.#options = options;
    this.connection = new Pop3Connection(options);
    const log = options.logger && ((entry) => options.logger({ protocol: "pop3", ...entry }));
    let settle;
    const promise = new Promise((resolve, reject) => (settle = { resolve, reject }));
    promise.catch(() => {});
    this.#greeted = { promise, ...settle };
    const hooks = {
      event: (event) => this.#event(event),
      wantsHold: () => this.session.active?.isFull?.() === true && this.session.jobs.length === 0,
      over: (error) => this.#greeted.reject(error ?? new MailError("CLOSED", "the connection is closed")),
    };
    Object.defineProperty(hooks, "greeting", { get: () => this.greeting });
    /** @internal */
    this.session = new Session(this.connection, transport, hooks, log);
  }

  #event(event) {
    switch (event.event) {
      case "greeting":
        this.greeting = false;
        this.greetingText = event.text;
        return this.#greeted.resolve(event);
      case "saslError":
        this.#loginError = new MailError(event.code, event.message);
        return;
      case "started":
        if (event.kind === "capa") this.#capabilities = [];
        break;
      case "capability":
        this.#capabilities.push(event.capability);
        break;
      case "completed": {
        const { active } = this.session;
        // CAPA is asked by the connection itself, too.
        if (!active || active.kind !== event.kind) return;
        this.session.finish();
        this.session.log?.({ type: "completed", command: active.name, status: event.status, code: event.code });
        // What it said in clear may be anybody's word.
        if (event.kind === "stls") this.#capabilities = [];
        if (event.status === "ok") return active.resolve(event);
        const error = (active.login && this.#loginError) || refused(active.name, event);
        if (active.login && error.code === "REFUSED") error.code = "AUTHENTICATION_FAILED";
        this.#loginError = undefined;
        return active.reject(error);
      }
    }
    this.session.active?.event?.(event);
  }

  #run(name, args = {}, options = {}, more = {}) {
    const kind = name === "custom" && args.lines ? "customLines" : (name === "list" || name === "uidl") && args.message !== undefined ? `${name}One` : name === "lang" && args.language === undefined ? "langList" : name;
    return this.session.add({ name, kind, signal: options.signal, send: () => this.connection.send(name, args), ...more });
  }

  async #collect(name, args, options, ...kinds) {
    const events = [];
    await this.#run(name, args, options, { event: (event) => kinds.includes(event.event) && events.push(event) });
    return events;
  }

  get capabilities() {
    return this.#capabilities;
  }
  get secure() {
    return this.session.secure;
  }
  get closed() {
    return this.session.failure !== null;
  }

  /** By the best SASL mechanism that is offered, by APOP where it is, else by USER and PASS. */
  async authenticate(auth, options = {}) {
    const safe = this.session.secure || this.#options.allowInsecure === true;
    const token = typeof auth.token === "function" ? await this.session.outside(auth.token(), options.signal) : auth.token;
    try {
      await this.session.add({
        name: "auth", kind: "auth", login: true, signal: options.signal,
        send: () => {
          if (!this.connection.info.knowsCapabilities) throw new MailError("CAPABILITIES_UNKNOWN", "");
          return this.connection.authenticate({ ...auth, token }, safe);
        },
      });
    } catch (error) {
      if (error.code !== "NO_MECHANISM" || auth.pass === undefined) throw error;
      const timestamp = /<[^<>@]+@[^<>]+>/.exec(this.greetingText ?? "")?.[0];
      const login = { login: true };
      if (timestamp && !safe) return void (await this.#run("apop", { user: auth.user, timestamp, pass: auth.pass }, options, login));
      if (!safe) throw new MailError("LINK_IN_CLEAR", "the secret would be sent in clear");
      await this.#run("user", { user: auth.user }, options, login);
      await this.#run("pass", { pass: auth.pass }, options, login);
    }
  }

  async stat(options) {
    const [event] = await this.#collect("stat", {}, options, "stat");
    return { count: event.messages, size: event.size };
  }
  async list(message, options) {
    const events = await this.#collect("list", { message }, options, "listItem");
    return events.map(({ event, ...item }) => item);
  }
  async uidl(message, options) {
    const events = await this.#collect("uidl", { message }, options, "uidlItem");
    return events.map(({ event, ...item }) => item);
  }
  async dele(message, options) {
    await this.#run("dele", { message }, options);
  }
  async rset(options) {
    await this.#run("rset", {}, options);
  }
  async noop(options) {
    await this.#run("noop", {}, options);
  }
  /** A message as a stream. What is not read of it is skipped once it is cancelled. */
  retr(message, options) {
    return this.#message("retr", { message }, options);
  }
  /** Its header, and so many lines of its text. */
  top(message, lines = 0, options) {
    return this.#message("top", { message, lines }, options);
  }
  async bytes(message, options) {
    return collect(this.retr(message, options));
  }

  #message(name, args, options = {}) {
    const session = this.session;
    const body = new Body(undefined, {
      taken: () => body.kept < BYTES / 2 && session.release(),
      wanted: () => session.release(),
      refetch: async function* () {},
    });
    this.#run(name, args, options, {
      event: (event) => {
        if (event.event === "messageChunk") {
          body.push(event.data, Infinity);
          tell(options.onProgress, { received: body.got });
        }
      },
      isFull: () => !body.skipped && body.kept > BYTES,
      drop: (error) => body.fail(error),
    }).then(() => body.end(), (error) => body.fail(error));
    return body.stream();
  }

  /** Any command by its name; what the server said to it. */
  async command(name, args, options) {
    if (name === "auth") throw new MailError("INVALID_ARGUMENT", "invalid argument: auth is sent by authenticate()");
    const events = [];
    const { text } = await this.#run(name, args, options, {
      event: (event) => events.push(event.data ? { ...event, data: event.data.slice() } : event),
    });
    return { events, text };
  }

  /** Commits deletions, says goodbye, and closes. */
  async quit(options = {}) {
    if (this.session.failure) return;
    await this.#run("quit", {}, options, { last: true });
    await this.session.ended;
  }
  destroy(reason) {
    this.session.fail(reason ?? null);
  }
  async [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
    try {
      await this.quit();
    } catch {
      this.destroy();
    }
  }
}
