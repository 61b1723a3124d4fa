// Made by hand. Names are those of the RFCs, in JavaScript's spelling.

/** Web streams of bytes, to a server. */
export interface Transport {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
  /** Whether nobody can listen: TLS, or a link that is safe by other means. Default: no. */
  secure?: boolean;
  /** Turns it into one by TLS, for STARTTLS and STLS. */
  startTls?(): Promise<Transport> | Transport;
  close?(): unknown;
}

/** What everything here rejects with. */
export class MailError extends Error {
  constructor(code: string, message: string, more?: Partial<MailError>);
  readonly name: "MailError";
  readonly code: ErrorCode | (string & {});
  /** The command that failed. */
  readonly command?: string;
  /** Its tag. */
  readonly tag?: string;
  /** `no`, `bad` or `err`, if the server refused it. */
  readonly status?: "no" | "bad" | "err";
  /** What the server named as the reason: `TRYCREATE`, `OVERQUOTA`, … */
  readonly responseCode?: string;
  /** The server's words. */
  readonly responseText?: string;
}
export type ErrorCode =
  | "REFUSED" | "BAD" | "AUTHENTICATION_FAILED" | "NO_MECHANISM" | "LINK_IN_CLEAR" | "SERVER_NOT_VERIFIED"
  | "INVALID_CREDENTIALS" | "UNEXPECTED_EOF" | "FRAME_LOST" | "DATA_BEFORE_TLS" | "BAD_GREETING"
  | "CONNECTION_REFUSED" | "BYE" | "ANSWERED_EARLY" | "TIMEOUT" | "TRANSPORT" | "CLOSED" | "ABORTED" | "NO_TLS"
  | "WRONG_STATE" | "BUSY" | "NOT_OFFERED" | "CAPABILITIES_UNKNOWN" | "INVALID_ARGUMENT" | "TOO_BIG"
  | "TX_FULL" | "RX_FULL" | "SKIPPED" | "NO_UID" | "NO_SUCH_MESSAGE" | "WASM" | "NOT_LOADED";

/** What `init` takes: where the wasm is, its bytes, or a compiled module. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;
/** Loads the wasm. Idempotent. The clients do it by themselves; in Node and Workers it is done. */
export function init(input?: WasmSource): Promise<void>;
/** The same, at once. */
export function initSync(input: BufferSource | WebAssembly.Module): void;
/** The version of mailwire. */
export function version(): string;
/** A header's text as people read it (RFC 2047). */
export function decodeWords(value: string | Uint8Array): string;
/** A set such as `1:3,7` as numbers. */
export function numbers(set: string): number[];
/** A WebSocket to a bridge, such as mailwire-bridge, as a transport. */
export function webSocketTransport(
  url: string | URL,
  options?: {
    protocols?: string[];
    /** Whether nobody can listen on all of the way. Default: `wss:`, or a bridge on this machine. */
    secure?: boolean;
    signal?: AbortSignal;
    WebSocket?: any;
  },
): Promise<Transport>;

/** Who one is. */
export type Auth =
  | { user: string; pass: string; method?: "login" }
  | { user: string; token: string | (() => string | Promise<string>) }
  | { certificate: true; user?: string }
  | { anonymous: string };

/** What happens, for a log. Never a secret, nor the text of a mail. */
export type LogEntry =
  | { protocol: "imap" | "pop3"; type: "command"; command: string; tag?: string }
  | { protocol: "imap" | "pop3"; type: "completed"; command: string; tag?: string; status: string; code?: unknown }
  | { protocol: "imap" | "pop3"; type: "closed"; error?: Error };

