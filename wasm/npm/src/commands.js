// Every command of IMAP: its arguments in the order in which wasm/src/imap_commands.rs reads them.
import { Args } from "./args.js";
import { MailError } from "./errors.js";

const invalid = (why) => new MailError("INVALID_ARGUMENT", `invalid argument: ${why}`);
const list = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);

const FLAGS = new Set([
  "all", "answered", "deleted", "draft", "flagged", "new", "old", "recent", "seen", "unanswered",
  "undeleted", "undraft", "unflagged", "unseen", "saveDateSupported",
]);
/** Keys that say that a flag is not there, when the flag's own key is false. */
const OPPOSITE = { answered: "unanswered", deleted: "undeleted", draft: "undraft", flagged: "unflagged", seen: "unseen" };
const TEXTS = new Set([
  "bcc", "body", "cc", "from", "keyword", "subject", "text", "to", "unkeyword", "filter", "emailId",
  "threadId", "gmRaw", "gmLabels",
]);
const DAYS = new Set(["before", "on", "sentBefore", "sentOn", "sentSince", "since", "savedBefore", "savedOn", "savedSince"]);
const WIDE = new Set(["larger", "smaller", "modSeq", "gmMsgId", "gmThrId"]);
const NARROW = new Set(["older", "younger"]);

/** A search object as a list of keys, each a function that writes it. */
function keysOf(a, query) {
  if (Array.isArray(query)) return query.map((one) => () => key(a, one));
  if (query === undefined || query === null) return [];
  if (typeof query !== "object") throw invalid("what to search for is an object, such as { unseen: true }");
  const keys = [];
  const put = (name, write) => keys.push(() => { a.str(name); write?.(); });
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    if (FLAGS.has(name)) {
      if (value) put(name);
      else if (OPPOSITE[name]) put(OPPOSITE[name]);
      else put("not", () => a.str(name));
    } else if (TEXTS.has(name)) {
      for (const text of list(value)) put(name, () => a.str(text));
    } else if (DAYS.has(name)) put(name, () => a.date(value));
    else if (WIDE.has(name)) put(name, () => a.u64(value));
    else if (NARROW.has(name)) put(name, () => a.u32(value));
    else if (name === "uid" || name === "sequence") put(name, () => a.set(value));
    else if (name === "header") {
      for (const [field, text] of Object.entries(value)) put(name, () => a.str(field).str(text === true ? "" : text));
    } else if (name === "not" || name === "fuzzy") put(name, () => key(a, value));
    else if (name === "or") {
      const all = list(value);
      if (all.length < 2) throw invalid("or wants two searches, or more");
      const or = (rest) => {
        if (rest.length === 1) return key(a, rest[0]);
        a.str("or");
        key(a, rest[0]);
        or(rest.slice(1));
      };
      keys.push(() => or(all));
    } else if (name === "and") put(name, () => keys_(a, value));
    else if (name === "flagModSeq") {
      put(name, () => a.str(value.flag).u8({ priv: 0, shared: 1 }[value.entry] ?? 2).u64(value.modSeq));
    } else throw invalid(`no such search key: ${name}`);
  }
  return keys;
}

/** One key, of whatever a search object holds. */
function key(a, query) {
  const keys = keysOf(a, query);
  if (keys.length === 1) return keys[0]();
  a.str("and");
  a.list(keys.length ? keys : [() => a.str("all")], (write) => write());
}

/** A list of keys. */
export function keys_(a, query) {
  return a.list(keysOf(a, query), (write) => write());
}

function returns(a, wanted) {
  a.option(wanted, (all) =>
    a.list(all, (it) => {
      if (typeof it === "object") a.str("partial").partialRange(it.partial);
      else a.str(it);
    }));
}

const PLAIN_ITEMS = new Set([
  "all", "fast", "full", "flags", "uid", "envelope", "internalDate", "rfc822Size", "rfc822",
  "rfc822Header", "rfc822Text", "body", "bodyStructure", "modSeq", "emailId", "threadId", "saveDate",
  "gmMsgId", "gmThrId", "gmLabels",
]);

