/**
 * A connection, its memory, and a login that goes on.
 */
export class Imap {
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
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
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
                ptr2 = 0; len2 = 0;
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
    feed(chunk, from, now) {
        const ret = wasm.imap_feed(this.__wbg_ptr, chunk, from, now);
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
                if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
                if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
                throw e;
            }
            const ret = wasm.imap_login(this.__wbg_ptr, ptr0, len0, ptr1, len1);
            var ptr3 = ret[0];
            var len3 = ret[1];
            if (ret[3]) {
                ptr3 = 0; len3 = 0;
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
                if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
                if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
                throw e;
            }
            const ret = wasm.imap_send(this.__wbg_ptr, ptr0, len0, ptr1, len1);
            var ptr3 = ret[0];
            var len3 = ret[1];
            if (ret[3]) {
                ptr3 = 0; len3 = 0;
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
}
if (Symbol.dispose) Imap.prototype[Symbol.dispose] = Imap.prototype.free;

/**
 * A connection, its memory, and a login that goes on.
 */
export class Pop3 {
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
    feed(chunk, from, now) {
        const ret = wasm.pop3_feed(this.__wbg_ptr, chunk, from, now);
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
            if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
            if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
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
}
if (Symbol.dispose) Pop3.prototype[Symbol.dispose] = Pop3.prototype.free;

/**
 * Mailboxes that are watched over IMAP.
 */
export class Watch {
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
    acknowledge(mailbox, uid) {
        wasm.watch_acknowledge(this.__wbg_ptr, mailbox, uid);
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
                if (ptr1) { wasm.__wbindgen_free(ptr1, len1 * 1, 1); }
                if (ptr0) { wasm.__wbindgen_free(ptr0, len0 * 1, 1); }
                throw e;
            }
            const ret = wasm.watch_authenticate(this.__wbg_ptr, ptr0, len0, ptr1, len1);
            var ptr3 = ret[0];
            var len3 = ret[1];
            if (ret[3]) {
                ptr3 = 0; len3 = 0;
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
    feed(chunk, from, now) {
        const ret = wasm.watch_feed(this.__wbg_ptr, chunk, from, now);
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
}
if (Symbol.dispose) Watch.prototype[Symbol.dispose] = Watch.prototype.free;

/**
 * A header's text as people read it: encoded words (RFC 2047) are decoded.
 * @param {Uint8Array | number[]} value
 * @returns {string}
 */
export function decodeWords(value) {
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

/**
 * The version of mailwire, as in its package.
 * @returns {string}
 */
export function version() {
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
            // Cast intrinsic for `Ref(String) -> Externref`.
            const ret = getStringFromWasm0(arg0, arg1);
            return ret;
        },
        __wbindgen_init_externref_table: function() {
            const table = wasm.__wbindgen_externrefs;
            table.set(0, undefined);
            table.set(1024, undefined);
            table.set(1025, null);
            table.set(1026, true);
            table.set(1027, false);
        },
    };
    return {
        __proto__: null,
        "./mailwire_bg.js": import0,
    };
}

const ImapFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_imap_free(ptr, 1));
const Pop3Finalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_pop3_free(ptr, 1));
const WatchFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_watch_free(ptr, 1));

function getArrayU8FromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
}

function getStringFromWasm0(ptr, len) {
    ptr = ptr >>> 0;
    return decodeText(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}

let cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
    if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
        cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
    }
    return cachedUint8ArrayMemory0;
}

function isLikeNone(x) {
    return x === undefined || x === null;
}

function passArray8ToWasm0(arg, malloc) {
    const ptr = malloc(arg.length * 1, 1) >>> 0;
    getUint8ArrayMemory0().set(arg, ptr / 1);
    WASM_VECTOR_LEN = arg.length;
    return ptr;
}

