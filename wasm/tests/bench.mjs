// node bench.mjs: beside ImapFlow, on the same Dovecot, in one run. Not in tests/run: it needs imapflow.
import { ImapClient } from 'mailwire';
import { connectTls } from 'mailwire/node';
import { ImapFlow } from 'imapflow';
import { dovecot } from './server.mjs';

const s = await dovecot(); const auth = { user: 'alice', pass: 'password' };
try {
const c = await ImapClient.connect(connectTls({ host: 'localhost', port: s.imaps, tls: { ca: s.ca } }), { auth });
await c.create('Many'); await c.create('Big');
const one = i => `From: "Person ${i}" <p${i}@example.org>\r\nTo: a@b.c\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <${i}@x>\r\nSubject: Number ${i} of many\r\n\r\nx\r\n`;
for (let i = 0; i < 625; i++) await c.append('Many', one(i)); await c.select('Many'); for (let n = 0; n < 4; n++) await c.copy('1:*', 'Many'); console.log((await c.select('Many')).exists);
const mb = new Uint8Array(1 << 20).fill(97); for (let i = 76; i < mb.length; i += 78) { mb[i] = 13; mb[i + 1] = 10; }
const size = 100 * mb.length; await c.append('Big', (async function* () { for (let i = 0; i < 100; i++) yield mb; })(), { size });
const time = async (name, f) => { const t = performance.now(); const n = await f(); console.log(name, Math.round(performance.now() - t), 'ms', n, 'rss', Math.round(process.memoryUsage().rss / 1e6)); };
for (let k = 0; k < 3; k++) { await c.select('Many'); await time('mailwire envelopes', async () => { let n = 0; for await (const m of c.fetch('1:*', { envelope: true, flags: true })) n += m.envelope.subject ? 1 : 0; return n; });
await c.select('Big'); await time('mailwire 100 MB', async () => { let n = 0; for await (const x of c.download(1)) n += x.length; return n; }); }
await c.logout();
const f = new ImapFlow({ host: 'localhost', port: s.imaps, secure: true, auth, logger: false, tls: { ca: s.ca } }); await f.connect();
for (let k = 0; k < 3; k++) { await f.mailboxOpen('Many'); await time('imapflow envelopes', async () => { let n = 0; for await (const m of f.fetch('1:*', { envelope: true, flags: true })) n += m.envelope.subject ? 1 : 0; return n; });
await f.mailboxOpen('Big'); await time('imapflow 100 MB', async () => { const { content } = await f.download('1', undefined, { uid: true }); let n = 0; for await (const x of content) n += x.length; return n; }); }
await f.logout();
} finally { await s.stop(); }
