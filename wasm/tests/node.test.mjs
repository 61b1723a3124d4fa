// The package, in Node, against a real Dovecot; and against servers that are none.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRequire } from "node:module";
import { ImapClient, ImapConnection, MailError, Pop3Client, Watch, decodeWords, watch } from "mailwire";
import { connectTcp, connectTls } from "mailwire/node";
import { dovecot } from "./server.mjs";

const auth = { user: "alice", pass: "password" };
let server;
const problems = [];
process.on("unhandledRejection", (error) => problems.push(error));
before(async () => (server = await dovecot()));
after(async () => {
  await server.stop();
  assert.deepEqual(problems, []);
});
const tls = () => connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } });
const open = (options) => ImapClient.connect(tls(), { auth, ...options });
const until = async (what) => {
  for (let i = 0; i < 500 && !what(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(what(), "in five seconds");
};

test("ESM and CJS are one", () => {
  assert.equal(createRequire(import.meta.url)("mailwire").ImapClient, ImapClient);
});

test("a session over TLS", async () => {
  const log = [];
  const mail = await open({ logger: (entry) => log.push(entry) });
  assert.equal(mail.state, "authenticated");
  assert.ok(mail.capabilities.has("IDLE") && mail.secure);
  assert.ok((await mail.list()).some(({ name, specialUse }) => name === "INBOX" && specialUse === "\\Inbox"));
  assert.equal((await mail.select("INBOX")).exists, 3);
  assert.deepEqual(await mail.search({ subject: "Über" }), [2]);
  assert.deepEqual(await mail.search({ or: [{ from: "ada" }, { from: "pager" }], not: { seen: true } }), [1, 3]);
  const seen = [];
  for await (const message of mail.fetch("1:*", { envelope: true, flags: true, size: true, bodyStructure: true, headers: ["from"], body: true })) {
    seen.push(message.envelope.subject);
    assert.equal(message.bodyStructure[0].type, "text/plain");
    if (message.uid === 1) assert.match(await message.text(), /\r\n\r\nHello!\r\n$/);
    // One that is not read is skipped; a command in the loop is not in the way.
    if (message.uid === 2) {
      assert.deepEqual(message.headers.get("from"), ["Jürgen <j@example.org>"]);
      await mail.addFlags(2, ["\\Flagged"], { uid: true });
    }
  }
  assert.deepEqual(seen, ["The first one", "Über", "[alert] disk full"]);
  assert.ok((await mail.fetchOne(2, { flags: true })).flags.includes("\\Flagged"));
  for await (const message of mail.fetch("1:*", { envelope: true })) assert.ok((await message.text("TEXT")).length > 3);
  for await (const message of mail.fetch("1:*", { envelope: true })) if (message.seq === 1) break;
  assert.deepEqual((await mail.sort("-date", { all: true })).length, 3);
  assert.equal((await mail.thread()).length, 3);
  assert.equal((await mail.status("INBOX")).messages, 3);
  assert.equal((await mail.id({ name: "test" })).name, "Dovecot");
  await assert.rejects(mail.select("nothing"), (error) => error instanceof MailError && error.code === "REFUSED" && error.tag !== undefined);
  assert.equal(mail.mailbox, null);
  await mail.logout();
  assert.ok(mail.closed);
  await assert.rejects(mail.noop(), { code: "CLOSED" });
  assert.ok(log.length > 10 && !JSON.stringify(log).includes("password"));
});

test("STARTTLS, appending, copying, moving, and mail that comes during IDLE", async () => {
  const mail = await ImapClient.connect(connectTcp({ host: "127.0.0.1", port: server.imap, tls: { ca: server.ca, servername: "localhost" } }), { auth });
  const other = await open({ idle: { after: 10 } });
  assert.ok(mail.secure);
  await other.create("Work");
  await other.select("Work");
  const counts = [];
  other.on("exists", ({ count }) => counts.push(count));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { uid } = await mail.append("Work", "Subject: one\r\n\r\nx\r\n", { flags: ["\\Seen"], date: new Date("2020-01-02T03:04:05Z") });
  assert.equal(uid, 1);
  await until(() => counts.includes(1));
  // A megabyte as a stream, back as a stream.
  const piece = new Uint8Array(64 * 1024).fill(97);
  const size = 16 * piece.length;
  let sent = 0;
  await mail.append("Work", (async function* () { for (let i = 0; i < 16; i++) yield piece; })(), { size, onProgress: (it) => (sent = it.sent) });
  assert.equal(sent, size);
  await mail.select("Work");
  let got = 0;
  for await (const chunk of mail.download(2)) got += chunk.length;
  assert.ok(got >= size);
  const { uids } = await mail.copy("1:2", "INBOX");
  assert.equal(uids.size, 2);
  await mail.move(1, "Drafts");
  assert.equal(mail.mailbox.exists, 1);
  await mail.addFlags("1:*", ["\\Deleted"]);
  await mail.expunge();
  assert.equal(mail.mailbox.exists, 0);
  await mail.select("INBOX");
  await mail.addFlags([...uids.values()], ["\\Deleted"], { uid: true });
  await mail.expunge([...uids.values()]);
  await mail.logout();
  await other[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
});

test("wrong password, aborting", async () => {
  await assert.rejects(open({ auth: { user: "alice", pass: "wrong" } }), { code: "AUTHENTICATION_FAILED" });
  await assert.rejects(open({ signal: AbortSignal.abort(new Error("no more")) }), /no more/);
  const mail = await open();
  await mail.select("INBOX");
  const abort = new AbortController();
  const noops = [mail.noop({ signal: abort.signal }), mail.noop({ signal: abort.signal })];
  abort.abort(new Error("never mind"));
  for (const it of await Promise.allSettled(noops)) assert.match(it.reason.message, /never mind/);
  const iterator = mail.fetch("1:*", { body: true }, { signal: AbortSignal.abort(new Error("nor this")) });
  await assert.rejects(iterator.next(), /nor this/);
  assert.equal((await mail.status("INBOX")).messages, 3);
  await assert.rejects(mail.command("nonsense"), { code: "INVALID_ARGUMENT" });
  await assert.rejects(mail.create("a\0b"), { code: "INVALID_ARGUMENT" });
  await assert.rejects(mail.fetch("1;2", { flags: true }).all(), { code: "INVALID_ARGUMENT" });
  await mail.logout();
});

test("POP3", async () => {
  for (const transport of [
    connectTls({ host: "localhost", port: server.pop3s, tls: { ca: server.ca } }),
    connectTcp({ host: "localhost", port: server.pop3, tls: { ca: server.ca } }),
  ]) {
    const mail = await Pop3Client.connect(transport, { auth });
    assert.ok(mail.secure);
    const { count } = await mail.stat();
    assert.equal(count, 3);
    const list = await mail.list();
    assert.equal(list.length, 3);
    assert.equal((await mail.uidl()).length, 3);
    assert.match(new TextDecoder().decode(await mail.bytes(1)), /Hello!\r\n$/);
    await mail.retr(2).cancel();
    let top = "";
    for await (const chunk of mail.top(3, 0)) top += new TextDecoder().decode(chunk);
    assert.match(top, /disk full/);
    await assert.rejects(mail.dele(99), { code: "REFUSED" });
    await mail.dele(1);
    await mail.rset();
    await mail.quit();
  }
});

test("the watcher", async () => {
  const abort = new AbortController();
  const alerts = [];
  let cursors;
  const watching = (async () => {
    for await (const alert of watch(tls, { auth, signal: abort.signal, start: "everything", onCursor: (it) => (cursors = it) })) alerts.push(alert);
  })();
  await until(() => alerts.length >= 3 && cursors !== undefined);
  assert.deepEqual(alerts.slice(0, 3).map(({ subject }) => subject), ["The first one", "Über", "[alert] disk full"]);
  assert.equal(alerts[0].from[0].spec, "ada@example.org");
  assert.match(alerts[0].preview, /Hello/);
  abort.abort(new Error("enough"));
  await assert.rejects(watching, /enough/);
  assert.ok(cursors[0].nextUid >= 3);
  new Watch({ auth }).free();
});

// ---- Servers that are none.

function fake(...script) {
  let controller;
  const readable = new ReadableStream({ start: (it) => (controller = it) });
  const bytes = (it) => (typeof it === "string" ? new TextEncoder().encode(it) : it);
  const go = () => {
    const step = script.shift();
    if (step instanceof Error) controller.error(step);
    else if (step === null) controller.close();
    else if (step !== undefined) controller.enqueue(bytes(step));
  };
  const writable = new WritableStream({ write: go });
  queueMicrotask(go);
  return { readable, writable, secure: true };
}
const PREAUTH = "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n";

test("bad servers", async () => {
  const cases = [
    [["garbage\r\n"], "BAD_GREETING"], [[null], "UNEXPECTED_EOF"], [[new Error("reset")], "TRANSPORT"],
    [["* BYE no\r\n"], "CONNECTION_REFUSED"], [[new Uint8Array(0), "* OK"], "TIMEOUT"],
  ];
  for (const [script, code] of cases) await assert.rejects(ImapClient.connect(fake(...script), { timeout: 50, auth }), { code }, code);
  for (const [answer, code] of [
    [null, "UNEXPECTED_EOF"], [new Error("reset"), "TRANSPORT"], ["A1 BAD what?\r\n", "BAD"],
    ["A1 NO [TRYCREATE] no\r\n", "REFUSED"], ["A1 OK half a li", "TIMEOUT"], ['* LIST () "/ {9}\r\n', "FRAME_LOST"],
  ]) {
    const mail = await ImapClient.connect(fake(PREAUTH, answer), { timeout: 50 });
    await assert.rejects(mail.list(), (error) => error.code === code && (code !== "REFUSED" || error.responseCode === "TRYCREATE"), code);
    mail.destroy();
    mail.destroy();
  }
  // In the middle of a body.
  const mail = await ImapClient.connect(fake("* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n", "A1 OK [READ-WRITE] x\r\n", "* 1 FETCH (UID 1 BODY[] {100}\r\nabc"), { timeout: 50, idle: false });
  await mail.select("INBOX");
  const { value: message } = await mail.fetch(1, { body: true }).next();
  await assert.rejects(message.bytes(), { code: "TIMEOUT" });
  await assert.rejects(ImapClient.connect({}), { code: "INVALID_ARGUMENT" });
});

test("sans-IO: nothing, one byte at a time, fifty megabytes, two at once, and after the end", () => {
  const text = new TextEncoder().encode(`${PREAUTH}* 1 FETCH (UID 7 BODY[] {3}\r\na\xe4 FLAGS (\\Seen))\r\n* BYE é\r\n`);
  const all = [];
  for (const step of [1, 7, text.length]) {
    const machine = new ImapConnection();
    machine.receiveData(new Uint8Array(0));
    assert.equal(machine.nextEvent(), null);
    const events = [];
    for (let at = 0; at < text.length; at += step) {
      machine.receiveData(text.slice(at, at + step));
      for (let event; (event = machine.nextEvent());) {
        const last = events.at(-1);
        if (event.event === "fetchChunk" && last?.event === "fetchChunk") last.data = Buffer.concat([last.data, event.data]);
        else events.push(event.event === "fetchChunk" ? { ...event, data: Buffer.from(event.data) } : event);
      }
    }
    all.push(events);
    machine.free();
    assert.throws(() => machine.nextEvent(), { code: "CLOSED" });
    machine.free();
  }
  assert.deepEqual(all[0], all[1]);
  assert.deepEqual(all[0], all[2]);

  const machine = new ImapConnection();
  machine.receiveData(new TextEncoder().encode(PREAUTH));
  machine.nextEvent();
  const size = 50_000_000;
  const head = new TextEncoder().encode(`* 1 FETCH (BODY[] {${size}}\r\n`);
  const chunk = new Uint8Array(head.length + size);
  chunk.set(head);
  machine.receiveData(chunk);
  let got = 0;
  for (let event; (event = machine.nextEvent());) if (event.event === "fetchChunk") {
    assert.equal(event.data.buffer, chunk.buffer, "not copied");
    got += event.data.length;
  }
  assert.equal(got, size);
  machine.free();
  assert.equal(decodeWords("=?UTF-8?Q?J=C3=BCrgen?="), "Jürgen");
});
