// The one instance of the wasm, and how it gets there.
import load, { initSync as loadSync } from "./mailwire.js";
import { MailError } from "./errors.js";

let exports;
let loading;
let source;

/** An entry of the package says where the wasm is: for `init` without an argument. */
export function setSource(where) {
  source = where;
}

/** Loads the wasm; once, however often it is called. */
export function init(input) {
  if (exports) return Promise.resolve();
  loading ??= Promise.resolve(input ?? source?.())
    .then((where) => load({ module_or_path: where }))
    .then(
      (it) => void (exports = it),
      (error) => {
        loading = undefined;
        throw new MailError("WASM", `the wasm cannot be loaded: ${error?.message ?? error}`, { cause: error });
      },
    );
  return loading;
}

/** The same, at once, from bytes or a compiled module. */
export function initSync(module) {
  exports ??= loadSync({ module });
}

/** The memory of the wasm. It may be another buffer after each call into it. */
export function memory() {
  if (!exports) throw new MailError("NOT_LOADED", "the wasm is not loaded: await init() first");
  return exports.memory.buffer;
}
