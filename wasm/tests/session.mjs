// What Deno and Bun do alike, with their own helpers: by TLS and by STARTTLS.
import { ImapClient, Pop3Client, TransferDecoderStream, watch } from "mailwire";

const auth = { user: "alice", pass: "password" };
const host = "localhost";

/** `trust`: what makes the server's certificate good. */
export async function session({ connectTcp, connectTls }, trust, [imap, imaps, pop3, pop3s]) {
  for (const transport of [connectTls({ host, port: +imaps, ...trust }), connectTcp({ host, port: +imap, ...trust })]) {
    const mail = await ImapClient.connect(transport, { auth });
    if (!mail.secure) throw new Error("in clear");
    await mail.compress();
    await mail.select("INBOX");
    for await (const { envelope } of mail.fetch("1:*", { envelope: true })) console.log(envelope.subject);
    console.log(await new Response(mail.download(1, { part: "1" }).pipeThrough(new TransferDecoderStream("quoted-printable"))).text());
    await mail.logout();
  }
  for (const transport of [connectTls({ host, port: +pop3s, ...trust }), connectTcp({ host, port: +pop3, ...trust })]) {
    const mail = await Pop3Client.connect(transport, { auth });
    console.log((await mail.stat()).count, new TextDecoder().decode(await mail.bytes(1)).endsWith("Hello!\r\n"));
    await mail.quit();
  }
  for await (const { subject } of watch(() => connectTls({ host, port: +imaps, ...trust }), { auth, start: "everything" })) {
    console.log(subject);
    break;
  }
  try {
    await ImapClient.connect(connectTls({ host, port: +imaps }), { auth });
  } catch (error) {
    console.log(/certificate|UnknownIssuer/i.test(error.message) ? "not trusted" : error);
  }
}
