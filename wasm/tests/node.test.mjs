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

test("tasks that open different mailboxes take turns", async () => {
  const mail = await open();
  await mail.create("Other");
  const done = [];
  const task = async (name, readOnly) => {
    const lock = await mail.lock(name, { readOnly });
    done.push(name);
    for (let i = 0; i < 3; i++) {
      await mail.noop();
      assert.equal(mail.mailbox.name, name);
      assert.equal(mail.mailbox.readOnly, readOnly);
    }
    lock.release();
    lock.release();
  };
  const late = mail.lock("Other", { signal: AbortSignal.abort(new Error("not now")) });
  const missing = mail.lock("nothing");
  await Promise.all([
    task("INBOX", true), task("Other", false), task("INBOX", false), task("INBOX", false),
    assert.rejects(late, /not now/), assert.rejects(missing, { code: "REFUSED" }),
  ]);
  assert.deepEqual(done, ["INBOX", "Other", "INBOX", "INBOX"]);
  (await mail.lock("INBOX")).release();
  const { mailbox } = mail;
  (await mail.lock("inbox")).release();
  assert.equal(mail.mailbox.name, mailbox.name, "it is selected already");
  const held = await mail.lock("Other");
  const waits = assert.rejects(mail.lock("INBOX"), { code: "CLOSED" });
  await mail.select("INBOX");
  await mail.delete("Other");
  await mail.logout();
  await waits;
  held[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
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
    await mail.command("capa");
    assert.ok(mail.capabilities.includes("UIDL"));
    assert.equal(new Set(mail.capabilities).size, mail.capabilities.length, "each once");
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
  assert.equal(alerts[0].from[0].address, "ada@example.org");
  assert.match(alerts[0].preview, /Hello/);
  abort.abort(new Error("enough"));
  await assert.rejects(watching, /enough/);
  assert.ok(cursors[0].nextUid >= 3);
  new Watch({ auth }).free();
});

test("compressed, several messages at once, and messages put together", async () => {
  const mail = await open();
  await mail.compress();
  assert.ok(mail.connection.info.isCompressed);
  await assert.rejects(mail.compress(), MailError);
  await mail.create("Parts");
  const long = "y".repeat(200_000);
  const { uids, uidValidity } = await mail.appendMany("Parts", [
    { content: "Subject: 1\r\n\r\none\r\n", flags: ["\\Seen"], date: new Date("2020-01-02T03:04:05Z") },
    { content: new Blob(["Subject: 2\r\n\r\n2\r\n"]) },
    { content: `Subject: 3\r\n\r\n${long}\r\n` },
  ]);
  assert.deepEqual(uids, [1, 2, 3]);
  const { uid } = await mail.append("Parts", [
    { text: "Subject: joined\r\n\r\n" }, { url: `/Parts;UIDVALIDITY=${uidValidity}/;UID=1/;section=TEXT` }, { text: new Blob(["end\r\n"]) },
  ]);
  await mail.select("Parts");
  assert.equal(await (await mail.fetchOne(uid, { body: true }, { uid: true })).text(), "Subject: joined\r\n\r\none\r\nend\r\n");
  assert.equal((await (await mail.fetchOne(3, { body: "TEXT" }, { uid: true })).text()).trim(), long);
  // What is given up in the middle is in no mailbox, and the connection lives on.
  const abort = new AbortController();
  const pieces = async function* (end) { for (let i = 0; i < 9; i++) { yield new Uint8Array(100).fill(97); if (i === 5) end(); } };
  await assert.rejects(mail.append("Parts", pieces(() => abort.abort(new Error("no more"))), { size: 10_000, signal: abort.signal }), /no more/);
  await assert.rejects(mail.append("Parts", pieces(() => { throw new Error("the source broke"); }), { size: 10_000 }), /the source broke/);
  await assert.rejects(mail.append("Parts", pieces(() => {}), { size: 10_000 }), /shorter than its size/);
  await assert.rejects(mail.append("Parts", pieces(() => {}), { size: 250 }), /longer than its size/);
  await assert.rejects(mail.append("Parts", [{ text: "a: b\r\n\r\n" }, { url: "/None;UIDVALIDITY=1/;UID=1" }]), { responseCode: "BADURL" });
  await assert.rejects(mail.appendMany("None", [{ content: "x" }, { content: "y" }]), { responseCode: "TRYCREATE" });
  await assert.rejects(mail.append("Parts", undefined), { code: "INVALID_ARGUMENT" });
  await assert.rejects(mail.replace(1, "Parts", "x"), { code: "NOT_OFFERED" });
  assert.equal((await mail.status("Parts")).messages, 4);
  await mail.logout();
});

test("what changed since (QRESYNC), quirks, and commands by name", async () => {
  const mail = await open({ quirks: ["shortCommands"], idle: false });
  assert.deepEqual(mail.quirks, ["shortCommands"]);
  mail.quirks = ["noMove", "noNamespace"];
  assert.deepEqual(mail.quirks, ["noNamespace", "noMove"]);
  await assert.rejects(mail.namespace(), { code: "NOT_OFFERED" });
  mail.quirks = [];
  assert.equal((await mail.namespace()).personal.length, 1);
  await assert.rejects(open({ quirks: ["nonsense"] }), { code: "INVALID_ARGUMENT" });
  await mail.enable(["QRESYNC"]);
  await mail.create("Sync");
  const { uidValidity } = await mail.appendMany("Sync", ["1", "2", "3"].map((it) => ({ content: `Subject: ${it}\r\n\r\n` })));
  const { highestModSeq } = await mail.select("Sync");
  await mail.unselect();
  const other = await open();
  await other.select("Sync");
  await other.addFlags(2, ["\\Deleted"]);
  await other.expunge();
  await other.addFlags(1, ["\\Flagged"]);
  await other.logout();
  const { vanished, changed } = await mail.select("Sync", { qresync: { uidValidity, modSeq: highestModSeq, knownUids: "1:9", seqMatch: { numbers: "1,2", uids: "1,2" } } });
  assert.equal(vanished, "2");
  assert.equal(changed.length, 1);
  assert.ok(changed[0].uid === 1 && changed[0].flags.includes("\\Flagged") && changed[0].modSeq > highestModSeq);
  const found = await mail.command("search", { uid: true, query: { all: true }, returns: ["context", "update", "count"] });
  assert.equal(found.events[0].count, 2);
  await mail.command("cancelUpdate", { tags: [found.tag] });
  await assert.rejects(mail.command("cancelUpdate", { tags: ["x1"] }), { code: "INVALID_ARGUMENT" });
  for (const name of ["append", "multiAppend", "replace", "idle", "authenticate"]) await assert.rejects(mail.command(name), { code: "INVALID_ARGUMENT" });
  const { events } = await mail.command("custom", { name: "NOOP" });
  assert.deepEqual(events, []);
  await mail.logout();
});

test("OAuth", async () => {
  const token = async () => "token-of-alice";
  await (await open({ auth: { user: "alice", token } })).logout();
  await assert.rejects(open({ auth: { user: "alice", token: "stolen" } }), { code: "AUTHENTICATION_FAILED" });
  await assert.rejects(open({ auth: { user: "alice", token: async () => { throw new Error("no token today"); } } }), /no token today/);
  const pop3s = () => connectTls({ host: "localhost", port: server.pop3s, tls: { ca: server.ca } });
  await (await Pop3Client.connect(pop3s(), { auth: { user: "alice", token } })).quit();
  await assert.rejects(Pop3Client.connect(pop3s(), { auth: { user: "alice", token: "stolen" } }), { code: "AUTHENTICATION_FAILED" });
  for (const [connect, protocol] of [[tls, "imap"], [pop3s, "pop3"]]) {
    const subjects = [];
    for await (const alert of watch(connect, { protocol, auth: { user: "alice", token }, start: "everything" })) if (subjects.push(alert.subject) === 3) break;
    assert.deepEqual(subjects, ["The first one", "Über", "[alert] disk full"]);
    await assert.rejects(watch(connect, { protocol, auth: { user: "alice", token: "stolen" } }).next(), { code: "AUTHENTICATION_FAILED" });
  }
  // Nothing is shown to whoever listens.
  const clear = await connectTcp({ host: "127.0.0.1", port: server.imap });
  await assert.rejects(ImapClient.connect(clear, { auth: { user: "alice", token }, startTls: false }), { code: "LINK_IN_CLEAR" });
});

test("the watcher over POP3", async () => {
  const transport = () => connectTcp({ host: "localhost", port: server.pop3, tls: { ca: server.ca } });
  const mail = await open();
  let record;
  const look = async (options, count) => {
    const alerts = [];
    const abort = new AbortController();
    const settings = { protocol: "pop3", auth, startTls: true, signal: abort.signal, record, onRecord: (it) => (record = it), onRetry: ({ cause }) => abort.abort(cause), ...options };
    await assert.rejects(async () => {
      for await (const alert of watch(transport, settings)) alerts.push(alert);
    }, (cause) => cause === "POLL");
    assert.equal(alerts.length, count);
    return alerts;
  };
  const [first] = await look({ start: "everything" }, 3);
  assert.deepEqual([first.subject, first.from[0].address, first.preview, first.number, typeof first.uid], ["The first one", "ada@example.org", "Hello!", 1, "string"]);
  assert.equal(record.length, 32);
  await look({}, 0);
  await mail.append("INBOX", "Subject: new one\r\n\r\nx\r\n");
  const [alert] = await look({ delete: true, preview: false }, 1);
  assert.deepEqual([alert.subject, alert.preview], ["new one", null]);
  assert.equal((await mail.status("INBOX")).messages, 3, "the new one is deleted");
  await mail.logout();
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

test("flags that change while messages are fetched; parts of a download; what was opened by name", async () => {
  const mail = await ImapClient.connect(fake(PREAUTH, "A1 OK [READ-WRITE] x\r\n", '* 9 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 1 ENVELOPE ("no date" "s" NIL NIL NIL NIL NIL NIL NIL NIL))\r\nA2 OK x\r\n'), { idle: false });
  await mail.command("select", { mailbox: "Work" });
  assert.equal(mail.mailbox.name, "Work");
  const flags = [];
  mail.on("flags", (it) => flags.push(it));
  const all = await mail.fetch("1", { envelope: true }).all();
  assert.deepEqual([all.length, all[0].envelope.date, flags], [1, null, [{ seq: 9, flags: ["\\Seen"] }]]);
  mail.destroy();
  const real = await open();
  await real.select("INBOX");
  const bytes = async (options) => { let text = ""; for await (const chunk of real.download(1, options)) text += new TextDecoder().decode(chunk); return text; };
  const whole = await bytes();
  assert.equal(await bytes({ partial: [3, 10] }), whole.slice(3, 13));
  assert.equal(await bytes({ partial: [3, 10], offset: 4 }), whole.slice(7, 13));
  assert.equal(await bytes({ offset: 4 }), whole.slice(4));
  assert.equal(await bytes({ partial: [3, 10], offset: 10 }), "");
  await real.command("unselect");
  assert.equal(real.mailbox, null);
  await real.logout();
});

test("a program that is slower than the server may be", async () => {
  const sleep = () => new Promise((resolve) => setTimeout(resolve, 1700));
  const size = 6_000_000;
  const mail = await open({ timeout: 1500 });
  await mail.create("Slow");
  const pieces = async function* () {
    yield new Uint8Array(size / 2).fill(97);
    await sleep();
    yield new Uint8Array(size / 2).fill(97);
  };
  await mail.append("Slow", pieces(), { size });
  await mail.select("Slow");
  const slowly = async (stream) => {
    let got = 0;
    for await (const chunk of stream) {
      if (got < size / 2 && got + chunk.length >= size / 2) await sleep();
      got += chunk.length;
    }
    assert.ok(got >= size);
  };
  await slowly(mail.download(1));
  await mail.move(1, "INBOX");
  await mail.select("INBOX");
  const drop = await Pop3Client.connect(connectTls({ host: "localhost", port: server.pop3s, tls: { ca: server.ca } }), { auth, timeout: 1500 });
  const { count } = await drop.stat();
  await slowly(drop.retr(count));
  await drop.quit();
  const causes = [];
  for await (const { subject } of watch(tls, { auth, start: "everything", timeout: 1500, backoff: { first: 1, most: 1 }, onRetry: ({ cause }) => causes.push(cause) })) {
    if (!subject.startsWith("The")) await sleep();
    if (subject === "[alert] disk full") break;
  }
  assert.deepEqual(causes, []);
  await mail.addFlags(count, ["\\Deleted"]);
  await mail.expunge();
  await mail.logout();
});

test("what people try: no messages, a body twice or later, names of a list with its status", async () => {
  const mail = await open();
  await mail.select("INBOX");
  const none = await mail.search({ subject: "there is no such subject" });
  assert.deepEqual(none, []);
  assert.deepEqual(await mail.fetch(none, { envelope: true }, { uid: true }).all(), []);
  assert.deepEqual(await mail.addFlags(none, ["\\Deleted"]), { modified: [] });
  assert.deepEqual(await mail.copy(new Set(), "Trash"), {});
  await mail.addFlags("1:*", ["\\Deleted"]);
  await mail.expunge(none);
  await mail.removeFlags("1:*", ["\\Deleted"]);
  assert.equal(mail.mailbox.exists, 3);
  const all = [];
  for await (const message of mail.fetch("1:*", { body: true })) {
    all.push(message);
    if (message.seq === 2) assert.equal(await message.text(), await message.text());
  }
  assert.match(await all[0].text(), /Hello!/);
  assert.match(await all[1].text("TEXT"), /Hallo!/);
  const [drafts] = (await mail.list("*", { status: true })).filter(({ specialUse }) => specialUse === "\\Drafts");
  assert.equal(typeof drafts.status.messages, "number");
  assert.deepEqual(Object.keys(await mail.namespace()).sort(), ["otherUsers", "personal", "shared"]);
  assert.deepEqual(await mail.searchReturn({ all: true }, ["min", "max"]), { min: 1, max: 3 });
  await mail.logout();
});
