// Every command of IMAP, as the tokens that wasm/src/imap_commands.rs reads: there they are checked,
// quoted, or sent as literals. What is `raw` here is of the grammar, or was checked.
import { Args, sequenceSet as sequence } from "./args.js";
import { MailError } from "./errors.js";

const invalid = (why) => new MailError("INVALID_ARGUMENT", `invalid argument: ${why}`);
const list = (value) => (value === undefined || value === null ? [] : typeof value === "string" ? [value] : [...(value[Symbol.iterator] ? value : [value])]);
const want = (good, why) => {
  if (!good) throw invalid(why);
};

class Tokens extends Args {
  raw(text) { return this.token(0, text); }
  atom(text) { return this.token(1, text); }
  string(value) { return this.token(2, value); }
  secret(value) { return this.token(3, value); }
  mailbox(name) { return this.token(4, checked(name)); }
  set(value) { return this.token(5, sequence(value)); }
  numbers(value) { return this.token(6, sequence(value)); }
  flag(name) { return this.token(7, name); }
  bytes8(value) { return this.token(8, value); }
  base64(value) { return this.token(9, value); }
  needs(name) { return this.token(18, name); }
  /** `most`: what it may be at most. */
  number(value, most = (1n << 64n) - 1n, least = 0n) {
    let big;
    try {
      big = BigInt(value);
    } catch {
      throw invalid(`${value} is no number`);
    }
    want(big >= least && big <= most, `${value} is not a number from ${least} to ${most}`);
    return this.raw(String(big));
  }
  number32(value, least) { return this.number(value, 0xffffffffn, least); }
  /** The items with spaces between them, and what stands around them if there are any. */
  join(open, values, close, write) {
    let before = open;
    for (const value of list(values)) {
      if (before) this.raw(before);
      before = " ";
      write(value);
    }
    return before === open ? this : this.raw(close);
  }
  /** Parentheses, whether there is something in them or not. */
  group(values, write) { return this.raw("(").join("", values, "", write).raw(")"); }
  day(value) {
    const [, year, month, day] = this.dayOf(value);
    const name = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ")[month - 1];
    want(name && day > 0 && day < 32, "no such date");
    return this.raw(`${+day}-${name}-${year}`);
  }
}

const upper = (name) => name.toUpperCase();

const FLAGS = new Set([
  "all", "answered", "deleted", "draft", "flagged", "new", "old", "recent", "seen", "unanswered",
  "undeleted", "undraft", "unflagged", "unseen", "saveDateSupported",
]);
/** Keys that say that a flag is not there, when the flag's own key is false. */
const OPPOSITE = { answered: "unanswered", deleted: "undeleted", draft: "undraft", flagged: "unflagged", seen: "unseen" };
const OLD = new Set(["new", "old", "recent"]);
const GMAIL = "X-GM-EXT-1";

const text = (a, name, value) => a.raw(name).string(checked(value));
const checked = (value) => {
  want(typeof value === "string", `${typeof value} where a string is wanted`);
  return value;
};
const atom = (a, name, value) => a.raw(`${upper(name)} `).atom(checked(value));
const day = (a, name, value) => a.raw(`${upper(name)} `).day(value);
const saved = (a, name, value) => day(a.needs("SAVEDATE"), name, value);
const objectId = (a, name, value) => {
  want(/^[\w-]{1,255}$/.test(value), "not an object's identifier");
  atom(a.needs("OBJECTID"), name, value);
};
const gmail = (word) => (a, name, value) => a.needs(GMAIL).raw(`X-GM-${word} `).number(value);
const within = (a, name, value) => a.needs("WITHIN").raw(`${upper(name)} `).number32(value, 1n);
const octets = (a, name, value) => a.raw(`${upper(name)} `).number(value);

