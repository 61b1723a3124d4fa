// Bad input: each ends in a rejected promise that says what was wrong, and in nothing else.
// node --expose-gc --test bad.test.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { ImapClient, ImapConnection, MailError, Pop3Client, Pop3Connection, Watch, watch } from "mailwire";
import { connectTls } from "mailwire/node";
import { dovecot } from "./server.mjs";

const auth = { user: "alice", pass: "password" };
const bytes = (text) => new TextEncoder().encode(text);
const dist = new URL("./node_modules/mailwire/dist/", import.meta.url);
const wasm = fs.readFileSync(new URL("mailwire_bg.wasm", dist));
const problems = [];
process.on("unhandledRejection", (error) => problems.push(error));
process.on("uncaughtException", (error) => problems.push(error));
/** A promise that does not settle is a failure too. */
const soon = (promise, what, most = 5000) => {
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error(`hangs: ${what}`)), most)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};
let server;
before(async () => (server = await dovecot()));
after(async () => {
  await server.stop();
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(problems, []);
});

const PREAUTH = "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n";
const SESSION = `${PREAUTH}* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[] {3}\r\nabc)\r\n* LIST () "/" a\r\n`;

test("a truncated stream, cut at every byte", () => {
  const whole = bytes(SESSION);
  for (let at = 0; at < whole.length; at++) {
    for (const [Connection, text] of [[ImapConnection, whole], [Pop3Connection, bytes("+OK hello\r\n+OK 1\r\n")]]) {
      const machine = new Connection();
      machine.receiveData(text.subarray(0, at));
      machine.receiveEnd();
      assert.throws(() => { while (machine.nextEvent()); }, { name: "MailError", code: at < 4 || Connection === Pop3Connection ? /UNEXPECTED_EOF|BAD_GREETING|WRONG_STATE|FRAME_LOST/ : /UNEXPECTED_EOF|FRAME_LOST|BAD_GREETING/ }, `${Connection.name} at ${at}`);
      // And again: it stays what it is.
      assert.throws(() => machine.nextEvent(), { name: "MailError" });
      machine.free();
    }
  }
});

test("garbage", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647);
  for (let round = 0; round < 300; round++) {
    const noise = Uint8Array.from({ length: 400 }, () => random() & 255);
    for (const [Connection, hello] of [[ImapConnection, PREAUTH], [Pop3Connection, "+OK hi\r\n"]]) {
      const machine = new Connection({ bufferSize: 1024 });
      if (round % 2) machine.receiveData(bytes(hello));
      machine.receiveData(noise);
      machine.receiveData(bytes("\r\n* OK {99999999999999999999}\r\n* 1 FETCH ((((((((((\r\n"));
      machine.receiveEnd();
      let count = 0;
      assert.throws(() => { while (machine.nextEvent() && count++ < 10_000); }, { name: "MailError" });
      assert.ok(count < 10_000);
      machine.free();
    }
  }
});

test("use after close, and after free", async () => {
  for (const machine of [new ImapConnection(), new Pop3Connection(), new Watch({ auth })]) {
    while (machine.dataToSend());
    machine.free();
    machine.free();
    machine[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
    for (const use of [() => machine.nextEvent(), () => machine.dataToSend(), () => machine.receiveEnd(), () => machine.send?.("noop") ?? machine.cursors, () => machine.authenticate(auth, true)]) {
      assert.throws(use, { name: "MailError", code: "CLOSED" }, String(use));
    }
  }
  const mail = await ImapClient.connect(connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), { auth });
  await mail.select("INBOX");
  const body = mail.download(1);
  const messages = mail.fetch("1:*", { body: true });
  mail.destroy();
  const calls = [
    mail.noop(), mail.select("INBOX"), mail.search({}), mail.append("INBOX", "x"), mail.appendMany("INBOX", [{ content: "x" }]), mail.compress(),
    messages.next(), mail.fetch("1:*", {}).all(), mail.updates().next(), mail.command("noop"), mail.authenticate(auth), body.getReader().read(),
  ];
  for (const [place, { reason }] of (await soon(Promise.allSettled(calls), "use after close")).entries()) {
    assert.ok(reason instanceof MailError && reason.code === "CLOSED", `${place}: ${reason}`);
  }
  for (const use of [() => mail.capabilities, () => mail.quirks, () => (mail.quirks = [])]) assert.throws(use, { code: "CLOSED" });
  assert.equal(mail.mailbox, null);
  await mail.logout();
  const drop = await Pop3Client.connect(connectTls({ host: "localhost", port: server.pop3s, tls: { ca: server.ca } }), { auth });
  await drop.quit();
  for (const { reason } of await Promise.allSettled([drop.stat(), drop.bytes(1), drop.retr(1).getReader().read(), drop.authenticate(auth)])) assert.equal(reason.code, "CLOSED");
});