export interface ConnectionOptions {
  /** Bytes of the largest response, or item of FETCH, that comes whole; 65536 by default. */
  bufferSize?: number;
  /** Milliseconds that the server may owe an answer; 60000 by default, 0: for ever. */
  timeout?: number;
  /** Whether commands are sent that the server does not offer. */
  sendUnoffered?: boolean;
}
export interface ClientOptions extends ConnectionOptions {
  auth?: Auth;
  /** Default: whenever the transport is not secure and can be. */
  startTls?: boolean;
  /** Whether secrets may be sent in clear. */
  allowInsecure?: boolean;
  signal?: AbortSignal;
  logger?(entry: LogEntry): void;
}
export interface ImapClientOptions extends ClientOptions {
  saslIr?: boolean;
  /** IDLE when there is nothing else to do: `false` for never, or milliseconds. */
  idle?: boolean | { after?: number; lasts?: number; poll?: number };
  /** Bytes of a body that are kept while other commands wait; the rest is fetched again when it is read. */
  maxKept?: number;
}
/** Every call takes these. */
export interface CallOptions { signal?: AbortSignal }
export interface UidOptions extends CallOptions {
  /** Whether numbers are UIDs. */
  uid?: boolean;
}

/** Numbers of messages: one, several, or text such as `1:3,7,9:*`. */
export type Messages = number | string | Iterable<number>;
/** A day: a Date, of which the day in UTC counts, or `2026-11-21`. */
export type Day = Date | string;
/** What to search for: all of these. A flag that is false is searched as not being there. */
export interface SearchQuery {
  all?: true; answered?: boolean; deleted?: boolean; draft?: boolean; flagged?: boolean; seen?: boolean;
  new?: boolean; old?: boolean; recent?: boolean;
  unanswered?: true; undeleted?: true; undraft?: true; unflagged?: true; unseen?: true;
  from?: string | string[]; to?: string | string[]; cc?: string | string[]; bcc?: string | string[];
  subject?: string | string[]; body?: string | string[]; text?: string | string[];
  keyword?: string | string[]; unkeyword?: string | string[];
  header?: Record<string, string | true>;
  before?: Day; on?: Day; since?: Day; sentBefore?: Day; sentOn?: Day; sentSince?: Day;
  savedBefore?: Day; savedOn?: Day; savedSince?: Day; saveDateSupported?: true;
  larger?: number; smaller?: number; older?: number; younger?: number;
  uid?: Messages; sequence?: Messages; filter?: string; emailId?: string; threadId?: string;
  modSeq?: number | bigint; flagModSeq?: { flag: string; entry?: "priv" | "shared" | "all"; modSeq: number | bigint };
  gmRaw?: string; gmLabels?: string | string[]; gmMsgId?: bigint; gmThrId?: bigint;
  not?: SearchQuery; fuzzy?: SearchQuery; or?: SearchQuery[]; and?: SearchQuery | SearchQuery[];
}
export type Criterion = "arrival" | "cc" | "date" | "from" | "size" | "subject" | "to" | "displayFrom" | "displayTo" | "relevancy";
/** With a minus: the other way round. */
export type SortCriterion = Criterion | `-${Criterion}`;

export interface BodyWanted {
  /** `1.2`, `HEADER`, `TEXT`, `1.MIME`; the whole message by default. */
  section?: string;
  /** Offset and length in octets. */
  partial?: [number, number];
  /** Whether it makes the message `\Seen`. */
  markSeen?: boolean;
}
/** What to fetch of each message. The UID always comes. */
export interface FetchQuery {
  flags?: boolean; envelope?: boolean; internalDate?: boolean; size?: boolean; bodyStructure?: boolean;
  modSeq?: boolean; emailId?: boolean; threadId?: boolean; saveDate?: boolean; preview?: boolean | "lazy";
  labels?: boolean; gmMsgId?: boolean; gmThrId?: boolean;
  /** All header fields, or these. */
  headers?: true | string[];
  /** Sections that are small enough to be kept in memory. */
  sections?: string[];
  /** One section that comes as a stream. */
  body?: boolean | string | BodyWanted;
  items?: FetchItem[];
}
export type FetchItem = string | { section: string; peek?: boolean; partial?: [number, number] } | { binary: string; peek?: boolean; partial?: [number, number] } | { binarySize: string } | { preview: true | "lazy" } | { other: string };
export interface FetchOptions extends UidOptions {
  changedSince?: number | bigint; vanished?: boolean; partial?: [number, number];
  onProgress?(progress: { uid?: number; received: number; total?: number }): void;
}

