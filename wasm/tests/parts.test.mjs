// Parts of messages as they were before they were encoded: node --expose-gc --test parts.test.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { ImapClient, TransferDecoderStream, decodeText } from "mailwire";
import { connectTls } from "mailwire/node";
import { dovecot } from "./server.mjs";

const dist = new URL("./node_modules/mailwire/dist/", import.meta.url);
let server;
let mail;
before(async () => {
  server = await dovecot();
  mail = await ImapClient.connect(connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), { auth: { user: "alice", pass: "password" } });
  await mail.create("Parts");
  await mail.select("Parts");
});
after(async () => {
  await mail.logout();
  await server.stop();
});

const BINARY = Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7 + (at >> 8)) & 255));
/** Base64 in lines of 1 to 99 characters. */
const odd = (bytes) => {
  const text = bytes.toString("base64");
  const lines = [];
  for (let at = 0, length = 1; at < text.length; at += length, length = (length * 2 + 1) % 99 || 1) lines.push(text.slice(at, at + length));
  return lines.join("\r\n");
};
const NESTED = Buffer.concat([
  `From: a@example.org\r\nSubject: nested\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n\
--inner\r\nContent-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
=93Stra=DFe=94, a soft =\r\nbreak, 5 =80 = 5 =\t \r\n\r\nblanks at an end \t\r\n=\r\n=C\r\n--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<p>Straße = 3D</p>\r\n--inner--\r\n\
--outer\r\nContent-Type: application/octet-stream; name="=?UTF-8?Q?=C3=BC.bin?="\r\nContent-Transfer-Encoding: BASE64\r\nContent-Disposition: attachment\r\n\r\n${odd(BINARY)}\r\n\
--outer\r\nContent-Type: message/rfc822\r\n\r\nFrom: b@example.org\r\nSubject: inside\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from("grün", "latin1").toString("base64")}\r\n\
--outer\r\nContent-Type: text/plain; charset=x-what\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n=41 stays; gr`,
  Uint8Array.of(0xfc), "n\r\n--outer--\r\n",
].map((it) => Buffer.from(it)));
const read = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const PLAIN = "“Straße”, a soft break, 5 € = 5 \r\nblanks at an end\r\n=C";

test("the parts of a nested message", async () => {
  const { uid } = await mail.append("Parts", NESTED);
  const { bodyStructure } = await mail.fetchOne(uid, { bodyStructure: true }, { uid: true });
  assert.deepEqual(bodyStructure.map(({ number, kind, encoding }) => [number, kind, encoding]), [
    ["", "multipart", undefined], ["1", "multipart", undefined], ["1.1", "single", "quoted-printable"], ["1.2", "single", "8bit"],
    ["2", "single", "base64"], ["3", "message", "7bit"], ["3.1", "single", "base64"], ["4", "single", "x-uuencode"],
  ]);
  const [whole, alternative, plain, html, binary, message, inside, unknown] = bodyStructure;
  assert.deepEqual(await read(mail.download(uid, { part: binary })), BINARY);
  assert.deepEqual(await read(mail.download(uid, { part: "2" })), BINARY, "by its number");
  assert.equal((await read(mail.download(uid, { section: "2" }))).toString(), odd(BINARY), "as it is sent");
  assert.deepEqual(await read(mail.download(uid, { part: { number: "2", encoding: "Base64 " } })), BINARY, "what was kept of it");
  assert.equal((await read(mail.download(uid, { part: html }))).toString(), "<p>Straße = 3D</p>");
  assert.match((await read(mail.download(uid, { part: message }))).toString(), /^From: b@.*Subject: inside.*Z3L8bg==\s*$/s);
  assert.deepEqual(await read(mail.download(uid, { part: whole })), NESTED);
  assert.match((await read(mail.download(uid, { part: alternative }))).toString(), /^--inner\r\n.*--inner--/s);
  const got = [];
  await read(mail.download(uid, { part: plain, onProgress: (it) => got.push(it.received) }));
  assert.equal(got.at(-1), plain.size, "progress is in octets as they are sent");

  const one = await mail.fetchOne(uid, { sections: ["2", "1.1", "4"] }, { uid: true });
  assert.equal(await one.text(plain), PLAIN);
  assert.equal(await one.text(html), "<p>Straße = 3D</p>");
  assert.equal(await one.text(inside), "grün");
  assert.equal(await one.text(unknown), "=41 stays; grün", "neither encoding nor charset is known");
  assert.deepEqual(Buffer.from(await one.bytes(binary)), BINARY);
  assert.deepEqual(Buffer.from(one.section(binary)), BINARY);
  assert.equal(decodeText(one.section(plain), plain.params.charset), PLAIN);
  assert.equal(one.section(html), undefined, "was not asked for");
  assert.equal(new TextDecoder("latin1").decode(one.section(unknown)), "=41 stays; grün");
  // One that is on its way is not fetched again, nor are those in memory.
  for await (const it of mail.fetch(uid, { body: "2" }, { uid: true })) {
    const before = mail.traffic.sent;
    assert.deepEqual(Buffer.from(await it.bytes(binary)), BINARY);
    assert.equal(mail.traffic.sent, before);
  }
  const [kept] = await mail.fetch(uid, { body: "1.1" }, { uid: true }).all();
  for (let round = 0; round < 2; round++) assert.equal(await kept.text(plain), PLAIN);
});

