// What each command looks like on the wire, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ImapConnection } from "mailwire";

const bytes = (text) => new TextEncoder().encode(text);

function session({ capabilities = "IMAP4rev1", ...options } = {}) {
  const imap = new ImapConnection(options);
  let tag = 0;
  const hear = (text) => {
    imap.receiveData(bytes(text));
    while (imap.nextEvent());
  };
  const said = () => {
    let all = "";
    for (let part; (part = imap.dataToSend()); ) all += Buffer.from(part).toString();
    return all;
  };
  const say = (name, args) => {
    const sent = imap.send(name, args);
    const line = said().replace(`${sent} `, "");
    hear(`${sent} OK done\r\n`);
    tag++;
    return line;
  };
  hear(`* PREAUTH [CAPABILITY ${capabilities}] hello\r\n`);
  return { imap, hear, said, say };
}

const set = "1:3";
const CASES = [
  ["noop", {}, "NOOP"],
  ["capability", {}, "CAPABILITY"],
  ["namespace", {}, "NAMESPACE"],
  ["create", { mailbox: "Entwürfe", specialUse: ["\\Drafts"] }, 'CREATE "Entw&APw-rfe" (USE (\\Drafts))'],
  ["delete", { mailbox: 'a"b' }, 'DELETE "a\\"b"'],
  ["rename", { from: "a", to: "b" }, 'RENAME "a" "b"'],
  ["subscribe", { mailbox: "a" }, 'SUBSCRIBE "a"'],
  ["unsubscribe", { mailbox: "a" }, 'UNSUBSCRIBE "a"'],
  ["list", {}, 'LIST "" "*"'],
  ["list", { reference: "r", patterns: ["a", "b%"], selection: ["recursiveMatch", "subscribed"], returns: ["children", "specialUse", { status: ["messages", "size", "deletedStorage"] }, { metadata: ["/private/comment"] }] },
    'LIST (RECURSIVEMATCH SUBSCRIBED) "r" ("a" "b%") RETURN (CHILDREN SPECIAL-USE STATUS (MESSAGES SIZE DELETED-STORAGE) METADATA ("/private/comment"))'],
  ["lsub", { pattern: "%" }, 'LSUB "" "%"'],
  ["xlist", {}, 'XLIST "" "*"'],
  ["rlist", {}, 'RLIST "" "*"'],
  ["rlsub", {}, 'RLSUB "" "*"'],
  ["status", { mailbox: "a" }, 'STATUS "a" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)'],
  ["status", { mailbox: "a", items: ["highestModSeq", "mailboxId", "appendLimit", "X-OWN"] }, 'STATUS "a" (HIGHESTMODSEQ MAILBOXID APPENDLIMIT X-OWN)'],
  ["id", {}, "ID NIL"],
  ["id", { fields: { name: "x", version: null } }, 'ID ("name" "x" "version" NIL)'],
  ["getQuota", {}, 'GETQUOTA ""'],
  ["getQuotaRoot", { mailbox: "a" }, 'GETQUOTAROOT "a"'],
  ["setQuota", { limits: { STORAGE: 10, MESSAGE: 2n ** 60n } }, 'SETQUOTA "" (STORAGE 10 MESSAGE 1152921504606846976)'],
  ["setAcl", { mailbox: "a", identifier: "b", rights: "+lr" }, 'SETACL "a" "b" "+lr"'],
  ["setAcl", { mailbox: "a", identifier: "b", rights: "" }, 'SETACL "a" "b" ""'],
  ["deleteAcl", { mailbox: "a", identifier: "b" }, 'DELETEACL "a" "b"'],
  ["getAcl", { mailbox: "a" }, 'GETACL "a"'],
  ["listRights", { mailbox: "a", identifier: "b" }, 'LISTRIGHTS "a" "b"'],
  ["myRights", { mailbox: "a" }, 'MYRIGHTS "a"'],
  ["getMetadata", { entries: ["/shared/x"], depth: "infinity" }, 'GETMETADATA (DEPTH infinity) "" ("/shared/x")'],
  ["getMetadata", { mailbox: "a", entries: ["/shared/x"], maxSize: 9, depth: 1 }, 'GETMETADATA (MAXSIZE 9 DEPTH 1) "a" ("/shared/x")'],
  ["setMetadata", { mailbox: "a", entries: { "/private/c": "x", "/private/d": null } }, 'SETMETADATA "a" ("/private/c" "x" "/private/d" NIL)'],
  ["language", { ranges: ["de"] }, 'LANGUAGE "de"'],
  ["comparator", {}, "COMPARATOR"],
  ["getJmapAccess", {}, "GETJMAPACCESS"],
  ["genUrlAuth", { urls: [{ url: "imap://x" }] }, 'GENURLAUTH "imap://x" INTERNAL'],
  ["resetKey", { mailbox: "a", mechanisms: ["INTERNAL"] }, 'RESETKEY "a" INTERNAL'],
  ["urlFetch", { urls: [{ url: "u" }, { url: "v", parts: ["body", "bodyPartStructure"] }] }, 'URLFETCH "u" ("v" BODY BODYPARTSTRUCTURE)'],
  ["notify", {}, "NOTIFY NONE"],
  ["select", { mailbox: "INBOX" }, 'SELECT "INBOX"'],
  ["select", { mailbox: "INBOX", condStore: true, qresync: { uidValidity: 3, modSeq: 2n ** 62n, knownUids: "1:9", seqMatch: { numbers: [1, 2], uids: [5, 7] } } },
    'SELECT "INBOX" (CONDSTORE QRESYNC (3 4611686018427387904 1:9 (1:2 5,7)))'],
  ["examine", { mailbox: "a" }, 'EXAMINE "a"'],
  ["check", {}, "CHECK"],
  ["expunge", {}, "EXPUNGE"],
  ["expunge", { uids: [1, 2, 3, 9] }, "UID EXPUNGE 1:3,9"],
  ["fetch", { set, items: ["all"] }, "FETCH 1:3 ALL"],
  ["fetch", { uid: true, set: "1:*", items: ["flags", "uid", "envelope", "internalDate", "rfc822Size", "bodyStructure", "rfc822Header", "modSeq", "preview", "gmLabels"] },
    "UID FETCH 1:* (FLAGS UID ENVELOPE INTERNALDATE RFC822.SIZE BODYSTRUCTURE RFC822.HEADER MODSEQ PREVIEW X-GM-LABELS)"],
  ["fetch", { set, items: [{ section: "" }, { section: "1.2.mime", peek: false }, { section: "HEADER.FIELDS (From X-(odd))".replace("(odd)", "{odd") }, { section: "3.TEXT", partial: [0, 512] }, { section: "4" }, { section: "2.HEADER" }, { section: "header.fields.not (to)" }] },
    'FETCH 1:3 (BODY.PEEK[] BODY[1.2.MIME] BODY.PEEK[HEADER.FIELDS (From "X-{odd")] BODY.PEEK[3.TEXT]<0.512> BODY.PEEK[4] BODY.PEEK[2.HEADER] BODY.PEEK[HEADER.FIELDS.NOT (to)])'],
  ["fetch", { set, items: [{ binary: "1.2" }, { binarySize: "1" }, { preview: "lazy" }, { other: "X-THING" }] }, "FETCH 1:3 (BINARY.PEEK[1.2] BINARY.SIZE[1] PREVIEW (LAZY) X-THING)"],
  ["fetch", { uid: true, set, items: ["flags"], changedSince: 5n, partial: [-1, -10] }, "UID FETCH 1:3 FLAGS (CHANGEDSINCE 5 PARTIAL -1:-10)"],
  ["store", { set, action: "add", silent: true, flags: ["\\Seen", "$Junk"], unchangedSince: 7 }, "STORE 1:3 (UNCHANGEDSINCE 7) +FLAGS.SILENT (\\Seen $Junk)"],
  ["store", { uid: true, set, flags: [] }, "UID STORE 1:3 FLAGS ()"],
  ["storeGmLabels", { uid: true, set, action: "remove", labels: ["Arbeit ü"] }, 'UID STORE 1:3 -X-GM-LABELS ("Arbeit &APw-")'],
  ["copy", { set, mailbox: "a" }, 'COPY 1:3 "a"'],
  ["move", { uid: true, set, mailbox: "a" }, 'UID MOVE 1:3 "a"'],
  ["search", {}, "SEARCH ALL"],
  ["search", { uid: true, query: { unseen: true, answered: false, new: false, from: ["a", "b"], header: { "X-A": true }, since: "2026-02-03", larger: 10, or: [{ seen: true }, { to: "x", cc: "y" }, { deleted: true }], not: { keyword: "k" }, uid: [1, 2], and: [{ text: "t" }] } },
    'UID SEARCH UNSEEN UNANSWERED NOT NEW FROM "a" FROM "b" HEADER "X-A" "" SINCE 3-Feb-2026 LARGER 10 OR SEEN OR (TO "x" CC "y") DELETED NOT KEYWORD k UID 1:2 (TEXT "t")'],
  ["search", { query: [{ fuzzy: { subject: "s" } }, { modSeq: 9n, flagModSeq: { flag: "\\Seen", entry: "priv", modSeq: 4 }, emailId: "M1", gmRaw: "in:x", gmLabels: "ü", gmMsgId: 5n, older: 60, savedSince: new Date(0), sequence: "2" }] },
    'SEARCH CHARSET UTF-8 FUZZY SUBJECT "s" (MODSEQ 9 MODSEQ "/flags/\\\\Seen" priv 4 EMAILID M1 X-GM-RAW "in:x" X-GM-LABELS "&APw-" X-GM-MSGID 5 OLDER 60 SAVEDSINCE 1-Jan-1970 2)'],
  ["search", { returns: ["min", "count", { partial: [1, 50] }], query: { seen: true } }, "SEARCH RETURN (MIN COUNT PARTIAL 1:50) SEEN"],
  ["esearch", { in: ["selected", { mailboxes: ["a", "b"] }, { subtreeOne: "c" }], returns: [], query: { seen: true } }, 'ESEARCH IN (selected mailboxes ("a" "b") subtree-one ("c")) RETURN () SEEN'],
  ["sort", { uid: true, criteria: ["-date", "displayFrom"], query: { subject: "x" } }, 'UID SORT (REVERSE DATE DISPLAYFROM) UTF-8 SUBJECT "x"'],
  ["thread", { algorithm: "refs" }, "THREAD REFS UTF-8 ALL"],
  ["cancelUpdate", { tags: ["A1"] }, 'CANCELUPDATE "A1"'],
  ["uidBatches", { size: 100, batches: [1, 3] }, "UIDBATCHES 100 1:3"],
  ["custom", { name: "XFOO", args: ["s", { atom: "a" }, { mailbox: "ü" }, { set: [1, 2] }, { raw: "(x)" }, { secret: "p" }] }, 'XFOO "s" a "&APw-" 1:2 (x) "p"'],
  ["notify", { status: true, groups: [
    { mailboxes: "selected", events: [{ messageNew: ["uid", { section: "HEADER" }] }, "messageExpunge", "flagChange"] },
    { mailboxes: { subtree: "Lists" }, events: ["messageNew", "messageExpunge", "mailboxName"] }, { mailboxes: "personal", events: [] }] },
  'NOTIFY SET STATUS (selected (MessageNew (UID BODY.PEEK[HEADER]) MessageExpunge FlagChange)) (subtree ("Lists") (MessageNew MessageExpunge MailboxName)) (personal NONE)'],
  ["enable", { capabilities: ["CONDSTORE"] }, "ENABLE CONDSTORE", "close"],
  ["unselect", {}, "UNSELECT", "select"],
];

