// node inbox.mjs HOST USER: the newest messages of an inbox. The password is in MAIL_PASSWORD.
import { ImapClient } from "mailwire";
import { connectTls } from "mailwire/node";

const [host = "localhost", user = "alice"] = process.argv.slice(2);
/** What a mail says must not act on the terminal. */
const plain = (text) => text.replace(/\p{Cc}/gu, " ");

try {
  const transport = connectTls({ host, port: Number(process.env.MAIL_PORT ?? 993) });
  const mail = await ImapClient.connect(transport, { auth: { user, pass: process.env.MAIL_PASSWORD ?? "" } });
  try {
    const { exists } = await mail.examine("INBOX");
    if (exists) {
      for await (const { uid, envelope } of mail.fetch(`${Math.max(1, exists - 19)}:*`, { envelope: true })) {
        console.log(uid, plain(envelope.from[0]?.address ?? "nobody"), plain(envelope.subject));
      }
    }
  } finally {
    await mail.logout();
  }
} catch (error) {
  console.error(plain(error.message));
  process.exitCode = 1;
}
