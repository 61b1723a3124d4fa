import { initSync } from "./core.js";
import wasm from "./mailwire_bg.wasm";
initSync(wasm);
export * from "./core.js";
