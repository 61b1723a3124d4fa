var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// src/node.js
var node_exports = {};
__export(node_exports, {
  connectTcp: () => connectTcp,
  connectTls: () => connectTls,
  socketTransport: () => socketTransport
});
module.exports = __toCommonJS(node_exports);
var import_node_net = __toESM(require("node:net"));
var import_node_tls = __toESM(require("node:tls"));
function socketTransport(socket, { secure = false, startTls } = {}) {
  let read;
  let failed;
  const readable = new ReadableStream(
    {
      start(controller) {
        read = controller;
        socket.on("data", (chunk) => {
          controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
          if (controller.desiredSize <= 0) socket.pause();
        });
        socket.on("end", () => close(controller));
        socket.on("error", (error) => {
          failed ??= error;
          try {
            controller.error(error);
          } catch {
          }
        });
        socket.on("close", () => failed ? void 0 : close(controller));
      },
      pull: () => void socket.resume(),
      cancel: () => void socket.destroy()
    },
    { highWaterMark: 1 << 18, size: (chunk) => chunk.byteLength }
  );
  const writable = new WritableStream({
    write: (chunk) => new Promise((resolve, reject) => {
      if (failed) return reject(failed);
      socket.write(chunk, (error) => error ? reject(error) : resolve());
    }),
    close: () => void socket.end(),
    abort: () => void socket.destroy()
  });
  return {
    readable,
    writable,
    secure,
    close: () => {
      socket.end();
      setTimeout(() => socket.destroy(), 500).unref();
    },
    startTls: startTls && (() => {
      socket.removeAllListeners("data");
      socket.removeAllListeners("end");
      socket.removeAllListeners("close");
      return startTls(socket);
    })
  };
  function close() {
    try {
      read.close();
    } catch {
    }
  }
}
var once = (socket, event, signal) => new Promise((resolve, reject) => {
  const settle = (how) => (value) => {
    socket.off(event, resolved);
    socket.off("error", rejected);
    signal?.removeEventListener("abort", aborted);
    how(value);
  };
  const resolved = settle(resolve);
  const rejected = settle(reject);
  const aborted = () => {
    socket.on("error", () => {
    });
    socket.destroy();
    rejected(signal.reason);
  };
  socket.once(event, resolved);
  socket.once("error", rejected);
  signal?.addEventListener("abort", aborted, { once: true });
});
async function connectTls({ host, port, tls: more, signal, timeout = 3e4 }) {
  signal = within(timeout, signal);
  signal?.throwIfAborted();
  const socket = import_node_tls.default.connect({ host, port, servername: import_node_net.default.isIP(host) ? void 0 : host, ...more });
  await once(socket, "secureConnect", signal);
  return socketTransport(socket, { secure: true });
}
async function connectTcp({ host, port, tls: more, signal, timeout = 3e4 }) {
  signal = within(timeout, signal);
  signal?.throwIfAborted();
  const socket = import_node_net.default.connect({ host, port });
  socket.setNoDelay(true);
  await once(socket, "connect", signal);
  return socketTransport(socket, {
    startTls: async (plain) => {
      const secured = import_node_tls.default.connect({ socket: plain, servername: import_node_net.default.isIP(host) ? void 0 : host, ...more });
      await once(secured, "secureConnect", within(timeout));
      return socketTransport(secured, { secure: true });
    }
  });
}
function within(timeout, signal) {
  if (!timeout) return signal;
  const limit = AbortSignal.timeout(timeout);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  connectTcp,
  connectTls,
  socketTransport
});