export interface Address { name: string; address: string; group?: string }
export interface Envelope {
  date: Date | null; subject: string;
  from: Address[]; sender: Address[]; replyTo: Address[]; to: Address[]; cc: Address[]; bcc: Address[];
  inReplyTo: string | null; messageId: string | null;
}
/** A part of a message (RFC 9051 section 7.5.2). */
export interface Part {
  /** Its number: what to fetch it by. */
  number: string;
  kind: string;
  /** `text/plain` */
  type?: string;
  params?: Record<string, string>;
  id?: string; description?: string; encoding?: string; size?: number; lines?: number;
  disposition?: { kind?: string; params?: Record<string, string> };
  envelope?: Envelope;
  fileName?: string;
}
/** A message that was fetched. What was not asked for is not there. */
export interface Message {
  readonly seq?: number; readonly uid?: number;
  readonly flags?: string[]; readonly envelope?: Envelope; readonly internalDate?: Date; readonly size?: number;
  readonly bodyStructure?: Part[]; readonly modSeq?: bigint; readonly emailId?: string; readonly threadId?: string | null;
  readonly saveDate?: Date | null; readonly preview?: string | null; readonly labels?: string[];
  readonly gmMsgId?: bigint; readonly gmThrId?: bigint; readonly binarySizes?: Record<string, number>;
  /** Header fields by name in lower case, decoded. */
  readonly headers: Map<string, string[]>;
  /** A section that was asked for by `sections`. */
  section(name: string): Uint8Array | undefined;
  /** The bytes as they are sent. What was not asked for is fetched now. A stream that is not read
   *  to its end is skipped when the next message is asked for. */
  body(section?: string): ReadableStream<Uint8Array>;
  bytes(section?: string): Promise<Uint8Array>;
  text(section?: string): Promise<string>;
}
export interface MessageIterator extends AsyncIterableIterator<Message> { all(): Promise<Message[]> }

/** The selected mailbox. */
export interface Selected {
  name: string; exists: number; recent: number; unseen: number | null; uidValidity: number | null; uidNext: number | null;
  flags: string[]; permanentFlags: string[] | null; readOnly: boolean; uidNotSticky: boolean; highestModSeq: bigint | null;
}
export interface Mailbox {
  name: string; delimiter: string | null; attributes: string[]; selectable: boolean; specialUse?: string;
  extended: unknown[]; status?: MailboxStatus;
}
export interface MailboxStatus {
  messages?: number; uidNext?: number; uidValidity?: number; unseen?: number; deleted?: number; size?: number;
  recent?: number; highestModSeq?: bigint; mailboxId?: string; appendLimit?: number | null;
}
export type StatusItem = keyof MailboxStatus | "deletedStorage";
export interface Thread { id?: number; children: Thread[] }

export interface ImapEvents {
  exists: { count: number };
  expunge: { seq: number };
  vanished: { uids: string; earlier: boolean };
  flags: { seq?: number; uid?: number; flags: string[]; modSeq?: bigint };
  alert: { text: string };
  bye: { text: string };
  mailboxStatus: ImapEvent; list: ImapEvent; metadata: ImapEvent;
  /** Once, at the end; with an error if it was none in order. */
  close: { error?: Error };
}
export type Update = { [K in keyof ImapEvents]: { type: K } & ImapEvents[K] }[Exclude<keyof ImapEvents, "close">];

