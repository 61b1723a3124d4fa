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
