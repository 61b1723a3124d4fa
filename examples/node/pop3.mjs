// node pop3.mjs HOST USER: what is in a maildrop. The password is in MAIL_PASSWORD.
import { Pop3Client } from "mailwire";
import { connectTls } from "mailwire/node";

const [host = "localhost", user = "alice"] = process.argv.slice(2);
const transport = connectTls({ host, port: Number(process.env.MAIL_PORT ?? 995) });
const mail = await Pop3Client.connect(transport, { auth: { user, pass: process.env.MAIL_PASSWORD ?? "" } });
try {
  const { count, size } = await mail.stat();
  console.log(`${count} messages, ${size} bytes`);
  for (const { number } of await mail.list()) {
    const decoder = new TextDecoder();
    let header = "";
    for await (const chunk of mail.top(number)) header += decoder.decode(chunk, { stream: true });
    console.log(number, /^Subject: (.*)$/im.exec(header)?.[1] ?? "");
  }
} finally {
  await mail.quit();
}