test("a message of one part is section 1", async () => {
  const text = "Привет\r\n".repeat(50);
  const koi8 = Buffer.from(Array.from(text, (char) => ({ П: 0xf0, р: 0xd2, и: 0xc9, в: 0xd7, е: 0xc5, т: 0xd4 })[char] ?? char.charCodeAt(0)));
  const { uid } = await mail.append("Parts", `Subject: one\r\nContent-Type: text/plain; charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n${odd(koi8)}`);
  const message = await mail.fetchOne(uid, { bodyStructure: true }, { uid: true });
  const [part] = message.bodyStructure;
  assert.equal(part.number, "1");
  assert.equal(await message.text(part), text);
  let streamed = "";
  for await (const piece of mail.download(uid, { part: "1" }).pipeThrough(new TextDecoderStream(part.params.charset))) streamed += piece;
  assert.equal(streamed, text);
  // What is cut ends with what there is.
  assert.deepEqual(await read(mail.download(uid, { part, partial: [0, 5] })), koi8.subarray(0, 2));
});

test("what cannot be", async () => {
  const [{ uid, bodyStructure }] = await mail.fetch("1", { bodyStructure: true }).all();
  await assert.rejects(read(mail.download(uid, { part: "9.9" })), { code: "NO_SUCH_PART" });
  await assert.rejects(read(mail.download(9999, { part: "1" })), { code: "NO_SUCH_MESSAGE" });
  await assert.rejects(read(mail.download(9999, { part: bodyStructure[4] })), { code: "NO_SUCH_MESSAGE" });
  const part = bodyStructure[4];
  const none = bodyStructure.find(({ type }) => type === "image/png");
  for (const options of [{ part: none }, { part: null }, { part: 1 }, { part, section: "1" }, { part, offset: 1 }, { part, partial: [3, 4] }, "2"]) {
    assert.throws(() => mail.download(uid, options), { code: "INVALID_ARGUMENT" }, JSON.stringify(options));
  }
  await assert.rejects(read(mail.download(uid, { part, signal: AbortSignal.abort(new Error("no more")) })), /no more/);
  await assert.rejects(read(mail.download(uid, { part: "2", signal: AbortSignal.abort(new Error("no more")) })), /no more/);
  // As with ImapFlow.
  await assert.rejects(mail.append("Parts", "a: b\r\n\r\n", ["\\Seen"]), { code: "INVALID_ARGUMENT" });
  await assert.rejects(mail.select("Parts", { readOnly: true }), { code: "INVALID_ARGUMENT" });
  await assert.rejects(async () => mail.fetch({ seen: false }, { flags: true }).all(), { code: "INVALID_ARGUMENT" });
  await assert.rejects(read(new Blob(["x"]).stream().pipeThrough(new TransformStream({ transform: (_, it) => it.enqueue("text") })).pipeThrough(new TransferDecoderStream("base64"))), { code: "INVALID_ARGUMENT" });
});