/** A mailbox over IMAP. Commands are sent one after the other, in the order of the calls. */
export class ImapClient implements AsyncDisposable {
  private constructor();
  /** Connects, starts TLS if the transport wants that, and logs in. */
  static connect(transport: Transport | Promise<Transport>, options?: ImapClientOptions): Promise<ImapClient>;
  readonly capabilities: Set<string>;
  readonly state: "greeting" | "notAuthenticated" | "authenticated" | "selected" | "logout";
  readonly secure: boolean;
  readonly closed: boolean;
  readonly greetingText?: string;
  readonly traffic: { received: number; sent: number };
  readonly mailbox: Selected | null;
  /** Listens; what is returned ends it. */
  on<K extends keyof ImapEvents>(name: K, listener: (event: ImapEvents[K]) => void): () => void;
  updates(options?: CallOptions): AsyncGenerator<Update, void>;
  authenticate(auth: Auth, options?: CallOptions): Promise<void>;
  noop(options?: CallOptions): Promise<void>;
  id(fields?: Record<string, string | null>, options?: CallOptions): Promise<Record<string, string | null> | null>;
  enable(capabilities: string[], options?: CallOptions): Promise<string[]>;
  namespace(options?: CallOptions): Promise<unknown>;
  list(pattern?: string | string[], options?: CallOptions & { reference?: string; selection?: string[]; returns?: unknown[]; status?: true | StatusItem[] }): Promise<Mailbox[]>;
  lsub(pattern?: string, options?: CallOptions & { reference?: string }): Promise<Mailbox[]>;
  status(mailbox: string, items?: StatusItem[], options?: CallOptions): Promise<MailboxStatus>;
  create(mailbox: string, options?: CallOptions & { specialUse?: string[] }): Promise<void>;
  delete(mailbox: string, options?: CallOptions): Promise<void>;
  rename(from: string, to: string, options?: CallOptions): Promise<void>;
  subscribe(mailbox: string, options?: CallOptions): Promise<void>;
  unsubscribe(mailbox: string, options?: CallOptions): Promise<void>;
  select(mailbox: string, options?: SelectOptions): Promise<Selected>;
  examine(mailbox: string, options?: SelectOptions): Promise<Selected>;
  close(options?: CallOptions): Promise<void>;
  unselect(options?: CallOptions): Promise<void>;
  /** The UIDs of what matches; sequence numbers if `uid` is false. */
  search(query?: SearchQuery, options?: UidOptions): Promise<number[]>;
  searchReturn(query: SearchQuery, returns: ("min" | "max" | "all" | "count" | "save" | { partial: [number, number] })[], options?: UidOptions): Promise<{ min?: number; max?: number; count?: number; all?: number[]; modSeq?: bigint }>;
  sort(criteria: SortCriterion | SortCriterion[], query?: SearchQuery, options?: UidOptions): Promise<number[]>;
  thread(algorithm?: "references" | "orderedsubject" | "refs", query?: SearchQuery, options?: UidOptions): Promise<Thread[]>;
  /** Messages one by one. Commands inside the loop are sent when the FETCH is done. */
  fetch(messages: Messages, query: FetchQuery | string, options?: FetchOptions): MessageIterator;
  fetchOne(message: number | "*", query: FetchQuery | string, options?: FetchOptions): Promise<Message | null>;
  download(uid: number, options?: CallOptions & BodyWanted & { offset?: number; onProgress?: FetchOptions["onProgress"] }): ReadableStream<Uint8Array>;
  addFlags(messages: Messages, flags: string[], options?: StoreOptions): Promise<{ modified: number[] }>;
  removeFlags(messages: Messages, flags: string[], options?: StoreOptions): Promise<{ modified: number[] }>;
  setFlags(messages: Messages, flags: string[], options?: StoreOptions): Promise<{ modified: number[] }>;
  copy(messages: Messages, mailbox: string, options?: UidOptions): Promise<{ uidValidity?: number; uids?: Map<number, number> }>;
  move(messages: Messages, mailbox: string, options?: UidOptions): Promise<{ uidValidity?: number; uids?: Map<number, number> }>;
  expunge(uids?: Messages, options?: CallOptions): Promise<void>;
  append(mailbox: string, content: string | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>, options?: AppendOptions): Promise<{ uidValidity?: number; uid?: number }>;
  quota(mailbox?: string, options?: CallOptions): Promise<{ root: string; resources: { name: string; usage: number; limit: number }[] }[]>;
  getMetadata(mailbox: string, entries: string[], options?: CallOptions & { depth?: 0 | 1 | "infinity"; maxSize?: number }): Promise<Record<string, string | null>>;
  setMetadata(mailbox: string, entries: Record<string, string | Uint8Array | null>, options?: CallOptions): Promise<void>;
  /** Any command by its name, with what came while it ran. */
  command(name: ImapCommand, args?: Record<string, unknown>, options?: CallOptions): Promise<{ events: ImapEvent[]; code: unknown; text: string }>;
  /** Says goodbye, and closes. */
  logout(options?: CallOptions): Promise<void>;
  /** Closes at once. */
  destroy(reason?: Error): void;
  [Symbol.asyncDispose](): Promise<void>;
}
export interface SelectOptions extends CallOptions { condStore?: boolean; qresync?: { uidValidity: number; modSeq: number | bigint; knownUids?: Messages } }
export interface StoreOptions extends UidOptions { silent?: boolean; unchangedSince?: number | bigint }
export interface AppendOptions extends CallOptions {
  flags?: string[]; date?: Date;
  /** Bytes of a stream. Exactly so many must come. */
  size?: number;
  binary?: boolean; utf8?: boolean;
  onProgress?(progress: { sent: number; total: number }): void;
}