/** Keys with one argument; what is a list says it several times. */
const KEYS = {
  keyword: atom, unkeyword: atom, emailId: objectId, threadId: objectId,
  filter: (a, name, value) => { want(!value.includes("/"), "a filter's name with a slash"); atom(a.needs("FILTERS"), name, value); },
  gmRaw: (a, name, value) => text(a.needs(GMAIL), "X-GM-RAW ", value),
  // Labels are mailboxes, and spelled like them.
  gmLabels: (a, name, value) => a.needs(GMAIL).raw("X-GM-LABELS ").mailbox(value),
};
for (const name of ["bcc", "body", "cc", "from", "subject", "text", "to"]) KEYS[name] = (a, name, value) => text(a, `${upper(name)} `, value);
const SINGLE = {
  before: day, on: day, sentBefore: day, sentOn: day, sentSince: day, since: day,
  savedBefore: saved, savedOn: saved, savedSince: saved, larger: octets, smaller: octets,
  modSeq: (a, name, value) => octets(a.needs("CONDSTORE"), name, value),
  gmMsgId: gmail("MSGID"), gmThrId: gmail("THRID"), older: within, younger: within,
  uid: (a, name, value) => a.raw("UID ").set(value),
  sequence: (a, name, value) => a.numbers(value),
  not: (a, name, value) => key(a.raw("NOT "), value),
  fuzzy: (a, name, value) => key(a.needs("SEARCH=FUZZY").raw("FUZZY "), value),
  and: (a, name, value) => all(a.raw("("), value).raw(")"),
  flagModSeq: (a, name, { flag, entry, modSeq }) => {
    a.needs("CONDSTORE").raw(`MODSEQ "/flags/${checked(flag).startsWith("\\") ? "\\" : ""}`).flag(flag);
    a.raw(`" ${["priv", "shared"].find((it) => it === entry) ?? "all"} `).number(modSeq);
  },
};

/** A search object as a list of keys, each a function that writes it. */
function keysOf(a, query) {
  if (Array.isArray(query)) return query.map((one) => () => key(a, one));
  if (query === undefined || query === null) return [];
  want(typeof query === "object", "what to search for is an object, such as { unseen: true }");
  const keys = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    const put = (write) => keys.push(write);
    if (FLAGS.has(name)) {
      const word = value ? name : OPPOSITE[name];
      put(() => {
        if (OLD.has(name)) a.token(12, "");
        if (name === "saveDateSupported") a.needs("SAVEDATE");
        a.raw(upper(word ?? `NOT ${name}`));
      });
    } else if (Object.hasOwn(KEYS, name)) {
      for (const one of Array.isArray(value) ? value : [value]) put(() => KEYS[name](a, name, one));
    } else if (Object.hasOwn(SINGLE, name)) put(() => SINGLE[name](a, name, value));
    else if (name === "header") {
      for (const [field, it] of Object.entries(value)) put(() => text(text(a, "HEADER ", field), " ", it === true ? "" : it));
    } else if (name === "or") {
      const either = Array.isArray(value) ? value : [value];
      want(either.length > 1, "or wants two searches, or more");
      const or = ([first, ...rest]) => {
        if (!rest.length) return key(a, first);
        key(a.raw("OR "), first);
        a.raw(" ");
        or(rest);
      };
      put(() => or(either));
    } else throw invalid(`no such search key: ${name}`);
  }
  return keys;
}

/** One key, of whatever a search object holds. */
function key(a, query) {
  const keys = keysOf(a, query);
  if (keys.length === 1) keys[0]();
  else all(a.raw("("), keys).raw(")");
  return a;
}

/** All keys, of a query or a list of those. */
function all(a, query) {
  const keys = Array.isArray(query) && query.every((it) => typeof it === "function") ? query : keysOf(a, query);
  return keys.length ? a.join("", keys, "", (write) => write()) : a.raw("ALL");
}

/** A filter of the watcher; none: an empty one. */
export function filter(query) {
  const a = new Tokens();
  return keysOf(a, query).length ? all(a, query).finish() : a.finish();
}

/** What SEARCH and ESEARCH end in. */
function program(a, query) {
  const keys = all(new Tokens(), query).finish();
  if (keys.some((byte) => byte > 127)) a.token(11, "");
  return a.append(keys);
}

function range(a, [from, to]) {
  want(from && to && from < 0 === to < 0, "a range that begins or ends at 0, or on both sides of it");
  const minus = from < 0 ? "-" : "";
  return a.raw(minus).number32(Math.abs(from)).raw(`:${minus}`).number32(Math.abs(to));
}

