// The package in workerd, by miniflare, over its TCP sockets, to a real Dovecot: by TLS, by
// STARTTLS, by POP3, and the watcher.
import assert from "node:assert/strict";
import fs from "node:fs";
import { dovecot } from "./server.mjs";

const dist = new URL("./node_modules/mailwire/dist/", import.meta.url);
const server = await dovecot();
// What miniflare tells workerd to trust. It is read on import.
process.env.NODE_EXTRA_CA_CERTS = server.caFile;
const { Miniflare } = await import("miniflare");
const read = (name) => fs.readFileSync(new URL(name, dist));
const script = `
import { connect } from "cloudflare:sockets";
import { ImapClient, Pop3Client, TransferDecoderStream, watch } from "./workerd.js";
import { connectTcp, connectTls } from "./workers.js";
const auth = { user: "alice", pass: "password" };
const host = "localhost";
async function inbox(transport) {
  const mail = await ImapClient.connect(transport, { auth });
  await mail.compress();
  await mail.select("INBOX");
  const subjects = [mail.secure];
  for await (const { envelope } of mail.fetch("1:*", { envelope: true })) subjects.push(envelope.subject);
  subjects.push(await (await mail.fetchOne(1, { body: true })).text("TEXT"));
  subjects.push(await new Response(mail.download(1, { part: "1" }).pipeThrough(new TransferDecoderStream("quoted-printable"))).text());
  await mail.logout();
  return subjects;
}
async function maildrop(transport) {
  const mail = await Pop3Client.connect(transport, { auth });
  const { count } = await mail.stat();
  await mail.quit();
  return [mail.secure, count];
}
async function first() {
  for await (const { subject } of watch(() => connectTls(connect, { host, port: ${server.imaps} }), { auth, start: "everything" })) return subject;
}
const failed = (promise) => promise.then(() => "no error", (error) => error.name + " " + error.code);
export default { async fetch() {
  return Response.json({
    tls: await inbox(connectTls(connect, { host, port: ${server.imaps} })),
    startTls: await inbox(connectTcp(connect, { host, port: ${server.imap} })),
    pop3s: await maildrop(connectTls(connect, { host, port: ${server.pop3s} })),
    stls: await maildrop(connectTcp(connect, { host, port: ${server.pop3} })),
    first: await first(),
    wrong: await failed(ImapClient.connect(connectTls(connect, { host, port: ${server.imaps} }), { auth: { user: "alice", pass: "no" } })),
  });
} };`;
const worker = new Miniflare({
  cf: false, telemetry: { enabled: false }, compatibilityDate: "2025-01-01", modulesRoot: "/",
  modules: [
    { type: "ESModule", path: "/main.js", contents: script },
    ...["workerd.js", "core.js", "workers.js"].map((name) => ({ type: "ESModule", path: `/${name}`, contents: read(name).toString() })),
    { type: "CompiledWasm", path: "/mailwire_bg.wasm", contents: read("mailwire_bg.wasm") },
  ],
});
try {
  const response = await worker.dispatchFetch("http://localhost/");
  const text = await response.text();
  assert.ok(response.ok, text);
  const inbox = [true, "The first one", "Über", "[alert] disk full", "Hello!\r\n", "Hello!\r\n"];
  assert.deepEqual(JSON.parse(text), {
    tls: inbox, startTls: inbox, pop3s: [true, 3], stls: [true, 3], first: "The first one", wrong: "MailError AUTHENTICATION_FAILED",
  });
  console.log("Workers passed.");
} finally {
  await worker.dispose();
  await server.stop();
}
