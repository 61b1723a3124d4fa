// node bench.mjs: mailwire beside ImapFlow, on the same Dovecot, over TLS, each in a process of its
// own. Not in wasm/test: it needs imapflow beside it, and a machine that does nothing else.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const auth = { user: "alice", pass: "password" };
const host = "localhost";
const MESSAGES = 10_000;
const SIZE = 100 << 20;
const ROUNDS = 5;

const clients = {
  async mailwire(port, ca) {
    const { ImapClient } = await import("mailwire");
    const { connectTls } = await import("mailwire/node");
    const mail = await ImapClient.connect(connectTls({ host, port, tls: { ca } }), { auth });
    return {
      open: (name) => mail.select(name),
      async *envelopes() { yield* mail.fetch("1:*", { envelope: true, flags: true }); },
      body: async () => mail.download(1),
      end: () => mail.logout(),
    };
  },
  async imapflow(port, ca) {
    const { ImapFlow } = await import("imapflow");
    const mail = new ImapFlow({ host, port, secure: true, auth, logger: false, tls: { ca } });
    await mail.connect();
    return {
      open: (name) => mail.mailboxOpen(name),
      envelopes: () => mail.fetch("1:*", { envelope: true, flags: true }),
      body: async () => (await mail.download("1", undefined, { uid: true })).content,
      end: () => mail.logout(),
    };
  },
};

async function measure(name, port, caFile) {
  const { readFileSync } = await import("node:fs");
  const client = await clients[name](port, readFileSync(caFile));
  const best = async (what) => {
    let [wall, cpu] = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round++) {
      const [begun, used] = [performance.now(), process.cpuUsage()];
      await what();
      wall = Math.min(wall, performance.now() - begun);
      const { user, system } = process.cpuUsage(used);
      cpu = Math.min(cpu, (user + system) / 1000);
    }
    return { wall: Math.round(wall), cpu: Math.round(cpu) };
  };
  await client.open("Many");
  const envelopes = await best(async () => {
    let count = 0;
    for await (const { envelope } of client.envelopes()) if (envelope.subject.startsWith("Number")) count++;
    if (count !== MESSAGES) throw new Error(`${count} messages`);
  });
  await client.open("Big");
  const before = process.memoryUsage().rss;
  let most = before;
  const download = await best(async () => {
    let got = 0;
    for await (const chunk of await client.body()) {
      got += chunk.length;
      most = Math.max(most, process.memoryUsage.rss());
    }
    if (got < SIZE) throw new Error(`${got} bytes`);
  });
  await client.end();
  console.log(JSON.stringify({ envelopes, download, memory: Math.round((most - before) / 1e6) }));
}

async function main() {
  const { ImapClient, version } = await import("mailwire");
  const { connectTls } = await import("mailwire/node");
  const { dovecot } = await import("./server.mjs");
  const server = await dovecot();
  try {
    const mail = await ImapClient.connect(connectTls({ host, port: server.imaps, tls: { ca: server.ca } }), { auth });
    await mail.create("Many");
    await mail.create("Big");
    const one = (i) => `From: "Person ${i}" <p${i}@example.org>\r\nTo: Alice <a@example.org>, b@example.org\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${i}@example.org>\r\nSubject: Number ${i} of many\r\n\r\nx\r\n`;
    await mail.appendMany("Many", Array.from({ length: 625 }, (_, i) => ({ content: one(i) })));
    await mail.select("Many");
    for (let count = 625; count < MESSAGES; count *= 2) await mail.copy(`1:${count}`, "Many");
    const piece = new Uint8Array(1 << 20).fill(97);
    for (let at = 76; at < piece.length; at += 78) piece.set([13, 10], at);
    await mail.append("Big", (async function* () { for (let i = 0; i < SIZE / piece.length; i++) yield piece; })(), { size: SIZE });
    await mail.logout();
    console.log(`mailwire ${version()}, Node ${process.version}, the best of ${ROUNDS}; ms and ms of CPU for ${MESSAGES} envelopes, the same for ${SIZE} bytes, MB of memory that these took at most`);
    for (const name of Object.keys(clients)) {
      const told = execFileSync(process.execPath, [fileURLToPath(import.meta.url), name, String(server.imaps), server.caFile], { encoding: "utf8" });
      console.log(name.padEnd(10), told.trim());
    }
  } finally {
    await server.stop();
  }
}

const [name, port, caFile] = process.argv.slice(2);
await (name ? measure(name, +port, caFile) : main());