/** `context`: the capabilities, one of which is needed for what goes on. */
function returns(a, wanted, context) {
  if (wanted === undefined || wanted === null) return;
  a.raw("RETURN (");
  let ranges = 0;
  a.join("", wanted, "", (it) => {
    if (typeof it === "object") {
      if (it.partial[0] > 0 && context) a.token(17, `PARTIAL ${context}`);
      else a.needs("PARTIAL");
      ranges++;
      return range(a.raw("PARTIAL "), it.partial);
    }
    if (it === "all") ranges++;
    if (it === "save") a.needs("SEARCHRES");
    if (it === "context" || it === "update") a.token(17, context);
    if (it === "relevancy") a.needs("SEARCH=FUZZY");
    let depth = 0;
    const closed = [...checked(it)].every((one) => (depth += one === "(" ? 1 : one === ")" ? -1 : 0) >= 0);
    want(closed && !depth && /^[a-z][\w .,:*$+\-/=()]*$/i.test(it) && !/  |\( | \)| $/.test(it), "not an option of a search");
    a.raw(/^(min|max|all|count|save|context|update|relevancy)$/.test(it) ? upper(it) : it);
  });
  want(ranges < 2, "more than one of ALL and PARTIAL");
  a.raw(") ");
}

/** What is asked for, and what for that is needed. */
const ITEMS = {
  all: "ALL", fast: "FAST", full: "FULL", flags: "FLAGS", uid: "UID", envelope: "ENVELOPE",
  internalDate: "INTERNALDATE", rfc822Size: "RFC822.SIZE", body: "BODY", bodyStructure: "BODYSTRUCTURE",
  rfc822: "RFC822|BODY[]", rfc822Header: "RFC822.HEADER|BODY.PEEK[HEADER]", rfc822Text: "RFC822.TEXT|BODY[TEXT]",
  modSeq: ["MODSEQ", "CONDSTORE"], emailId: ["EMAILID", "OBJECTID"], threadId: ["THREADID", "OBJECTID"],
  saveDate: ["SAVEDATE", "SAVEDATE"], preview: ["PREVIEW", "PREVIEW"], gmMsgId: ["X-GM-MSGID", GMAIL],
  gmThrId: ["X-GM-THRID", GMAIL], gmLabels: ["X-GM-LABELS", GMAIL],
};
const PART = "[1-9]\\d{0,8}(?:\\.[1-9]\\d{0,8})*";
const SECTION = new RegExp(`^(?:(${PART})(?:\\.(MIME)|$|\\.))?(?:(HEADER|TEXT)|(HEADER\\.FIELDS(?:\\.NOT)?) *\\(([^()]*)\\))?$`, "i");

