// Runs in Bun, which has the sockets of Node.
import * as helpers from "mailwire/node";
import { session } from "./session.mjs";

const [ports, caFile] = [process.argv.slice(2, 6), process.argv[6]];
await session(helpers, { tls: { ca: await Bun.file(caFile).text() } }, ports);
process.exit(0);
