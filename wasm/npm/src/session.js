// What the clients have in common: the loop between a transport and a machine, and a queue of
// jobs, one of which is under way at a time.
import { MailError, aborted, tell, transportError } from "./errors.js";
import { deflated } from "./deflate.js";
import { init } from "./wasm.js";

/** Events that change the transport. */
const CHANGES = new Set(["startTls", "compress", "compressEnd"]);

/** What is awaited from outside, unless the signal is aborted before. */
export async function unlessAborted(promise, signal) {
  promise = Promise.resolve(promise);
  // It may fail when nobody looks any more.
  promise.catch(() => {});
  if (!signal) return promise;
  let onAbort;
  const abort = new Promise((_, reject) => {
    onAbort = () => reject(aborted(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([abort, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Closes a transport that nobody wants, if it comes at all. */
export const discard = (transport) => void Promise.resolve(transport).then((it) => it?.close?.()).catch(() => {});

/** A transport that may be yet to come, once the wasm is there. Whatever goes wrong, it is closed. */
export async function ready(transport, signal) {
  const coming = Promise.resolve(transport);
  coming.catch(() => {});
  try {
    await unlessAborted(init(), signal);
    return await unlessAborted(coming, signal);
  } catch (error) {
    discard(coming);
    throw signal?.aborted ? aborted(signal) : transportError(error);
  }
}

/** A chunk of a stream as bytes, of whatever realm and kind its view is. */
export function bytesOf(chunk) {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (Object.prototype.toString.call(chunk) === "[object ArrayBuffer]") return new Uint8Array(chunk);
  throw new MailError("TRANSPORT", "the transport gave something else than bytes");
}

export class Session {
  #reader;
  #writer;
  #timer;
  #pumping = false;
  #again = false;
  #resume;
  /** Since when reading waits for the program. */
  #held = 0;
  #upgrading = false;
  #ended;
  #transport;
  jobs = [];
  active = null;
  failure = null;
  received = 0;
  sent = 0;

  /** `client`: what is told of events, by `event`, `idle`, `wanted`, `over`, `progress`. */
  constructor(machine, transport, client, log) {
    this.machine = machine;
    this.client = client;
    this.log = log && ((entry) => tell(log, entry));
    this.#attach(transport);
    this.ended = new Promise((resolve) => (this.#ended = resolve));
  }

  #attach(transport) {
    if (!transport?.readable?.getReader || !transport?.writable?.getWriter) {
      throw new MailError("INVALID_ARGUMENT", "a transport is { readable, writable }, web streams of bytes");
    }
    this.#transport = transport;
    this.#reader = transport.readable.getReader();
    this.#writer = transport.writable.getWriter();
    this.#writer.closed?.catch?.(() => {});
    this.#reader.closed?.catch?.(() => {});
  }

  get secure() {
    return this.#transport.secure === true;
  }
  get canStartTls() {
    return typeof this.#transport.startTls === "function";
  }

  start() {
    this.pump();
    this.#read();
  }

  async #read() {
    try {
      while (!this.failure) {
        if (this.#held) await new Promise((resolve) => (this.#resume = resolve));
        if (this.failure) break;
        if (this.#upgrading) await this.#upgrade();
        const { done, value } = await this.#reader.read();
        if (this.failure) break;
        if (done) this.machine.receiveEnd();
        else {
          const bytes = bytesOf(value);
          this.received += bytes.length;
          this.machine.receiveData(bytes);
        }
        this.pump();
      }
    } catch (error) {
      this.fail(transportError(error));
    }
  }

  /** Takes all events that are there, and sends what came of it. */
  pump() {
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = true;
    try {
      do {
        this.#again = false;
        this.#flush();
        while (!this.failure && !this.#held && !this.#upgrading) {
          const event = this.machine.nextEvent();
          if (!event) break;
          if (CHANGES.has(event.event)) this.#upgrading = event.event;
          else this.client.event(event);
          this.#flush();
          if (this.client.wantsHold()) this.#held = performance.now();
        }
        if (!this.failure && this.machine.closed) return this.fail(null);
        this.next();
        this.#flush();
      } while (this.#again && !this.failure);
      this.#arm();
    } catch (error) {
      this.fail(transportError(error));
    } finally {
      this.#pumping = false;
    }
  }

  #arm() {
    clearTimeout(this.#timer);
    const { deadline } = this.machine;
    if (deadline === Infinity || this.failure || this.#held) return;
    this.#timer = setTimeout(() => this.pump(), Math.min(Math.max(deadline - performance.now(), 0) + 1, 0x7fffffff));
    this.#timer.unref?.();
  }

  #flush() {
    for (let bytes; !this.failure && (bytes = this.machine.dataToSend());) {
      this.sent += bytes.length;
      this.#writer.write(bytes).catch((error) => this.fail(transportError(error)));
    }
  }

  /** Once there is room to send more. */
  room() {
    return this.#writer.ready;
  }

  /** Reading goes on, if it was held. */
  release() {
    if (!this.#held || this.failure) return;
    this.machine.forgive(performance.now() - this.#held);
    this.#held = 0;
    this.pump();
    if (!this.#held) {
      const resume = this.#resume;
      this.#resume = undefined;
      resume?.();
    }
  }

  async #upgrade() {
    const old = this.#transport;
    const { machine } = this;
    if (this.#upgrading === "startTls" && !old.startTls) throw new MailError("NO_TLS", "the transport has no startTls()");
    this.#reader.releaseLock();
    await this.#writer.ready;
    this.#writer.releaseLock();
    switch (this.#upgrading) {
      case "startTls": {
        const secured = await old.startTls();
        this.#attach({ secure: true, readable: secured.readable, writable: secured.writable, close: secured.close?.bind(secured) ?? old.close?.bind(old) });
        if (this.failure) return this.#close();
        machine.tlsStarted();
        break;
      }
      case "compress":
        this.#attach(deflated(old, machine.takeCompressed()));
        machine.compressStarted();
        break;
      case "compressEnd":
        this.#attach(await old.inflated());
        if (this.failure) return this.#close();
        machine.compressEnded();
    }
    this.#upgrading = false;
    this.pump();
  }

  /** Puts a job into the queue. It is `{ name, send(), event(event), signal }`. */
  add(job, first = false) {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      const { signal } = job;
      if (signal?.aborted) return reject(aborted(signal));
      const settle = (how) => (value) => {
        signal?.removeEventListener("abort", onAbort);
        how(value);
      };
      job.resolve = settle(resolve);
      job.reject = settle(reject);
      const onAbort = () => {
        const place = this.jobs.indexOf(job);
        if (place >= 0) this.jobs.splice(place, 1);
        // What is under way cannot be taken back: its results are dropped.
        job.dropped = true;
        job.drop?.(aborted(signal));
        job.reject(aborted(signal));
        this.release();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      if (first) this.jobs.unshift(job);
      else this.jobs.push(job);
      this.release();
      this.pump();
    });
  }

  /** Sends the next job, if it can be sent. */
  next() {
    if (this.active || this.failure || this.#upgrading || this.#held) return;
    const job = this.jobs[0];
    if (!job) return this.client.idle?.();
    if (this.client.wanted?.() === false) return;
    try {
      this.active = job;
      job.tag = job.send();
      this.jobs.shift();
      // Perhaps it is our turn at once, to give a message.
      this.#again = true;
      this.log?.({ type: "command", command: job.name, tag: job.tag });
    } catch (error) {
      this.active = null;
      // What the server offers is being asked for, or something is on its way: later.
      if (error?.code === "CAPABILITIES_UNKNOWN" || error?.code === "BUSY" || (error?.code === "WRONG_STATE" && this.client.greeting)) return;
      this.jobs.shift();
      error.command ??= job.name;
      job.reject(error);
      this.#again = true;
    }
  }

  /** The active job is done. */
  finish() {
    const job = this.active;
    this.active = null;
    this.#again = true;
    return job;
  }

  /** What is awaited from outside for a call; the end of the connection ends the wait. */
  async outside(promise, signal) {
    const over = this.ended.then(() => { throw this.failure; });
    over.catch(() => {});
    return unlessAborted(Promise.race([over, promise]), signal);
  }

  /** All is over: in order, or by an error. */
  fail(error) {
    if (this.failure) return;
    clearTimeout(this.#timer);
    this.failure = error ?? new MailError("CLOSED", "the connection is closed");
    this.log?.({ type: "closed", error: error ?? undefined });
    const jobs = this.active ? [this.active, ...this.jobs] : this.jobs;
    this.active = null;
    this.jobs = [];
    for (const job of jobs) {
      if (job.last && !error) job.resolve();
      else {
        job.drop?.(this.failure);
        job.reject(this.failure);
      }
    }
    this.client.over(error);
    this.#resume?.();
    this.#close();
    this.machine.free();
    this.#ended();
  }

  async #close() {
    // Whatever goes wrong here is of no interest: the connection is over.
    const quiet = (promise) => Promise.resolve(promise).catch(() => {});
    try {
      quiet(this.#reader.cancel());
    } catch {}
    try {
      quiet(this.#writer.close());
    } catch {}
    try {
      quiet(this.#transport.close?.());
    } catch {}
  }
}

/** Listeners by name. One that throws harms nobody else. */
export class Listeners {
  #all = new Map();

  on(name, listener) {
    const listeners = this.#all.get(name) ?? new Set();
    this.#all.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit(name, detail) {
    for (const listener of this.#all.get(name) ?? []) tell(listener, detail);
  }
}