test("chunks of 0 bytes and of 50 MB; what is no chunk", () => {
  const size = 50_000_000;
  const head = bytes(`${PREAUTH}* 1 FETCH (BODY[] {${size}}\r\n`);
  const chunk = new Uint8Array(head.length + size + 3);
  chunk.set(head);
  chunk.set(bytes(")\r\n"), head.length + size);
  const machine = new ImapConnection();
  for (let i = 0; i < 3; i++) {
    machine.receiveData(new Uint8Array(0));
    assert.equal(machine.nextEvent(), null);
  }
  machine.receiveData(chunk);
  let got = 0;
  let last;
  for (let event; (event = machine.nextEvent()); last = event) if (event.event === "fetchChunk") got += event.data.length;
  assert.equal(got, size);
  assert.equal(last.event, "fetchEnd");
  for (const wrong of ["text", null, undefined, 1, [1], new ArrayBuffer(1)]) assert.throws(() => machine.receiveData(wrong), { code: "INVALID_ARGUMENT" });
  machine.free();
  const drop = new Pop3Connection();
  const text = new Uint8Array(size).fill(97);
  text.set(bytes("+OK hi\r\n"));
  text.set(bytes("\r\n"), size - 2);
  drop.receiveData(text);
  assert.equal(drop.nextEvent().event, "greeting");
  // A line that is too long is told by its beginning.
  let most = 0;
  for (let event; (event = drop.nextEvent());) most = Math.max(most, JSON.stringify(event).length);
  assert.ok(most > 0 && most < 200_000);
  drop.free();
});

test("two instances at once, and a wasm of the wrong MIME type, or none at all", async () => {
  const warn = console.warn;
  console.warn = () => {};
  try {
    const [one, two] = await Promise.all(["one", "two"].map((it) => import(new URL(`core.js?${it}`, dist).href)));
    assert.throws(() => new one.ImapConnection(), { code: "NOT_LOADED" });
    const page = () => new Response("<!doctype html><title>Not found</title>", { headers: { "content-type": "text/html" } });
    await assert.rejects(one.init(page()), (error) => error.code === "WASM" && /cannot be loaded/.test(error.message));
    await assert.rejects(one.init(Promise.reject(new TypeError("fetch failed"))), { code: "WASM", message: /fetch failed/ });
    await assert.rejects(one.ImapClient.connect({}), { name: "MailError" });
    // Not its MIME type, but the bytes are right.
    await one.init(new Response(wasm, { headers: { "content-type": "application/octet-stream" } }));
    await one.init();
    two.initSync(wasm);
    const machines = [one, two, { ImapConnection }].map((it) => new it.ImapConnection());
    for (const piece of [SESSION.slice(0, 50), SESSION.slice(50)]) for (const machine of machines) machine.receiveData(bytes(piece));
    const all = machines.map((machine) => {
      const events = [];
      for (let event; (event = machine.nextEvent());) events.push(event.event);
      machine.free();
      return events.join();
    });
    assert.equal(new Set(all).size, 1);
  } finally {
    console.warn = warn;
  }
});

