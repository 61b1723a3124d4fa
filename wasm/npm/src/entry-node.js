import { readFileSync } from "node:fs";
import { initSync } from "./core.js";
initSync(readFileSync(new URL("./mailwire_bg.wasm", import.meta.url)));
export * from "./core.js";
