// node watch.mjs HOST USER [pop3]: tells of each mail that comes. The password is in MAIL_PASSWORD.
// How far it got is kept in watched.json, so nothing is missed while it does not run.
import fs from "node:fs";
import { watch } from "mailwire";
import { connectTls } from "mailwire/node";

const [host = "localhost", user = "alice", protocol = "imap"] = process.argv.slice(2);
const port = Number(process.env.MAIL_PORT ?? (protocol === "pop3" ? 995 : 993));
const file = "watched.json";
const kept = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
const keep = (what) => {
  Object.assign(kept, what);
  // First beside it: a file that was written by half is no use.
  fs.writeFileSync(`${file}.new`, JSON.stringify(kept, (_, value) => (typeof value === "bigint" ? String(value) : value)));
  fs.renameSync(`${file}.new`, file);
};
/** What a mail says must not act on the terminal. */
const plain = (text) => String(text ?? "").replace(/\p{Cc}/gu, " ");

const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
const options = {
  protocol,
  auth: { user, pass: process.env.MAIL_PASSWORD ?? "" },
  signal: stop.signal,
  // Over IMAP a cursor for each mailbox, over POP3 a record of the maildrop.
  cursors: kept.cursors,
  record: kept.record && Buffer.from(kept.record, "base64"),
  onCursor: (cursors) => keep({ cursors }),
  onRecord: (record) => keep({ record: Buffer.from(record).toString("base64") }),
  onOpen: ({ mailbox, exists }) => console.error(`Watching ${plain(mailbox)}, which has ${exists} messages.`),
  onRetry: ({ cause, delay = 0 }) => console.error(cause === "POLL" ? "All is told." : `${cause}; again in ${Math.round(delay / 1000)} s.`),
};
try {
  for await (const { from, subject, preview } of watch(() => connectTls({ host, port, signal: stop.signal }), options)) {
    console.log(plain(from[0]?.address ?? "nobody"), plain(subject), plain(preview));
  }
} catch (error) {
  if (!stop.signal.aborted) {
    console.error(plain(error.message));
    process.exitCode = 1;
  }
}