test("memory comes back: by free, and by the garbage collector", async () => {
  const { Instance } = WebAssembly;
  let memory;
  WebAssembly.Instance = function (...args) {
    const it = new Instance(...args);
    memory = it.exports.memory;
    return it;
  };
  const { ImapConnection: Connection, Watch: Watcher, initSync } = await import(new URL("core.js?leak", dist).href);
  initSync(wasm);
  WebAssembly.Instance = Instance;
  const make = () => {
    const machine = new Connection();
    machine.receiveData(bytes(SESSION));
    while (machine.nextEvent());
    machine.send("list", { patterns: ["x"] });
    machine.dataToSend();
    return machine;
  };
  const watcher = (protocol) => new Watcher({ auth, protocol, mailboxes: ["a", "b"], filter: { or: [{ from: "a" }, { to: "b" }] }, record: protocol && new Uint8Array(8) });
  const round = () => {
    for (let i = 0; i < 20; i++) make().free();
    for (const protocol of [undefined, "pop3"]) for (let i = 0; i < 20; i++) watcher(protocol).free();
  };
  round();
  const before = memory.buffer.byteLength;
  for (let i = 0; i < 20; i++) round();
  assert.equal(memory.buffer.byteLength, before, "after free()");
  assert.ok(globalThis.gc, "run with --expose-gc");
  for (let i = 0; i < 60; i++) {
    for (let k = 0; k < 20; k++) make();
    gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // 1200 of them would be 100 MB.
  assert.ok(memory.buffer.byteLength - before < 20e6, `forgotten ones keep ${memory.buffer.byteLength - before} bytes`);
});

// ---- A connection that fails at each of its reads and writes.

function failing(transport, at, how) {
  let count = 0;
  const it = { hit: false };
  const now = () => {
    if (count++ !== at) return false;
    it.hit = true;
    transport.close();
    return true;
  };
  const reader = transport.readable.getReader();
  const writer = transport.writable.getWriter();
  writer.closed.catch(() => {});
  it.secure = true;
  it.close = () => transport.close();
  it.readable = new ReadableStream({
    async pull(controller) {
      if (now()) return how === "end" ? controller.close() : controller.error(new Error("reset by a test"));
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(error);
      }
    },
    cancel: () => transport.close(),
  }, { highWaterMark: 0 });
  it.writable = new WritableStream({
    write(chunk) {
      if (now()) throw new Error("reset by a test");
      return writer.write(chunk);
    },
    close: () => writer.close(),
  });
  return it;
}
const FAILED = new Set(["TRANSPORT", "UNEXPECTED_EOF", "CLOSED", "BAD_COMPRESSION"]);

async function everywhere(port, session) {
  for (const how of ["error", "end"]) {
    for (let at = 0; ; at++) {
      assert.ok(at < 400, "it ends some time");
      const transport = failing(await connectTls({ host: "localhost", port, tls: { ca: server.ca } }), at, how);
      try {
        await soon(session(transport), `${how} at ${at}`);
        if (!transport.hit) {
          assert.ok(at > 10, `only ${at} reads and writes`);
          break;
        }
      } catch (error) {
        assert.ok(error instanceof MailError && FAILED.has(error.code), `${how} at ${at}: ${error?.stack}`);
      }
    }
  }
}

test("a socket error at any await, IMAP", async () => {
  await everywhere(server.imaps, async (transport) => {
    const mail = await ImapClient.connect(transport, { auth, idle: { after: 0 }, timeout: 3000 });
    const events = [];
    mail.on("close", () => events.push("close"));
    try {
      await mail.compress();
      await mail.list();
      await mail.select("INBOX");
      const others = [mail.noop(), mail.search({ all: true })];
      for (const other of others) other.catch(() => {});
      for await (const message of mail.fetch("1:*", { envelope: true, body: true })) {
        if (message.seq === 1) await message.bytes();
        else if (message.seq === 2) await message.body().cancel();
      }
      await Promise.all(others);
      const pieces = async function* () { for (let i = 0; i < 4; i++) yield new Uint8Array(30_000).fill(97); };
      await mail.append("Trash", pieces(), { size: 120_000 }).catch((error) => { if (error.code !== "REFUSED") throw error; });
      // IDLE.
      await new Promise((resolve) => setTimeout(resolve, 5));
      await mail.noop();
      await mail.logout();
    } catch (error) {
      await assert.rejects(mail.noop(), { name: "MailError" });
      throw error;
    } finally {
      mail.destroy();
      await null;
      assert.deepEqual(events, ["close"]);
      assert.ok(mail.closed);
    }
  });
});

test("a socket error at any await, POP3", async () => {
  await everywhere(server.pop3s, async (transport) => {
    const mail = await Pop3Client.connect(transport, { auth, timeout: 3000 });
    try {
      await mail.stat();
      await mail.uidl();
      for await (const chunk of mail.retr(1)) void chunk;
      await mail.retr(2).cancel();
      await mail.bytes(3);
      await mail.quit();
    } finally {
      mail.destroy();
    }
  });
});

