// A Dovecot for a test: `cargo run -p mailwire-tests --bin dovecot`.
import { spawn } from "node:child_process";
import fs from "node:fs";

export async function dovecot() {
  const program = process.env.MAILWIRE_DOVECOT;
  const child = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
  let text = "";
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (data) => /^CA: .*\n/m.test((text += data)) && resolve());
    child.on("exit", () => reject(new Error("no Dovecot")));
  });
  const port = (kind) => +new RegExp(`^${kind}:.*:(\\d+)`, "m").exec(text)[1];
  return {
    imap: port("IMAP"), imaps: port("IMAPS"), pop3: port("POP3"), pop3s: port("POP3S"),
    ca: fs.readFileSync(/^CA:\s+(\S+)/m.exec(text)[1]),
    caFile: /^CA:\s+(\S+)/m.exec(text)[1],
    stop: () => new Promise((resolve) => {
      child.removeAllListeners("exit");
      child.on("exit", resolve);
      child.stdin.end();
    }),
  };
}
