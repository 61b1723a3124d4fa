// Pages in Chromium: the bundled ones, one without a bundler, and the example, clicked through, by
// the bridge on a real Dovecot. Arguments: the folders of the example's build, of those of Vite and
// webpack, and one for screenshots.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { ImapClient } from "mailwire";
import { connectTls } from "mailwire/node";
import { bridge } from "./bridge.js";
import { dovecot } from "./server.mjs";

const [example, bundlers, shots] = process.argv.slice(2);
const dist = fileURLToPath(new URL("./node_modules/mailwire/dist", import.meta.url));
const auth = { user: "alice", pass: "password" };
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
/** No bundler: a page, an import map, and the files of the package. */
const PLAIN = (where) => `<!doctype html><title></title><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "mailwire": "${where}/index.js" } }</script>
<script type="module">
  import { ImapClient, webSocketTransport } from "mailwire";
  const [url] = location.hash.slice(1).split(" ");
  try {
    const mail = await ImapClient.connect(webSocketTransport(url), { auth: ${JSON.stringify(auth)} });
    await mail.compress();
    await mail.examine("INBOX");
    const subjects = [];
    for await (const { envelope } of mail.fetch("1:*", { envelope: true })) subjects.push(envelope.subject);
    await mail.logout();
    document.title = subjects.join("; ");
  } catch (error) {
    document.title = error.name + " " + error.code + ": " + error.message;
  }
</script>`;
/** Whether anything asked for what only a mail names. */
let tracked = 0;
const web = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://x");
  const send = (type, body) => response.writeHead(200, { "content-type": type }).end(body);
  if (pathname.startsWith("/track")) {
    tracked++;
    return send("image/png", "");
  }
  if (pathname.startsWith("/plain/")) return send("text/html", PLAIN("/dist"));
  if (pathname.startsWith("/odd/")) return send("text/html", PLAIN("/odd-dist"));
  if (pathname.startsWith("/lost/")) return send("text/html", PLAIN("/lost-dist"));
  const [, first, ...rest] = pathname.split("/");
  const isWasm = pathname.endsWith(".wasm");
  // A server that says what is not there by a page, and by 200.
  if (first === "lost-dist" && isWasm) return send("text/html", "<!doctype html><title>Here is nothing</title>");
  const root = { vite: path.join(bundlers, "vite"), webpack: path.join(bundlers, "webpack"), dist, "odd-dist": dist, "lost-dist": dist }[first];
  // Vite's page names its files from the root.
  let file = root ? path.join(root, ...rest) : path.join(example, pathname);
  if (!root && !fs.existsSync(file)) file = path.join(bundlers, "vite", pathname);
  if (fs.existsSync(file) && fs.statSync(file).isDirectory()) file = path.join(file, "index.html");
  if (!fs.existsSync(file)) return response.writeHead(404).end();
  send(first === "odd-dist" && isWasm ? "text/plain" : (TYPES[path.extname(file)] ?? "application/octet-stream"), fs.readFileSync(file));
});
await new Promise((resolve) => web.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${web.address().port}`;
const server = await dovecot();
let ours = await bridge({ allow: [`imaps://localhost:${server.imaps}`], origins: [origin], port: 0, ca: server.ca });
const url = `ws://127.0.0.1:${ours.port}/imaps/localhost/${server.imaps}`;
const profile = fs.mkdtempSync(path.join(os.tmpdir(), "mailwire-chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, acceptDownloads: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** What is not accessible. */
async function barriers(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), [], where);
}
try {
  const mail = await ImapClient.connect(connectTls({ host: "localhost", port: server.imaps, tls: { ca: server.ca } }), { auth });

  // ---- Pages of every kind.
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  const titled = (title) => page.waitForFunction((it) => document.title.startsWith(it), title, { timeout: 10_000 }).catch(async (error) => {
    throw new Error(`the title is ${await page.title()}, not ${title}: ${error.message}; ${errors}`);
  });
  for (const bundler of process.env.SKIP_BUNDLERS ? [] : ["vite", "webpack"]) {
    await page.goto(`${origin}/${bundler}/index.html`);
    await titled("mailwire 0.1.0");
  }
  for (const kind of ["plain", "odd"]) {
    await page.goto(`${origin}/${kind}/#${url}`);
    await titled("The first one; Über; [alert] disk full");
  }
  // Streams of the browser's own are a transport as they are, and hold the server up.
  const large = new Uint8Array(8 << 20).fill(97);
  await mail.create("Large");
  await mail.append("Large", large);
  const got = await page.evaluate(async ([url, auth]) => {
    const { ImapClient } = await import("mailwire");
    const socket = new WebSocketStream(url, { protocols: ["binary"] });
    socket.closed.catch(() => {});
    const mail = await ImapClient.connect({ ...(await socket.opened), secure: true }, { auth });
    await mail.examine("Large");
    let before;
    for await (const message of mail.fetch("1", { body: true })) {
      const reader = message.body().getReader();
      await reader.read();
      await new Promise((resolve) => setTimeout(resolve, 300));
      before = mail.traffic.received;
      while (!(await reader.read()).done);
    }
    const { received } = mail.traffic;
    await mail.logout();
    return { before, received };
  }, [url, auth]);
  assert.ok(got.before < 2e6 && got.received > large.length, JSON.stringify(got));
  await page.goto(`${origin}/lost/#${url}`);
  await titled("MailError WASM: the wasm cannot be loaded");
  await page.goto(`${origin}/plain/?1#ws://127.0.0.1:1/`);
  await titled("MailError TRANSPORT");
  assert.deepEqual(errors, []);
  console.log("Pages with and without bundlers passed.");

  // ---- The example.
  await page.addInitScript(() => {
    globalThis.shown = [];
    globalThis.Notification = class {
      static permission = "default";
      static async requestPermission() { return (this.permission = "granted"); }
      constructor(title, { body }) { shown.push(`${title}: ${body}`); }
    };
  });
  await page.goto(origin);
  const shot = (name) => page.screenshot({ path: path.join(shots, `${name}.png`) });
  const said = (text) => page.waitForFunction((it) => document.getElementById("status").textContent.includes(it), text, { timeout: 10_000 });
  await barriers(page, "the login");
  await shot("1-login");
  await page.getByLabel("Bridge").fill(url);
  await page.getByLabel("User").fill("alice");
  await page.getByLabel("Password").fill("wrong");
  await page.keyboard.press("Enter");
  await said("refused");
  await page.getByLabel("Password").fill("password");
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText("Über").waitFor();
  await barriers(page, "the list");
  await shot("2-list");
  await page.getByText("The first one").click();
  await page.getByText("Hello!").waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll("#list li")].filter((it) => it.className !== "unseen").length === 1);
  await shot("3-message");

  // What a mail may do: nothing.
  const evil = `<b>fat</b><script>top.document.title='broken'; parent.postMessage('broken', '*')</script><img src="${origin}/track/a.png" onerror="top.location='${origin}/track/b'">
    <style>@import url("${origin}/track/c.css"); b { background: url("${origin}/track/d.png"); color: rgb(1, 2, 3) }</style><form action="${origin}/track/e"><button>press</button></form>
    <meta http-equiv="refresh" content="0; url=${origin}/track/f"><iframe src="${origin}/track/g"></iframe><a href="https://example.org/">a link</a>`;
  const binary = Buffer.from([0, 1, 2, 255, 13, 10, 7]);
  await mail.append("INBOX", `From: =?UTF-8?Q?J=C3=BCrgen_=3Cscript=3E?= <a@b.example>\r\nTo: alice@example.org\r\nSubject: <i>bold</i>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${evil.replaceAll("=", "=3D")} soft =\r\nbreak${"<img ".repeat(100_000)}\r\n--x\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="a.pdf"\r\n\r\n${binary.toString("base64")}\r\n--x--\r\n`);
  await page.locator("#list").getByText("<i>bold</i>").click();
  await page.frameLocator("iframe").getByText("fat").waitFor();
  assert.equal(await page.frameLocator("iframe").locator("b").evaluate((it) => getComputedStyle(it).color), "rgb(1, 2, 3)");
  await page.frameLocator("iframe").getByText("soft break").waitFor();
  await page.getByText("Pictures from elsewhere").waitFor();
  await shot("4-html");
  await page.frameLocator("iframe").getByText("press").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save a.pdf" }).click()]);
  assert.equal(download.suggestedFilename(), "a.pdf");
  assert.deepEqual(fs.readFileSync(await download.path()), binary);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(tracked, 0, "nothing that the mail names was asked for");
  assert.match(await page.title(), /^Inbox/);
  assert.equal(page.url(), `${origin}/`);
  await barriers(page, "a message");

  // New mail, as it comes.
  await page.getByRole("button", { name: "Notify me" }).click();
  await said("will be shown");
  await mail.append("INBOX", "From: New One <new@example.org>\r\nSubject: just now\r\n\r\nx\r\n");
  await page.locator("#list").getByText("just now").waitFor({ timeout: 10_000 });
  assert.deepEqual(await page.evaluate(() => shown), ["New One: just now"]);
  assert.equal(await page.title(), "Inbox (5)");
  await shot("5-new");

  // Several at once.
  await mail.appendMany("INBOX", [1, 2, 3].map((it) => ({ content: `From: p${it}@example.org\r\nSubject: together ${it}\r\n\r\nx\r\n` })));
  for (const it of [1, 2, 3]) await page.locator("#list").getByText(`together ${it}`).waitFor({ timeout: 10_000 });

  // Thousands of messages.
  await mail.create("Many");
  const body = "x\r\n".repeat(20);
  await mail.appendMany("Many", Array.from({ length: 500 }, (_, i) => ({ content: `From: Person ${i} <p${i}@example.org>\r\nSubject: Number ${i} of many\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\n${body}` })));
  await mail.select("Many");
  for (let i = 0; i < 10; i++) await mail.copy("1:500", "INBOX");
  await page.waitForFunction(() => document.title === "Inbox (5008)", null, { timeout: 30_000 });
  assert.ok((await page.locator("#list li").count()) < 60, "only what can be seen is drawn");
  await page.locator("#list button[tabindex='0']").focus();
  const begun = Date.now();
  await page.keyboard.press("End");
  await page.locator("#list").getByText("The first one").waitFor();
  assert.ok(Date.now() - begun < 3000);
  assert.match(await page.evaluate(() => document.activeElement.textContent), /The first one/);
  await page.keyboard.press("ArrowUp");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Über/);
  await page.keyboard.press("Enter");
  await page.getByText("Hallo!").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "message");
  await shot("6-oldest");
  await page.locator("#list button[tabindex='0']").focus();
  await page.keyboard.press("Home");
  await page.locator("#list").getByText("Number 499 of many").first().waitFor();
  for (let at = 0; at < 20; at++) await page.mouse.wheel(0, 0).then(() => page.evaluate((to) => (document.querySelector("nav").scrollTop = to), at * 15_000));
  await page.waitForFunction(() => ![...document.querySelectorAll("#list b")].some((it) => it.textContent === "…"), null, { timeout: 20_000 });
  await barriers(page, "thousands");
  await shot("7-thousands");
  await page.setViewportSize({ width: 360, height: 640 });
  await shot("8-narrow");
  await page.emulateMedia({ colorScheme: "dark" });
  await barriers(page, "in the dark");
  await page.setViewportSize({ width: 1280, height: 720 });
  await shot("8-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 720 });

  // Messages that go.
  await mail.select("INBOX");
  await mail.addFlags("3:*", ["\\Deleted"]);
  await mail.expunge();
  await page.waitForFunction(() => document.title === "Inbox (2)", null, { timeout: 30_000 });
  await page.locator("#list").getByText("Über").waitFor();

  // Other origins and other targets are refused.
  for (const other of [`ws://127.0.0.1:${ours.port}/imap/localhost/${server.imap}`, `ws://127.0.0.1:${ours.port}/`]) {
    const refused = await page.evaluate((it) => new Promise((resolve) => { const socket = new WebSocket(it, "binary"); socket.onerror = () => resolve(true); socket.onopen = () => resolve(false); }), other);
    assert.ok(refused, other);
  }
  // The bridge goes away, and comes back.
  const { port } = ours;
  await ours.close();
  await said("The connection ended");
  await barriers(page, "logged out");
  await shot("9-ended");
  ours = await bridge({ allow: [`imaps://localhost:${server.imaps}`], origins: [origin], port, ca: server.ca });
  await page.getByLabel("Password").fill("password");
  await page.keyboard.press("Enter");
  await page.locator("#list").getByText("Über").waitFor();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("User").waitFor();
  assert.deepEqual(errors, []);
  await mail.logout();
  console.log("The example page passed.");
} catch (error) {
  for (const page of browser.pages()) await page.screenshot({ path: path.join(shots, "failed.png") }).catch(() => {});
  throw error;
} finally {
  await browser.close();
  await ours.close();
  web.close();
  web.closeAllConnections();
  await server.stop();
  fs.rmSync(profile, { recursive: true, force: true });
}