test("a socket error at any await, the watcher: it connects anew, and tells all", async () => {
  for (const [protocol, port] of [["imap", server.imaps], ["pop3", server.pop3s]]) {
    for (const how of ["error", "end"]) {
      for (let at = 0, hit = true; hit; at++) {
        let first = true;
        hit = false;
        const connect = async () => {
          const transport = await connectTls({ host: "localhost", port, tls: { ca: server.ca } });
          if (!first) return transport;
          first = false;
          return failing(transport, at, how);
        };
        const told = new Set();
        const abort = new AbortController();
        process.env.DEBUG_AT && console.log(protocol, how, at);
        await soon((async () => {
          for await (const { subject } of watch(connect, { protocol, auth, start: "everything", backoff: { first: 1, most: 1 }, timeout: 3000, signal: abort.signal, onRetry: ({ cause }) => (hit ||= cause !== "POLL") })) {
            told.add(subject);
            if (told.size === 3) break;
          }
        })(), `${protocol}, ${how} at ${at}`);
        assert.deepEqual([...told], ["The first one", "Über", "[alert] disk full"]);
      }
    }
  }
});

// ---- What the program does at the wrong moment.

/** Calls `now` before the read or write of this number. */
function counted(transport, at, now) {
  let count = 0;
  const it = { ...transport, secure: true, hit: false };
  const step = () => {
    if (count++ !== at) return;
    it.hit = true;
    now();
  };
  const reader = transport.readable.getReader();
  const writer = transport.writable.getWriter();
  writer.closed.catch(() => {});
  it.readable = new ReadableStream({
    async pull(controller) {
      step();
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => transport.close(),
  }, { highWaterMark: 0 });
  it.writable = new WritableStream({
    write(chunk) {
      step();
      return writer.write(chunk);
    },
    close: () => writer.close(),
  });
  return it;
}

test("aborted, or destroyed, at any await", async () => {
  for (const how of ["abort", "destroy"]) {
    for (let at = 0, hit = true; hit; at++) {
      assert.ok(at < 400, "it ends some time");
      const abort = new AbortController();
      const { signal } = abort;
      const reason = new Error("never mind");
      let mail;
      const transport = counted(await connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), at, () => (how === "abort" || !mail ? abort.abort(reason) : mail.destroy()));
      const session = async () => {
        mail = await ImapClient.connect(transport, { auth: { user: "alice", token: async () => "token-of-alice" }, signal, idle: { after: 0 }, timeout: 3000 });
        await mail.list("*", { signal });
        await mail.select("INBOX", { signal });
        // What the round before has left.
        await mail.expunge(undefined, { signal });
        const others = [mail.noop({ signal }), mail.search({ all: true }, { signal })];
        for (const other of others) other.catch(() => {});
        for await (const message of mail.fetch("1:*", { envelope: true, body: true }, { signal })) {
          if (message.seq === 1) await message.bytes();
        }
        await Promise.all(others);
        const pieces = async function* () { for (let i = 0; i < 4; i++) yield new Uint8Array(30_000).fill(97); };
        await mail.append("INBOX", pieces(), { size: 120_000, flags: ["\\Deleted"], signal });
        await mail.compress({ signal });
        await mail.fetchOne("*", { body: true }, { signal });
        await mail.expunge(undefined, { signal });
        await new Promise((resolve) => setTimeout(resolve, 5));
        await mail.noop({ signal });
        await mail.logout({ signal });
      };
      try {
        await soon(session(), `${how} at ${at}`);
      } catch (error) {
        assert.ok(error === reason || error.code === "CLOSED", `${how} at ${at}: ${error?.stack}`);
        // What was sent is answered; and then it goes on, unless it was destroyed.
        if (mail && how === "abort") await soon(mail.noop(), `after ${how} at ${at}`).catch((error) => assert.match(error.code, /^(CLOSED|ABORTED|UNEXPECTED_EOF)$/));
      } finally {
        mail?.destroy();
        transport.close();
      }
      hit = transport.hit;
    }
  }
  const mail = await ImapClient.connect(connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), { auth });
  await mail.select("INBOX");
  await mail.expunge();
  assert.equal(mail.mailbox.exists, 3);
  await mail.logout();
});

