// The watcher as an async iterator: it connects, and connects anew, by itself.
import { Watch } from "./connection.js";
import { MailError } from "./errors.js";
import { bytesOf, discard, unlessAborted } from "./session.js";
import { init } from "./wasm.js";

/**
 * Alerts of new mail. `connect` makes a transport; it is called again after each failure.
 * An alert is acknowledged once the next one is asked for.
 */
export async function* watch(connect, options = {}) {
  const { signal } = options;
  await unlessAborted(init(), signal);
  const machine = new Watch(options);
  const mailboxes = options.mailboxes ?? ["INBOX"];
  let link;
  const pop3 = options.protocol === "pop3";
  const keep = () => (pop3 ? options.onRecord?.(machine.record) : options.onCursor?.(machine.cursors));
  let wake;
  const onAbort = () => wake?.();
  signal?.addEventListener("abort", onAbort);
  try {
    let first = true;
    let silent = 0;
    for (;;) {
      /** A transport that comes, or else is tried again later. */
      const reach = async (transport) => {
        const coming = Promise.resolve(transport);
        try {
          link = open(await unlessAborted(coming, signal));
          return true;
        } catch (error) {
          discard(coming);
          if (signal?.aborted) throw signal.reason;
          options.onRetry?.({ cause: "UNREACHABLE", error });
          machine.unreachable();
          return false;
        }
      };
      // In a promise, since it may throw at once.
      if ((await reach(new Promise((resolve) => resolve(connect({ signal }))))) && !first) machine.reconnect();
      first = false;
      let retry;
      while (!retry) {
        const event = machine.nextEvent();
        for (let bytes; (bytes = machine.dataToSend());) link?.write(bytes);
        if (signal?.aborted) throw signal.reason;
        if (!event) {
          if (machine.closed) return;
          const wait = Math.max(0, machine.deadline - performance.now()) + 1;
          const got = await link.read(wait, (it) => (wake = it));
          if (got === "end") machine.receiveEnd();
          else if (got) machine.receiveData(got);
          continue;
        }
        switch (event.event) {
          case "alert": {
            const { event: _, mailbox, date, uniqueId, from, ...alert } = event;
            alert.from = from.map(({ name, spec, group }) => (group ? { name, address: spec, group } : { name, address: spec }));
            if (pop3) {
              alert.number = alert.uid;
              alert.uid = uniqueId;
            }
            const begun = performance.now();
            yield { ...alert, date: date === null ? null : new Date(date), mailbox: mailboxes[mailbox] };
            machine.forgive(performance.now() - begun);
            machine.acknowledge(mailbox, event.uid);
            keep();
            break;
          }
          case "caughtUp":
            keep();
            options.onCaughtUp?.();
            break;
          case "open":
            if (pop3) keep();
            options.onOpen?.({ mailbox: mailboxes[event.mailbox], exists: event.exists, reset: event.reset });
            break;
          case "loggedIn":
            silent = 0;
            break;
          case "startTls":
            if (await reach(link.startTls())) machine.tlsStarted();
            break;
          case "logIn": {
            const { auth } = options;
            if (!auth) throw new MailError("INVALID_ARGUMENT", "options.auth is missing");
            const token = typeof auth.token === "function" ? await unlessAborted(auth.token(), signal) : auth.token;
            machine.authenticate({ ...auth, token }, link.secure || options.allowInsecure === true);
            break;
          }
          case "refused":
            // Without a word it may be the network, once: the next try is a minute later.
            if (event.login && options.onRefused === undefined && (event.text || ++silent > 1)) {
              throw new MailError("AUTHENTICATION_FAILED", event.text || "the server hangs up at the login");
            }
            options.onRefused?.(event);
            break;
          case "retry":
            if (pop3) keep();
            options.onRetry?.({ cause: event.cause, delay: event.delay });
            retry = event;
            break;
        }
      }
      link?.close();
      link = undefined;
      if (!signal?.aborted) await new Promise((resolve) => {
        const timer = setTimeout(resolve, retry.delay);
        wake = () => (clearTimeout(timer), resolve());
      });
      if (signal?.aborted) throw signal.reason;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    link?.close();
    machine.free();
  }
}

function open(transport) {
  const reader = transport.readable.getReader();
  const writer = transport.writable.getWriter();
  writer.closed?.catch?.(() => {});
  reader.closed?.catch?.(() => {});
  let pending;
  return {
    secure: transport.secure === true,
    write: (bytes) => writer.write(bytes).catch(() => {}),
    /** Bytes, `end`, or nothing if the time is over or `wake` was called. */
    async read(wait, onWake) {
      pending ??= reader.read().then(({ done, value }) => (done ? "end" : bytesOf(value))).catch(() => "end");
      let timer;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, Math.min(wait, 0x7fffffff));
        onWake(resolve);
      });
      const got = await Promise.race([pending, late]);
      clearTimeout(timer);
      if (got !== undefined) pending = undefined;
      return got;
    },
    async startTls() {
      if (!transport.startTls) throw new MailError("NO_TLS", "the transport has no startTls()");
      reader.releaseLock();
      writer.releaseLock();
      return transport.startTls();
    },
    close() {
      reader.cancel().catch(() => {});
      writer.close().catch(() => {});
      Promise.resolve(transport.close?.()).catch(() => {});
    },
  };
}