test("however the bytes are cut", async () => {
  const qp = "=93Stra=DFe=94, a soft =\r\nbreak, 5 =80 = 5 =\t \r\n\r\nblanks at an end \t\r\n=\r\n=C";
  for (const [encoding, text, expected] of [
    ["base64", odd(BINARY), BINARY], ["base64", "QUJD\r\nRE", "ABCD"], ["base64", "QQ==Qg==", "AB"], ["base64", "Q", ""], ["base64", "", ""],
    ["quoted-printable", qp, Buffer.from("\x93Stra\xdfe\x94, a soft break, 5 \x80 = 5 \r\nblanks at an end\r\n=C", "latin1")],
    ["Quoted-Printable (by x)", "=E4=", Uint8Array.of(0xe4)], ["quoted-printable", `a${" ".repeat(100)}b${"\t".repeat(70)}`, `a${" ".repeat(100)}b`],
    ["7bit", "=41", "=41"], ["x-uuencode", "=41", "=41"], [undefined, "=41", "=41"], [null, "=41", "=41"], ["", "=41", "=41"],
  ]) {
    for (const step of [1, 2, 3, 77, 1 << 20]) {
      const source = Buffer.from(text);
      let at = 0;
      const stream = new ReadableStream({
        pull(controller) {
          if (at >= source.length) return controller.close();
          controller.enqueue(source.subarray(at, (at += step)));
          // Nothing is not the end.
          controller.enqueue(new Uint8Array(0));
        },
      });
      const got = await read(stream.pipeThrough(new TransferDecoderStream(encoding)));
      if (encoding === "quoted-printable" && text.startsWith("a ")) assert.match(got.toString(), /^a {100}b\t*$/);
      else assert.deepEqual(got, Buffer.from(expected), `${encoding} by ${step}: ${text.slice(0, 20)}`);
    }
  }
});

test("charsets", () => {
  const bytes = (...all) => Uint8Array.from(all);
  for (const charset of [undefined, "", "us-ascii", "ANSI_X3.4-1968", "unknown-8bit", "x-what", "utf-7", "iso-2022-kr"]) {
    assert.equal(decodeText(bytes(0xc3, 0xbc), charset), "ü", charset);
    assert.equal(decodeText(bytes(0x80, 0xfc), charset), "€ü", charset);
  }
  assert.equal(decodeText(bytes(0x80, 0x92, 0xfc), "iso-8859-1"), "€’ü");
  assert.equal(decodeText(bytes(0xa4), "ISO-8859-15"), "€");
  assert.equal(decodeText(bytes(0x82, 0xa0), "Shift_JIS"), "あ");
  assert.equal(decodeText(bytes(0xff, 0x41), "utf-8"), "\ufffdA");
});