test("each command as it is sent", () => {
  const { say } = session({ sendUnoffered: true });
  for (const [name, args, line, before] of CASES) {
    if (before === "close") say("close");
    if (before === "select") say("select", { mailbox: "INBOX" });
    assert.equal(say(name, args), `${line}\r\n`, name);
  }
});

test("literals wait, and messages are announced", () => {
  const { imap, hear, said } = session({ sendUnoffered: true });
  imap.send("getQuota", { root: "ü" });
  assert.equal(said(), "A1 GETQUOTA {2}\r\n");
  hear("+ go on\r\n");
  assert.equal(said(), "ü\r\n");
  hear("A1 OK done\r\n");
  imap.send("append", { mailbox: "a", size: 5, flags: ["\\Seen"], date: new Date(0) });
  assert.equal(said(), 'A2 APPEND "a" (\\Seen) " 1-Jan-1970 00:00:00 +0000" {5}\r\n');
});

const REFUSED = [
  ["nonsense", {}], ["delete", { mailbox: "a\0" }], ["delete", {}], ["fetch", { set: "1;2", items: ["uid"] }],
  ["fetch", { set, items: [] }], ["fetch", { set, items: ["uid", "all"] }], ["fetch", { set, items: [{ section: "1.HEADER\r\nA NOOP" }] }],
  ["fetch", { set, items: [{ section: "MIME" }] }], ["fetch", { set, items: [{ section: "1." }] }], ["fetch", { set, items: [{ other: "a b" }] }],
  ["fetch", { set, items: [{ section: "", partial: [0, 0] }] }], ["store", { set, flags: ["\\Recent"] }], ["store", { set, flags: ["a b"] }],
  ["search", { query: { larger: -1 } }], ["search", { query: { since: "2026-13-01" } }], ["search", { query: { older: 0 } }],
  ["search", { query: { keyword: "a)" } }], ["search", { returns: ["x) ALL"] }], ["search", { returns: ["all", { partial: [1, 2] }] }],
  ["setAcl", { mailbox: "a", identifier: "", rights: "l" }], ["setAcl", { mailbox: "a", identifier: "b", rights: 'l"' }],
  ["enable", {}], ["status", { mailbox: "a", items: [] }], ["list", { patterns: [] }], ["sort", { criteria: [] }],
  ["setMetadata", { entries: {} }], ["getMetadata", { entries: ["/a/"] }], ["custom", { name: "X Y" }], ["custom", { name: "X", args: [{ raw: "a\r\nb" }] }],
  ["uidBatches", { size: 0 }], ["notify", { groups: [{ mailboxes: "selected", events: ["flagChange"] }] }],
];

