// The example page in Chromium, through the bridge, on a real Dovecot. Arguments: the folder of the
// built page, and one for screenshots.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { ImapClient } from "mailwire";
import { connectTls } from "mailwire/node";
import { bridge } from "./bridge.js";
import { dovecot } from "./server.mjs";

const [root, shots] = process.argv.slice(2);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
const web = http.createServer((request, response) => {
  const file = path.join(root, request.url === "/" ? "index.html" : request.url);
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": TYPES[path.extname(file)] ?? "application/octet-stream" });
  fs.createReadStream(file).pipe(response);
});
await new Promise((resolve) => web.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${web.address().port}`;
const server = await dovecot();
const target = `localhost/${server.imaps}`;
const ours = await bridge({ allow: [`imaps://localhost:${server.imaps}`], origins: [origin], port: 0, ca: server.ca });
const profile = fs.mkdtempSync(path.join(os.tmpdir(), "mailwire-chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: "/usr/bin/chromium", headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const mail = await ImapClient.connect(connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), { auth: { user: "alice", pass: "password" } });
  await mail.append("INBOX", "From: a@b\r\nSubject: bold\r\nContent-Type: text/html\r\n\r\n<b>fat</b><script>top.document.title='broken'</script>\r\n");
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(origin);
  await page.screenshot({ path: path.join(shots, "1-login.png") });
  await page.fill("[name=url]", `ws://127.0.0.1:${ours.port}/imaps/${target}`);
  await page.fill("[name=user]", "alice");
  await page.fill("[name=pass]", "wrong");
  await page.click("#login button");
  await page.waitForFunction(() => document.getElementById("status").textContent.includes("refused"));
  await page.fill("[name=pass]", "password");
  await page.click("#login button");
  await page.getByText("Über").waitFor();
  await page.screenshot({ path: path.join(shots, "2-list.png") });
  await page.getByText("The first one").click();
  await page.getByText("Hello!").waitFor();
  await page.screenshot({ path: path.join(shots, "3-message.png") });
  await page.getByText("bold").click();
  await page.frameLocator("iframe").getByText("fat").waitFor();
  await mail.append("INBOX", "From: new@example.org\r\nSubject: just now\r\n\r\nx\r\n");
  await page.locator("#list").getByText("just now").waitFor({ timeout: 10_000 }).catch(async (error) => {
    await page.screenshot({ path: path.join(shots, "failed.png") });
    throw new Error(`${await page.title()}: ${await page.textContent("#status")}: ${error.message}`);
  });
  assert.equal(await page.title(), "Inbox (5)");
  await page.screenshot({ path: path.join(shots, "4-new.png") });
  assert.deepEqual(errors, []);
  // Other origins and other targets are refused.
  for (const url of [`ws://127.0.0.1:${ours.port}/imap/localhost/${server.imap}`, `ws://127.0.0.1:${ours.port}/`]) {
    const refused = await page.evaluate((it) => new Promise((resolve) => { const socket = new WebSocket(it, "binary"); socket.onerror = () => resolve(true); socket.onopen = () => resolve(false); }), url);
    assert.ok(refused, url);
  }
  await mail.logout();
  console.log("The page passed.");
} finally {
  await browser.close();
  await ours.close();
  web.close();
  web.closeAllConnections();
  await server.stop();
  fs.rmSync(profile, { recursive: true, force: true });
}
