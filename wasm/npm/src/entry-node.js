import { readFileSync } from "node:fs";
import { initSync } from "./wasm.js";
initSync(readFileSync(__dirname + "/mailwire_bg.wasm"));
export * from "./api.js";