test("aborted, or destroyed, at any await of POP3", async () => {
  for (const how of ["abort", "destroy"]) {
    for (let at = 0, hit = true; hit; at++) {
      const abort = new AbortController();
      const { signal } = abort;
      const reason = new Error("never mind");
      let mail;
      const transport = counted(await connectTls({ host: "localhost", port: server.pop3s, tls: { ca: server.ca } }), at, () => (how === "abort" || !mail ? abort.abort(reason) : mail.destroy()));
      try {
        await soon((async () => {
          mail = await Pop3Client.connect(transport, { auth, signal, timeout: 3000 });
          const [one] = await Promise.all([mail.bytes(1, { signal }), mail.stat({ signal }), mail.uidl(2, { signal })]);
          assert.ok(one.length > 100);
          await mail.retr(2, { signal }).cancel();
          for await (const chunk of mail.top(3, 1, { signal })) void chunk;
          await mail.quit({ signal });
        })(), `${how} at ${at}`);
      } catch (error) {
        assert.ok(error === reason || error.code === "CLOSED", `${how} at ${at}: ${error?.stack}`);
        if (mail && how === "abort") await soon(mail.noop(), `after ${how} at ${at}`).catch((error) => assert.match(error.code, /^(CLOSED|ABORTED|UNEXPECTED_EOF|WRONG_STATE)$/));
      } finally {
        mail?.destroy();
        transport.close();
      }
      hit = transport.hit;
    }
  }
});

/** A server that says these, one after each write; `null`: it hangs up. */
function says(...script) {
  let controller;
  const readable = new ReadableStream({ start: (it) => (controller = it) });
  const go = () => {
    const step = script.shift();
    if (step === null) controller.close();
    else if (step !== undefined) controller.enqueue(typeof step === "string" ? bytes(step) : step);
  };
  queueMicrotask(go);
  return { readable, writable: new WritableStream({ write: go }), secure: true };
}
const forever = new Promise(() => {});

test("what never comes, and is aborted", async () => {
  const reason = new Error("enough");
  const soonAborted = () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(reason), 20);
    return abort.signal;
  };
  const same = (error) => error === reason;
  const offers = "* OK [CAPABILITY IMAP4rev1 AUTH=OAUTHBEARER] hi\r\n";
  const tokens = { auth: { user: "alice", token: () => forever } };
  await assert.rejects(soon(ImapClient.connect(forever, { signal: soonAborted() }), "a transport"), same);
  await assert.rejects(soon(ImapClient.connect(says(offers), { ...tokens, signal: soonAborted() }), "a token"), same);
  await assert.rejects(soon(Pop3Client.connect(says("+OK hi\r\n"), { ...tokens, signal: soonAborted() }), "a token"), same);
  for (const connect of [() => forever, async () => says(offers)]) {
    await assert.rejects(soon(watch(connect, { ...tokens, signal: soonAborted() }).next(), "the watcher"), same);
  }
  // A message that is not written to its end.
  const mail = await ImapClient.connect(connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), { auth });
  const stalls = async function* () { yield bytes("Subject: x\r\n"); await forever; };
  await assert.rejects(soon(mail.append("INBOX", stalls(), { size: 100, signal: soonAborted() }), "append"), same);
  await assert.rejects(soon(mail.appendMany("INBOX", stalls(), { signal: soonAborted() }), "appendMany"));
  const lost = mail.append("INBOX", stalls(), { size: 100 }).catch((error) => error);
  setTimeout(() => mail.destroy(), 20);
  assert.equal((await soon(lost, "append, destroyed")).code, "CLOSED");
});

test("what the program gives throws: that is its own business", async () => {
  const told = [];
  const { queueMicrotask } = globalThis;
  globalThis.queueMicrotask = (job) => queueMicrotask(() => {
    try { job(); } catch (error) { told.push(error); }
  });
  const bad = (what) => () => { throw new Error(`thrown by ${what}`); };
  const mail = await ImapClient.connect(connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), { auth, logger: bad("the logger") });
  mail.on("exists", bad("a listener"));
  mail.on("close", bad("a listener"));
  await mail.select("INBOX");
  const [all, one] = await soon(Promise.all([mail.fetch("1:*", { body: true }, { onProgress: bad("onProgress") }).all(), mail.fetchOne(1, { flags: true })]), "a fetch");
  assert.ok(all.length === 3 && one.uid === 1);
  await assert.rejects(mail.append("INBOX", "x", { onProgress: bad("onProgress") }), /thrown by onProgress/);
  await mail.logout();
  await new Promise((resolve) => setTimeout(resolve, 10));
  globalThis.queueMicrotask = queueMicrotask;
  assert.ok(told.length > 10 && told.every((error) => /^thrown by/.test(error.message)));
});