function item(a, it) {
  if (typeof it === "string") {
    if (PLAIN_ITEMS.has(it)) return a.str(it);
    if (it === "preview") return a.str(it).bool(false);
    throw invalid(`no such item of FETCH: ${it}`);
  }
  const partial = () => a.option(it.partial, ([offset, length]) => a.u64(offset).u64(length));
  if (it.section !== undefined) {
    a.str("section").str(it.section).bool(it.peek !== false);
    return partial();
  }
  if (it.binary !== undefined) {
    a.str("binary").str(it.binary).bool(it.peek !== false);
    return partial();
  }
  if (it.binarySize !== undefined) return a.str("binarySize").str(it.binarySize);
  if (it.preview !== undefined) return a.str("preview").bool(it.preview === "lazy");
  if (it.other !== undefined) return a.str("other").str(it.other);
  throw invalid("no such item of FETCH");
}

function parameters(a, it) {
  const all = [];
  if (it.condStore) all.push(null);
  if (it.qresync) all.push(it.qresync);
  a.list(all, (one) =>
    a.option(one, (resync) => {
      a.u64(resync.uidValidity).u64(resync.modSeq);
      a.option(resync.knownUids, (uids) => a.set(uids));
      a.option(resync.seqMatch, ({ numbers, uids }) => a.set(numbers).set(uids));
    }));
}

const STATUS_ITEMS = ["messages", "uidNext", "uidValidity", "unseen"];
const ACTION = { replace: 0, add: 1, remove: 2 };

export function message(a, it) {
  const kind = it.parts ? 3 : it.utf8 ? 2 : it.binary ? 1 : 0;
  a.u8(kind).u64(it.size ?? 0).strs(it.flags);
  a.option(it.date, (date) => a.dateTime(date));
}

const mailboxes = (a, it) => {
  if (typeof it === "string") a.str(it);
  else {
    const [kind] = Object.keys(it);
    a.str(kind).strs(list(it[kind]));
  }
};

const mailbox = (a, it) => a.str(it.mailbox);
const two = (one, other) => (a, it) => a.str(it[one]).str(it[other]);
const listing = (a, it) => a.str(it.reference ?? "").str(it.pattern ?? "*");
const nothing = () => {};

