// Runs in Deno: the helpers for Deno.
import * as helpers from "mailwire/deno";
import { session } from "./session.mjs";

const [ports, caFile] = [Deno.args.slice(0, 4), Deno.args[4]];
await session(helpers, { caCerts: [Deno.readTextFileSync(caFile)] }, ports);
