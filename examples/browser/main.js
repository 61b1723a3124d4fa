// An inbox in a page: the newest first, however many there are; new mail as it comes.
import { ImapClient, webSocketTransport } from "mailwire";

const $ = (id) => document.getElementById(id);
const ROW = 64;
/** How many messages are asked for at once. */
const PAGE = 50;
let mail;
/** By sequence number; and the pages that were asked for. */
let known = new Map();
let asked = new Set();
let open;

const status = (text) => ($("status").textContent = text);
const attempt = (what) => async (event) => {
  event?.preventDefault?.();
  try {
    await what(event);
  } catch (error) {
    status(error.message);
  }
};

$("login").addEventListener("submit", attempt(async () => {
  const { url, user, pass } = Object.fromEntries(new FormData($("login")));
  status("Connecting …");
  mail = await ImapClient.connect(webSocketTransport(url), { auth: { user, pass } });
  mail.on("close", ({ error }) => error && status(`The connection ended: ${error.message}`));
  mail.on("exists", attempt(arrived));
  mail.on("expunge", forget);
  mail.on("flags", ({ seq, flags }) => {
    if (known.has(seq)) known.get(seq).flags = flags;
    draw();
  });
  await mail.examine("INBOX");
  $("login").hidden = true;
  $("login").reset();
  $("mail").hidden = false;
  status("");
  draw();
}));

$("logout").addEventListener("click", attempt(async () => {
  await mail.logout();
  location.reload();
}));
$("notify").addEventListener("click", attempt(async () => {
  status((await Notification.requestPermission()) === "granted" ? "New mail will be shown." : "Notifications are not allowed.");
}));

/** Numbers have changed. */
function forget() {
  known = new Map();
  asked = new Set();
  draw();
}

let count = 0;
async function arrived(event) {
  const before = count;
  draw();
  if (event.count <= before || before === 0) return;
  const message = await mail.fetchOne(event.count, { envelope: true, flags: true });
  if (!message) return;
  known.set(message.seq, message);
  draw();
  const { subject } = message.envelope;
  status(`New: ${subject}`);
  if (globalThis.Notification?.permission === "granted") new Notification(who(message), { body: subject });
}

const who = ({ envelope }) => envelope.from[0]?.name || envelope.from[0]?.address || "nobody";

/** Draws the rows that can be seen, and asks for those that are not known. */
function draw() {
  const exists = mail.mailbox?.exists ?? 0;
  count = exists;
  $("title").textContent = document.title = `Inbox (${exists})`;
  const list = $("list");
  const view = list.parentElement;
  list.style.height = `${exists * ROW}px`;
  const first = Math.max(0, Math.floor(view.scrollTop / ROW) - 5);
  const last = Math.min(exists, first + Math.ceil(view.clientHeight / ROW) + 10);
  const rows = [];
  for (let row = first; row < last; row++) {
    const seq = exists - row;
    const message = known.get(seq);
    if (!message) ask(Math.floor((seq - 1) / PAGE), exists);
    const item = document.createElement("li");
    item.style.top = `${row * ROW}px`;
    item.setAttribute("aria-setsize", exists);
    item.setAttribute("aria-posinset", row + 1);
    const button = item.appendChild(document.createElement("button"));
    button.append(Object.assign(document.createElement("b"), { textContent: message ? who(message) : "…" }));
    button.append(Object.assign(document.createElement("span"), { textContent: message?.envelope.subject || "\u00a0" }));
    if (message) {
      if (!message.flags.includes("\\Seen")) item.className = "unseen";
      if (message.uid === open) button.setAttribute("aria-current", "true");
      button.addEventListener("click", attempt(() => show(message)));
    }
    rows.push(item);
  }
  list.replaceChildren(...rows);
}
document.querySelector("nav").addEventListener("scroll", () => requestAnimationFrame(draw));
addEventListener("resize", () => mail && draw());

function ask(page, exists) {
  if (asked.has(page)) return;
  asked.add(page);
  attempt(async () => {
    const from = page * PAGE + 1;
    const to = Math.min(exists, from + PAGE - 1);
    for await (const message of mail.fetch(`${from}:${to}`, { envelope: true, flags: true })) known.set(message.seq, message);
    draw();
  })();
}

/** The bytes of a part as text. */
async function text(part, message) {
  const bytes = await message.bytes(part.number);
  let decoded = bytes;
  const latin = () => new TextDecoder("latin1").decode(bytes);
  if (/base64/i.test(part.encoding)) decoded = Uint8Array.from(atob(latin().replace(/[^A-Za-z0-9+/]/g, "")), (char) => char.charCodeAt(0));
  else if (/quoted/i.test(part.encoding)) {
    const plain = latin().replace(/=\r?\n/g, "").replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    decoded = Uint8Array.from(plain, (char) => char.charCodeAt(0));
  }
  try {
    return new TextDecoder(part.params?.charset ?? "utf-8").decode(decoded);
  } catch {
    return new TextDecoder().decode(decoded);
  }
}

async function show(message) {
  open = message.uid;
  draw();
  const { bodyStructure } = await mail.fetchOne(message.uid, { bodyStructure: true }, { uid: true });
  const plain = bodyStructure.find((part) => part.type === "text/plain");
  const html = bodyStructure.find((part) => part.type === "text/html");
  const files = bodyStructure.filter((part) => part.fileName);
  const article = $("message");
  const add = (name, more) => Object.assign(document.createElement(name), more);
  const parts = [
    add("h2", { textContent: message.envelope.subject }),
    add("p", { textContent: `From ${message.envelope.from.map((it) => `${it.name} <${it.address}>`).join(", ")}${message.envelope.date ? `, ${message.envelope.date.toLocaleString()}` : ""}` }),
  ];
  if (html) {
    // No scripts, no forms, and nothing is loaded from elsewhere.
    const frame = add("iframe", { title: "The message", sandbox: "" });
    frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">${await text(html, message)}`;
    parts.push(frame);
  } else if (plain) parts.push(add("pre", { textContent: await text(plain, message) }));
  if (files.length) {
    const list = add("ul", {});
    list.style.position = "static";
    parts.push(add("h3", { textContent: "Attachments" }), ...files.map((file) => add("p", { textContent: `${file.fileName} (${file.type}, ${file.size} bytes)` })));
  }
  if (open !== message.uid) return;
  article.replaceChildren(...parts);
  article.focus();
}