function section(a, name) {
  const match = SECTION.exec(checked(name));
  want(match && !/\.$/.test(name), "a section that is not of the grammar's form");
  const [, part, mime, whole, fields, names] = match;
  a.raw(`[${part ?? ""}${part && (mime || whole || fields) ? "." : ""}${upper(mime ?? whole ?? fields ?? "")}`);
  if (fields) {
    const all = names.split(" ").filter(Boolean).map((it) => it.replace(/^"(.*)"$/, "$1"));
    want(all.length, "no header fields");
    a.raw(" ").group(all, (field) => {
      want(/^[!-9;-~]+$/.test(field), "not the name of a header field");
      if (/[(){%*"\\\]]/.test(field)) a.string(field);
      else a.atom(field);
    });
  }
  return a.raw("]");
}

function binary(a, part) {
  want(part === "" || new RegExp(`^${PART}$`).test(part), "not the number of a part");
  return a.raw(`[${part}]`);
}

function item(a, it, among) {
  if (typeof it === "string") {
    want(Object.hasOwn(ITEMS, it), `no such item of FETCH: ${it}`);
    want(!among || !/^(all|fast|full)$/.test(it), "a FETCH macro among other items");
    const word = ITEMS[it];
    if (typeof word === "string") return a.token(word.includes("|") ? 10 : 0, word);
    return a.needs(word[1]).raw(word[0]);
  }
  const partial = () => {
    if (it.partial === undefined || it.partial === null) return;
    a.raw("<").number(it.partial[0]).raw(".").number(it.partial[1], undefined, 1n).raw(">");
  };
  const peek = it.peek === false ? "" : ".PEEK";
  if (it.section !== undefined) {
    section(a.raw(`BODY${peek}`), it.section);
    return partial();
  }
  if (it.binary !== undefined) {
    binary(a.token(19, "BINARY").raw(`BINARY${peek}`), it.binary);
    return partial();
  }
  if (it.binarySize !== undefined) return binary(a.token(19, "BINARY").raw("BINARY.SIZE"), it.binarySize);
  if (it.preview !== undefined) return a.needs("PREVIEW").raw(`PREVIEW${it.preview === "lazy" ? " (LAZY)" : ""}`);
  if (it.other !== undefined) return a.atom(it.other);
  throw invalid("no such item of FETCH");
}

const STATUS = {
  messages: "", uidNext: "", uidValidity: "", unseen: "", recent: "", size: "STATUS=SIZE",
  deleted: "QUOTA=RES-MESSAGE", deletedStorage: "QUOTA=RES-STORAGE", highestModSeq: "CONDSTORE",
  mailboxId: "OBJECTID", appendLimit: "APPENDLIMIT",
};
function statusItems(a, items) {
  want(list(items).length, "STATUS without an item");
  return a.group(items, (it) => {
    if (!Object.hasOwn(STATUS, it)) return a.atom(it);
    if (STATUS[it]) a.token(it === "deleted" ? 19 : 18, STATUS[it]);
    a.raw(it === "deletedStorage" ? "DELETED-STORAGE" : upper(it));
  });
}

function parameters(a, it) {
  const { condStore, qresync } = it;
  if (!condStore && !qresync) return;
  a.raw(" (");
  if (condStore) a.needs("CONDSTORE").raw(qresync ? "CONDSTORE " : "CONDSTORE");
  if (qresync) {
    const { uidValidity, modSeq, knownUids, seqMatch } = qresync;
    a.token(21, "QRESYNC").raw("QRESYNC (").number(uidValidity, undefined, 1n).raw(" ").number(modSeq, undefined, 1n);
    if (knownUids !== undefined && knownUids !== null) a.raw(" ").set(knownUids);
    // They are remembered ones, but numbers all the same.
    if (seqMatch) a.token(22, "UIDONLY").raw(" (").set(seqMatch.numbers).raw(" ").set(seqMatch.uids).raw(")");
    a.raw(")");
  }
  a.raw(")");
}

/** A message of an upload, as `message` in wasm/src/imap_commands.rs reads it. */
export function message(a, it) {
  const kind = it.parts ? 3 : it.utf8 ? 2 : it.binary ? 1 : 0;
  a.u8(kind).u64(it.size ?? 0).strs(it.flags);
  a.option(it.date, (date) => a.dateTime(date));
  return a;
}
const upload = (a, it) => a.token(16, message(new Args(), it).finish());

const PLACES = {
  selected: "selected", selectedDelayed: "selected-delayed", inboxes: "inboxes", personal: "personal",
  subscribed: "subscribed", subtree: "subtree", subtreeOne: "subtree-one", mailboxes: "mailboxes",
};
function place(a, it) {
  const kind = typeof it === "string" ? it : Object.keys(it)[0];
  want(Object.hasOwn(PLACES, kind), `no such mailboxes: ${kind}`);
  a.raw(PLACES[kind]);
  if (/^(subtree|subtreeOne|mailboxes)$/.test(kind)) {
    want(list(it[kind]).length, "no mailbox");
    a.join(" (", it[kind], ")", (name) => a.mailbox(name));
  }
}

function entry(a, name) {
  want(/^\/[^*%]*[^*%/]$/.test(name) && !name.includes("//") && !/[^\0-\x7f]/.test(name), "not the name of an entry");
  return a.string(name);
}
function entries(a, names) {
  want(list(names).length, "no entry");
  return a.group(names, (name) => entry(a, name));
}
const metadata = (a, mailbox) => a.needs(mailbox ? "METADATA" : "METADATA-SERVER");

function change(a, it, what) {
  a.raw(it.uid ? "UID STORE " : "STORE ").set(it.set);
  if (it.unchangedSince !== undefined && it.unchangedSince !== null) {
    a.needs("CONDSTORE").raw(" (UNCHANGEDSINCE ").number(it.unchangedSince).raw(")");
  }
  const sign = { replace: " ", add: " +", remove: " -" }[it.action ?? "replace"];
  want(sign, `no such action: ${it.action}`);
  a.raw(`${sign}${what}${it.silent ? ".SILENT " : " "}`);
}

function notifyEvent(a, it, selected) {
  if (it === "messageNew" || typeof it === "object") {
    const items = it.messageNew ?? [];
    want(!items.length || selected, "items of messages that are not in the selected mailbox");
    return a.raw("MessageNew").join(" (", items, ")", (one) => item(a, one, true));
  }
  if (!/^(message(Expunge)|flagChange|annotationChange|mailboxName|subscriptionChange|(mailbox|server)MetadataChange)$/.test(it)) return a.atom(it);
  want(!selected || /^(message|flag|ann)/.test(it), "an event that is none of the selected mailbox");
  a.raw(it[0].toUpperCase() + it.slice(1));
}
function notify(a, it) {
  const groups = list(it.groups);
  if (!groups.length) return a.raw("NOTIFY NONE");
  a.raw(it.status ? "NOTIFY SET STATUS" : "NOTIFY SET");
  const isSelected = (group) => group.mailboxes === "selected" || group.mailboxes === "selectedDelayed";
  want(groups.filter(isSelected).length < 2, "two groups for the selected mailbox");
  for (const group of groups) {
    const events = list(group.events);
    const has = (name) => events.includes(name);
    const isNew = has("messageNew") || events.some((one) => typeof one === "object");
    const changes = has("flagChange") || has("annotationChange");
    want(isNew === has("messageExpunge") && (isNew || !changes), "messageNew without messageExpunge, or a change without them");
    want(!group.mailboxes?.subtreeOne, "NOTIFY of mailboxes and those just below them");
    place(a.raw(" ("), group.mailboxes);
    if (!events.length) a.raw(" NONE)");
    // From then on the server may say EXPUNGE at any time.
    if (has("messageExpunge") && group.mailboxes === "selected") a.token(14, "");
    a.join(" (", events, "))", (one) => notifyEvent(a, one, isSelected(group)));
  }
}

function esearch(a, it) {
  const places = list(it.in);
  const names = places.map((one) => JSON.stringify(one));
  want(new Set(names).size === names.length && !places.includes("selectedDelayed"), "not a place to search, or one that is named twice");
  a.raw("ESEARCH ").join("IN (", places, ") ", (one) => place(a, one));
  if (!places.length || places.includes("selected")) a.token(13, "");
  const elsewhere = places.some((one) => one !== "selected");
  want(!elsewhere || !list(it.returns).some((one) => one === "save" || one === "update"), "SAVE or UPDATE of more than the selected mailbox");
  want(!elsewhere || !/"sequence":/.test(JSON.stringify(it.query ?? {}, (_, value) => (typeof value === "bigint" ? 0 : value))), "sequence numbers of more than the selected mailbox");
  returns(a, it.returns, "CONTEXT=SEARCH");
  program(a, it.query);
}

const THREAD = { orderedsubject: "ORDEREDSUBJECT", references: "REFERENCES", refs: "REFS" };
const SORT = { displayFrom: "SORT=DISPLAY", displayTo: "SORT=DISPLAY", relevancy: "SEARCH=FUZZY" };

const word = (text) => (a) => a.raw(text);
const mailbox = (text) => (a, it) => a.raw(text).mailbox(it.mailbox);
const listing = (text) => (a, it) => a.raw(text).mailbox(it.reference ?? "").raw(" ").mailbox(it.pattern ?? "*");
const identified = (text) => (a, it) => {
  want(it.identifier !== "", "an empty identifier");
  return a.raw(text).mailbox(it.mailbox).raw(" ").string(checked(it.identifier));
};
const words = (text) => (a, it) => {
  a.raw(text);
  for (const one of list(it.ranges ?? it.orders)) a.raw(" ").string(checked(one));
};
const transfer = (text) => (a, it) => a.raw(`${it.uid ? "UID " : ""}${text} `).set(it.set).raw(" ").mailbox(it.mailbox);

/** By name: the place of its kind in wasm/src/imap_commands.rs, or how to tell it, and what to write. */
const byUid = (plain) => (it) => (it.uid ? plain + 1 : plain);
const COMMANDS = {
  capability: [0, word("CAPABILITY")],
  noop: [1, word("NOOP")],
  logout: [2, word("LOGOUT")],
  startTls: [3, word("STARTTLS")],
  authenticate: [4, (a, it) => {
    a.raw("AUTHENTICATE ").atom(it.mechanism);
    if (it.initialResponse === undefined || it.initialResponse === null) return;
    a.needs("SASL-IR");
    if (it.initialResponse.length) a.raw(" ").base64(it.initialResponse);
    else a.raw(" =");
  }],
  enable: [5, (a, it) => {
    want(list(it.capabilities).length, "ENABLE without a capability");
    a.join("ENABLE ", it.capabilities, "", (name) => a.atom(name));
  }],
  unauthenticate: [6, word("UNAUTHENTICATE")],
  compress: [7, word("COMPRESS DEFLATE")],
  select: [8, (a, it) => parameters(a.raw("SELECT ").mailbox(it.mailbox), it)],
  examine: [9, (a, it) => parameters(a.raw("EXAMINE ").mailbox(it.mailbox), it)],
  create: [10, (a, it) => {
    a.raw("CREATE ").mailbox(it.mailbox).join(" (USE (", it.specialUse, "))", (use) => {
      want(checked(use).startsWith("\\"), "a mailbox attribute begins with a backslash");
      a.needs("CREATE-SPECIAL-USE").raw("\\").atom(use.slice(1));
    });
  }],
  delete: [11, mailbox("DELETE ")],
  rename: [12, (a, it) => a.raw("RENAME ").mailbox(it.from).raw(" ").mailbox(it.to)],
  subscribe: [13, mailbox("SUBSCRIBE ")],
  unsubscribe: [14, mailbox("UNSUBSCRIBE ")],
  list: [15, (a, it) => {
    const selection = list(it.selection);
    const patterns = list(it.patterns ?? ["*"]);
    a.raw("LIST ");
    if (selection.length || list(it.returns).length) a.needs("LIST-EXTENDED");
    const base = selection.some((one) => one !== "recursiveMatch" && one !== "remote");
    want(base || !selection.includes("recursiveMatch"), "RECURSIVEMATCH alone");
    const option = (one) => {
      if (one === "specialUse") a.needs("SPECIAL-USE").raw("SPECIAL-USE");
      else if (one === "myRights") a.needs("LIST-MYRIGHTS").raw("MYRIGHTS");
      else if (/^(subscribed|remote|recursiveMatch|children)$/.test(one)) a.raw(upper(one));
      else a.atom(one);
    };
    a.join("(", selection, ") ", option).mailbox(it.reference ?? "").raw(" ");
    want(patterns.length, "LIST without a pattern");
    if (patterns.length === 1) a.mailbox(patterns[0]);
    else a.token(20, "LIST-EXTENDED").group(patterns, (one) => a.mailbox(one));
    a.join(" RETURN (", it.returns, ")", (one) => {
      if (typeof one === "string") option(one);
      else if (one.status) statusItems(a.needs("LIST-STATUS").raw("STATUS "), one.status);
      else entries(a.needs("LIST-METADATA").raw("METADATA "), one.metadata);
    });
  }],
  lsub: [16, listing("LSUB ")],
  namespace: [17, word("NAMESPACE")],
  status: [18, (a, it) => statusItems(a.raw("STATUS ").mailbox(it.mailbox).raw(" "), it.items ?? ["messages", "uidNext", "uidValidity", "unseen"])],
  append: [19, (a, it) => upload(a.raw("APPEND ").mailbox(it.mailbox), it)],
  multiAppend: [19, (a, it) => a.needs("MULTIAPPEND").raw("APPEND ").mailbox(it.mailbox).token(15, "")],
  idle: [20, word("IDLE")],
  check: [21, word("CHECK")],
  close: [22, word("CLOSE")],
  unselect: [23, word("UNSELECT")],
  expunge: [(it) => (it.uids ?? null) === null ? 24 : 25, (a, it) => (it.uids ?? null) === null ? a.raw("EXPUNGE") : a.raw("UID EXPUNGE ").set(it.uids)],
  search: [byUid(26), (a, it) => {
    a.raw(it.uid ? "UID SEARCH " : "SEARCH ");
    if ((it.returns ?? null) !== null) a.needs("ESEARCH");
    returns(a, it.returns, "CONTEXT=SEARCH");
    program(a, it.query);
  }],
  fetch: [byUid(28), (a, it) => {
    const items = list(it.items);
    const { uid, changedSince = null, partial = null } = it;
    a.raw(uid ? "UID FETCH " : "FETCH ").set(it.set).raw(" ");
    want(items.length, "nothing to fetch");
    if (items.length === 1) item(a, items[0]);
    else a.group(items, (one) => item(a, one, true));
    want(!it.vanished || (uid && changedSince !== null), "VANISHED without UID FETCH and CHANGEDSINCE");
    want(partial === null || uid, "PARTIAL without UID FETCH");
    const modifiers = [];
    if (changedSince !== null) modifiers.push(() => a.needs("CONDSTORE").raw("CHANGEDSINCE ").number(changedSince));
    if (it.vanished) modifiers.push(() => a.token(21, "QRESYNC").raw("VANISHED"));
    if (partial !== null) modifiers.push(() => range(a.needs("PARTIAL").raw("PARTIAL "), partial));
    a.join(" (", modifiers, ")", (write) => write());
  }],
  store: [byUid(30), (a, it) => {
    change(a, it, "FLAGS");
    a.group(it.flags, (flag) => a.flag(flag));
  }],
  storeGmLabels: [byUid(30), (a, it) => {
    change(a.needs(GMAIL), it, "X-GM-LABELS");
    a.group(it.labels, (label) => a.mailbox(label));
  }],
  copy: [byUid(32), transfer("COPY")],
  move: [byUid(34), transfer("MOVE")],
  getQuota: [36, (a, it) => a.raw("GETQUOTA ").string(it.root ?? "")],
  getQuotaRoot: [37, mailbox("GETQUOTAROOT ")],
  setQuota: [38, (a, it) => a.raw("SETQUOTA ").string(it.root ?? "").raw(" ").group(Object.entries(it.limits), ([name, limit]) => a.atom(name).raw(" ").number(limit))],
  id: [39, (a, it) => {
    const fields = Object.entries(it.fields ?? {});
    want(fields.length <= 30, "more than 30 fields in ID");
    if (!fields.length) return a.raw("ID NIL");
    a.join("ID (", fields, ")", ([name, value]) => {
      want(name.length <= 30 && !(value?.length > 1024), "a field of ID that is too long");
      a.string(name).raw(" ");
      if ((value ?? null) === null) a.raw("NIL");
      else a.string(checked(value));
    });
  }],
  setAcl: [40, (a, it) => {
    want(/^([a-z0-9]*|[+-][a-z0-9]+)$/.test(it.rights), "a right is a small letter or a digit, and none changes nothing");
    identified("SETACL ")(a, it).raw(` "${it.rights}"`);
  }],
  deleteAcl: [41, identified("DELETEACL ")],
  getAcl: [42, mailbox("GETACL ")],
  listRights: [43, identified("LISTRIGHTS ")],
  myRights: [44, mailbox("MYRIGHTS ")],
  getMetadata: [45, (a, it) => {
    const depth = { 0: "", 1: "DEPTH 1" }[it.depth ?? 0] ?? "DEPTH infinity";
    metadata(a, it.mailbox).raw("GETMETADATA ");
    if ((it.maxSize ?? null) !== null) a.raw("(MAXSIZE ").number32(it.maxSize).raw(`${depth && " "}${depth}) `);
    else if (depth) a.raw(`(${depth}) `);
    entries(a.mailbox(it.mailbox ?? "").raw(" "), it.entries);
  }],
  setMetadata: [46, (a, it) => {
    const all = Object.entries(it.entries);
    want(all.length, "no entry");
    metadata(a, it.mailbox).raw("SETMETADATA ").mailbox(it.mailbox ?? "").raw(" ").group(all, ([name, value]) => {
      entry(a, name).raw(" ");
      if ((value ?? null) === null) a.raw("NIL");
      else if (value.includes(typeof value === "string" ? "\0" : 0)) a.bytes8(value);
      else a.string(value);
    });
  }],
  language: [47, words("LANGUAGE")],
  comparator: [48, words("COMPARATOR")],
  getJmapAccess: [49, word("GETJMAPACCESS")],
  genUrlAuth: [50, (a, it) => {
    want(list(it.urls).length, "no URL");
    a.join("GENURLAUTH ", it.urls, "", ({ url, mechanism }) => a.string(url).raw(" ").atom(mechanism ?? "INTERNAL"));
  }],
  resetKey: [51, (a, it) => {
    const mechanisms = list(it.mechanisms);
    a.raw("RESETKEY");
    if ((it.mailbox ?? null) !== null) a.raw(" ").mailbox(it.mailbox);
    else want(!mechanisms.length, "mechanisms without a mailbox");
    for (const one of mechanisms) a.raw(" ").atom(one);
  }],
  urlFetch: [52, (a, it) => {
    want(list(it.urls).length, "no URL");
    a.join("URLFETCH ", it.urls, "", ({ url, parts }) => {
      const all = list(parts);
      if (!all.length) return a.string(url);
      want(!(all.includes("body") && all.includes("binary")), "BODY beside BINARY");
      a.needs("URLAUTH=BINARY").raw("(").string(url);
      for (const part of all) a.raw({ body: " BODY", binary: " BINARY" }[part] ?? " BODYPARTSTRUCTURE");
      a.raw(")");
    });
  }],
  notify: [53, notify],
  xlist: [54, listing("XLIST ")],
  rlist: [55, listing("RLIST ")],
  rlsub: [56, listing("RLSUB ")],
  esearch: [57, esearch],
  sort: [byUid(58), (a, it) => {
    a.raw(it.uid ? "UID SORT " : "SORT ");
    if ((it.returns ?? null) !== null) a.token(17, "ESORT CONTEXT=SORT");
    returns(a, it.returns, "CONTEXT=SORT");
    want(list(it.criteria).length, "SORT by nothing");
    a.group(it.criteria, (one) => {
      const name = one.replace(/^-/, "");
      if (SORT[name]) a.needs(SORT[name]);
      a.raw(name === one ? "" : "REVERSE ").atom(upper(name));
    });
    all(a.raw(" UTF-8 "), it.query);
  }],
  thread: [byUid(60), (a, it) => {
    const name = THREAD[it.algorithm ?? "references"];
    want(name, "no such algorithm of THREAD");
    all(a.needs(`THREAD=${name}`).raw(`${it.uid ? "UID " : ""}THREAD ${name} UTF-8 `), it.query);
  }],
  cancelUpdate: [62, (a, it) => {
    want(list(it.tags).length, "CANCELUPDATE without a tag");
    a.token(17, "CONTEXT=SEARCH CONTEXT=SORT").join("CANCELUPDATE ", it.tags, "", (tag) => {
      want(/^A\d+$/.test(tag), `${tag} is no tag of this connection`);
      a.string(tag);
    });
  }],
  uidBatches: [63, (a, it) => {
    a.raw("UIDBATCHES ").number32(it.size, 1n);
    if ((it.batches ?? null) === null) return;
    const [from, to] = it.batches;
    want(to >= from, "batches from the last to the first");
    a.raw(" ").number32(from, 1n).raw(":").number32(to);
  }],
  replace: [(it) => (it.uid === false ? 64 : 65), (a, it) => {
    a.raw(it.uid === false ? "REPLACE " : "UID REPLACE ").number32(it.replaced, 1n).raw(" ");
    upload(a.mailbox(it.mailbox), it);
  }],
  custom: [255, (a, it) => {
    const KINDS = { atom: 1, string: 2, mailbox: 4, secret: 3, set: 5, raw: 0 };
    a.atom(it.name);
    for (const one of list(it.args)) {
      const [kind] = typeof one === "string" ? ["string"] : Object.keys(one);
      want(Object.hasOwn(KINDS, kind), `no such kind of argument: ${kind}`);
      const value = typeof one === "string" ? one : one[kind];
      a.raw(" ").token(KINDS[kind], kind === "set" ? sequence(value) : value);
    }
  }],
};

/** A command to be given to the wasm: its kind, and tokens. */
export function encode(name, args = {}) {
  want(Object.hasOwn(COMMANDS, name), `no such command: ${name}`);
  const [kind, write] = COMMANDS[name];
  const a = new Tokens();
  write(a, args);
  return [typeof kind === "function" ? kind(args) : kind, a.finish()];
}
