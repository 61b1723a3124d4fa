// The package in workerd, by miniflare, over its TCP sockets, to a real Dovecot.
import assert from "node:assert/strict";
import fs from "node:fs";
import { Miniflare } from "miniflare";
import { dovecot } from "./server.mjs";

const dist = new URL("./node_modules/mailwire/dist/", import.meta.url);
const server = await dovecot();
const read = (name) => fs.readFileSync(new URL(name, dist));
const script = `
import { connect } from "cloudflare:sockets";
import { ImapClient } from "./workerd.js";
import { connectTcp } from "./workers.js";
export default { async fetch() {
  const mail = await ImapClient.connect(connectTcp(connect, { host: "127.0.0.1", port: ${server.imap} }), { auth: { user: "alice", pass: "password" }, startTls: false, allowInsecure: true });
  await mail.select("INBOX");
  const subjects = [];
  for await (const { envelope } of mail.fetch("1:*", { envelope: true })) subjects.push(envelope.subject);
  await mail.logout();
  return Response.json(subjects);
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
  assert.deepEqual(await response.json(), ["The first one", "Über", "[alert] disk full"]);
  console.log("Workers passed.");
} finally {
  await worker.dispose();
  await server.stop();
}
