// An inbox in a page: the newest first, however many there are; new mail as it comes.
import { ImapClient, webSocketTransport } from "mailwire";

const $ = (id) => document.getElementById(id);
const make = (name, more, ...children) => {
  const element = Object.assign(document.createElement(name), more);
  element.append(...children);
  return element;
};
/** How many messages are asked for at once. */
const PAGE = 50;
const SUMMARY = { envelope: true, flags: true, internalDate: true };
const list = $("list");
const view = list.parentElement;
let mail;
/** By sequence number; and the pages that were asked for. */
let known = new Map();
let asked = new Set();
/** The rows that are drawn, by their place. */
const rows = new Map();
/** The row that the keyboard is at, and the UID of the message that is open. */
let current = 0;
let open;
let exists = 0;
let end;

let saidAt;
/** What is no error goes away after a while. */
const say = (text, passing) => {
  clearTimeout(saidAt);
  $("status").textContent = text;
  if (passing) saidAt = setTimeout(say, 10_000, "");
};
const attempt = (what) => async (event) => {
  event?.preventDefault?.();
  try {
    await what(event);
  } catch (error) {
    // The end of the connection was told already.
    if (error !== end) say(error.message);
  }
};

$("login").addEventListener("submit", attempt(async () => {
  const { url, user, pass } = Object.fromEntries(new FormData($("login")));
  say("Connecting …");
  mail = await ImapClient.connect(webSocketTransport(url), { auth: { user, pass } });
  $("login").elements.pass.value = "";
  known = new Map();
  asked = new Set();
  mail.on("exists", attempt(arrived));
  mail.on("expunge", ({ seq }) => gone(seq));
  mail.on("vanished", forget);
  mail.on("flags", ({ seq, flags }) => {
    if (known.has(seq)) known.get(seq).flags = flags;
    later();
  });
  mail.on("alert", ({ text }) => say(text));
  ({ exists } = await mail.select("INBOX"));
  mail.on("close", ({ error }) => error && ended(error));
  $("login").hidden = true;
  $("mail").hidden = false;
  say("");
  draw();
  rows.get(0)?.button.focus();
}));

/** The connection is lost: one may log in anew, with what is shown still there to be read. */
function ended(error) {
  end = error;
  $("login").hidden = false;
  $("mail").hidden = true;
  say(`The connection ended: ${error.message}`);
  $("login").elements.pass.focus();
}

$("logout").addEventListener("click", attempt(async () => {
  await mail.logout();
  location.reload();
}));
$("notify").addEventListener("click", attempt(async () => {
  say((await Notification.requestPermission()) === "granted" ? "New mail will be shown." : "Notifications are not allowed.", true);
}));

/** Numbers have changed in a way that is not worth following. */
function forget() {
  known = new Map();
  asked = new Set();
  exists = mail.mailbox?.exists ?? 0;
  later();
}
/** One message is gone; those behind it have moved up. */
function gone(seq) {
  known = new Map([...known].filter(([at]) => at !== seq).map(([at, message]) => [at > seq ? at - 1 : at, message]));
  asked = new Set();
  exists = mail.mailbox?.exists ?? 0;
  // Thousands may go at once.
  later();
}
async function arrived({ count }) {
  const before = exists;
  exists = count;
  later();
  if (count <= before) return;
  // What was asked for of its page was all that there was then.
  for (let page = Math.floor(before / PAGE); page * PAGE < count; page++) asked.delete(page);
  const message = await mail.fetchOne(count, SUMMARY);
  if (!message) return;
  known.set(message.seq, message);
  draw();
  const subject = message.envelope.subject || "(no subject)";
  say(`New: ${subject}`, true);
  if (globalThis.Notification?.permission === "granted") new Notification(who(message), { body: subject });
}

const who = ({ envelope }) => envelope.from[0]?.name || envelope.from[0]?.address || "nobody";
/** Today the time, else the day. */
const when = (date) => (date.toDateString() === new Date().toDateString() ? date.toLocaleTimeString([], { timeStyle: "short" }) : date.toLocaleDateString());

/** The height of a row: four rem. */
const height = () => 4 * parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Draws the rows that can be seen, and asks for those that are not known. */
function draw() {
  const row = height();
  $("title").textContent = document.title = `Inbox (${exists})`;
  $("empty").hidden = exists > 0;
  list.style.height = `${exists * row}px`;
  current = Math.max(0, Math.min(current, exists - 1));
  const first = Math.max(0, Math.floor(view.scrollTop / row) - 5);
  const last = Math.min(exists, first + Math.ceil(view.clientHeight / row) + 10);
  for (const [place, { item }] of rows) {
    if (place >= first && place < last) continue;
    item.remove();
    rows.delete(place);
  }
  let before = null;
  for (let place = last - 1; place >= first; place--) {
    let it = rows.get(place);
    if (!it) rows.set(place, (it = fresh(place)));
    if (!it.item.isConnected) list.insertBefore(it.item, before);
    before = it.item;
    fill(it, place, row);
  }
}

function fresh(place) {
  // For those who do not see that it is bold.
  const mark = make("span", { className: "hidden" });
  const name = make("b");
  const time = make("time");
  const subject = make("span", { className: "subject" });
  const button = make("button", { type: "button" }, mark, name, time, subject);
  button.addEventListener("click", attempt(() => {
    current = place;
    const message = known.get(exists - place);
    if (message) return show(message);
  }));
  return { item: make("li", {}, button), button, mark, name, time, subject };
}

