// Runs in Deno: the helpers for Deno, by TLS and by STARTTLS.
import { ImapClient, Pop3Client, watch } from "mailwire";
import { connectTcp, connectTls } from "mailwire/deno";

const [imap, imaps, pop3, pop3s, ca] = Deno.args;
const caCerts = [Deno.readTextFileSync(ca)];
const auth = { user: "alice", pass: "password" };
const host = "localhost";
for (const transport of [connectTls({ host, port: +imaps, caCerts }), connectTcp({ host, port: +imap, caCerts })]) {
  const mail = await ImapClient.connect(transport, { auth });
  if (!mail.secure) throw new Error("in clear");
  await mail.compress();
  await mail.select("INBOX");
  for await (const { envelope } of mail.fetch("1:*", { envelope: true })) console.log(envelope.subject);
  await mail.logout();
}
for (const transport of [connectTls({ host, port: +pop3s, caCerts }), connectTcp({ host, port: +pop3, caCerts })]) {
  const mail = await Pop3Client.connect(transport, { auth });
  console.log((await mail.stat()).count, new TextDecoder().decode(await mail.bytes(1)).endsWith("Hello!\r\n"));
  await mail.quit();
}
for await (const { subject } of watch(() => connectTls({ host, port: +imaps, caCerts }), { auth, start: "everything" })) {
  console.log(subject);
  break;
}
try {
  await ImapClient.connect(connectTls({ host, port: +imaps }), { auth });
} catch (error) {
  console.log(/certificate|UnknownIssuer/i.test(error.message) ? "not trusted" : error);
}