test("a server that lies about numbers", async () => {
  const PRE = "* PREAUTH [CAPABILITY IMAP4rev1 ESEARCH UIDPLUS] hi\r\n";
  const many = "1:4294967295";
  const cases = [
    [(mail) => mail.searchReturn({ all: true }, ["all"]), `* ESEARCH (TAG "A2") UID ALL ${many}\r\nA2 OK x\r\n`],
    [(mail) => mail.copy("1", "x"), `A2 OK [COPYUID 1 ${many} ${many}] x\r\n`],
    [(mail) => mail.search(), `* ESEARCH (TAG "A2") UID ALL ${many}\r\nA2 OK x\r\n`],
  ];
  for (const [call, answer] of cases) {
    const mail = await ImapClient.connect(says(PRE, "A1 OK [READ-WRITE] x\r\n", answer), { idle: false });
    await mail.select("INBOX");
    await assert.rejects(soon(call(mail), answer), { code: "TOO_BIG" });
    mail.destroy();
  }
});

/** A server that answers each line by what `answer` says for its command, and OK. */
function answers(greeting, answer) {
  const lines = [];
  let controller;
  const say = (text) => controller.enqueue(bytes(text));
  const hear = (line) => {
    lines.push(line);
    const [tag, command] = line.split(" ");
    say(answer(command, tag) ?? `${tag} OK x\r\n`);
  };
  const readable = new ReadableStream({ start: (it) => ((controller = it), say(greeting)) });
  const writable = new WritableStream({ write: (data) => new TextDecoder().decode(data).trim().split("\r\n").forEach(hear) });
  return { readable, writable, secure: true, count: (command) => lines.filter((line) => line.split(" ")[1] === command).length };
}
const OFFERS = "* PREAUTH [CAPABILITY IMAP4rev1 IDLE NOTIFY] hi\r\n";
const passes = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

test("an IDLE that ends at once, or is refused, is not begun without end", async () => {
  for (const answer of ["TAG OK x\r\n", "+ idling\r\nTAG OK x\r\n", "TAG NO x\r\n", "TAG BAD x\r\n"]) {
    const transport = answers(OFFERS, (command, tag) => (command === "IDLE" ? answer.replace("TAG", tag) : undefined));
    const mail = await ImapClient.connect(transport, { idle: { after: 1, poll: 50 } });
    await mail.select("INBOX");
    await passes(200);
    assert.equal(transport.count("IDLE"), 1, answer);
    assert.ok(transport.count("NOOP") > 0 && transport.count("NOOP") < 5, answer);
    // Perhaps it can in another mailbox.
    await mail.select("other");
    await passes(20);
    assert.equal(transport.count("IDLE"), 2, answer);
    mail.destroy();
  }
});

test("what comes before IDLE is on is told; EXPUNGE of no message is not", async () => {
  const transport = answers(OFFERS, (command) => (command === "IDLE" ? "* 0 EXPUNGE\r\n* 2 EXPUNGE\r\n* 6 EXISTS\r\n* 0 EXPUNGE\r\n+ idling\r\n" : undefined));
  const mail = await ImapClient.connect(transport, { idle: { after: 1 } });
  const gone = [];
  mail.on("expunge", ({ seq }) => gone.push(seq));
  const exists = new Promise((resolve) => mail.on("exists", resolve));
  await mail.select("INBOX");
  assert.deepEqual(await soon(exists, "EXISTS"), { count: 6 });
  assert.deepEqual(gone, [2]);
  assert.equal(mail.mailbox.exists, 6);
  mail.destroy();
});