test("what is no command is refused, and nothing is sent", () => {
  const { imap, said, say } = session({ sendUnoffered: true });
  say("select", { mailbox: "INBOX" });
  for (const [name, args] of REFUSED) {
    assert.throws(() => imap.send(name, args), { code: "INVALID_ARGUMENT" }, `${name} ${JSON.stringify(args)}`);
    assert.equal(said(), "");
  }
});

const UNOFFERED = [
  ["fetch", { set, items: ["modSeq"] }], ["fetch", { set, items: [{ binary: "1" }] }], ["search", { returns: ["min"] }],
  ["thread", { algorithm: "refs" }], ["list", { patterns: ["a", "b"] }], ["status", { mailbox: "a", items: ["size"] }],
  ["select", { mailbox: "a", condStore: true }], ["store", { set, flags: [], unchangedSince: 1 }], ["notify", {}],
];

test("what the server does not offer is refused", () => {
  const { imap, say } = session();
  say("select", { mailbox: "INBOX" });
  for (const [name, args] of UNOFFERED) assert.throws(() => imap.send(name, args), { code: "NOT_OFFERED" }, name);
  const other = session({ capabilities: "IMAP4rev1 CONDSTORE BINARY ESEARCH THREAD=REFS LIST-EXTENDED STATUS=SIZE NOTIFY" });
  other.say("select", { mailbox: "INBOX" });
  for (const [name, args] of UNOFFERED) other.say(name, args);
});
