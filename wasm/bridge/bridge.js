#!/usr/bin/env node
// A WebSocket-to-TCP bridge for development: see README.md for what it is not.
import fs from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";

const HIGH = 1 << 20;
const LOW = 1 << 18;

/**
 * Starts a bridge. `allow`: the targets, `imaps://host:port` or `imap://host:port` (also pop3s,
 * pop3), which a page names in the path: `ws://127.0.0.1:8993/imaps/host/993`.
 */
export function bridge({ allow, origins = [], host = "127.0.0.1", port = 8993, connections = 32, idle = 35 * 60_000, ca, log = () => {} }) {
  const targets = new Map();
  for (const target of allow) {
    const url = new URL(target);
    const kind = url.protocol.slice(0, -1);
    if (!["imap", "imaps", "pop3", "pop3s"].includes(kind) || !url.port) throw new Error(`not a target such as imaps://host:993: ${target}`);
    targets.set(`/${kind}/${url.hostname}/${url.port}`, { host: url.hostname.replace(/^\[|\]$/g, ""), port: +url.port, secure: kind.endsWith("s") });
  }
  const server = new WebSocketServer({
    host, port, perMessageDeflate: false, maxPayload: 1 << 20,
    handleProtocols: (offered) => (offered.has("binary") ? "binary" : false),
    verifyClient: ({ origin, req }, done) => {
      // A page of another origin must not reach the mail server through us.
      if (!origins.includes(origin)) return done(false, 403, "this origin is not allowed");
      if (!targets.has(req.url)) return done(false, 404, "this target is not allowed");
      if (server.clients.size >= connections) return done(false, 503, "too many connections");
      done(true);
    },
  });
  server.on("connection", (ws, request) => {
    const { secure, ...where } = targets.get(request.url);
    log(`${request.headers.origin} -> ${request.url}`);
    const socket = secure ? tls.connect({ ...where, servername: net.isIP(where.host) ? undefined : where.host, ca }) : net.connect(where);
    socket.setTimeout(idle, () => socket.destroy(new Error("nothing happened for long")));
    let waiting;
    socket.on("data", (bytes) => {
      ws.send(bytes);
      if (ws.bufferedAmount > HIGH && !waiting) {
        socket.pause();
        waiting = setInterval(() => {
          if (ws.bufferedAmount > LOW) return;
          clearInterval(waiting);
          waiting = undefined;
          socket.resume();
        }, 5);
      }
    });
    ws.on("message", (bytes, binary) => {
      if (!binary) return ws.close(1003, "bytes only");
      if (!socket.write(bytes)) {
        ws.pause();
        socket.once("drain", () => ws.resume());
      }
    });
    const over = (code, why) => {
      clearInterval(waiting);
      if (ws.readyState <= 1) ws.close(code, why.replace(/[^ -~]/g, "?").slice(0, 120));
      socket.destroy();
    };
    socket.on("error", (error) => over(1011, error.message));
    socket.on("close", () => over(1000, ""));
    ws.on("error", () => over(1011, "a broken WebSocket"));
    ws.on("close", () => over(1000, ""));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => resolve({ port: server.address().port, close: () => {
      for (const ws of server.clients) ws.terminate();
      return new Promise((done) => server.close(done));
    } }));
  });
}

const usage = `mailwire-bridge --allow imaps://mail.example.org:993 --origin http://localhost:5173
  --allow TARGET    a server that may be reached; imap, imaps, pop3 or pop3s; may be repeated
  --origin ORIGIN   an origin whose pages may connect; may be repeated
  --port PORT       where to listen (8993)
  --host HOST       the address to listen on (127.0.0.1)
  --connections N   how many at once (32)
  --ca FILE         a certificate to trust beside the usual ones`;

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const text = { type: "string" };
  const many = { type: "string", multiple: true, default: [] };
  const { values } = parseArgs({ options: { allow: many, origin: many, port: text, host: text, connections: text, ca: text, help: { type: "boolean" } } });
  if (values.help || !values.allow.length || !values.origin.length) {
    console.error(usage);
    process.exit(values.help ? 0 : 2);
  }
  const { port } = await bridge({
    allow: values.allow, origins: values.origin, host: values.host, port: +(values.port ?? 8993),
    connections: +(values.connections ?? 32), ca: values.ca && [...tls.rootCertificates, fs.readFileSync(values.ca, "utf8")], log: console.log,
  });
  console.log(`Listening on ${values.host ?? "127.0.0.1"}:${port}.`);
}