function fill({ item, button, mark, name, time, subject }, place, row) {
  const seq = exists - place;
  const message = known.get(seq);
  if (!message) ask(Math.floor((seq - 1) / PAGE));
  item.style.top = `${place * row}px`;
  item.setAttribute("aria-setsize", exists);
  item.setAttribute("aria-posinset", place + 1);
  const unseen = message && !message.flags.includes("\\Seen");
  item.className = unseen ? "unseen" : "";
  mark.textContent = unseen ? "Unread: " : "";
  // One row is in the order of Tab; the arrow keys go to the others.
  button.tabIndex = place === current ? 0 : -1;
  if (message && message.uid === open) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  const date = message?.envelope.date ?? message?.internalDate;
  name.textContent = message ? who(message) : "…";
  time.textContent = date ? when(date) : "";
  time.dateTime = date ? date.toISOString() : "";
  subject.textContent = message ? message.envelope.subject || "(no subject)" : "\u00a0";
}

let drawing = false;
const later = () => {
  if (drawing || !mail) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    draw();
  });
};
view.addEventListener("scroll", later);
addEventListener("resize", later);

list.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor(view.clientHeight / height()) - 1);
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -exists, End: exists }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  current = Math.max(0, Math.min(exists - 1, current + step));
  const row = height();
  const top = current * row;
  if (top < view.scrollTop) view.scrollTop = top;
  else if (top + row > view.scrollTop + view.clientHeight) view.scrollTop = top + row - view.clientHeight;
  draw();
  rows.get(current)?.button.focus({ preventScroll: true });
});

function ask(page) {
  if (asked.has(page) || mail.closed) return;
  asked.add(page);
  const now = asked;
  attempt(async () => {
    const from = page * PAGE + 1;
    const to = Math.min(exists, from + PAGE - 1);
    try {
      for await (const message of mail.fetch(`${from}:${to}`, SUMMARY)) known.set(message.seq, message);
    } catch (error) {
      now.delete(page);
      throw error;
    }
    draw();
  })();
}

/** In a frame without scripts, forms, or anything from elsewhere; links open in a tab of their own. */
function framed(html) {
  const frame = make("iframe", { title: "The text of the message", referrerPolicy: "no-referrer" });
  frame.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
    <meta name="referrer" content="no-referrer"><base target="_blank"><style>body { font: 16px system-ui, sans-serif; overflow-wrap: anywhere }</style>${html}`;
  return frame;
}

async function show(message) {
  open = message.uid;
  draw();
  // Its flags come back, and so the row is drawn anew.
  if (!message.flags.includes("\\Seen") && !mail.mailbox.readOnly) await mail.addFlags(message.uid, ["\\Seen"], { uid: true, silent: false });
  const { bodyStructure } = await mail.fetchOne(message.uid, { bodyStructure: true }, { uid: true });
  const texts = bodyStructure.filter((part) => part.disposition?.kind !== "attachment");
  const html = texts.find((part) => part.type === "text/html");
  const plain = texts.find((part) => part.type === "text/plain");
  const { envelope } = message;
  const people = (all) => all.map(({ name, address }) => (name ? `${name} <${address}>` : address)).join(", ");
  const parts = [
    make("h2", { textContent: envelope.subject || "(no subject)" }),
    make("p", { className: "who", textContent: [people(envelope.from) || "nobody", envelope.to.length && `to ${people(envelope.to)}`, envelope.date && envelope.date.toLocaleString()].filter(Boolean).join(" · ") }),
  ];
  if (html) {
    const source = await message.text(html);
    if (new DOMParser().parseFromString(source, "text/html").querySelector("img[src*='//' i]")) parts.push(make("p", { className: "who", textContent: "Pictures from elsewhere are not loaded: they would tell that you read this." }));
    parts.push(framed(source));
  }
  else if (plain) parts.push(make("pre", { textContent: await message.text(plain) }));
  else parts.push(make("p", { textContent: "This message has no text." }));
  const files = bodyStructure.filter((part) => part.kind === "single" && (part.fileName || part.disposition?.kind === "attachment"));
  if (files.length) {
    parts.push(make("h3", { textContent: "Attachments" }), make("ul", { className: "files" }, ...files.map((part) => {
      const name = part.fileName ?? `part ${part.number}`;
      const save = make("button", { type: "button", textContent: `Save ${name}` });
      save.addEventListener("click", attempt(async () => {
        // As bytes, whatever it says it is: it shall not open in this page's name.
        const url = URL.createObjectURL(new Blob([await message.bytes(part)], { type: "application/octet-stream" }));
        make("a", { href: url, download: name }).click();
        setTimeout(() => URL.revokeObjectURL(url), 60_000);
      }));
      return make("li", {}, save, ` ${part.type}, ${part.size < 10_000 ? `${part.size} bytes` : `${Math.round(part.size / 1000)} kB`}`);
    })));
  }
  // Another may have been opened meanwhile.
  if (open !== message.uid) return;
  $("message").replaceChildren(...parts);
  $("message").scrollTop = 0;
  $("message").focus({ preventScroll: true });
}