export interface Pop3ClientOptions extends ClientOptions {}
/** A maildrop over POP3. */
export class Pop3Client implements AsyncDisposable {
  private constructor();
  static connect(transport: Transport | Promise<Transport>, options?: Pop3ClientOptions): Promise<Pop3Client>;
  readonly capabilities: unknown[];
  readonly secure: boolean;
  readonly closed: boolean;
  readonly greetingText?: string;
  authenticate(auth: Auth, options?: CallOptions): Promise<void>;
  stat(options?: CallOptions): Promise<{ count: number; size: number }>;
  list(message?: number, options?: CallOptions): Promise<{ number: number; size: number }[]>;
  uidl(message?: number, options?: CallOptions): Promise<{ number: number; uid: string }[]>;
  retr(message: number, options?: CallOptions & { onProgress?(progress: { received: number }): void }): ReadableStream<Uint8Array>;
  top(message: number, lines?: number, options?: CallOptions): ReadableStream<Uint8Array>;
  bytes(message: number, options?: CallOptions): Promise<Uint8Array>;
  dele(message: number, options?: CallOptions): Promise<void>;
  rset(options?: CallOptions): Promise<void>;
  noop(options?: CallOptions): Promise<void>;
  command(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<{ events: Pop3Event[]; text: string }>;
  /** Commits deletions, says goodbye, and closes. */
  quit(options?: CallOptions): Promise<void>;
  destroy(reason?: Error): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** How far a mailbox was watched. */
export interface Cursor { uidValidity: number | null; nextUid: number; modSeq: number | bigint }
export interface WatchSettings extends ConnectionOptions {
  auth: { user: string; pass: string } | { user: string; token: string | (() => string | Promise<string>) };
  mailboxes?: string[]; cursors?: Cursor[]; startTls?: boolean; filter?: SearchQuery; start?: "now" | "everything";
  idle?: number; poll?: number; markSeen?: boolean; preview?: boolean; backoff?: { first?: number; most?: number };
}
export interface WatchOptions extends WatchSettings {
  signal?: AbortSignal;
  /** Keep these, and give them as `cursors` next time. */
  onCursor?(cursors: Cursor[]): void;
  onOpen?(mailbox: { mailbox: string; exists: number; reset: boolean }): void;
  onCaughtUp?(): void;
  onRetry?(retry: { cause: string; delay?: number; error?: unknown }): void;
  onRefused?(refused: { login: boolean; text: string }): void;
}
export interface Alert { mailbox: string; uid: number; from: { name: string; spec: string }[]; subject: string; date: Date | null; size: number | null; flags: string[]; preview: string | null }
/** Alerts of new mail, at least once each, through failures of the connection. `connect` is called
 *  for each connection. An alert counts as dealt with once the next one is asked for. */
export function watch(connect: (context: { signal?: AbortSignal }) => Transport | Promise<Transport>, options: WatchOptions): AsyncGenerator<Alert, void>;

// ---- Sans-IO.

interface MachineOf<E> {
  /** Takes bytes that came. They must not change until their events were read. */
  receiveData(bytes: Uint8Array): void;
  /** No more will come. */
  receiveEnd(): void;
  /** The next event; null if there is none until more comes. Throws MailError once the connection is lost. */
  nextEvent(): E | null;
  /** What is to be sent now; null if nothing. */
  dataToSend(): Uint8Array | null;
  /** When to call `nextEvent` at the latest, by `performance.now()`. */
  readonly deadline: number;
  readonly closed: boolean;
  free(): void;
}
type Reply = { status: "ok" | "no" | "bad" | "bye" | "preAuth"; code: unknown; text: string; truncated: boolean };
/** What an IMAP server says, or the caller has to do. */
export type ImapEvent =
  | ({ event: "greeting" | "status" } & Reply)
  | ({ event: "completed"; tag: string } & Reply)
  | { event: "capability"; capabilities: string[]; more: boolean }
  | { event: "enabled"; capabilities: string[] }
  | { event: "flags"; flags: string[]; more: boolean }
  | { event: "list" | "lsub" | "xList"; attributes: string[]; delimiter: string | null; mailbox: string; extended: unknown[] }
  | { event: "mailboxStatus"; mailbox: string; values: MailboxStatus[] }
  | { event: "search" | "sort"; numbers: number[]; modSeq: bigint | null; more: boolean }
  | { event: "esearch"; tag: string | null; mailbox: string | null; uid: boolean; min: number | null; max: number | null; count: number | null; all: string | null; modSeq: bigint | null; more: boolean; [more: string]: unknown }
  | { event: "thread"; threads: (number | "(" | ")")[]; depth: number; more: boolean }
  | { event: "exists" | "recent" | "expunge"; number: number }
  | { event: "vanished"; earlier: boolean; uids: string; more: boolean }
  | { event: "fetchStart"; seq?: number; uid?: number }
  | { event: "fetchItem"; item: string; value: unknown }
  | { event: "fetchBody"; kind: string; section: { part: string; text: unknown }; origin: number | null; data: "nil" | "quoted" | { literal: number } | { literal8: number } }
  | { event: "fetchChunk"; data: Uint8Array }
  | { event: "fetchEnd" }
  | { event: "challenge"; tag: string; challenge: string; truncated: boolean }
  | { event: "idling" | "nextPart" | "startTls" | "compress" | "compressEnd"; tag: string }
  | { event: "sendLiteral" | "cancellingLiteral"; tag: string; remaining: number }
  | { event: "saslError"; code: string; message: string }
  | { event: "continuation"; code: unknown; text: string }
  | { event: "other" | "malformed" | "oversized"; in: "response" | "fetch"; number?: number; name?: string; text: string; base64?: string }
  | { event: "acl" | "code" | "comparator" | "genUrlAuth" | "id" | "jmapAccess" | "language" | "listRights" | "metadata" | "myRights" | "namespace" | "quota" | "quotaRoot" | "uidBatches" | "urlFetch"; [field: string]: unknown };
export type ImapCommand =
  | "capability" | "noop" | "logout" | "startTls" | "authenticate" | "enable" | "unauthenticate" | "compress" | "select"
  | "examine" | "create" | "delete" | "rename" | "subscribe" | "unsubscribe" | "list" | "lsub" | "xlist" | "rlist"
  | "rlsub" | "namespace" | "status" | "append" | "multiAppend" | "replace" | "idle" | "check" | "close" | "unselect"
  | "expunge" | "search" | "esearch" | "sort" | "thread" | "uidBatches" | "fetch" | "store" | "storeGmLabels" | "copy"
  | "move" | "id" | "getQuota" | "getQuotaRoot" | "setQuota" | "setAcl" | "deleteAcl" | "getAcl" | "listRights"
  | "myRights" | "getMetadata" | "setMetadata" | "language" | "comparator" | "getJmapAccess" | "genUrlAuth" | "resetKey"
  | "urlFetch" | "notify" | "custom";

/** An IMAP connection without a socket. */
export class ImapConnection implements MachineOf<ImapEvent>, Disposable {
  constructor(options?: ConnectionOptions & { saslIr?: boolean });
  receiveData(bytes: Uint8Array): void;
  receiveEnd(): void;
  nextEvent(): ImapEvent | null;
  dataToSend(): Uint8Array | null;
  readonly deadline: number;
  readonly closed: boolean;
  /** Sends a command; its tag. */
  send(name: ImapCommand, args?: Record<string, unknown>): string;
  login(user: string, pass: string): string;
  /** By the best mechanism; the challenges are answered. `secure`: whether secrets may be shown. */
  authenticate(auth: Record<string, unknown>, secure: boolean): string;
  respond(response: Uint8Array): void;
  cancel(): void;
  done(): void;
  tlsStarted(): void;
  takeCompressed(): Uint8Array[];
  compressStarted(): void;
  compressEnded(): void;
  /** How many bytes were taken. */
  writeLiteral(bytes: Uint8Array): number;
  append(what: "message" | "part" | "end" | "cancel" | "abandon", args?: Record<string, unknown>): void;
  readonly info: { state: string; selected: Omit<Selected, "name"> | null; capabilities: string[]; knowsCapabilities: boolean; enabled: string[]; isQuiet: boolean; isUtf8: boolean; isCompressed: boolean; literalRemaining: number };
  free(): void;
  [Symbol.dispose](): void;
}
type Pop3Reply = { status: "ok" | "err"; code: string | null; text: string; truncated: boolean };
export type Pop3Event =
  | ({ event: "greeting" | "status" } & Pop3Reply)
  | ({ event: "started"; kind: string } & Pop3Reply)
  | ({ event: "completed"; kind: string; number: number | null } & Pop3Reply)
  | { event: "capability"; capability: unknown }
  | { event: "stat"; count: number; size: number }
  | { event: "listItem"; number: number; size: number }
  | { event: "uidlItem"; number: number; uid: string }
  | { event: "messageStart"; number: number | null; code: string | null; text: string; truncated: boolean }
  | { event: "messageChunk"; data: Uint8Array }
  | { event: "messageEnd" | "startTls" }
  | { event: "challenge"; challenge: string }
  | { event: "saslError"; code: string; message: string }
  | { event: "line" | "malformed" | "oversized"; text: string; base64?: string }
  | { event: "language"; [field: string]: unknown };
/** A POP3 connection without a socket. */
export class Pop3Connection implements MachineOf<Pop3Event>, Disposable {
  constructor(options?: ConnectionOptions);
  receiveData(bytes: Uint8Array): void;
  receiveEnd(): void;
  nextEvent(): Pop3Event | null;
  dataToSend(): Uint8Array | null;
  readonly deadline: number;
  readonly closed: boolean;
  send(name: string, args?: Record<string, unknown>): void;
  authenticate(auth: Record<string, unknown>, secure: boolean): void;
  respond(response: Uint8Array): void;
  cancel(): void;
  tlsStarted(): void;
  readonly info: { state: string; knowsCapabilities: boolean; mechanisms: string[]; isQuiet: boolean; isUtf8: boolean };
  free(): void;
  [Symbol.dispose](): void;
}
export type WatchEvent =
  | { event: "startTls" | "logIn" | "caughtUp" | "other" }
  | { event: "challenge"; challenge: string; truncated: boolean }
  | { event: "loggedIn"; text: string }
  | { event: "open"; mailbox: number; exists: number; reset: boolean }
  | { event: "alert"; mailbox: number; uid: number; from: Alert["from"]; subject: string; date: string | null; size: number | null; flags: string[]; preview: string | null }
  | { event: "refused"; login: boolean; text: string }
  | { event: "retry"; delay: number; cause: string };
/** The watcher without a socket. */
export class Watch implements MachineOf<WatchEvent>, Disposable {
  constructor(options?: Partial<WatchSettings>);
  receiveData(bytes: Uint8Array): void;
  receiveEnd(): void;
  nextEvent(): WatchEvent | null;
  dataToSend(): Uint8Array | null;
  readonly deadline: number;
  readonly closed: boolean;
  acknowledge(mailbox: number, uid: number): void;
  readonly cursors: Cursor[];
  tlsStarted(): void;
  reconnect(): void;
  unreachable(): void;
  stop(): void;
  authenticate(mechanism: string, initialResponse?: Uint8Array): string;
  respond(response: Uint8Array): void;
  cancel(): void;
  free(): void;
  [Symbol.dispose](): void;
}