/** By name: how to write the arguments. */
export const COMMANDS = {
  capability: nothing, noop: nothing, logout: nothing, startTls: nothing, unauthenticate: nothing,
  compress: nothing, namespace: nothing, idle: nothing, check: nothing, close: nothing,
  unselect: nothing, getJmapAccess: nothing,
  authenticate: (a, it) => {
    a.str(it.mechanism);
    a.option(it.initialResponse, (bytes) => a.bytes(bytes));
  },
  enable: (a, it) => a.strs(it.capabilities),
  select: (a, it) => { mailbox(a, it); parameters(a, it); },
  examine: (a, it) => { mailbox(a, it); parameters(a, it); },
  create: (a, it) => a.str(it.mailbox).strs(it.specialUse),
  delete: mailbox,
  rename: two("from", "to"),
  subscribe: mailbox,
  unsubscribe: mailbox,
  list: (a, it) => {
    a.str(it.reference ?? "").strs(it.patterns ?? ["*"]).strs(it.selection);
    a.list(it.returns, (one) => {
      if (typeof one === "string") return a.str(one);
      if (one.status) return a.str("status").strs(one.status);
      return a.str("metadata").strs(one.metadata);
    });
  },
  lsub: listing, xlist: listing, rlist: listing, rlsub: listing,
  status: (a, it) => a.str(it.mailbox).strs(it.items ?? STATUS_ITEMS),
  append: (a, it) => { mailbox(a, it); message(a, it); },
  multiAppend: mailbox,
  replace: (a, it) => { a.bool(it.uid !== false).u32(it.replaced).str(it.mailbox); message(a, it); },
  expunge: (a, it) => a.option(it.uids, (uids) => a.set(uids)),
  search: (a, it) => { a.bool(it.uid); returns(a, it.returns); keys_(a, it.query); },
  esearch: (a, it) => { a.list(it.in, (place) => mailboxes(a, place)); returns(a, it.returns); keys_(a, it.query); },
  sort: (a, it) => {
    a.bool(it.uid);
    returns(a, it.returns);
    a.list(it.criteria, (one) => (one.startsWith("-") ? a.bool(true).str(one.slice(1)) : a.bool(false).str(one)));
    keys_(a, it.query);
  },
  thread: (a, it) => { a.bool(it.uid).str(it.algorithm ?? "references"); keys_(a, it.query); },
  cancelUpdate: (a, it) => a.list(it.tags, (tag) => {
    if (!/^A\d+$/.test(tag)) throw invalid(`${tag} is no tag of this connection`);
    a.u32(tag.slice(1));
  }),
  uidBatches: (a, it) => { a.u32(it.size); a.option(it.batches, ([from, to]) => a.u32(from).u32(to)); },
  fetch: (a, it) => {
    a.bool(it.uid).set(it.set).list(it.items, (one) => item(a, one));
    a.option(it.changedSince, (modSeq) => a.u64(modSeq)).bool(it.vanished);
    a.option(it.partial, (range) => a.partialRange(range));
  },
  store: (a, it) => {
    a.bool(it.uid).set(it.set).u8(ACTION[it.action ?? "replace"]).bool(it.silent);
    a.option(it.unchangedSince, (modSeq) => a.u64(modSeq)).strs(it.flags);
  },
  storeGmLabels: (a, it) => a.bool(it.uid).set(it.set).u8(ACTION[it.action ?? "replace"]).bool(it.silent).strs(it.labels),
  copy: (a, it) => a.bool(it.uid).set(it.set).str(it.mailbox),
  move: (a, it) => a.bool(it.uid).set(it.set).str(it.mailbox),
  id: (a, it) => a.list(Object.entries(it.fields ?? {}), ([name, value]) => { a.str(name); a.option(value, (text) => a.str(text)); }),
  getQuota: (a, it) => a.str(it.root ?? ""),
  getQuotaRoot: mailbox,
  setQuota: (a, it) => a.str(it.root ?? "").list(Object.entries(it.limits), ([name, limit]) => a.str(name).u64(limit)),
  setAcl: (a, it) => {
    const { rights } = it;
    const sign = { "+": 1, "-": 2 }[rights[0]] ?? 0;
    a.str(it.mailbox).str(it.identifier).u8(sign).str(sign ? rights.slice(1) : rights);
  },
  deleteAcl: two("mailbox", "identifier"),
  getAcl: mailbox,
  listRights: two("mailbox", "identifier"),
  myRights: mailbox,
  getMetadata: (a, it) => {
    a.str(it.mailbox ?? "").strs(it.entries);
    a.option(it.maxSize, (size) => a.u32(size)).u8({ 0: 0, 1: 1 }[it.depth ?? 0] ?? 2);
  },
  setMetadata: (a, it) => {
    a.str(it.mailbox ?? "");
    a.list(Object.entries(it.entries), ([name, value]) => { a.str(name); a.option(value, (bytes) => a.bytes(bytes)); });
  },
  language: (a, it) => a.strs(it.ranges),
  comparator: (a, it) => a.strs(it.orders),
  genUrlAuth: (a, it) => a.list(it.urls, ({ url, mechanism }) => a.str(url).str(mechanism ?? "INTERNAL")),
  resetKey: (a, it) => { a.option(it.mailbox, (name) => a.str(name)); a.strs(it.mechanisms); },
  urlFetch: (a, it) => a.list(it.urls, ({ url, parts }) => {
    a.str(url).list(parts, (part) => a.u8({ body: 0, binary: 1 }[part] ?? 2));
  }),
  notify: (a, it) => {
    a.bool(it.status).list(it.groups, (group) => {
      mailboxes(a, group.mailboxes);
      a.list(group.events, (event) => {
        if (typeof event === "object") a.str("messageNew").list(event.messageNew, (one) => item(a, one));
        else {
          a.str(event);
          if (event === "messageNew") a.list([]);
        }
      });
    });
  },
  custom: (a, it) => {
    const KINDS = { atom: 0, string: 1, mailbox: 2, secret: 3, set: 4, raw: 5 };
    a.str(it.name).list(it.args, (one) => {
      if (typeof one === "string") return a.u8(1).bytes(one);
      const [kind] = Object.keys(one);
      if (!(kind in KINDS)) throw invalid(`no such kind of argument: ${kind}`);
      a.u8(KINDS[kind]).bytes(one[kind]);
    });
  },
};

/** The arguments of a command, to be given to the wasm. */
export function encode(name, args = {}) {
  const write = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!write) throw invalid(`no such command: ${name}`);
  const a = new Args();
  write(a, args);
  return a.finish();
}