test("what NOTIFY tells is no answer", async () => {
  const told = ["* STATUS Other (MESSAGES 7)\r\n", '* METADATA "Other" /shared/comment\r\n'];
  const says = {
    STATUS: (name) => `${told[0]}* STATUS ${name} (MESSAGES 2)\r\n* STATUS Other (MESSAGES 8)\r\n`,
    LIST: () => `* LIST () "/" A\r\n* STATUS A (MESSAGES 2)\r\n${told[0]}`,
    GETMETADATA: () => `${told[1]}* METADATA "A" (/shared/comment "hi")\r\n`,
  };
  let name = "A";
  const transport = answers("* PREAUTH [CAPABILITY IMAP4rev1 NOTIFY LIST-EXTENDED LIST-STATUS METADATA] hi\r\n", (command, tag) => says[command] && `${says[command](name)}${tag} OK x\r\n`);
  const mail = await ImapClient.connect(transport, { idle: false });
  const heard = [];
  mail.on("mailboxStatus", ({ mailbox }) => heard.push(mailbox));
  mail.on("metadata", ({ mailbox, changed }) => heard.push(`${mailbox} ${changed}`));
  await mail.command("notify", { groups: [{ mailboxes: "inboxes", events: ["messageNew", "messageExpunge"] }] });
  assert.deepEqual(await mail.status("A", ["messages"]), { messages: 2 });
  name = "INBOX";
  assert.deepEqual(await mail.status("inbox", ["messages"]), { messages: 2 });
  name = "Other";
  assert.deepEqual(await mail.status("B", ["messages"]), {});
  assert.equal(heard.length, 2 + 2 + 3);
  assert.deepEqual((await mail.list("*", { status: true })).map(({ name, status }) => [name, status]), [["A", { messages: 2 }]]);
  assert.deepEqual(await mail.getMetadata("A", ["/shared/comment"]), { "/shared/comment": "hi" });
  assert.deepEqual(heard.slice(7), ["Other", "Other /shared/comment"]);
  mail.destroy();
  // Some servers spell a name their own way.
  const other = await ImapClient.connect(answers(PREAUTH, (command, tag) => (command === "STATUS" ? `* STATUS A (MESSAGES 2)\r\n${tag} OK x\r\n` : undefined)));
  assert.deepEqual(await other.status("a", ["messages"]), { messages: 2 });
  other.destroy();
});

test("a watcher whose login is refused tells it, and waits for a minute", async () => {
  const refuses = {
    imap: () => answers("* OK [CAPABILITY IMAP4rev1] hi\r\n", (command, tag) => (command === "LOGIN" ? `${tag} NO wrong\r\n` : undefined)),
    pop3: () => says("+OK hi\r\n", "+OK\r\nUSER\r\n.\r\n", "+OK\r\n", "-ERR [AUTH] wrong\r\n"),
    // It hangs up without a word: that may be the network, once.
    silent: () => says("+OK hi\r\n", "+OK\r\nUSER\r\n.\r\n", "+OK\r\n", null),
  };
  for (const [name, connect] of Object.entries(refuses)) {
    const protocol = name === "imap" ? name : "pop3";
    const abort = new AbortController();
    let refused;
    const { delay, cause } = await soon(new Promise((resolve, reject) => {
      const options = { protocol, auth, signal: abort.signal, onRefused: (it) => (refused = it), onRetry: resolve };
      watch(connect, options).next().catch(reject);
    }), name);
    assert.ok(refused.login && cause === "REFUSED" && delay > 44_000 && delay <= 60_000, `${name}: ${delay}`);
    abort.abort();
    // Nobody listens to it: then it is over.
    let connections = 0;
    const again = () => (connections++, connect());
    await assert.rejects(soon(watch(again, { protocol, auth, backoff: { first: 1, most: 1 } }).next(), name), { code: "AUTHENTICATION_FAILED", message: name === "silent" ? /hangs up/ : "wrong" });
    assert.equal(connections, name === "silent" ? 2 : 1);
  }
});

test("a greeting that is long to look through", async () => {
  const transport = says(`+OK <${"@".repeat(60_000)}\r\n`, "-ERR what?\r\n");
  const begun = performance.now();
  await assert.rejects(Pop3Client.connect({ ...transport, secure: false }, { auth }), { code: "LINK_IN_CLEAR" });
  assert.ok(performance.now() - begun < 2000);
});

