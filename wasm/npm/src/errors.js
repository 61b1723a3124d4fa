/** What everything here rejects with. */
export class MailError extends Error {
  constructor(code, message, more) {
    super(message, more?.cause === undefined ? undefined : { cause: more.cause });
    this.name = "MailError";
    this.code = code;
    if (more?.command !== undefined) this.command = more.command;
    if (more?.tag !== undefined) this.tag = more.tag;
    if (more?.responseCode !== undefined) this.responseCode = more.responseCode;
    if (more?.status !== undefined) this.status = more.status;
    if (more?.responseText !== undefined) this.responseText = more.responseText;
  }
}

/** What the wasm throws is a string: a code, a line break, a text. */
export function fromWasm(error, more) {
  if (typeof error !== "string") return error;
  const at = error.indexOf("\n");
  return new MailError(error.slice(0, at), error.slice(at + 1), more);
}

/** Response codes whose names are not the words of their names here. */
const WORDS = { READONLY: "READ-ONLY", READWRITE: "READ-WRITE", UNKNOWNCTE: "UNKNOWN-CTE", UNDEFINEDFILTER: "UNDEFINED-FILTER" };

/** A NO, BAD or -ERR. */
export function refused(command, event) {
  let code = typeof event.code === "string" ? event.code : (event.code?.other?.name ?? (event.code ? Object.keys(event.code)[0] : undefined));
  code = code?.toUpperCase();
  const kind = event.status === "bad" ? "BAD" : "REFUSED";
  return new MailError(kind, `${command} was refused: ${event.text || event.status}`, {
    command, tag: event.tag, status: event.status, responseCode: WORDS[code] ?? code, responseText: event.text,
  });
}

/** Whatever went wrong between here and the server. */
export function transportError(error) {
  if (error instanceof MailError) return error;
  // Of AbortSignal.timeout().
  const code = error?.name === "TimeoutError" ? "TIMEOUT" : "TRANSPORT";
  return new MailError(code, `the connection failed: ${error?.message ?? error}`, { cause: error });
}

/** Calls what the program gave. What that throws is no business of the connection. */
export function tell(listener, detail) {
  try {
    listener?.(detail);
  } catch (error) {
    queueMicrotask(() => { throw error; });
  }
}

/** The reason of an AbortSignal, as it is. */
export const aborted = (signal) => signal.reason ?? new MailError("ABORTED", "aborted");
