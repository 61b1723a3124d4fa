// What runs in a process of its own, against a real Dovecot: the examples for Node, Deno, Bun, and
// the bridge's program. DENO, BUN and BRIDGE say where these are.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { ImapClient, Pop3Client, webSocketTransport } from "mailwire";
import { connectTls } from "mailwire/node";
import { WebSocket } from "ws";
import { dovecot } from "./server.mjs";

const run = promisify(execFile);
const { DENO, BUN, BRIDGE } = process.env;
const SUBJECTS = ["The first one", "Über", "[alert] disk full"];
let server;
let env;
before(async () => {
  server = await dovecot();
  env = { ...process.env, MAIL_PASSWORD: "password", NODE_EXTRA_CA_CERTS: server.caFile, NO_COLOR: "1" };
});
after(() => server.stop());
const ports = () => [server.imap, server.imaps, server.pop3, server.pop3s, server.caFile].map(String);
const open = () => ImapClient.connect(connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), { auth: { user: "alice", pass: "password" } });
/** A program, and a way to wait for what it says. */
function start(program, args, options) {
  // In a group of its own: npx starts others.
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, ...options });
  let text = "";
  let check = () => {};
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => check((text += data)));
  const says = (what) => new Promise((resolve, reject) => {
    check = () => {
      const match = what.exec(text);
      if (match) resolve(match);
    };
    child.on("exit", () => reject(new Error(`it ended: ${text}`)));
    setTimeout(() => reject(new Error(`it did not say ${what}: ${text}`)), 20_000).unref();
    check();
  });
  return { says, stop: () => new Promise((resolve) => (child.removeAllListeners("exit"), child.on("close", resolve), process.kill(-child.pid))) };
}

test("example inbox", async () => {
  const { stdout } = await run("node", ["inbox.mjs", "localhost", "alice"], { env: { ...env, MAIL_PORT: server.imaps } });
  assert.deepEqual(stdout.trim().split("\n"), ["1 ada@example.org The first one", "2 j@example.org Über", "3 pager@example.org [alert] disk full"]);
});

test("example pop3", async () => {
  const { stdout } = await run("node", ["pop3.mjs", "localhost", "alice"], { env: { ...env, MAIL_PORT: server.pop3s } });
  assert.match(stdout, /^3 messages, \d+ bytes\n1 The first one\n2 Über\n3 \[alert\] disk full\n$/);
});

test("example watch, stopped and started again", async () => {
  const mail = await open();
  const begin = () => start("node", ["watch.mjs", "localhost", "alice"], { env: { ...env, MAIL_PORT: server.imaps } });
  const first = begin();
  await first.says(/watching/i);
  await mail.append("INBOX", "From: a@example.org\r\nSubject: while it runs\r\n\r\nText\r\n");
  await first.says(/a@example\.org while it runs Text/);
  // An alert is acknowledged when the next is asked for.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await first.stop();
  await mail.append("INBOX", "From: b@example.org\r\nSubject: while it does not\r\n\r\nText\r\n");
  const second = begin();
  await second.says(/b@example\.org while it does not Text/);
  await second.stop();
  await mail.select("INBOX");
  await mail.addFlags("4:*", ["\\Deleted"]);
  await mail.expunge();
  await mail.logout();
});

test("example watch over POP3; and what is wrong is said in words", async () => {
  const watching = start("node", ["watch.mjs", "localhost", "alice", "pop3"], { env: { ...env, MAIL_PORT: server.pop3s } });
  await watching.says(/Watching INBOX, which has 3 messages\.\nAll is told\./);
  await watching.stop();
  for (const [program, port] of [["inbox.mjs", server.imaps], ["pop3.mjs", server.pop3s], ["watch.mjs", server.imaps]]) {
    await assert.rejects(run("node", [program, "localhost", "alice"], { env: { ...env, MAIL_PORT: port, MAIL_PASSWORD: "wrong" } }),
      (error) => error.code === 1 && /^[^\n]*Authentication failed[^\n]*\n$/.test(error.stderr.replace(/^Watching.*\n/, "")), program);
  }
});

const EXPECTED = [...SUBJECTS, "Hello!", "", ...SUBJECTS, "Hello!", "", "3 true", "3 true", SUBJECTS[0], "not trusted"];
test("Deno", { skip: !DENO && "there is none" }, async () => {
  const { stdout } = await run(DENO, ["run", "--quiet", "--no-prompt", "--allow-net", "--allow-read", "--allow-env", "deno.mjs", ...ports()], { env: { ...process.env, NO_COLOR: "1" }, timeout: 20_000 });
  assert.deepEqual(stdout.trim().split(/\r?\n/), EXPECTED);
});
test("Bun", { skip: !BUN && "there is none" }, async () => {
  const { stdout } = await run(BUN, ["bun.mjs", ...ports()], { env: { ...process.env, NO_COLOR: "1" }, timeout: 20_000 });
  assert.deepEqual(stdout.trim().split(/\r?\n/), EXPECTED);
});

test("the bridge's program", { skip: !BRIDGE && "there is none" }, async () => {
  const origin = "http://localhost:5173";
  const targets = [`imaps://localhost:${server.imaps}`, `pop3s://localhost:${server.pop3s}`];
  const bridge = start("npx", ["--offline", "mailwire-bridge", ...targets.flatMap((it) => ["--allow", it]), "--origin", origin, "--port", "0", "--ca", server.caFile], { cwd: BRIDGE });
  const [, port] = await bridge.says(/Listening on 127\.0\.0\.1:(\d+)/);
  class Page extends WebSocket {
    constructor(url, protocols) { super(url, protocols, { origin }); }
  }
  const to = (path, Socket = Page) => webSocketTransport(`ws://127.0.0.1:${port}/${path}`, { WebSocket: Socket });
  const auth = { user: "alice", pass: "password" };
  const mail = await ImapClient.connect(to(`imaps/localhost/${server.imaps}`), { auth });
  assert.equal((await mail.examine("INBOX")).exists, 3);
  await mail.logout();
  const drop = await Pop3Client.connect(to(`pop3s/localhost/${server.pop3s}`), { auth });
  assert.equal((await drop.stat()).count, 3);
  await drop.quit();
  await assert.rejects(to(`imaps/localhost/${server.imap}`), { code: "TRANSPORT" }, "another target");
  await assert.rejects(to(`imaps/localhost/${server.imaps}`, WebSocket), { code: "TRANSPORT" }, "no origin");
  await bridge.stop();
  for (const args of [[], ["--allow", "http://x"], ["--allow", "imaps://x:1"], ["--nonsense"]]) {
    await assert.rejects(run("npx", ["--offline", "mailwire-bridge", ...args], { cwd: BRIDGE }), (error) => error.code === 2 || error.code === 1, args.join(" "));
  }
});