test("what the transport does: clear errors", async () => {
  const { default: net } = await import("node:net");
  const { socketTransport, connectTcp } = await import("mailwire/node");
  // Nobody listens.
  const unused = await new Promise((resolve) => {
    const it = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = it.address();
      it.close(() => resolve(port));
    });
  });
  const refused = (error) => error instanceof MailError && error.code === "TRANSPORT" && error.cause.code === "ECONNREFUSED";
  await assert.rejects(ImapClient.connect(connectTls({ host: "127.0.0.1", port: unused })), refused);
  await assert.rejects(Pop3Client.connect(connectTcp({ host: "127.0.0.1", port: unused })), refused);
  await assert.rejects(ImapClient.connect(connectTls({ host: "localhost", port: server.imaps })), (error) => error.code === "TRANSPORT" && /certificate/.test(error.message));
  // A host that is an address is checked as one: the certificate is for localhost and 127.0.0.1.
  const relay = net.createServer((from) => {
    const to = net.connect(server.imap, "127.0.0.1");
    for (const it of [from, to]) it.on("error", () => {});
    from.pipe(to).pipe(from);
  });
  await new Promise((resolve) => relay.listen(0, "127.0.0.2", resolve));
  const startTls = (host, port) => ImapClient.connect(connectTcp({ host, port, tls: { ca: server.ca } }), { auth });
  await (await startTls("127.0.0.1", server.imap)).logout();
  await assert.rejects(startTls("127.0.0.2", relay.address().port), (error) => error.cause?.code === "ERR_TLS_CERT_ALTNAME_INVALID");
  relay.close();
  const socket = net.connect({ host: "127.0.0.1", port: server.imap });
  await new Promise((resolve) => socket.once("close", resolve).destroy());
  await assert.rejects(soon(ImapClient.connect(socketTransport(socket)), "a dead socket", 1000), { code: "TRANSPORT" });
  // What cannot be used is closed.
  for (const Client of [ImapClient, Pop3Client]) {
    for (const more of [{ readable: 1 }, { quirks: ["nonsense"], timeout: -1n }]) {
      let closed = 0;
      await assert.rejects(Client.connect({ ...says(), close: () => closed++, ...more }, more));
      assert.equal(closed, 1);
    }
  }
  // Views of other kinds and realms are bytes, too; texts are not.
  const { runInNewContext } = await import("node:vm");
  const foreign = runInNewContext("(text) => { const all = new Uint8Array(9 + text.length); for (let i = 0; i < text.length; i++) all[9 + i] = text.charCodeAt(i); return all.subarray(9); }");
  const whole = bytes(`xx${PREAUTH}`);
  for (const chunk of [foreign(PREAUTH), new DataView(whole.buffer, 2), Buffer.from(PREAUTH)]) (await ImapClient.connect(says(chunk))).destroy();
  await assert.rejects(ImapClient.connect({ readable: new ReadableStream({ start: (it) => it.enqueue(PREAUTH) }), writable: new WritableStream() }), { code: "TRANSPORT" });
});

test("a bridge that goes on in clear is not safe", async () => {
  const { webSocketTransport } = await import("mailwire");
  class Socket extends EventTarget {
    constructor() {
      super();
      queueMicrotask(() => this.dispatchEvent(new Event("open")));
    }
    close() {}
  }
  for (const [url, safe] of [
    ["ws://127.0.0.1:8993/imaps/h/993", true], ["ws://127.0.0.1:8993/imap/h/143", false], ["ws://localhost/pop3/h/110", false],
    ["wss://example.org/imap/h/143", false], ["wss://example.org/any", true], ["ws://example.org/imaps/h/993", false],
  ]) {
    assert.equal((await webSocketTransport(url, { WebSocket: Socket })).secure, safe, url);
    assert.equal((await webSocketTransport(url, { WebSocket: Socket, secure: !safe })).secure, !safe, url);
  }
});

test("the watcher, and a TLS handshake that fails after STARTTLS", async () => {
  for (const [protocol, port] of [["imap", server.imap], ["pop3", server.pop3]]) {
    const { connectTcp } = await import("mailwire/node");
    let first = true;
    const causes = [];
    const connect = async () => {
      const transport = await connectTcp({ host: "localhost", port, tls: { ca: server.ca } });
      if (first) transport.startTls = () => (transport.close(), Promise.reject(new Error("reset by a test")));
      first = false;
      return transport;
    };
    const told = [];
    await soon((async () => {
      for await (const { subject } of watch(connect, { protocol, auth, startTls: true, start: "everything", backoff: { first: 1, most: 1 }, onRetry: ({ cause }) => causes.push(cause) })) if (told.push(subject) === 3) break;
    })(), protocol);
    assert.equal(told.length, 3);
    assert.equal(causes[0], "UNREACHABLE");
  }
});
