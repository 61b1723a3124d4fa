import { ImapClient, ImapConnection, Pop3Client, watch, type ImapEvent, type MailError } from "mailwire";
import { connectTls } from "mailwire/node";

export async function use(): Promise<number> {
  await using mail = await ImapClient.connect(connectTls({ host: "localhost", port: 993 }), { auth: { user: "a", pass: "b" } });
  const { exists } = await mail.select("INBOX");
  for await (const message of mail.fetch("1:*", { envelope: true, body: true })) {
    const subject: string | undefined = message.envelope?.subject;
    const body: ReadableStream<Uint8Array> = message.body();
    void subject;
    void body;
  }
  const uids: number[] = await mail.search({ or: [{ from: "x" }, { seen: false }], since: new Date() });
  mail.on("exists", ({ count }) => count.toFixed());
  for await (const alert of watch(() => connectTls({ host: "x", port: 993 }), { auth: { user: "a", pass: "b" } })) void alert.subject;
  await (await Pop3Client.connect(connectTls({ host: "x", port: 995 }))).quit();
  return exists + uids.length;
}
export function kinds(event: ImapEvent): string {
  switch (event.event) {
    case "completed": return event.tag;
    case "fetchChunk": return String(event.data.length);
    case "exists": return event.number.toFixed();
    default: return event.event;
  }
}
export const code = (error: MailError): string => error.code;
// @ts-expect-error: no such key
new ImapConnection().send("search", 1);
