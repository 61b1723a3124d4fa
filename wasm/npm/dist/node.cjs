var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key2 of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key2) && key2 !== except)
        __defProp(to, key2, { get: () => from[key2], enumerable: !(desc = __getOwnPropDesc(from, key2)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// src/entry-node.js
var entry_node_exports = {};
__export(entry_node_exports, {
  ImapClient: () => ImapClient,
  ImapConnection: () => ImapConnection,
  MailError: () => MailError,
  Pop3Connection: () => Pop3Connection,
  Watch: () => Watch2,
  decodeWords: () => decodeWords,
  init: () => init,
  initSync: () => initSync2,
  version: () => version
});
module.exports = __toCommonJS(entry_node_exports);
var import_node_fs = require("node:fs");

// src/mailwire.js
var Imap = class {
  __destroy_into_raw() {
    const ptr = this.__wbg_ptr;
    this.__wbg_ptr = 0;
    ImapFinalization.unregister(this);
    return ptr;
  }
  free() {
    const ptr = this.__destroy_into_raw();
    wasm.__wbg_imap_free(ptr, 0);
  }
  /**
   * The next message (`message`), part (`part`), or what ends an upload (`end`, `cancel`,
   * `abandon`).
   * @param {string} what
   * @param {Uint8Array | number[]} args
   */
  append(what, args) {
    let ptr0, len0, ptr1, len1;
    try {
      ptr0 = passStringToWasm0(what, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      len0 = WASM_VECTOR_LEN;
      ptr1 = passArray8ToWasm0(args, wasm.__wbindgen_malloc);
      len1 = WASM_VECTOR_LEN;
    } catch (e) {
      if (ptr1) {
        wasm.__wbindgen_free(ptr1, len1 * 1, 1);
      }
      if (ptr0) {
        wasm.__wbindgen_free(ptr0, len0 * 1, 1);
      }
      throw e;
    }
    const ret = wasm.imap_append(this.__wbg_ptr, ptr0, len0, ptr1, len1);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Logs in by what suits best; the challenges are answered here.
   * @param {Uint8Array | number[]} args
   * @returns {string}
   */
  authenticate(args) {
    let deferred3_0;
    let deferred3_1;
    try {
      const ptr0 = passArray8ToWasm0(args, wasm.__wbindgen_malloc);
      const len0 = WASM_VECTOR_LEN;
      const ret = wasm.imap_authenticate(this.__wbg_ptr, ptr0, len0);
      var ptr2 = ret[0];
      var len2 = ret[1];
      if (ret[3]) {
        ptr2 = 0;
        len2 = 0;
        throw takeFromExternrefTable0(ret[2]);
      }
      deferred3_0 = ptr2;
      deferred3_1 = len2;
      return getStringFromWasm0(ptr2, len2);
    } finally {
      wasm.__wbindgen_free(deferred3_0, deferred3_1, 1);
    }
  }
  /**
   * Where the copied bytes are.
   * @returns {number}
   */
  bytesAt() {
    const ret = wasm.imap_bytesAt(this.__wbg_ptr);
    return ret >>> 0;
  }
  /**
   * Gives up AUTHENTICATE.
   */
  cancel() {
    const ret = wasm.imap_cancel(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Says that no more input will come.
   */
  close() {
    wasm.imap_close(this.__wbg_ptr);
  }
  /**
   * They are no more.
   */
  compressEnded() {
    const ret = wasm.imap_compressEnded(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Both directions are compressed.
   */
  compressStarted() {
    const ret = wasm.imap_compressStarted(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Ends IDLE.
   */
  done() {
    const ret = wasm.imap_done(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * See [`Link::feed`].
   * @param {Uint8Array} chunk
   * @param {number} from
   * @param {number} now
   * @returns {string}
   */
  feed(chunk, from, now2) {
    const ret = wasm.imap_feed(this.__wbg_ptr, chunk, from, now2);
    return ret;
  }
  /**
   * Logs in by LOGIN.
   * @param {string} user
   * @param {Uint8Array | number[]} password
   * @returns {string}
   */
  login(user, password) {
    let deferred4_0;
    let deferred4_1;
    try {
      let ptr0, len0, ptr1, len1;
      try {
        ptr0 = passStringToWasm0(user, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        len0 = WASM_VECTOR_LEN;
        ptr1 = passArray8ToWasm0(password, wasm.__wbindgen_malloc);
        len1 = WASM_VECTOR_LEN;
      } catch (e) {
        if (ptr1) {
          wasm.__wbindgen_free(ptr1, len1 * 1, 1);
        }
        if (ptr0) {
          wasm.__wbindgen_free(ptr0, len0 * 1, 1);
        }
        throw e;
      }
      const ret = wasm.imap_login(this.__wbg_ptr, ptr0, len0, ptr1, len1);
      var ptr3 = ret[0];
      var len3 = ret[1];
      if (ret[3]) {
        ptr3 = 0;
        len3 = 0;
        throw takeFromExternrefTable0(ret[2]);
      }
      deferred4_0 = ptr3;
      deferred4_1 = len3;
      return getStringFromWasm0(ptr3, len3);
    } finally {
      wasm.__wbindgen_free(deferred4_0, deferred4_1, 1);
    }
  }
  /**
   * `rx`: bytes of Rx; `timeout`: milliseconds, 0 for none.
   * @param {number} rx
   * @param {number} timeout
   * @param {boolean} send_unoffered
   * @param {boolean} sasl_ir
   */
  constructor(rx, timeout, send_unoffered, sasl_ir) {
    const ret = wasm.imap_new(rx, timeout, send_unoffered, sasl_ir);
    this.__wbg_ptr = ret;
    ImapFinalization.register(this, this.__wbg_ptr, this);
    return this;
  }
  /**
   * What is to be sent, and counts as sent now.
   * @returns {Uint8Array | undefined}
   */
  output() {
    const ret = wasm.imap_output(this.__wbg_ptr);
    return ret;
  }
  /**
   * Answers a challenge.
   * @param {Uint8Array | number[]} response
   */
  respond(response) {
    const ptr0 = passArray8ToWasm0(response, wasm.__wbindgen_malloc);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.imap_respond(this.__wbg_ptr, ptr0, len0);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Sends a command; its tag.
   * @param {string} name
   * @param {Uint8Array | number[]} args
   * @returns {string}
   */
  send(name, args) {
    let deferred4_0;
    let deferred4_1;
    try {
      let ptr0, len0, ptr1, len1;
      try {
        ptr0 = passStringToWasm0(name, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        len0 = WASM_VECTOR_LEN;
        ptr1 = passArray8ToWasm0(args, wasm.__wbindgen_malloc);
        len1 = WASM_VECTOR_LEN;
      } catch (e) {
        if (ptr1) {
          wasm.__wbindgen_free(ptr1, len1 * 1, 1);
        }
        if (ptr0) {
          wasm.__wbindgen_free(ptr0, len0 * 1, 1);
        }
        throw e;
      }
      const ret = wasm.imap_send(this.__wbg_ptr, ptr0, len0, ptr1, len1);
      var ptr3 = ret[0];
      var len3 = ret[1];
      if (ret[3]) {
        ptr3 = 0;
        len3 = 0;
        throw takeFromExternrefTable0(ret[2]);
      }
      deferred4_0 = ptr3;
      deferred4_1 = len3;
      return getStringFromWasm0(ptr3, len3);
    } finally {
      wasm.__wbindgen_free(deferred4_0, deferred4_1, 1);
    }
  }
  /**
   * Tells how the connection stands, as one value.
   * @returns {string}
   */
  state() {
    const ret = wasm.imap_state(this.__wbg_ptr);
    return ret;
  }
  /**
   * The bytes of Rx that are compressed already.
   * @returns {Uint8Array}
   */
  takeCompressed() {
    const ret = wasm.imap_takeCompressed(this.__wbg_ptr);
    return ret;
  }
  /**
   * TLS has begun.
   */
  tlsStarted() {
    const ret = wasm.imap_tlsStarted(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Where the records are.
   * @returns {number}
   */
  wordsAt() {
    const ret = wasm.imap_wordsAt(this.__wbg_ptr);
    return ret >>> 0;
  }
  /**
   * How many words they are.
   * @returns {number}
   */
  wordsLength() {
    const ret = wasm.imap_wordsLength(this.__wbg_ptr);
    return ret >>> 0;
  }
  /**
   * Gives bytes of a message that is uploaded; how many were taken.
   * @param {Uint8Array | number[]} bytes
   * @returns {number}
   */
  writeLiteral(bytes) {
    const ptr0 = passArray8ToWasm0(bytes, wasm.__wbindgen_malloc);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.imap_writeLiteral(this.__wbg_ptr, ptr0, len0);
    return ret >>> 0;
  }
};
if (Symbol.dispose) Imap.prototype[Symbol.dispose] = Imap.prototype.free;
var Pop3 = class {
  __destroy_into_raw() {
    const ptr = this.__wbg_ptr;
    this.__wbg_ptr = 0;
    Pop3Finalization.unregister(this);
    return ptr;
  }
  free() {
    const ptr = this.__destroy_into_raw();
    wasm.__wbg_pop3_free(ptr, 0);
  }
  /**
   * Logs in by the best SASL mechanism; the challenges are answered here.
   * @param {Uint8Array | number[]} args
   */
  authenticate(args) {
    const ptr0 = passArray8ToWasm0(args, wasm.__wbindgen_malloc);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.pop3_authenticate(this.__wbg_ptr, ptr0, len0);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Where the copied bytes are.
   * @returns {number}
   */
  bytesAt() {
    const ret = wasm.pop3_bytesAt(this.__wbg_ptr);
    return ret >>> 0;
  }
  /**
   * Gives up AUTH.
   */
  cancel() {
    const ret = wasm.pop3_cancel(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Says that no more input will come.
   */
  close() {
    wasm.pop3_close(this.__wbg_ptr);
  }
  /**
   * See [`Link::feed`].
   * @param {Uint8Array} chunk
   * @param {number} from
   * @param {number} now
   * @returns {string}
   */
  feed(chunk, from, now2) {
    const ret = wasm.pop3_feed(this.__wbg_ptr, chunk, from, now2);
    return ret;
  }
  /**
   * `rx`: bytes of Rx; `timeout`: milliseconds, 0 for none.
   * @param {number} rx
   * @param {number} timeout
   * @param {boolean} send_unoffered
   */
  constructor(rx, timeout, send_unoffered) {
    const ret = wasm.pop3_new(rx, timeout, send_unoffered);
    this.__wbg_ptr = ret;
    Pop3Finalization.register(this, this.__wbg_ptr, this);
    return this;
  }
  /**
   * What is to be sent, and counts as sent now.
   * @returns {Uint8Array | undefined}
   */
  output() {
    const ret = wasm.pop3_output(this.__wbg_ptr);
    return ret;
  }
  /**
   * Answers a challenge.
   * @param {Uint8Array | number[]} response
   */
  respond(response) {
    const ptr0 = passArray8ToWasm0(response, wasm.__wbindgen_malloc);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.pop3_respond(this.__wbg_ptr, ptr0, len0);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Sends a command.
   * @param {string} name
   * @param {Uint8Array | number[]} args
   */
  send(name, args) {
    let ptr0, len0, ptr1, len1;
    try {
      ptr0 = passStringToWasm0(name, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
      len0 = WASM_VECTOR_LEN;
      ptr1 = passArray8ToWasm0(args, wasm.__wbindgen_malloc);
      len1 = WASM_VECTOR_LEN;
    } catch (e) {
      if (ptr1) {
        wasm.__wbindgen_free(ptr1, len1 * 1, 1);
      }
      if (ptr0) {
        wasm.__wbindgen_free(ptr0, len0 * 1, 1);
      }
      throw e;
    }
    const ret = wasm.pop3_send(this.__wbg_ptr, ptr0, len0, ptr1, len1);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Tells how the connection stands, as one value.
   * @returns {string}
   */
  state() {
    const ret = wasm.pop3_state(this.__wbg_ptr);
    return ret;
  }
  /**
   * TLS has begun.
   */
  tlsStarted() {
    const ret = wasm.pop3_tlsStarted(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Where the records are.
   * @returns {number}
   */
  wordsAt() {
    const ret = wasm.pop3_wordsAt(this.__wbg_ptr);
    return ret >>> 0;
  }
  /**
   * How many words they are.
   * @returns {number}
   */
  wordsLength() {
    const ret = wasm.pop3_wordsLength(this.__wbg_ptr);
    return ret >>> 0;
  }
};
if (Symbol.dispose) Pop3.prototype[Symbol.dispose] = Pop3.prototype.free;
var Watch = class {
  __destroy_into_raw() {
    const ptr = this.__wbg_ptr;
    this.__wbg_ptr = 0;
    WatchFinalization.unregister(this);
    return ptr;
  }
  free() {
    const ptr = this.__destroy_into_raw();
    wasm.__wbg_watch_free(ptr, 0);
  }
  /**
   * An alert was dealt with.
   * @param {number} mailbox
   * @param {number} uid
   */
  acknowledge(mailbox2, uid) {
    wasm.watch_acknowledge(this.__wbg_ptr, mailbox2, uid);
  }
  /**
   * Begins AUTHENTICATE.
   * @param {string} mechanism
   * @param {Uint8Array | number[] | null} [initial]
   * @returns {string}
   */
  authenticate(mechanism, initial) {
    let deferred4_0;
    let deferred4_1;
    try {
      let ptr0, len0, ptr1, len1;
      try {
        ptr0 = passStringToWasm0(mechanism, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
        len0 = WASM_VECTOR_LEN;
        ptr1 = isLikeNone(initial) ? 0 : passArray8ToWasm0(initial, wasm.__wbindgen_malloc);
        len1 = WASM_VECTOR_LEN;
      } catch (e) {
        if (ptr1) {
          wasm.__wbindgen_free(ptr1, len1 * 1, 1);
        }
        if (ptr0) {
          wasm.__wbindgen_free(ptr0, len0 * 1, 1);
        }
        throw e;
      }
      const ret = wasm.watch_authenticate(this.__wbg_ptr, ptr0, len0, ptr1, len1);
      var ptr3 = ret[0];
      var len3 = ret[1];
      if (ret[3]) {
        ptr3 = 0;
        len3 = 0;
        throw takeFromExternrefTable0(ret[2]);
      }
      deferred4_0 = ptr3;
      deferred4_1 = len3;
      return getStringFromWasm0(ptr3, len3);
    } finally {
      wasm.__wbindgen_free(deferred4_0, deferred4_1, 1);
    }
  }
  /**
   * Where the copied bytes are.
   * @returns {number}
   */
  bytesAt() {
    const ret = wasm.watch_bytesAt(this.__wbg_ptr);
    return ret >>> 0;
  }
  /**
   * Gives up AUTHENTICATE.
   */
  cancel() {
    const ret = wasm.watch_cancel(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Says that no more input will come.
   */
  close() {
    wasm.watch_close(this.__wbg_ptr);
  }
  /**
   * Tells the cursors, as one value.
   * @returns {string}
   */
  cursors() {
    const ret = wasm.watch_cursors(this.__wbg_ptr);
    return ret;
  }
  /**
   * See [`Link::feed`].
   * @param {Uint8Array} chunk
   * @param {number} from
   * @param {number} now
   * @returns {string}
   */
  feed(chunk, from, now2) {
    const ret = wasm.watch_feed(this.__wbg_ptr, chunk, from, now2);
    return ret;
  }
  /**
   * From arguments: see `watch.js`.
   * @param {number} rx
   * @param {Uint8Array | number[]} args
   */
  constructor(rx, args) {
    const val2 = +rx;
    const ptr0 = passArray8ToWasm0(args, wasm.__wbindgen_malloc);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.watch_new(val2, ptr0, len0);
    if (ret[2]) {
      throw takeFromExternrefTable0(ret[1]);
    }
    this.__wbg_ptr = ret[0];
    WatchFinalization.register(this, this.__wbg_ptr, this);
    return this;
  }
  /**
   * What is to be sent, and counts as sent now.
   * @returns {Uint8Array | undefined}
   */
  output() {
    const ret = wasm.watch_output(this.__wbg_ptr);
    return ret;
  }
  /**
   * There is a new transport.
   */
  reconnect() {
    wasm.watch_reconnect(this.__wbg_ptr);
  }
  /**
   * Answers a challenge.
   * @param {Uint8Array | number[]} response
   */
  respond(response) {
    const ptr0 = passArray8ToWasm0(response, wasm.__wbindgen_malloc);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.watch_respond(this.__wbg_ptr, ptr0, len0);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * Ends it in order.
   */
  stop() {
    const ret = wasm.watch_stop(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * TLS has begun.
   */
  tlsStarted() {
    const ret = wasm.watch_tlsStarted(this.__wbg_ptr);
    if (ret[1]) {
      throw takeFromExternrefTable0(ret[0]);
    }
  }
  /**
   * None could be had.
   */
  unreachable() {
    wasm.watch_unreachable(this.__wbg_ptr);
  }
  /**
   * Where the records are.
   * @returns {number}
   */
  wordsAt() {
    const ret = wasm.watch_wordsAt(this.__wbg_ptr);
    return ret >>> 0;
  }
  /**
   * How many words they are.
   * @returns {number}
   */
  wordsLength() {
    const ret = wasm.watch_wordsLength(this.__wbg_ptr);
    return ret >>> 0;
  }
};
if (Symbol.dispose) Watch.prototype[Symbol.dispose] = Watch.prototype.free;
function decodeWords(value) {
  let deferred2_0;
  let deferred2_1;
  try {
    const ptr0 = passArray8ToWasm0(value, wasm.__wbindgen_malloc);
    const len0 = WASM_VECTOR_LEN;
    const ret = wasm.decodeWords(ptr0, len0);
    deferred2_0 = ret[0];
    deferred2_1 = ret[1];
    return getStringFromWasm0(ret[0], ret[1]);
  } finally {
    wasm.__wbindgen_free(deferred2_0, deferred2_1, 1);
  }
}
function version() {
  let deferred1_0;
  let deferred1_1;
  try {
    const ret = wasm.version();
    deferred1_0 = ret[0];
    deferred1_1 = ret[1];
    return getStringFromWasm0(ret[0], ret[1]);
  } finally {
    wasm.__wbindgen_free(deferred1_0, deferred1_1, 1);
  }
}
function __wbg_get_imports() {
  const import0 = {
    __proto__: null,
    __wbg___wbindgen_throw_4c88d8bf264fd984: function(arg0, arg1) {
      throw new Error(getStringFromWasm0(arg0, arg1));
    },
    __wbg_length_186163212ffe79c3: function(arg0) {
      const ret = arg0.length;
      return ret;
    },
    __wbg_new_from_slice_b8daf545a41c6aa0: function(arg0, arg1) {
      const ret = new Uint8Array(getArrayU8FromWasm0(arg0, arg1));
      return ret;
    },
    __wbg_prototypesetcall_13162965d1fe7aa3: function(arg0, arg1, arg2) {
      Uint8Array.prototype.set.call(getArrayU8FromWasm0(arg0, arg1), arg2);
    },
    __wbg_subarray_58f388a9247ac0bb: function(arg0, arg1, arg2) {
      const ret = arg0.subarray(arg1 >>> 0, arg2 >>> 0);
      return ret;
    },
    __wbindgen_generic_0000000000000001: function(arg0, arg1) {
      const ret = getStringFromWasm0(arg0, arg1);
      return ret;
    },
    __wbindgen_init_externref_table: function() {
      const table = wasm.__wbindgen_externrefs;
      table.set(0, void 0);
      table.set(1024, void 0);
      table.set(1025, null);
      table.set(1026, true);
      table.set(1027, false);
    }
  };
  return {
    __proto__: null,
    "./mailwire_bg.js": import0
  };
}
var ImapFinalization = typeof FinalizationRegistry === "undefined" ? { register: () => {
}, unregister: () => {
} } : new FinalizationRegistry((ptr) => wasm.__wbg_imap_free(ptr, 1));
var Pop3Finalization = typeof FinalizationRegistry === "undefined" ? { register: () => {
}, unregister: () => {
} } : new FinalizationRegistry((ptr) => wasm.__wbg_pop3_free(ptr, 1));
var WatchFinalization = typeof FinalizationRegistry === "undefined" ? { register: () => {
}, unregister: () => {
} } : new FinalizationRegistry((ptr) => wasm.__wbg_watch_free(ptr, 1));
function getArrayU8FromWasm0(ptr, len) {
  ptr = ptr >>> 0;
  return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
}
function getStringFromWasm0(ptr, len) {
  ptr = ptr >>> 0;
  return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}
var cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
  if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
    cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
  }
  return cachedUint8ArrayMemory0;
}
function isLikeNone(x) {
  return x === void 0 || x === null;
}
function passArray8ToWasm0(arg, malloc) {
  const ptr = malloc(arg.length * 1, 1) >>> 0;
  getUint8ArrayMemory0().set(arg, ptr / 1);
  WASM_VECTOR_LEN = arg.length;
  return ptr;
}
function passStringToWasm0(arg, malloc, realloc) {
  if (realloc === void 0) {
    const buf = cachedTextEncoder.encode(arg);
    const ptr2 = malloc(buf.length, 1) >>> 0;
    getUint8ArrayMemory0().subarray(ptr2, ptr2 + buf.length).set(buf);
    WASM_VECTOR_LEN = buf.length;
    return ptr2;
  }
  let len = arg.length;
  let ptr = malloc(len, 1) >>> 0;
  const mem = getUint8ArrayMemory0();
  let offset = 0;
  for (; offset < len; offset++) {
    const code = arg.charCodeAt(offset);
    if (code > 127) break;
    mem[ptr + offset] = code;
  }
  if (offset !== len) {
    if (offset !== 0) {
      arg = arg.slice(offset);
    }
    ptr = realloc(ptr, len, len = offset + arg.length * 3, 1) >>> 0;
    const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len);
    const ret = cachedTextEncoder.encodeInto(arg, view);
    offset += ret.written;
    ptr = realloc(ptr, len, offset, 1) >>> 0;
  }
  WASM_VECTOR_LEN = offset;
  return ptr;
}
function takeFromExternrefTable0(idx) {
  const value = wasm.__wbindgen_externrefs.get(idx);
  wasm.__externref_table_dealloc(idx);
  return value;
}
var cachedTextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
cachedTextDecoder.decode();
var MAX_SAFARI_DECODE_BYTES = 2146435072;
var numBytesDecoded = 0;
function decodeText(bytes) {
  numBytesDecoded += bytes.length;
  if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {
    cachedTextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
    cachedTextDecoder.decode();
    numBytesDecoded = bytes.length;
  }
  return cachedTextDecoder.decode(bytes);
}
var cachedTextEncoder = new TextEncoder();
if (!("encodeInto" in cachedTextEncoder)) {
  cachedTextEncoder.encodeInto = function(arg, view) {
    const buf = cachedTextEncoder.encode(arg);
    view.set(buf);
    return {
      read: arg.length,
      written: buf.length
    };
  };
}
var WASM_VECTOR_LEN = 0;
var wasmModule;
var wasmInstance;
var wasm;
function __wbg_finalize_init(instance, module2) {
  wasmInstance = instance;
  wasm = instance.exports;
  wasmModule = module2;
  cachedUint8ArrayMemory0 = null;
  wasm.__wbindgen_start();
  return wasm;
}
async function __wbg_load(module2, imports) {
  if (typeof Response === "function" && module2 instanceof Response) {
    if (!module2.ok) {
      throw new Error(`failed to fetch Wasm: ${module2.status} ${module2.statusText} fetching '${module2.url}'`);
    }
    if (typeof WebAssembly.instantiateStreaming === "function") {
      try {
        return await WebAssembly.instantiateStreaming(module2, imports);
      } catch (e) {
        const validResponse = expectedResponseType(module2.type);
        if (validResponse && module2.headers.get("Content-Type") !== "application/wasm") {
          console.warn("`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n", e);
        } else {
          throw e;
        }
      }
    }
    const bytes = await module2.arrayBuffer();
    return await WebAssembly.instantiate(bytes, imports);
  } else {
    const instance = await WebAssembly.instantiate(module2, imports);
    if (instance instanceof WebAssembly.Instance) {
      return { instance, module: module2 };
    } else {
      return instance;
    }
  }
  function expectedResponseType(type) {
    switch (type) {
      case "basic":
      case "cors":
      case "default":
        return true;
    }
    return false;
  }
}
function initSync(module2) {
  if (wasm !== void 0) return wasm;
  if (module2 !== void 0) {
    if (Object.getPrototypeOf(module2) === Object.prototype) {
      ({ module: module2 } = module2);
    } else {
      console.warn("using deprecated parameters for `initSync()`; pass a single object instead");
    }
  }
  const imports = __wbg_get_imports();
  if (!(module2 instanceof WebAssembly.Module)) {
    module2 = new WebAssembly.Module(module2);
  }
  const instance = new WebAssembly.Instance(module2, imports);
  return __wbg_finalize_init(instance, module2);
}
var __wbg_init_promise;
async function __wbg_init(module_or_path) {
  if (wasm !== void 0) return wasm;
  if (__wbg_init_promise === void 0) {
    __wbg_init_promise = __wbg_init_once(module_or_path);
    __wbg_init_promise.catch(() => {
      __wbg_init_promise = void 0;
    });
  }
  return __wbg_init_promise;
}
async function __wbg_init_once(module_or_path) {
  if (module_or_path !== void 0) {
    if (Object.getPrototypeOf(module_or_path) === Object.prototype) {
      ({ module_or_path } = module_or_path);
    } else {
      console.warn("using deprecated parameters for the initialization function; pass a single object instead");
    }
  }
  const imports = __wbg_get_imports();
  if (typeof module_or_path === "string" || typeof Request === "function" && module_or_path instanceof Request || typeof URL === "function" && module_or_path instanceof URL) {
    module_or_path = fetch(module_or_path);
  }
  const { instance, module: module2 } = await __wbg_load(await module_or_path, imports);
  return __wbg_finalize_init(instance, module2);
}

// src/errors.js
var MailError = class extends Error {
  constructor(code, message2, more) {
    super(message2, more?.cause === void 0 ? void 0 : { cause: more.cause });
    this.name = "MailError";
    this.code = code;
    if (more?.command !== void 0) this.command = more.command;
    if (more?.tag !== void 0) this.tag = more.tag;
    if (more?.responseCode !== void 0) this.responseCode = more.responseCode;
    if (more?.status !== void 0) this.status = more.status;
    if (more?.responseText !== void 0) this.responseText = more.responseText;
  }
};
function fromWasm(error, more) {
  if (typeof error !== "string") return error;
  const at = error.indexOf("\n");
  return new MailError(error.slice(0, at), error.slice(at + 1), more);
}
function refused(command, event) {
  const code = typeof event.code === "string" ? event.code : (event.code && Object.keys(event.code)[0]) ?? void 0;
  const kind = event.status === "bad" ? "BAD" : "REFUSED";
  return new MailError(kind, `${command} was refused: ${event.text || event.status}`, {
    command,
    tag: event.tag,
    status: event.status,
    responseCode: code ?? void 0,
    responseText: event.text
  });
}
var aborted = (signal) => signal.reason ?? new MailError("ABORTED", "aborted");

// src/wasm.js
var exports2;
var loading;
var source;
function init(input) {
  if (exports2) return Promise.resolve();
  loading ??= Promise.resolve(input ?? source?.()).then((where) => __wbg_init({ module_or_path: where })).then(
    (it) => void (exports2 = it),
    (error) => {
      loading = void 0;
      throw new MailError("WASM", `the wasm cannot be loaded: ${error?.message ?? error}`, { cause: error });
    }
  );
  return loading;
}
function initSync2(module2) {
  exports2 ??= initSync({ module: module2 });
}
function memory() {
  if (!exports2) throw new MailError("NOT_LOADED", "the wasm is not loaded: await init() first");
  return exports2.memory.buffer;
}

// src/args.js
var encoder = new TextEncoder();
var invalid = (why) => new MailError("INVALID_ARGUMENT", `invalid argument: ${why}`);
var Args = class {
  #bytes = new Uint8Array(128);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  // Before the bytes or the view are looked at: they may be others then.
  #room(count) {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#bytes.length) {
      const more = new Uint8Array(Math.max(this.#at, 2 * this.#bytes.length));
      more.set(this.#bytes);
      this.#bytes = more;
      this.#view = new DataView(more.buffer);
    }
    return at;
  }
  u8(value) {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }
  bool(value) {
    return this.u8(value ? 1 : 0);
  }
  u32(value) {
    value = Number(value);
    if (!Number.isInteger(value) || value < 0 || value > 4294967295) throw invalid(`${value} is no number of 32 bits`);
    const at = this.#room(4);
    this.#view.setUint32(at, value, true);
    return this;
  }
  i32(value) {
    const at = this.#room(4);
    this.#view.setInt32(at, value, true);
    return this;
  }
  u64(value) {
    let big;
    try {
      big = BigInt(value);
    } catch {
      throw invalid(`${value} is no number`);
    }
    if (big < 0n || big >= 1n << 64n) throw invalid(`${value} is no number of 64 bits`);
    const at = this.#room(8);
    this.#view.setBigUint64(at, big, true);
    return this;
  }
  bytes(value) {
    const bytes = typeof value === "string" ? encoder.encode(value) : value;
    if (!(bytes instanceof Uint8Array)) throw invalid("neither a string nor a Uint8Array");
    this.u32(bytes.length);
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  str(value) {
    if (typeof value !== "string") throw invalid(`${typeof value} where a string is wanted`);
    return this.bytes(value);
  }
  option(value, write) {
    if (value === void 0 || value === null) return this.u8(0);
    this.u8(1);
    write(value);
    return this;
  }
  list(values, write) {
    const all = values === void 0 || values === null ? [] : typeof values === "string" ? [values] : [...values];
    this.u32(all.length);
    for (const value of all) write(value);
    return this;
  }
  strs(values) {
    return this.list(values, (it) => this.str(it));
  }
  set(value) {
    return this.str(sequenceSet(value));
  }
  /** A day: `2026-11-21`, or a Date, of which the day in UTC counts. */
  date(value) {
    const match = /^(\d{4})-(\d\d)-(\d\d)/.exec(value instanceof Date ? toISO(value) : String(value));
    if (!match) throw invalid("a day is a Date or a string such as 2026-11-21");
    return this.u32(+match[1]).u8(+match[2]).u8(+match[3]);
  }
  dateTime(value) {
    const date = value instanceof Date ? value : new Date(value);
    this.date(date);
    return this.u8(date.getUTCHours()).u8(date.getUTCMinutes()).u8(date.getUTCSeconds()).i32(0);
  }
  partialRange(value) {
    const [from, to] = value;
    const backwards = from < 0;
    return this.bool(backwards).u32(Math.abs(from)).u32(Math.abs(to));
  }
  finish() {
    return this.#bytes.slice(0, this.#at);
  }
};
function toISO(date) {
  if (Number.isNaN(date.getTime())) throw invalid("an invalid Date");
  return date.toISOString();
}
function sequenceSet(value) {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (value && typeof value[Symbol.iterator] === "function") {
    const numbers2 = [...value];
    if (!numbers2.length) throw invalid("an empty set of messages");
    const parts = [];
    for (let i = 0; i < numbers2.length; i++) {
      const from = numbers2[i];
      if (typeof from === "string") {
        parts.push(from);
        continue;
      }
      let to = from;
      while (numbers2[i + 1] === to + 1) to = numbers2[++i];
      parts.push(from === to ? from : `${from}:${to}`);
    }
    return parts.join(",");
  }
  throw invalid("a set of messages is a number, a list of them, or a string such as 1:3,7");
}

// src/records.js
var camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
var BIG = /* @__PURE__ */ new Set(["modSeq", "highestModSeq", "gmMsgId", "gmThrId"]);
var END = {};
var Records = class {
  #names = [""];
  #big = [false];
  #words;
  #at = 0;
  #texts = "";
  #read = 0;
  #chunk;
  #bytes = 0;
  /** All values behind the first `skip` words. */
  values(raw, texts, skip, chunk, into) {
    const buffer = memory();
    this.#words = new Uint32Array(buffer, raw.wordsAt(), raw.wordsLength());
    this.#at = skip;
    this.#texts = texts;
    this.#read = 0;
    this.#chunk = chunk;
    this.#bytes = raw.bytesAt();
    const end = this.#words.length;
    while (this.#at < end) into.push(this.#value());
    this.#words = this.#chunk = void 0;
    return into;
  }
  #text(length) {
    const from = this.#read;
    this.#read = from + length;
    return this.#texts.slice(from, from + length);
  }
  #name(number) {
    if (number) return number;
    const name = camel(this.#text(this.#words[this.#at++] >>> 4));
    this.#big.push(BIG.has(name));
    return this.#names.push(name) - 1;
  }
  #value() {
    const word = this.#words[this.#at++];
    const argument = word >>> 4;
    switch (word & 15) {
      case 0:
        return null;
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return argument;
      case 4: {
        const low = this.#words[this.#at++];
        const high = this.#words[this.#at++] | 0;
        if (high >= -2097152 && high < 2097152) return high * 4294967296 + low;
        return BigInt(high) << 32n | BigInt(low);
      }
      case 5:
        return this.#text(argument);
      case 6:
        return this.#names[this.#name(argument)];
      case 7: {
        const object = {};
        for (; ; ) {
          const key2 = this.#words[this.#at++];
          const kind = key2 & 15;
          if (kind === 6) {
            const number = this.#name(key2 >>> 4);
            const value = this.#value();
            object[this.#names[number]] = this.#big[number] && typeof value === "number" ? BigInt(value) : value;
          } else if (kind === 5) {
            const name = this.#text(key2 >>> 4);
            const value = this.#value();
            if (name === "__proto__") Object.defineProperty(object, name, { value, enumerable: true });
            else object[name] = value;
          } else return object;
        }
      }
      case 8: {
        const array = [];
        for (let value; (value = this.#value()) !== END; ) array.push(value);
        return array;
      }
      case 9:
        return END;
      case 10: {
        const from = this.#words[this.#at++];
        return this.#chunk.subarray(from, from + argument);
      }
      default: {
        const from = this.#bytes;
        this.#bytes = from + argument;
        return new Uint8Array(memory(), from, argument).slice();
      }
    }
  }
};

// src/commands.js
var invalid2 = (why) => new MailError("INVALID_ARGUMENT", `invalid argument: ${why}`);
var list = (value) => value === void 0 || value === null ? [] : Array.isArray(value) ? value : [value];
var FLAGS = /* @__PURE__ */ new Set([
  "all",
  "answered",
  "deleted",
  "draft",
  "flagged",
  "new",
  "old",
  "recent",
  "seen",
  "unanswered",
  "undeleted",
  "undraft",
  "unflagged",
  "unseen",
  "saveDateSupported"
]);
var OPPOSITE = { answered: "unanswered", deleted: "undeleted", draft: "undraft", flagged: "unflagged", seen: "unseen" };
var TEXTS = /* @__PURE__ */ new Set([
  "bcc",
  "body",
  "cc",
  "from",
  "keyword",
  "subject",
  "text",
  "to",
  "unkeyword",
  "filter",
  "emailId",
  "threadId",
  "gmRaw",
  "gmLabels"
]);
var DAYS = /* @__PURE__ */ new Set(["before", "on", "sentBefore", "sentOn", "sentSince", "since", "savedBefore", "savedOn", "savedSince"]);
var WIDE = /* @__PURE__ */ new Set(["larger", "smaller", "modSeq", "gmMsgId", "gmThrId"]);
var NARROW = /* @__PURE__ */ new Set(["older", "younger"]);
function keysOf(a, query) {
  if (Array.isArray(query)) return query.map((one) => () => key(a, one));
  if (query === void 0 || query === null) return [];
  if (typeof query !== "object") throw invalid2("what to search for is an object, such as { unseen: true }");
  const keys = [];
  const put = (name, write) => keys.push(() => {
    a.str(name);
    write?.();
  });
  for (const [name, value] of Object.entries(query)) {
    if (value === void 0 || value === null) continue;
    if (FLAGS.has(name)) {
      if (value) put(name);
      else if (OPPOSITE[name]) put(OPPOSITE[name]);
      else put("not", () => a.str(name));
    } else if (TEXTS.has(name)) {
      for (const text of list(value)) put(name, () => a.str(text));
    } else if (DAYS.has(name)) put(name, () => a.date(value));
    else if (WIDE.has(name)) put(name, () => a.u64(value));
    else if (NARROW.has(name)) put(name, () => a.u32(value));
    else if (name === "uid" || name === "sequence") put(name, () => a.set(value));
    else if (name === "header") {
      for (const [field, text] of Object.entries(value)) put(name, () => a.str(field).str(text === true ? "" : text));
    } else if (name === "not" || name === "fuzzy") put(name, () => key(a, value));
    else if (name === "or") {
      const all = list(value);
      if (all.length < 2) throw invalid2("or wants two searches, or more");
      const or = (rest) => {
        if (rest.length === 1) return key(a, rest[0]);
        a.str("or");
        key(a, rest[0]);
        or(rest.slice(1));
      };
      keys.push(() => or(all));
    } else if (name === "and") put(name, () => keys_(a, value));
    else if (name === "flagModSeq") {
      put(name, () => a.str(value.flag).u8({ priv: 0, shared: 1 }[value.entry] ?? 2).u64(value.modSeq));
    } else throw invalid2(`no such search key: ${name}`);
  }
  return keys;
}
function key(a, query) {
  const keys = keysOf(a, query);
  if (keys.length === 1) return keys[0]();
  a.str("and");
  a.list(keys.length ? keys : [() => a.str("all")], (write) => write());
}
function keys_(a, query) {
  return a.list(keysOf(a, query), (write) => write());
}
function returns(a, wanted) {
  a.option(wanted, (all) => a.list(all, (it) => {
    if (typeof it === "object") a.str("partial").partialRange(it.partial);
    else a.str(it);
  }));
}
var PLAIN_ITEMS = /* @__PURE__ */ new Set([
  "all",
  "fast",
  "full",
  "flags",
  "uid",
  "envelope",
  "internalDate",
  "rfc822Size",
  "rfc822",
  "rfc822Header",
  "rfc822Text",
  "body",
  "bodyStructure",
  "modSeq",
  "emailId",
  "threadId",
  "saveDate",
  "gmMsgId",
  "gmThrId",
  "gmLabels"
]);
function item(a, it) {
  if (typeof it === "string") {
    if (PLAIN_ITEMS.has(it)) return a.str(it);
    if (it === "preview") return a.str(it).bool(false);
    throw invalid2(`no such item of FETCH: ${it}`);
  }
  const partial = () => a.option(it.partial, ([offset, length]) => a.u64(offset).u64(length));
  if (it.section !== void 0) {
    a.str("section").str(it.section).bool(it.peek !== false);
    return partial();
  }
  if (it.binary !== void 0) {
    a.str("binary").str(it.binary).bool(it.peek !== false);
    return partial();
  }
  if (it.binarySize !== void 0) return a.str("binarySize").str(it.binarySize);
  if (it.preview !== void 0) return a.str("preview").bool(it.preview === "lazy");
  if (it.other !== void 0) return a.str("other").str(it.other);
  throw invalid2("no such item of FETCH");
}
function parameters(a, it) {
  const all = [];
  if (it.condStore) all.push(null);
  if (it.qresync) all.push(it.qresync);
  a.list(all, (one) => a.option(one, (resync) => {
    a.u64(resync.uidValidity).u64(resync.modSeq);
    a.option(resync.knownUids, (uids) => a.set(uids));
  }));
}
var STATUS_ITEMS = ["messages", "uidNext", "uidValidity", "unseen"];
var ACTION = { replace: 0, add: 1, remove: 2 };
function message(a, it) {
  const kind = it.parts ? 3 : it.utf8 ? 2 : it.binary ? 1 : 0;
  a.u8(kind).u64(it.size ?? 0).strs(it.flags);
  a.option(it.date, (date) => a.dateTime(date));
}
var mailboxes = (a, it) => {
  if (typeof it === "string") a.str(it);
  else {
    const [kind] = Object.keys(it);
    a.str(kind).strs(list(it[kind]));
  }
};
var mailbox = (a, it) => a.str(it.mailbox);
var two = (one, other) => (a, it) => a.str(it[one]).str(it[other]);
var listing = (a, it) => a.str(it.reference ?? "").str(it.pattern ?? "*");
var nothing = () => {
};
var COMMANDS = {
  capability: nothing,
  noop: nothing,
  logout: nothing,
  startTls: nothing,
  unauthenticate: nothing,
  compress: nothing,
  namespace: nothing,
  idle: nothing,
  check: nothing,
  close: nothing,
  unselect: nothing,
  getJmapAccess: nothing,
  authenticate: (a, it) => {
    a.str(it.mechanism);
    a.option(it.initialResponse, (bytes) => a.bytes(bytes));
  },
  enable: (a, it) => a.strs(it.capabilities),
  select: (a, it) => {
    mailbox(a, it);
    parameters(a, it);
  },
  examine: (a, it) => {
    mailbox(a, it);
    parameters(a, it);
  },
  create: (a, it) => a.str(it.mailbox).strs(it.specialUse),
  delete: mailbox,
  rename: two("from", "to"),
  subscribe: mailbox,
  unsubscribe: mailbox,
  list: (a, it) => {
    a.str(it.reference ?? "").strs(it.patterns ?? ["*"]).strs(it.selection);
    a.list(it.returns, (one) => {
      if (typeof one === "string") return a.str(one);
      if (one.status) return a.str("status").strs(one.status);
      return a.str("metadata").strs(one.metadata);
    });
  },
  lsub: listing,
  xlist: listing,
  rlist: listing,
  rlsub: listing,
  status: (a, it) => a.str(it.mailbox).strs(it.items ?? STATUS_ITEMS),
  append: (a, it) => {
    mailbox(a, it);
    message(a, it);
  },
  multiAppend: mailbox,
  replace: (a, it) => {
    a.bool(it.uid !== false).u32(it.replaced).str(it.mailbox);
    message(a, it);
  },
  expunge: (a, it) => a.option(it.uids, (uids) => a.set(uids)),
  search: (a, it) => {
    a.bool(it.uid);
    returns(a, it.returns);
    keys_(a, it.query);
  },
  esearch: (a, it) => {
    a.list(it.in, (place) => mailboxes(a, place));
    returns(a, it.returns);
    keys_(a, it.query);
  },
  sort: (a, it) => {
    a.bool(it.uid);
    returns(a, it.returns);
    a.list(it.criteria, (one) => one.startsWith("-") ? a.bool(true).str(one.slice(1)) : a.bool(false).str(one));
    keys_(a, it.query);
  },
  thread: (a, it) => {
    a.bool(it.uid).str(it.algorithm ?? "references");
    keys_(a, it.query);
  },
  uidBatches: (a, it) => {
    a.u32(it.size);
    a.option(it.batches, ([from, to]) => a.u32(from).u32(to));
  },
  fetch: (a, it) => {
    a.bool(it.uid).set(it.set).list(it.items, (one) => item(a, one));
    a.option(it.changedSince, (modSeq) => a.u64(modSeq)).bool(it.vanished);
    a.option(it.partial, (range) => a.partialRange(range));
  },
  store: (a, it) => {
    a.bool(it.uid).set(it.set).u8(ACTION[it.action ?? "replace"]).bool(it.silent);
    a.option(it.unchangedSince, (modSeq) => a.u64(modSeq)).strs(it.flags);
  },
  storeGmLabels: (a, it) => a.bool(it.uid).set(it.set).u8(ACTION[it.action ?? "replace"]).bool(it.silent).strs(it.labels),
  copy: (a, it) => a.bool(it.uid).set(it.set).str(it.mailbox),
  move: (a, it) => a.bool(it.uid).set(it.set).str(it.mailbox),
  id: (a, it) => a.list(Object.entries(it.fields ?? {}), ([name, value]) => {
    a.str(name);
    a.option(value, (text) => a.str(text));
  }),
  getQuota: (a, it) => a.str(it.root ?? ""),
  getQuotaRoot: mailbox,
  setQuota: (a, it) => a.str(it.root ?? "").list(Object.entries(it.limits), ([name, limit]) => a.str(name).u64(limit)),
  setAcl: (a, it) => {
    const { rights } = it;
    const sign = { "+": 1, "-": 2 }[rights[0]] ?? 0;
    a.str(it.mailbox).str(it.identifier).u8(sign).str(sign ? rights.slice(1) : rights);
  },
  deleteAcl: two("mailbox", "identifier"),
  getAcl: mailbox,
  listRights: two("mailbox", "identifier"),
  myRights: mailbox,
  getMetadata: (a, it) => {
    a.str(it.mailbox ?? "").strs(it.entries);
    a.option(it.maxSize, (size) => a.u32(size)).u8({ 0: 0, 1: 1 }[it.depth ?? 0] ?? 2);
  },
  setMetadata: (a, it) => {
    a.str(it.mailbox ?? "");
    a.list(Object.entries(it.entries), ([name, value]) => {
      a.str(name);
      a.option(value, (bytes) => a.bytes(bytes));
    });
  },
  language: (a, it) => a.strs(it.ranges),
  comparator: (a, it) => a.strs(it.orders),
  genUrlAuth: (a, it) => a.list(it.urls, ({ url, mechanism }) => a.str(url).str(mechanism ?? "INTERNAL")),
  resetKey: (a, it) => {
    a.option(it.mailbox, (name) => a.str(name));
    a.strs(it.mechanisms);
  },
  urlFetch: (a, it) => a.list(it.urls, ({ url, parts }) => {
    a.str(url).list(parts, (part) => a.u8({ body: 0, binary: 1 }[part] ?? 2));
  }),
  notify: (a, it) => {
    a.bool(it.status).list(it.groups, (group) => {
      mailboxes(a, group.mailboxes);
      a.list(group.events, (event) => {
        if (typeof event === "object") a.str("messageNew").list(event.messageNew, (one) => item(a, one));
        else {
          a.str(event);
          if (event === "messageNew") a.list([]);
        }
      });
    });
  },
  custom: (a, it) => {
    const KINDS = { atom: 0, string: 1, mailbox: 2, secret: 3, set: 4, raw: 5 };
    a.str(it.name).list(it.args, (one) => {
      if (typeof one === "string") return a.u8(1).bytes(one);
      const [kind] = Object.keys(one);
      if (!(kind in KINDS)) throw invalid2(`no such kind of argument: ${kind}`);
      a.u8(KINDS[kind]).bytes(one[kind]);
    });
  }
};
function encode(name, args = {}) {
  const write = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : void 0;
  if (!write) throw invalid2(`no such command: ${name}`);
  const a = new Args();
  write(a, args);
  return a.finish();
}

// src/connection.js
var EMPTY = new Uint8Array(0);
var now = () => performance.now();
function credentials(auth, secure) {
  const a = new Args();
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (auth.certificate) a.u8(2).bytes(auth.user ?? "").bytes("");
  else if (auth.anonymous !== void 0) a.u8(3).bytes(String(auth.anonymous)).bytes("");
  else if (auth.token !== void 0) a.u8(1).bytes(auth.user ?? "").bytes(auth.token);
  else a.u8(0).bytes(auth.user).bytes(auth.pass ?? "");
  return a.bool(secure).bytes(nonce).finish();
}
var Machine = class {
  #raw;
  #records = new Records();
  #chunks = [];
  #from = 0;
  #events = [];
  #next = 0;
  #failure;
  #started = false;
  /** When to call `nextEvent` at the latest, by `performance.now()`. */
  deadline = Infinity;
  /** Whether the connection has ended in order. */
  closed = false;
  constructor(make) {
    memory();
    this.#raw = this.call(make);
  }
  /** @internal */
  get raw() {
    if (!this.#raw) throw new MailError("CLOSED", "this was freed already");
    return this.#raw;
  }
  /** @internal */
  call(what) {
    try {
      return what();
    } catch (error) {
      throw fromWasm(error);
    }
  }
  receiveData(bytes) {
    if (!(bytes instanceof Uint8Array)) throw new MailError("INVALID_ARGUMENT", "input is a Uint8Array");
    if (bytes.length) this.#chunks.push(bytes);
  }
  receiveEnd() {
    this.raw.close();
    this.#started = false;
  }
  nextEvent() {
    for (; ; ) {
      if (this.#next < this.#events.length) {
        const event = this.#events[this.#next];
        this.#events[this.#next++] = void 0;
        if (event.event !== "error") return event;
        this.#failure = new MailError(event.code, event.message);
      }
      if (this.#failure) throw this.#failure;
      if (this.closed || !this.#feed()) return null;
    }
  }
  /** Whether something came of it. */
  #feed() {
    const chunk = this.#chunks[0] ?? EMPTY;
    this.#events = [];
    this.#next = 0;
    const at = now();
    const texts = this.call(() => this.raw.feed(chunk, this.#from, at));
    const [taken, pause, wait] = new Uint32Array(memory(), this.raw.wordsAt(), 3);
    this.#records.values(this.raw, texts, 3, chunk, this.#events);
    this.deadline = wait === 4294967295 ? Infinity : at + wait;
    if (taken >= chunk.length) {
      this.#chunks.shift();
      this.#from = 0;
    } else this.#from = taken;
    if (pause === 1) this.closed = true;
    return this.#events.length > 0 || (pause === 0 ? this.#chunks.length > 0 : pause !== 1);
  }
  dataToSend() {
    return this.raw.output() ?? null;
  }
  /** @internal A single value that a call told. */
  told(texts) {
    return this.#records.values(this.raw, texts, 0, EMPTY, [])[0];
  }
  /** Input that was not looked at yet, and is taken away. @internal */
  takeInput() {
    const chunks = this.#chunks;
    if (chunks.length) chunks[0] = chunks[0].subarray(this.#from);
    this.#chunks = [];
    this.#from = 0;
    return chunks.filter((it) => it.length);
  }
  free() {
    this.#raw?.free();
    this.#raw = void 0;
    this.#chunks = [];
    this.#events = [];
    this.#failure ??= new MailError("CLOSED", "this was freed already");
  }
  [Symbol.dispose ?? /* @__PURE__ */ Symbol.for("Symbol.dispose")]() {
    this.free();
  }
};
var ImapConnection = class extends Machine {
  constructor(options = {}) {
    super(() => new Imap(options.bufferSize ?? 1 << 16, options.timeout ?? 6e4, options.sendUnoffered ?? false, options.saslIr ?? true));
  }
  send(name, args) {
    const bytes = encode(name, args);
    return this.call(() => this.raw.send(name, bytes));
  }
  login(user, pass) {
    return this.call(() => this.raw.login(user, new TextEncoder().encode(pass)));
  }
  authenticate(auth, secure) {
    return this.call(() => this.raw.authenticate(credentials(auth, secure)));
  }
  respond(response) {
    this.call(() => this.raw.respond(response));
  }
  cancel() {
    this.call(() => this.raw.cancel());
  }
  done() {
    this.call(() => this.raw.done());
  }
  tlsStarted() {
    this.call(() => this.raw.tlsStarted());
  }
  takeCompressed() {
    return [this.call(() => this.raw.takeCompressed()), ...this.takeInput()].filter((it) => it.length);
  }
  compressStarted() {
    this.call(() => this.raw.compressStarted());
  }
  compressEnded() {
    this.call(() => this.raw.compressEnded());
  }
  writeLiteral(bytes) {
    return this.call(() => this.raw.writeLiteral(bytes));
  }
  append(what, args) {
    const a = new Args();
    if (what === "message") message(a, args);
    else if (what === "part") {
      if (args.url !== void 0) a.u8(2).str(args.url);
      else a.u8(args.utf8 ? 1 : 0).u64(args.size);
    }
    this.call(() => this.raw.append(what, a.finish()));
  }
  get info() {
    return this.told(this.call(() => this.raw.state()));
  }
};
var POP3 = {
  user: (a, it) => a.str(it.user),
  pass: (a, it) => a.bytes(it.pass),
  apop: (a, it) => a.str(it.user).bytes(it.timestamp).bytes(it.pass),
  auth: (a, it) => {
    a.str(it.mechanism);
    a.option(it.initialResponse, (bytes) => a.bytes(bytes));
  },
  list: (a, it) => a.option(it.message, (number) => a.u32(number)),
  uidl: (a, it) => a.option(it.message, (number) => a.u32(number)),
  retr: (a, it) => a.u32(it.message),
  top: (a, it) => a.u32(it.message).u32(it.lines ?? 0),
  dele: (a, it) => a.u32(it.message),
  lang: (a, it) => a.option(it.language, (text) => a.str(text)),
  custom: (a, it) => a.bool(it.lines).str(it.text)
};
var Pop3Connection = class extends Machine {
  constructor(options = {}) {
    super(() => new Pop3(options.bufferSize ?? 1 << 16, options.timeout ?? 6e4, options.sendUnoffered ?? false));
  }
  send(name, args = {}) {
    const a = new Args();
    if (Object.hasOwn(POP3, name)) POP3[name](a, args);
    const bytes = a.finish();
    this.call(() => this.raw.send(name, bytes));
  }
  authenticate(auth, secure) {
    this.call(() => this.raw.authenticate(credentials(auth, secure)));
  }
  respond(response) {
    this.call(() => this.raw.respond(response));
  }
  cancel() {
    this.call(() => this.raw.cancel());
  }
  tlsStarted() {
    this.call(() => this.raw.tlsStarted());
  }
  get info() {
    return this.told(this.call(() => this.raw.state()));
  }
};
var Watch2 = class extends Machine {
  constructor(options = {}) {
    const a = new Args();
    const { auth } = options;
    a.option(auth && auth.token === void 0 ? auth : void 0, (it) => a.str(it.user).bytes(it.pass));
    a.u32(options.timeout ?? 6e4).bool(options.startTls);
    keys_(a, options.filter);
    a.bool(options.start === "everything").u32(options.idle ?? 9 * 6e4).u32(options.poll ?? 6e4);
    a.bool(options.markSeen).bool(options.preview !== false);
    a.u32(options.backoff?.first ?? 1e3).u32(options.backoff?.most ?? 9e5);
    a.u32(crypto.getRandomValues(new Uint32Array(1))[0]);
    const cursors = options.cursors ?? [];
    a.list((options.mailboxes ?? ["INBOX"]).map((name, place) => [name, cursors[place]]), ([name, cursor]) => {
      a.str(name).option(cursor, (it) => {
        a.option(it.uidValidity, (value) => a.u64(value)).u32(it.nextUid).u64(it.modSeq ?? 0);
      });
    });
    super(() => new Watch(options.bufferSize ?? 1 << 14, a.finish()));
  }
  acknowledge(mailbox2, uid) {
    this.raw.acknowledge(mailbox2, uid);
  }
  get cursors() {
    return this.told(this.call(() => this.raw.cursors()));
  }
  tlsStarted() {
    this.call(() => this.raw.tlsStarted());
  }
  reconnect() {
    this.takeInput();
    this.raw.reconnect();
  }
  unreachable() {
    this.raw.unreachable();
  }
  stop() {
    this.call(() => this.raw.stop());
  }
  authenticate(mechanism, initialResponse) {
    return this.call(() => this.raw.authenticate(mechanism, initialResponse));
  }
  respond(response) {
    this.call(() => this.raw.respond(response));
  }
  cancel() {
    this.call(() => this.raw.cancel());
  }
};

// src/fetch.js
var MESSAGES = 200;
var BYTES = 1 << 18;
var encoder2 = new TextEncoder();
var words = (text) => text && text.includes("=?") ? decodeWords(encoder2.encode(text)) : text;
function addresses(list2) {
  const all = [];
  let group;
  for (const it of list2 ?? []) {
    if (it.host === null) {
      group = it.mailbox === null ? void 0 : words(it.mailbox);
      continue;
    }
    const address = { name: words(it.name) ?? "", address: `${it.mailbox ?? ""}@${it.host}` };
    if (group !== void 0) address.group = group;
    all.push(address);
  }
  return all;
}
function envelope(raw) {
  return {
    date: raw.date === null ? null : new Date(raw.date),
    subject: words(raw.subject) ?? "",
    from: addresses(raw.from),
    sender: addresses(raw.sender),
    replyTo: addresses(raw.replyTo),
    to: addresses(raw.to),
    cc: addresses(raw.cc),
    bcc: addresses(raw.bcc),
    inReplyTo: raw.inReplyTo,
    messageId: raw.messageId
  };
}
function structure(parts) {
  return parts.map(({ media_type, envelope: inner, ...part }) => {
    if (media_type !== void 0) part.type = `${media_type}/${part.subtype}`.toLowerCase();
    delete part.subtype;
    if (inner) part.envelope = envelope(inner);
    const name = part.disposition?.params?.filename ?? part.params?.name;
    if (name) part.fileName = words(name);
    return part;
  });
}
var Body = class {
  #chunks = [];
  #waiting;
  #ended = false;
  #error;
  #stream;
  kept = 0;
  got = 0;
  /** Nobody wants them. */
  skipped = false;
  /** From here on they were not kept. */
  lost = -1;
  constructor(total, hooks) {
    this.total = total;
    this.hooks = hooks;
  }
  /** From the connection. */
  push(chunk, most) {
    this.got += chunk.length;
    if (this.skipped || this.lost >= 0) return;
    if (this.kept + chunk.length > most && this.kept > 0 && !this.#waiting) {
      this.lost = this.got - chunk.length;
      return;
    }
    this.kept += chunk.length;
    this.#chunks.push(chunk);
    this.#waiting?.();
  }
  end() {
    this.#ended = true;
    this.#waiting?.();
  }
  fail(error) {
    if (this.#ended) return;
    this.#error = error;
    this.#waiting?.();
  }
  skip() {
    if (this.skipped) return;
    this.skipped = true;
    this.#chunks = [];
    this.kept = 0;
    this.#waiting?.();
  }
  get isOpen() {
    return !this.#ended && !this.#error;
  }
  get isRead() {
    return this.#stream !== void 0;
  }
  async *#pieces() {
    let at = 0;
    for (; ; ) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.kept -= chunk.length;
        at += chunk.length;
        this.hooks.taken();
        yield chunk;
      } else if (this.skipped) throw new MailError("SKIPPED", "the next message was asked for before this one was read to its end");
      else if (this.lost >= 0) {
        yield* this.hooks.refetch(at);
        return;
      } else if (this.#error) throw this.#error;
      else if (this.#ended) return;
      else {
        this.hooks.wanted();
        await new Promise((resolve) => this.#waiting = resolve);
        this.#waiting = void 0;
      }
    }
  }
  stream() {
    if (this.#stream) return this.#stream;
    const pieces = this.#pieces();
    this.#stream = new ReadableStream(
      {
        pull: async (controller) => {
          const { done, value } = await pieces.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => {
          this.skip();
          this.hooks.taken();
        }
      },
      { highWaterMark: 0 }
    );
    return this.#stream;
  }
};
async function collect(stream) {
  const chunks = [];
  let length = 0;
  const reader = stream.getReader();
  for (; ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
var Message = class {
  #client;
  #body;
  #sections;
  constructor(client, seq, uid) {
    this.#client = client;
    if (seq !== void 0) this.seq = seq;
    if (uid !== void 0) this.uid = uid;
  }
  /** @internal */
  static put(message2, what, value) {
    if (what === "body") message2.#body = value;
    else (message2.#sections ??= /* @__PURE__ */ new Map()).set(what, value);
  }
  /** @internal */
  static open(message2) {
    return message2.#body;
  }
  /** The bytes of the message, or of a section of it. What was not asked for is fetched now. */
  body(section = "") {
    if (this.#body && (section === "" || section === this.#body.section)) return this.#body.stream();
    if (this.uid === void 0) throw new MailError("NO_UID", "the message has no UID to be fetched by");
    return this.#client.download(this.uid, { section });
  }
  async bytes(section) {
    return collect(this.body(section));
  }
  async text(section) {
    return new TextDecoder().decode(await this.bytes(section));
  }
  /** A section that was asked for by `sections` or `headers`. */
  section(name) {
    const key2 = name.toUpperCase();
    for (const [at, bytes] of this.#sections ?? []) if (at.toUpperCase() === key2) return bytes;
    return void 0;
  }
  /** The header fields that were asked for: names in lower case, values unfolded and decoded. */
  get headers() {
    const all = /* @__PURE__ */ new Map();
    for (const [name, bytes] of this.#sections ?? []) {
      if (!/^HEADER/i.test(name)) continue;
      const text = new TextDecoder().decode(bytes).replace(/\r?\n(?=[ \t])/g, "");
      for (const line of text.split(/\r?\n/)) {
        const at = line.indexOf(":");
        if (at <= 0) continue;
        const field = line.slice(0, at).trim().toLowerCase();
        all.set(field, [...all.get(field) ?? [], words(line.slice(at + 1).trim())]);
      }
    }
    return all;
  }
};
function itemsOf(query) {
  const it = typeof query === "string" ? { [query]: true } : query ?? {};
  const items = /* @__PURE__ */ new Set(["uid"]);
  const sections = [];
  let body;
  for (const [name, value] of Object.entries(it)) {
    if (!value) continue;
    if (name === "size") items.add("rfc822Size");
    else if (name === "labels") items.add("gmLabels");
    else if (name === "headers") {
      sections.push({ section: value === true ? "HEADER" : `HEADER.FIELDS (${value.join(" ")})`, peek: true });
    } else if (name === "sections") {
      for (const section of value) sections.push({ section, peek: true });
    } else if (name === "body") {
      const wanted = value === true ? {} : typeof value === "string" ? { section: value } : value;
      body = { section: wanted.section ?? "", peek: !wanted.markSeen, partial: wanted.partial };
    } else if (name === "preview") items.add(value === "lazy" ? { preview: "lazy" } : "preview");
    else if (name === "items") for (const one of value) items.add(one);
    else items.add(name);
  }
  return { items: [...items, ...sections, ...body ? [body] : []], body };
}
var Fetching = class {
  #client;
  #args;
  #body;
  #signal;
  #onProgress;
  #messages = [];
  #waiting = [];
  #begun = false;
  #ended = false;
  #error;
  #dropped = false;
  #current;
  #section;
  #read;
  #last;
  name = "fetch";
  constructor(client, args, body, options) {
    this.#client = client;
    this.#args = args;
    this.#body = body;
    this.#signal = options.signal;
    this.#onProgress = options.onProgress;
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  /** All messages at once. Bodies are read into memory as they are wanted. */
  async all() {
    const all = [];
    for await (const message2 of this) all.push(message2);
    return all;
  }
  #begin() {
    this.#begun = true;
    const job = {
      name: this.name,
      signal: this.#signal,
      send: () => this.#client.connection.send(this.name, this.#args),
      event: (event) => this.#event(event),
      drop: (error) => this.#drop(error),
      isFull: () => this.#isFull()
    };
    this.#client.session.add(job).then(() => this.#end(), (error) => this.#end(error));
  }
  async next() {
    if (this.#signal?.aborted && !this.#begun) throw this.#signal.reason;
    if (!this.#begun) this.#begin();
    if (this.#read) {
      this.#read.skip();
      this.#read = void 0;
    }
    const message2 = this.#messages.shift();
    if (!message2) {
      if (this.#ended) {
        if (!this.#error) return { done: true, value: void 0 };
        const error = this.#error;
        this.#error = void 0;
        throw error;
      }
      this.#client.session.release();
      if (!this.#messages.length) return new Promise((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        this.#client.session.release();
      });
      return this.next();
    }
    return this.#give(message2);
  }
  #give(message2) {
    this.#read = Message.open(message2);
    this.#last = message2;
    this.#client.session.release();
    return { done: false, value: message2 };
  }
  async return(value) {
    this.#dropped = true;
    this.#messages = [];
    this.#read?.skip();
    this.#section?.skip?.();
    if (!this.#begun) this.#ended = true;
    this.#client.session.release();
    return { done: true, value };
  }
  #drop(error) {
    this.#dropped = true;
    this.#messages = [];
    this.#read?.fail(error);
    if (this.#section instanceof Body) this.#section.fail(error);
  }
  #end(error) {
    this.#ended = true;
    if (error) {
      this.#error = error;
      if (this.#section instanceof Body) this.#section.fail(error);
      this.#read?.fail(error);
    }
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (this.#error) {
        reject(this.#error);
        this.#error = void 0;
      } else resolve({ done: true, value: void 0 });
    }
  }
  /** Whether reading should wait for whoever reads this. */
  #isFull() {
    if (this.#dropped) return false;
    if (this.#section instanceof Body && !this.#section.skipped && this.#section.kept > BYTES) return true;
    return this.#messages.length > MESSAGES && !this.#waiting.length;
  }
  #ready(message2) {
    if (this.#dropped) {
      Message.open(message2)?.skip();
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(this.#give(message2));
    else this.#messages.push(message2);
  }
  /** Whether it belongs to this. */
  #event(event) {
    switch (event.event) {
      case "fetchStart":
        this.#current = new Message(this.#client, event.seq, event.uid);
        this.#current_.given = false;
        this.#current_.items = 0;
        return true;
      case "fetchItem":
        this.#item(event.item, event.value, event);
        return true;
      case "fetchBody": {
        this.#closeSection();
        const total = typeof event.data === "object" ? Object.values(event.data)[0] : void 0;
        const name = sectionName(event.section);
        const wanted = this.#body && !this.#current_.given && name === this.#body.section.toUpperCase();
        this.#current_.items++;
        if (wanted) {
          const message2 = this.#current;
          const body = new Body(total, {
            taken: () => body.kept < BYTES / 2 && this.#client.session.release(),
            wanted: () => this.#client.session.release(),
            refetch: (at) => this.#client.pieces(message2.uid, { section: this.#body.section, offset: at })
          });
          body.section = this.#body.section;
          this.#section = body;
          Message.put(message2, "body", body);
          this.#current_.given = true;
          this.#ready(message2);
          if (this.#dropped) body.skip();
        } else this.#section = { name, chunks: [] };
        return true;
      }
      case "fetchChunk":
        if (this.#section instanceof Body) this.#section.push(event.data, this.#client.session.jobs.length ? this.#client.maxKept : Infinity);
        else this.#section?.chunks.push(event.data);
        if (this.#onProgress && this.#section instanceof Body) {
          this.#onProgress({ uid: this.#current.uid, received: this.#section.got, total: this.#section.total });
        }
        return true;
      case "fetchEnd": {
        this.#closeSection();
        const message2 = this.#current;
        this.#current = void 0;
        if (message2 && !this.#current_.given && this.#current_.items > 0) this.#ready(message2);
        return true;
      }
      default:
        return false;
    }
  }
  #current_ = { given: false, items: 0 };
  #closeSection() {
    const section = this.#section;
    this.#section = void 0;
    if (!section) return;
    if (section instanceof Body) section.end();
    else {
      const length = section.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const bytes = new Uint8Array(length);
      let at = 0;
      for (const chunk of section.chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      Message.put(this.#current, section.name, bytes);
    }
  }
  #item(item2, value, event) {
    this.#closeSection();
    const message2 = this.#current;
    if (!message2) return;
    this.#current_.items += item2 === "uid" || item2 === "flags" || item2 === "modSeq" ? this.#wantsOnlyFlags : 1;
    switch (item2) {
      case "envelope":
        message2.envelope = envelope(value);
        break;
      case "bodyStructure":
      case "body":
        message2.bodyStructure = structure(value);
        break;
      case "internalDate":
        message2.internalDate = new Date(value);
        break;
      case "saveDate":
        message2.saveDate = value === null ? null : new Date(value);
        break;
      case "rfc822Size":
        message2.size = value;
        break;
      case "gmLabels":
        message2.labels = value;
        break;
      case "modSeq":
      case "gmMsgId":
      case "gmThrId":
        message2[item2] = BigInt(value);
        break;
      case "binarySize":
        (message2.binarySizes ??= {})[event.part] = value;
        break;
      default:
        message2[item2] = value;
    }
  }
  get #wantsOnlyFlags() {
    return this.#args.items?.every((it) => it === "uid" || it === "flags" || it === "modSeq") === false ? 0 : 1;
  }
};
function sectionName({ part, text }) {
  let name = "";
  if (typeof text === "string") name = text === "all" ? "" : text;
  else if (text) {
    const [[kind, names]] = Object.entries(text);
    const fields = Array.isArray(names) ? names.join(" ") : names;
    name = kind === "headerFields" ? `HEADER.FIELDS (${fields})` : kind === "headerFieldsNot" ? `HEADER.FIELDS.NOT (${fields})` : `${fields}`;
  }
  return [part, name].filter(Boolean).join(".").toUpperCase();
}

// src/session.js
var Session = class {
  #reader;
  #writer;
  #timer;
  #pumping = false;
  #again = false;
  #resume;
  #held = false;
  #upgrading = false;
  #ended;
  #transport;
  jobs = [];
  active = null;
  failure = null;
  received = 0;
  sent = 0;
  /** `client`: what is told of events, by `event`, `idle`, `wanted`, `over`, `progress`. */
  constructor(machine, transport, client, log) {
    this.machine = machine;
    this.client = client;
    this.log = log;
    this.#attach(transport);
    this.ended = new Promise((resolve) => this.#ended = resolve);
  }
  #attach(transport) {
    if (!transport?.readable?.getReader || !transport?.writable?.getWriter) {
      throw new MailError("INVALID_ARGUMENT", "a transport is { readable, writable }, web streams of bytes");
    }
    this.#transport = transport;
    this.#reader = transport.readable.getReader();
    this.#writer = transport.writable.getWriter();
    this.#writer.closed?.catch?.(() => {
    });
    this.#reader.closed?.catch?.(() => {
    });
  }
  get secure() {
    return this.#transport.secure === true;
  }
  get canStartTls() {
    return typeof this.#transport.startTls === "function";
  }
  start() {
    this.pump();
    this.#read();
  }
  async #read() {
    try {
      while (!this.failure) {
        if (this.#held) await new Promise((resolve) => this.#resume = resolve);
        if (this.failure) break;
        if (this.#upgrading) await this.#upgrade();
        const { done, value } = await this.#reader.read();
        if (this.failure) break;
        if (done) this.machine.receiveEnd();
        else {
          const bytes = value instanceof Uint8Array ? value : new Uint8Array(value.buffer ?? value);
          this.received += bytes.length;
          this.machine.receiveData(bytes);
        }
        this.pump();
      }
    } catch (error) {
      this.fail(this.#wrap(error));
    }
  }
  #wrap(error) {
    if (error instanceof MailError) return error;
    return new MailError("TRANSPORT", `the connection failed: ${error?.message ?? error}`, { cause: error });
  }
  /** Takes all events that are there, and sends what came of it. */
  pump() {
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = true;
    try {
      do {
        this.#again = false;
        this.#flush();
        while (!this.failure && !this.#held && !this.#upgrading) {
          const event = this.machine.nextEvent();
          if (!event) break;
          if (event.event === "startTls") this.#upgrading = true;
          else this.client.event(event);
          this.#flush();
          if (this.client.wantsHold()) this.#held = true;
        }
        if (!this.failure && this.machine.closed) return this.fail(null);
        this.next();
        this.#flush();
      } while (this.#again && !this.failure);
      this.#arm();
    } catch (error) {
      this.fail(this.#wrap(error));
    } finally {
      this.#pumping = false;
    }
  }
  #arm() {
    clearTimeout(this.#timer);
    const { deadline } = this.machine;
    if (deadline === Infinity || this.failure || this.#held) return;
    this.#timer = setTimeout(() => this.pump(), Math.min(Math.max(deadline - performance.now(), 0) + 1, 2147483647));
    this.#timer.unref?.();
  }
  #flush() {
    for (let bytes; !this.failure && (bytes = this.machine.dataToSend()); ) {
      this.sent += bytes.length;
      this.#writer.write(bytes).catch((error) => this.fail(this.#wrap(error)));
    }
  }
  /** Once there is room to send more. */
  room() {
    return this.#writer.ready;
  }
  /** Reading goes on, if it was held. */
  release() {
    if (!this.#held) return;
    this.#held = false;
    this.pump();
    if (!this.#held) {
      const resume = this.#resume;
      this.#resume = void 0;
      resume?.();
    }
  }
  async #upgrade() {
    const { startTls } = this.#transport;
    if (!startTls) throw new MailError("NO_TLS", "the transport has no startTls()");
    const old = this.#transport;
    this.#reader.releaseLock();
    await this.#writer.ready;
    this.#writer.releaseLock();
    const secured = await startTls.call(old);
    this.#attach({ secure: true, readable: secured.readable, writable: secured.writable, close: secured.close?.bind(secured) ?? old.close?.bind(old) });
    if (this.failure) return this.#close();
    this.machine.tlsStarted();
    this.#upgrading = false;
    this.client.secured?.();
    this.pump();
  }
  /** Puts a job into the queue. It is `{ name, send(), event(event), signal }`. */
  add(job, first = false) {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      const { signal } = job;
      if (signal?.aborted) return reject(aborted(signal));
      const settle = (how) => (value) => {
        signal?.removeEventListener("abort", onAbort);
        how(value);
      };
      job.resolve = settle(resolve);
      job.reject = settle(reject);
      const onAbort = () => {
        const place = this.jobs.indexOf(job);
        if (place >= 0) this.jobs.splice(place, 1);
        job.dropped = true;
        job.drop?.(aborted(signal));
        job.reject(aborted(signal));
        this.release();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      if (first) this.jobs.unshift(job);
      else this.jobs.push(job);
      this.release();
      this.pump();
    });
  }
  /** Sends the next job, if it can be sent. */
  next() {
    if (this.active || this.failure || this.#upgrading || this.#held) return;
    const job = this.jobs[0];
    if (!job) return this.client.idle?.();
    if (this.client.wanted?.() === false) return;
    try {
      this.active = job;
      job.tag = job.send();
      this.jobs.shift();
      this.log?.({ type: "command", command: job.name, tag: job.tag });
    } catch (error) {
      this.active = null;
      if (error?.code === "CAPABILITIES_UNKNOWN" || error?.code === "BUSY" || error?.code === "WRONG_STATE" && this.client.greeting) return;
      this.jobs.shift();
      error.command ??= job.name;
      job.reject(error);
      this.#again = true;
    }
  }
  /** The active job is done. */
  finish() {
    const job = this.active;
    this.active = null;
    this.#again = true;
    return job;
  }
  /** All is over: in order, or by an error. */
  fail(error) {
    if (this.failure) return;
    clearTimeout(this.#timer);
    this.failure = error ?? new MailError("CLOSED", "the connection is closed");
    this.log?.({ type: "closed", error: error ?? void 0 });
    const jobs = this.active ? [this.active, ...this.jobs] : this.jobs;
    this.active = null;
    this.jobs = [];
    for (const job of jobs) {
      if (job.last && !error) job.resolve();
      else {
        job.drop?.(this.failure);
        job.reject(this.failure);
      }
    }
    this.client.over(error);
    this.#resume?.();
    this.#close();
    this.machine.free();
    this.#ended();
  }
  async #close() {
    const quiet = (promise) => Promise.resolve(promise).catch(() => {
    });
    try {
      quiet(this.#reader.cancel());
    } catch {
    }
    try {
      quiet(this.#writer.close());
    } catch {
    }
    try {
      quiet(this.#transport.close?.());
    } catch {
    }
  }
};
var Listeners = class {
  #all = /* @__PURE__ */ new Map();
  on(name, listener) {
    const listeners = this.#all.get(name) ?? /* @__PURE__ */ new Set();
    this.#all.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }
  emit(name, detail) {
    for (const listener of this.#all.get(name) ?? []) {
      try {
        listener(detail);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
};

// src/imap.js
var IDLE_AFTER = 300;
var IDLE_LASTS = 9 * 6e4;
var POLL = 6e4;
var ImapClient = class _ImapClient {
  #listeners = new Listeners();
  #idling = null;
  #idleTimer;
  #options;
  #greeted;
  #name = null;
  #closing = false;
  #loginError;
  #updates = /* @__PURE__ */ new Set();
  /** @internal */
  greeting = true;
  /** Connects, and logs in if `options.auth` says how. */
  static async connect(transport, options = {}) {
    await init();
    transport = await transport;
    options.signal?.throwIfAborted();
    const client = new _ImapClient(transport, options);
    const onAbort = () => client.session.fail(new MailError("ABORTED", "connecting was aborted", { cause: options.signal.reason }));
    options.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      client.session.start();
      const { status } = await client.#greeted.promise;
      await client.#secure(transport, options);
      if (status !== "pre_auth" && status !== "preauth" && status !== "preAuth" && options.auth) await client.authenticate(options.auth);
      return client;
    } catch (error) {
      client.session.fail(error);
      throw options.signal?.aborted ? options.signal.reason : error;
    } finally {
      options.signal?.removeEventListener("abort", onAbort);
    }
  }
  /** Use `ImapClient.connect`. */
  constructor(transport, options) {
    this.#options = options;
    this.connection = new ImapConnection(options);
    const log = options.logger && ((entry) => options.logger({ protocol: "imap", ...entry }));
    let settle;
    const promise = new Promise((resolve, reject) => settle = { resolve, reject });
    promise.catch(() => {
    });
    this.#greeted = { promise, ...settle };
    const hooks = {
      event: (event) => this.#event(event),
      wantsHold: () => this.#wantsHold(),
      idle: () => this.#idle(),
      wanted: () => this.#endIdle(),
      over: (error) => this.#over(error)
    };
    const self = this;
    Object.defineProperty(hooks, "greeting", { get: () => self.greeting });
    this.session = new Session(this.connection, transport, hooks, log);
    this.maxKept = options.maxKept ?? 1 << 26;
  }
  async #secure(transport, options) {
    const wanted = options.startTls ?? (!this.session.secure && this.session.canStartTls);
    if (!wanted || this.session.secure) return;
    if (!this.session.canStartTls) throw new MailError("NO_TLS", "the transport has no startTls()");
    await this.#run("startTls");
  }
  // ---- What happens.
  #event(event) {
    switch (event.event) {
      case "greeting":
        this.greeting = false;
        this.greetingText = event.text;
        this.#greeted.resolve(event);
        return;
      case "completed":
        return this.#completed(event);
      case "saslError":
        this.#loginError = new MailError(event.code, event.message);
        return;
      case "idling":
        if (this.#idling) this.#idling.on = true;
        return;
      case "status":
        if (event.status === "bye") this.#tell("bye", { text: event.text });
        else if (event.code === "ALERT" || event.code === "alert") this.#tell("alert", { text: event.text });
        break;
    }
    const { active } = this.session;
    if (active?.event?.(event)) return;
    this.#mailboxEvent(event);
  }
  #completed(event) {
    const { session } = this;
    if (this.#idling?.tag === event.tag) {
      this.#idling = null;
      clearTimeout(this.#idleTimer);
      session.log?.({ type: "completed", tag: event.tag, command: "idle", status: event.status });
      return session.next();
    }
    const { active } = session;
    if (active?.tag !== event.tag) return;
    session.finish();
    session.log?.({ type: "completed", tag: event.tag, command: active.name, status: event.status, code: event.code });
    if (event.status === "ok") active.resolve(event);
    else if (this.#loginError && active.login) active.reject(this.#loginError);
    else if (active.login) {
      const error = refused(active.name, event);
      error.code = "AUTHENTICATION_FAILED";
      active.reject(error);
    } else active.reject(refused(active.name, event));
    this.#loginError = void 0;
  }
  #unasked;
  #mailboxEvent(event) {
    switch (event.event) {
      case "exists":
        return this.#tell("exists", { count: event.number });
      case "expunge":
        return this.#tell("expunge", { seq: event.number });
      case "vanished":
        return this.#tell("vanished", { uids: event.uids, earlier: event.earlier });
      case "fetchStart":
        this.#unasked = { seq: event.seq, uid: event.uid };
        return;
      case "fetchItem":
        if (this.#unasked) this.#unasked[event.item] = event.item === "modSeq" ? BigInt(event.value) : event.value;
        return;
      case "fetchEnd":
        if (this.#unasked?.flags) this.#tell("flags", this.#unasked);
        this.#unasked = void 0;
        return;
      case "mailboxStatus":
      case "list":
      case "metadata":
        return this.#tell(event.event, event);
    }
  }
  #tell(type, detail) {
    this.#listeners.emit(type, detail);
    for (const update of this.#updates) update({ type, ...detail });
  }
  #over(error) {
    clearTimeout(this.#idleTimer);
    this.#idling = null;
    const reason = error ?? new MailError("CLOSED", "the connection is closed");
    this.#greeted.reject(reason);
    for (const update of [...this.#updates]) update(null, error);
    this.#listeners.emit("close", { error: error ?? void 0 });
  }
  #wantsHold() {
    const { active, jobs } = this.session;
    return jobs.length === 0 && active?.isFull?.() === true;
  }
  // ---- IDLE.
  #idle() {
    if (this.#idling || this.#closing || this.greeting || this.#options.idle === false || this.#name === null) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.#beginIdle(), this.#options.idle?.after ?? IDLE_AFTER);
  }
  #beginIdle() {
    const { session } = this;
    if (session.failure || session.active || session.jobs.length || this.#idling || this.#closing) return;
    try {
      const tag = this.connection.send("idle");
      this.#idling = { tag, ending: false };
      session.log?.({ type: "command", command: "idle", tag });
      this.#idleTimer = setTimeout(() => this.#endIdle(), this.#options.idle?.lasts ?? IDLE_LASTS);
      this.#idleTimer.unref?.();
      session.pump();
    } catch (error) {
      if (error.code !== "NOT_OFFERED") return;
      this.#idleTimer = setTimeout(() => this.noop().catch(() => {
      }), this.#options.idle?.poll ?? POLL);
      this.#idleTimer.unref?.();
    }
  }
  /** Whether no IDLE is in the way. Ends it if it is. */
  #endIdle() {
    if (!this.#idling) {
      clearTimeout(this.#idleTimer);
      return true;
    }
    if (!this.#idling.ending) {
      this.#idling.ending = true;
      try {
        this.connection.done();
        this.session.pump();
      } catch {
      }
    }
    return false;
  }
  // ---- Events for the program.
  on(name, listener) {
    return this.#listeners.on(name, listener);
  }
  /** All that happens in the mailbox, as an async iterator. */
  async *updates(options = {}) {
    const queue = [];
    let wake;
    let over;
    const push = (update, error) => {
      if (update) queue.push(update);
      else over = { error };
      wake?.();
    };
    if (this.session.failure) throw this.session.failure;
    this.#updates.add(push);
    const { signal } = options;
    const onAbort = () => wake?.();
    signal?.addEventListener("abort", onAbort);
    try {
      for (; ; ) {
        if (signal?.aborted) throw signal.reason;
        if (queue.length) yield queue.shift();
        else if (over) {
          if (over.error) throw over.error;
          return;
        } else await new Promise((resolve) => wake = resolve);
      }
    } finally {
      this.#updates.delete(push);
      signal?.removeEventListener("abort", onAbort);
    }
  }
  // ---- Commands.
  /** Any command by its name; what the server said to it. */
  async command(name, args, options) {
    const events = [];
    const completed = await this.#run(name, args, options, (event) => {
      events.push(event.event === "fetchChunk" ? { ...event, data: event.data.slice() } : event);
      return !["exists", "expunge", "vanished"].includes(event.event);
    });
    return { events, code: completed.code, text: completed.text };
  }
  #run(name, args, options = {}, event) {
    return this.session.add({
      name,
      signal: options.signal,
      send: () => this.connection.send(name, args),
      event
    });
  }
  /** The events of these kinds that a command brings. */
  async #collect(name, args, options, ...kinds) {
    const events = [];
    await this.#run(name, args, options, (event) => kinds.includes(event.event) && events.push(event) > 0);
    return events;
  }
  /** How the connection stands. */
  get #info() {
    if (this.session.failure) throw this.session.failure;
    return this.connection.info;
  }
  get capabilities() {
    return new Set(this.#info.capabilities);
  }
  get state() {
    return this.session.failure ? "logout" : this.connection.info.state;
  }
  get secure() {
    return this.session.secure;
  }
  get closed() {
    return this.session.failure !== null;
  }
  /** The bytes that went over the connection. */
  get traffic() {
    return { received: this.session.received, sent: this.session.sent };
  }
  /** The selected mailbox, as it is now. */
  get mailbox() {
    if (this.session.failure || this.#name === null) return null;
    const { selected } = this.connection.info;
    return selected && { name: this.#name, ...selected };
  }
  async authenticate(auth, options = {}) {
    const safe = this.session.secure || this.#options.allowInsecure === true;
    const method = auth.token === void 0 && auth.pass !== void 0 && auth.method === "login";
    if (method && !safe) throw new MailError("LINK_IN_CLEAR", "the secret would be sent in clear");
    const token = typeof auth.token === "function" ? await auth.token() : auth.token;
    await this.session.add({
      name: "authenticate",
      login: true,
      signal: options.signal,
      send: () => {
        if (!this.connection.info.knowsCapabilities) throw new MailError("CAPABILITIES_UNKNOWN", "");
        return method ? this.connection.login(auth.user, auth.pass) : this.connection.authenticate({ ...auth, token }, safe);
      }
    });
  }
  async noop(options) {
    await this.#run("noop", {}, options);
  }
  async id(fields, options) {
    const [event] = await this.#collect("id", { fields }, options, "id");
    return event?.fields ?? null;
  }
  async enable(capabilities, options) {
    const events = await this.#collect("enable", { capabilities }, options, "enabled");
    return events.flatMap((event) => event.capabilities);
  }
  async namespace(options) {
    const [event] = await this.#collect("namespace", {}, options, "namespace");
    return event ?? null;
  }
  async list(pattern = "*", options = {}) {
    const wanted = Array.isArray(pattern) ? pattern : [pattern];
    const status = options.status && { status: options.status === true ? ["messages", "unseen"] : options.status };
    const returns2 = [...options.returns ?? [], ...status ? [status] : []];
    const events = await this.#collect("list", { reference: options.reference, patterns: wanted, selection: options.selection, returns: returns2 }, options, "list", "mailboxStatus");
    const all = /* @__PURE__ */ new Map();
    for (const event of events) {
      if (event.event === "list") all.set(event.mailbox, mailboxOf(event));
      else Object.assign(all.get(event.mailbox) ?? {}, { status: statusOf(event) });
    }
    return [...all.values()];
  }
  async lsub(pattern = "*", options = {}) {
    const events = await this.#collect("lsub", { reference: options.reference, pattern }, options, "lsub");
    return events.map(mailboxOf);
  }
  async status(mailbox2, items, options) {
    const events = await this.#collect("status", { mailbox: mailbox2, items }, options, "mailboxStatus");
    return Object.assign({}, ...events.map(statusOf));
  }
  async create(mailbox2, options = {}) {
    await this.#run("create", { mailbox: mailbox2, specialUse: options.specialUse }, options);
  }
  async delete(mailbox2, options) {
    await this.#run("delete", { mailbox: mailbox2 }, options);
  }
  async rename(from, to, options) {
    await this.#run("rename", { from, to }, options);
  }
  async subscribe(mailbox2, options) {
    await this.#run("subscribe", { mailbox: mailbox2 }, options);
  }
  async unsubscribe(mailbox2, options) {
    await this.#run("unsubscribe", { mailbox: mailbox2 }, options);
  }
  select(mailbox2, options) {
    return this.#open("select", mailbox2, options);
  }
  examine(mailbox2, options) {
    return this.#open("examine", mailbox2, options);
  }
  async #open(name, mailbox2, options = {}) {
    try {
      await this.#run(name, { mailbox: mailbox2, condStore: options.condStore, qresync: options.qresync }, options, (event) => event.event !== "fetchItem" || !options.qresync);
      this.#name = mailbox2;
    } catch (error) {
      if (!this.session.failure && this.connection.info.state !== "selected") this.#name = null;
      throw error;
    }
    this.session.next();
    return this.mailbox;
  }
  async close(options) {
    await this.#run("close", {}, options);
    this.#name = null;
  }
  async unselect(options) {
    await this.#run("unselect", {}, options);
    this.#name = null;
  }
  /** The numbers of the messages that match, as UIDs unless `options.uid` is false. */
  async search(query = { all: true }, options = {}) {
    const args = { uid: options.uid !== false, query };
    const events = await this.#collect("search", args, options, "search", "esearch");
    return events.flatMap((event) => event.event === "search" ? event.numbers : numbers(event.all));
  }
  /** A search that returns what `returns` says: `min`, `max`, `count`, `all`, … (RFC 4731). */
  async searchReturn(query, returns2, options = {}) {
    const events = await this.#collect("search", { uid: options.uid !== false, query, returns: returns2 }, options, "esearch");
    const found = Object.assign({}, ...events.map((event) => dropNulls(event)));
    if (found.all !== void 0) found.all = events.flatMap((event) => numbers(event.all));
    return found;
  }
  async sort(criteria, query = { all: true }, options = {}) {
    const args = { uid: options.uid !== false, criteria: Array.isArray(criteria) ? criteria : [criteria], query };
    const events = await this.#collect("sort", args, options, "sort", "esearch");
    return events.flatMap((event) => event.event === "sort" ? event.numbers : numbers(event.all));
  }
  /** Conversations as trees: `{ id, children }`; `id` is missing where there is no such message. */
  async thread(algorithm = "references", query = { all: true }, options = {}) {
    const events = await this.#collect("thread", { uid: options.uid !== false, algorithm, query }, options, "thread");
    return tree(events.flatMap((event) => event.threads));
  }
  fetch(set, query, options = {}) {
    const { items, body } = itemsOf(query);
    const args = { uid: options.uid === true, set: sequenceSet(set), items, changedSince: options.changedSince, vanished: options.vanished, partial: options.partial };
    return new Fetching(this, args, body, options);
  }
  async fetchOne(number, query, options) {
    const messages = await this.fetch(number, query, options).all();
    return messages[0] ?? null;
  }
  /** The bytes of a message, or of a section of it, as a stream. */
  download(uid, options = {}) {
    const pieces = this.pieces(uid, options);
    return new ReadableStream(
      {
        pull: async (controller) => {
          const { done, value } = await pieces.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => pieces.return()
      },
      { highWaterMark: 0 }
    );
  }
  /** @internal */
  async *pieces(uid, { section = "", offset = 0, signal, onProgress, markSeen } = {}) {
    const body = { section, markSeen, partial: offset ? [offset, Number.MAX_SAFE_INTEGER > 4294967295 ? 4294967295 : 0] : void 0 };
    const messages = this.fetch(uid, { body }, { uid: true, signal, onProgress });
    const { done, value: message2 } = await messages.next();
    if (done) throw new MailError("NO_SUCH_MESSAGE", `there is no message with the UID ${uid}`);
    const reader = message2.body(section).getReader();
    let whole = false;
    try {
      for (; ; ) {
        const { done: end, value } = await reader.read();
        if (end) break;
        yield value;
      }
      whole = true;
    } finally {
      if (whole) await messages.next();
      else {
        reader.cancel().catch(() => {
        });
        await messages.return();
      }
    }
  }
  #store(action, set, flags, options = {}) {
    const args = { uid: options.uid === true, set: sequenceSet(set), action, silent: options.silent !== false, unchangedSince: options.unchangedSince, flags };
    return this.#run("store", args, options).then((event) => ({ modified: event.code?.modified ? numbers(event.code.modified) : [] }));
  }
  addFlags(set, flags, options) {
    return this.#store("add", set, flags, options);
  }
  removeFlags(set, flags, options) {
    return this.#store("remove", set, flags, options);
  }
  setFlags(set, flags, options) {
    return this.#store("replace", set, flags, options);
  }
  async copy(set, mailbox2, options = {}) {
    return copied(await this.command("copy", { uid: options.uid === true, set: sequenceSet(set), mailbox: mailbox2 }, options));
  }
  async move(set, mailbox2, options = {}) {
    return copied(await this.command("move", { uid: options.uid === true, set: sequenceSet(set), mailbox: mailbox2 }, options));
  }
  /** Removes what is marked as deleted; with `uids`, only of these. */
  async expunge(uids, options) {
    await this.#run("expunge", { uids: uids === void 0 ? void 0 : sequenceSet(uids) }, options);
  }
  /** Puts a message into a mailbox. `content`: a string, bytes, or a stream of a known `options.size`. */
  async append(mailbox2, content, options = {}) {
    const source2 = bytesOf(content, options.size);
    const args = { mailbox: mailbox2, size: source2.size, flags: options.flags, date: options.date, binary: options.binary, utf8: options.utf8 };
    let wake;
    let asked = false;
    let over = false;
    const job = {
      name: "append",
      signal: options.signal,
      send: () => this.connection.send("append", args),
      event: (event) => {
        if (event.event !== "sendLiteral") return false;
        asked = true;
        wake?.();
        return true;
      },
      drop: () => {
        over = true;
        wake?.();
      }
    };
    const done = this.session.add(job).finally(() => {
      over = true;
      wake?.();
    });
    done.catch(() => {
    });
    let given = 0;
    const short = (why) => {
      const error = new MailError("INVALID_ARGUMENT", why);
      if (asked && !this.session.failure) this.session.fail(error);
      return error;
    };
    while (!asked && !over) await new Promise((resolve) => wake = resolve);
    try {
      if (asked) {
        for await (const piece of source2.pieces) {
          if (given + piece.length > source2.size) throw short("the message is longer than its size says");
          for (let at = 0; at < piece.length && !this.session.failure; ) {
            const count = this.connection.writeLiteral(piece.subarray(at, at + 8192));
            at += count;
            given += count;
            this.session.pump();
            options.onProgress?.({ sent: given, total: source2.size });
            if (this.session.failure) break;
            await this.session.room();
          }
          if (this.session.failure) break;
        }
        if (given < source2.size && !this.session.failure) throw short("the message is shorter than its size says");
      }
    } catch (error) {
      if (asked && given < source2.size && !this.session.failure) this.session.fail(error);
      throw error;
    }
    const { code } = await done;
    const it = code?.appendUid ?? code?.append_uid;
    return it ? { uidValidity: it.uidValidity, uid: numbers(it.uids)[0] } : {};
  }
  async quota(mailbox2 = "INBOX", options) {
    const events = await this.#collect("getQuotaRoot", { mailbox: mailbox2 }, options, "quota", "quotaRoot");
    return events.filter((event) => event.event === "quota").map(({ root, resources }) => ({ root, resources }));
  }
  async getMetadata(mailbox2, entries, options = {}) {
    const events = await this.#collect("getMetadata", { mailbox: mailbox2, entries, depth: options.depth, maxSize: options.maxSize }, options, "metadata");
    return Object.fromEntries(events.flatMap((event) => event.values.map(({ entry, value }) => [entry, value])));
  }
  async setMetadata(mailbox2, entries, options) {
    await this.#run("setMetadata", { mailbox: mailbox2, entries }, options);
  }
  /** Says goodbye, and closes. */
  async logout(options = {}) {
    if (this.session.failure) return;
    this.#closing = true;
    await this.session.add({ name: "logout", last: true, signal: options.signal, send: () => this.connection.send("logout") });
    await this.session.ended;
  }
  /** Closes at once. */
  destroy(reason) {
    this.session.fail(reason ?? null);
  }
  async [Symbol.asyncDispose ?? /* @__PURE__ */ Symbol.for("Symbol.asyncDispose")]() {
    try {
      await this.logout();
    } catch {
      this.destroy();
    }
  }
};
function numbers(set) {
  if (!set) return [];
  if (Array.isArray(set)) return set;
  const all = [];
  for (const part of String(set).split(",")) {
    const [from, to = from] = part.split(":").map(Number);
    for (let number = Math.min(from, to); number <= Math.max(from, to); number++) all.push(number);
  }
  return all;
}
var dropNulls = (it) => Object.fromEntries(Object.entries(it).filter(([name, value]) => value !== null && !["event", "more", "tag", "uid"].includes(name)));
function mailboxOf({ mailbox: mailbox2, delimiter, attributes, extended }) {
  const has = (name) => attributes.some((it) => it.toLowerCase() === name);
  const use = attributes.find((it) => /^\\(all|archive|drafts|flagged|junk|sent|trash|important)$/i.test(it));
  return {
    name: mailbox2,
    delimiter,
    attributes,
    extended,
    selectable: !has("\\noselect") && !has("\\nonexistent"),
    specialUse: use ?? (mailbox2.toUpperCase() === "INBOX" ? "\\Inbox" : void 0)
  };
}
function statusOf({ values }) {
  return Array.isArray(values) ? Object.assign({}, ...values) : values;
}
function copied({ code, events }) {
  const all = [code, ...events.map((event) => event.code)];
  const it = all.find((one) => one?.copyUid)?.copyUid;
  if (!it) return {};
  const [from, to] = [numbers(it.source), numbers(it.destination)];
  return { uidValidity: it.uidValidity, uids: new Map(from.map((uid, place) => [uid, to[place]])) };
}
function tree(tokens) {
  const root = { children: [] };
  const stack = [];
  let at = root;
  for (const token of tokens) {
    if (token === "(") {
      stack.push(at);
      if (stack.length > 1 && at === root) {
        const missing = { children: [] };
        root.children.push(missing);
        at = missing;
      }
    } else if (token === ")") at = stack.pop() ?? root;
    else {
      const node = { id: token, children: [] };
      at.children.push(node);
      at = node;
    }
  }
  return root.children;
}
function bytesOf(content, size) {
  if (typeof content === "string") content = new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return { size: content.length, pieces: [content] };
  if (typeof Blob !== "undefined" && content instanceof Blob) return { size: content.size, pieces: iterate(content.stream()) };
  if (!Number.isSafeInteger(size)) throw new MailError("INVALID_ARGUMENT", "the size of a stream must be given as options.size");
  return { size, pieces: iterate(content) };
}
async function* iterate(stream) {
  if (stream[Symbol.asyncIterator]) return yield* stream;
  const reader = stream.getReader();
  for (; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

// src/entry-node.js
initSync2((0, import_node_fs.readFileSync)(__dirname + "/mailwire_bg.wasm"));
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  ImapClient,
  ImapConnection,
  MailError,
  Pop3Connection,
  Watch,
  decodeWords,
  init,
  initSync,
  version
});