function passStringToWasm0(arg, malloc, realloc) {
    if (realloc === undefined) {
        const buf = cachedTextEncoder.encode(arg);
        const ptr = malloc(buf.length, 1) >>> 0;
        getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
        WASM_VECTOR_LEN = buf.length;
        return ptr;
    }

    let len = arg.length;
    let ptr = malloc(len, 1) >>> 0;

    const mem = getUint8ArrayMemory0();

    let offset = 0;

    for (; offset < len; offset++) {
        const code = arg.charCodeAt(offset);
        if (code > 0x7F) break;
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

let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
cachedTextDecoder.decode();
const MAX_SAFARI_DECODE_BYTES = 2146435072;
let numBytesDecoded = 0;
function decodeText(bytes) {
    numBytesDecoded += bytes.length;
    if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {
        cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
        cachedTextDecoder.decode();
        numBytesDecoded = bytes.length;
    }
    return cachedTextDecoder.decode(bytes);
}

const cachedTextEncoder = new TextEncoder();

if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function (arg, view) {
        const buf = cachedTextEncoder.encode(arg);
        view.set(buf);
        return {
            read: arg.length,
            written: buf.length
        };
    };
}

let WASM_VECTOR_LEN = 0;

let wasmModule, wasmInstance, wasm;
function __wbg_finalize_init(instance, module) {
    wasmInstance = instance;
    wasm = instance.exports;
    wasmModule = module;
    cachedUint8ArrayMemory0 = null;
    wasm.__wbindgen_start();
    return wasm;
}

async function __wbg_load(module, imports) {
    if (typeof Response === 'function' && module instanceof Response) {
        if (!module.ok) {
            throw new Error(`failed to fetch Wasm: ${module.status} ${module.statusText} fetching '${module.url}'`);
        }

        if (typeof WebAssembly.instantiateStreaming === 'function') {
            try {
                return await WebAssembly.instantiateStreaming(module, imports);
            } catch (e) {
                const validResponse = expectedResponseType(module.type);

                if (validResponse && module.headers.get('Content-Type') !== 'application/wasm') {
                    console.warn("`WebAssembly.instantiateStreaming` failed because your server does not serve Wasm with `application/wasm` MIME type. Falling back to `WebAssembly.instantiate` which is slower. Original error:\n", e);

                } else { throw e; }
            }
        }

        const bytes = await module.arrayBuffer();
        return await WebAssembly.instantiate(bytes, imports);
    } else {
        const instance = await WebAssembly.instantiate(module, imports);

        if (instance instanceof WebAssembly.Instance) {
            return { instance, module };
        } else {
            return instance;
        }
    }

    function expectedResponseType(type) {
        switch (type) {
            case 'basic': case 'cors': case 'default': return true;
        }
        return false;
    }
}

function initSync(module) {
    if (wasm !== undefined) return wasm;


    if (module !== undefined) {
        if (Object.getPrototypeOf(module) === Object.prototype) {
            ({module} = module)
        } else {
            console.warn('using deprecated parameters for `initSync()`; pass a single object instead')
        }
    }

    const imports = __wbg_get_imports();
    if (!(module instanceof WebAssembly.Module)) {
        module = new WebAssembly.Module(module);
    }
    const instance = new WebAssembly.Instance(module, imports);
    return __wbg_finalize_init(instance, module);
}

let __wbg_init_promise;
async function __wbg_init(module_or_path) {
    if (wasm !== undefined) return wasm;
    if (__wbg_init_promise === undefined) {
        __wbg_init_promise = __wbg_init_once(module_or_path);
        __wbg_init_promise.catch(() => { __wbg_init_promise = undefined; });
    }
    return __wbg_init_promise;
}

async function __wbg_init_once(module_or_path) {

    if (module_or_path !== undefined) {
        if (Object.getPrototypeOf(module_or_path) === Object.prototype) {
            ({module_or_path} = module_or_path)
        } else {
            console.warn('using deprecated parameters for the initialization function; pass a single object instead')
        }
    }


    const imports = __wbg_get_imports();

    if (typeof module_or_path === 'string' || (typeof Request === 'function' && module_or_path instanceof Request) || (typeof URL === 'function' && module_or_path instanceof URL)) {
        module_or_path = fetch(module_or_path);
    }

    const { instance, module } = await __wbg_load(await module_or_path, imports);

    return __wbg_finalize_init(instance, module);
}

export { initSync, __wbg_init as default };