test("a hundred megabytes in constant memory, as fast as they are read", async () => {
  const SIZE = 100 << 20;
  const line = Buffer.from(`${"QUFB".repeat(19)}\r\n`);
  const chunk = Buffer.concat(Array(800).fill(line));
  let given = 0;
  const source = new ReadableStream({
    pull(controller) {
      if (given >= SIZE) return controller.close();
      controller.enqueue(chunk);
      given += chunk.length;
    },
  }, { highWaterMark: 0 });
  const stream = source.pipeThrough(new TransferDecoderStream("base64"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(given <= 2 * chunk.length, "nothing is asked for before it is read");
  let got = 0;
  let most = 0;
  const memory = process.memoryUsage.rss();
  for await (const piece of stream) {
    got += piece.length;
    most = Math.max(most, process.memoryUsage.rss());
    assert.ok((given * 57) / 78 - got < 4 * chunk.length, "it does not run ahead");
  }
  assert.equal(got, (given / 78) * 57);
  assert.ok(most - memory < 40e6, `${most - memory} bytes`);

  // The server is held up, too.
  const size = 20 << 20;
  const head = "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  const pieces = async function* () {
    yield Buffer.from(head);
    for (let at = 0; at < size; at += chunk.length) yield chunk.subarray(0, Math.min(chunk.length, size - at));
  };
  const { uid } = await mail.append("Parts", pieces(), { size: head.length + size });
  const before = mail.traffic.received;
  const reader = mail.download(uid, { part: { number: "1", encoding: "base64" } }).getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(mail.traffic.received - before < 4e6, `${mail.traffic.received - before} bytes came`);
  await reader.cancel();
  assert.equal((await mail.status("INBOX")).messages, 3, "and the connection lives on");
});

test("nothing of it is left: at the end, cancelled, failed, forgotten", async () => {
  const { Instance } = WebAssembly;
  const { FinalizationRegistry: Registry } = globalThis;
  let memory;
  let live = 0;
  WebAssembly.Instance = function (...args) {
    const it = new Instance(...args);
    memory = it.exports.memory;
    return it;
  };
  globalThis.FinalizationRegistry = class {
    constructor(gone) { this.registry = new Registry((it) => (live--, gone(it))); }
    register(...args) { live++; this.registry.register(...args); }
    unregister(it) { live--; this.registry.unregister(it); }
  };
  const { TransferDecoderStream: Stream, initSync } = await import(new URL("core.js?parts", dist).href);
  initSync(fs.readFileSync(new URL("mailwire_bg.wasm", dist)));
  WebAssembly.Instance = Instance;
  globalThis.FinalizationRegistry = Registry;
  const begin = async () => {
    let controller;
    let cancelled = false;
    const stream = new ReadableStream({ start: (it) => (controller = it), cancel: () => void (cancelled = true) }).pipeThrough(new Stream("base64"));
    const reader = stream.getReader();
    controller.enqueue(Buffer.from("QUJD"));
    assert.equal((await reader.read()).value.length, 3);
    assert.equal(live, 1);
    return { reader, controller, isCancelled: () => cancelled };
  };
  const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
  {
    const { reader, controller } = await begin();
    controller.close();
    assert.ok((await reader.read()).done);
    assert.equal(live, 0, "at the end");
  }
  {
    const { reader, isCancelled } = await begin();
    await reader.cancel();
    assert.equal(live, 0, "cancelled");
    await tick();
    assert.ok(isCancelled(), "as is the source");
  }
  {
    const { reader, isCancelled } = await begin();
    const reading = reader.read();
    await reader.cancel();
    assert.ok((await reading).done);
    assert.equal(live, 0, "cancelled while it is read");
    await tick();
    assert.ok(isCancelled());
  }
  {
    const { reader, controller } = await begin();
    controller.error(new Error("broken"));
    await assert.rejects(reader.read(), /broken/);
    assert.equal(live, 0, "failed");
  }
  {
    const stream = new Stream("base64");
    await Promise.all([assert.rejects(stream.readable.getReader().read(), /given up/), stream.writable.abort(new Error("given up"))]);
    assert.equal(live, 0, "aborted");
  }
  {
    // Large chunks do not make it grow.
    const before = memory.buffer.byteLength;
    const chunk = Buffer.alloc(50_000_000, "QUJD");
    assert.equal((await read(new Blob([chunk]).stream().pipeThrough(new Stream("base64")))).length, 37_500_000);
    const { writable, readable } = new Stream("base64");
    const reading = readable.pipeTo(new WritableStream());
    const writer = writable.getWriter();
    await writer.write(chunk);
    await writer.close();
    await reading;
    assert.ok(memory.buffer.byteLength - before < 1e6, `${memory.buffer.byteLength - before} bytes`);
    assert.equal(live, 0);
  }
  for (let i = 0; i < 100; i++) {
    const stream = new Blob(["QUJD"]).stream().pipeThrough(new Stream("base64"));
    await stream.getReader().read();
  }
  for (let i = 0; i < 50 && live; i++) {
    gc();
    await tick();
  }
  assert.ok(live < 10, `${live} of 100 that were forgotten are left`);
});
