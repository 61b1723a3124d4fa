import { ImapClient, ImapConnection, Pop3Client, Pop3Connection, TransferDecoderStream, Watch, decodeText, watch, type ImapEvent, type ImapCommand, type MailError, type Pop3Event, type WatchEvent } from "mailwire";
import { connectTls } from "mailwire/node";

export async function use(): Promise<number> {
  const auth = { user: "a", pass: "b" };
  await using mail = await ImapClient.connect(connectTls({ host: "localhost", port: 993 }), { auth, quirks: ["noMove"] });
  const { exists } = await mail.select("INBOX");
  for await (const message of mail.fetch("1:*", { envelope: true, body: true })) {
    const subject: string | undefined = message.envelope?.subject;
    const body: ReadableStream<Uint8Array> = message.body();
    void subject;
    void body;
  }
  const message = await mail.fetchOne(1, { bodyStructure: true, sections: ["1"] });
  const part = message?.bodyStructure?.find(({ type }) => type === "text/plain");
  // @ts-expect-error: there may be no such part
  mail.download(1, { part });
  // @ts-expect-error: one of them
  mail.download(1, { part: "1", section: "1" });
  if (message && part) {
    const pieces: ReadableStream<Uint8Array> = mail.download(1, { part, partial: [0, 9] });
    const text: string = (await message.text(part)) + decodeText(message.section(part) ?? new Uint8Array(), part.params?.charset);
    new Blob([await message.bytes(part)]);
    void [text, mail.download(1, { part: part.number }), mail.download(1, { section: "1", offset: 3 })];
    void pieces.pipeThrough(new TransferDecoderStream(part.encoding)).pipeThrough(new TextDecoderStream());
  }
  const uids: number[] = await mail.search({ or: [{ from: "x" }, { seen: false }], since: new Date() });
  mail.on("exists", ({ count }) => count.toFixed());
  mail.on("mailboxStatus", ({ mailbox, values }) => [mailbox.length, values.length]);
  for await (const update of mail.updates()) if (update.type === "expunge") update.seq.toFixed();
  const again = await mail.select("INBOX", { qresync: { uidValidity: 1, modSeq: 2n, seqMatch: { numbers: 1, uids: [2] } } });
  again.vanished.length;
  // @ts-expect-error: without QRESYNC there is none
  (await mail.select("INBOX")).vanished;
  await mail.append("a", [{ text: "x" }, { url: "/a" }]);
  const many: number[] = (await mail.appendMany("a", [{ content: "x", flags: ["\\Seen"] }])).uids;
  const { events, tag } = await mail.command("getAcl", { mailbox: "a" });
  for (const event of events) if (event.event === "acl") event.entries[0]?.rights.length;
  await mail.command("noop");
  await mail.command("notify", { groups: [{ mailboxes: { subtree: "a" }, events: ["messageNew", "messageExpunge"] }] });
  // @ts-expect-error: an argument is missing
  await mail.command("getAcl");
  // @ts-expect-error: it has a method of its own
  await mail.command("append", { mailbox: "a", size: 1 });
  // @ts-expect-error: no such command
  await mail.command("nonsense");
  mail.quirks = new Set(["shortCommands"] as const);
  for await (const alert of watch(() => connectTls({ host: "x", port: 993 }), { auth, onCursor: (it) => it[0]?.nextUid })) void alert.subject;
  watch(() => connectTls({ host: "x", port: 995 }), { auth, protocol: "pop3", delete: true, onRecord: (it) => it.length });
  // @ts-expect-error: POP3 has no filter
  watch(() => connectTls({ host: "x", port: 995 }), { auth, protocol: "pop3", filter: { seen: false } });
  const drop = await Pop3Client.connect(connectTls({ host: "x", port: 995 }));
  await drop.command("custom", { text: "XFOO", lines: true });
  await drop.quit();
  return exists + uids.length + many.length + tag.length;
}
/** Unions are whole: what is left in the end is nothing. */
export function imap(event: ImapEvent): string {
  switch (event.event) {
    case "completed": return event.tag + (event.status === "ok");
    case "fetchChunk": return String(event.data.length);
    case "fetchItem": return event.item === "envelope" ? (event.value.subject ?? "") : event.item === "uid" ? event.value.toFixed() : event.item;
    case "status": return typeof event.code === "object" && event.code && "uidNext" in event.code ? event.code.uidNext.toFixed() : event.text;
    case "exists": return event.number.toFixed();
    default: return event.event;
  }
}
export function pop3(event: Pop3Event): string {
  switch (event.event) {
    case "uidlItem": return event.uid;
    case "stat": return event.messages.toFixed();
    default: return event.event;
  }
}
export function watching(event: WatchEvent): string {
  return event.event === "alert" ? event.subject : event.event === "retry" ? event.cause : event.event;
}
export const code = (error: MailError): string => error.code;
export const send = (name: ImapCommand, it = new ImapConnection()): string => (name === "noop" ? it.send(name) : it.send("search", { query: { seen: true } }));
new Watch({ protocol: "pop3", record: new Uint8Array() }).free();
new Pop3Connection().send("top", { message: 1 });
// @ts-expect-error: no such key
new ImapConnection().send("search", 1);
// @ts-expect-error: no such quirk
new ImapConnection({ quirks: ["nonsense"] });
