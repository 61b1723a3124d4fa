// node pop3.mjs HOST USER: what is in a maildrop. The password is in MAIL_PASSWORD.
import { Pop3Client, decodeWords } from "mailwire";
import { connectTls } from "mailwire/node";

const [host = "localhost", user = "alice"] = process.argv.slice(2);
/** What a mail says must not act on the terminal. */
const plain = (text) => text.replace(/\p{Cc}/gu, " ");

try {
  const transport = connectTls({ host, port: Number(process.env.MAIL_PORT ?? 995) });
  const mail = await Pop3Client.connect(transport, { auth: { user, pass: process.env.MAIL_PASSWORD ?? "" } });
  try {
    const { count, size } = await mail.stat();
    console.log(`${count} messages, ${size} bytes`);
    for (const { number } of await mail.list()) {
      let header = "";
      const decoder = new TextDecoder();
      for await (const chunk of mail.top(number)) header += decoder.decode(chunk, { stream: true });
      // A field goes on in lines that begin with a space.
      const subject = /^Subject:(.*(?:\r\n[ \t].*)*)/im.exec(header)?.[1].replaceAll("\r\n", "").trim() ?? "";
      console.log(number, plain(decodeWords(subject)));
    }
  } finally {
    await mail.quit();
  }
} catch (error) {
  console.error(plain(error.message));
  process.exitCode = 1;
}
