// node watch.mjs HOST USER: tells of each mail that comes. The password is in MAIL_PASSWORD.
import fs from "node:fs";
import { watch } from "mailwire";
import { connectTls } from "mailwire/node";

const [host = "localhost", user = "alice"] = process.argv.slice(2);
const kept = "cursor.json";
const options = {
  auth: { user, pass: process.env.MAIL_PASSWORD ?? "" },
  cursors: fs.existsSync(kept) ? JSON.parse(fs.readFileSync(kept, "utf8")) : undefined,
  onCursor: (cursors) => fs.writeFileSync(kept, JSON.stringify(cursors, (_, value) => (typeof value === "bigint" ? String(value) : value))),
  onRetry: ({ cause, delay }) => console.error(`${cause}; again in ${delay ?? 0} ms`),
};
const connect = () => connectTls({ host, port: Number(process.env.MAIL_PORT ?? 993) });
for await (const { from, subject, preview } of watch(connect, options)) console.log(from[0]?.spec ?? "nobody", subject, preview ?? "");
