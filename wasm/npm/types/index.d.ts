// Made by hand. Names are those of the RFCs, in JavaScript's spelling.

/** Bytes in an ArrayBuffer of their own kind: `Uint8Array<ArrayBuffer>`, and `Uint8Array` before TypeScript 5.7, which knew no other. */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/** Web streams of bytes to a server, and how to secure and close them. */
export interface Transport {
  /** What the server sends. */
  readable: ReadableStream<Uint8Array>;
  /** What it gets. */
  writable: WritableStream<Uint8Array>;
  /** Whether nobody can listen: TLS, or a link that is safe by other means. Default: no. */
  secure?: boolean;
  /** Turns it into one by TLS, for STARTTLS and STLS. */
  startTls?(): Promise<Transport> | Transport;
  /** Closes both directions. */
  close?(): unknown;
}

/** What everything here rejects with, unless it is the reason of an AbortSignal. */
export class MailError extends Error {
  /** For transports and tests of your own. */
  constructor(code: ErrorCode | (string & {}), message: string, more?: Partial<MailError>);
  readonly name: "MailError";
  /** What went wrong, for programs. */
  readonly code: ErrorCode | (string & {});
  /** The command that failed. */
  readonly command?: string;
  /** Its tag. */
  readonly tag?: string;
  /** What the server said, if it refused it. */
  readonly status?: "no" | "bad" | "err";
  /** What the server named as the reason: `TRYCREATE`, `OVERQUOTA`, `SYS/TEMP`, … */
  readonly responseCode?: string;
  /** The server's words. */
  readonly responseText?: string;
}
/**
 * - By the server: `REFUSED` (NO or -ERR), `BAD`, `AUTHENTICATION_FAILED`, `CONNECTION_REFUSED`, `BYE`, `SERVER_NOT_VERIFIED`.
 * - Of what it sends: `UNEXPECTED_EOF`, `FRAME_LOST`, `BAD_GREETING`, `DATA_BEFORE_TLS`, `ANSWERED_EARLY`, `BAD_COMPRESSION`, `TOO_MANY_CHALLENGES`, `TIMEOUT`.
 * - Of the connection: `TRANSPORT`, `CLOSED`, `ABORTED`, `NO_TLS`, `LINK_IN_CLEAR`, `NO_MECHANISM`.
 * - Of the call: `INVALID_ARGUMENT`, `INVALID_CREDENTIALS`, `WRONG_STATE`, `BUSY`, `NOT_OFFERED`, `CAPABILITIES_UNKNOWN`, `TOO_BIG`, `NO_SUCH_MESSAGE`, `NO_SUCH_PART`, `NO_UID`, `SKIPPED`.
 * - Of room: `TX_FULL`, `RX_FULL`, `TOO_MANY_LITERALS`, `TOO_MANY_IN_FLIGHT`. Of the wasm: `WASM`, `NOT_LOADED`.
 */
export type ErrorCode =
  | "REFUSED" | "BAD" | "AUTHENTICATION_FAILED" | "CONNECTION_REFUSED" | "BYE" | "SERVER_NOT_VERIFIED"
  | "UNEXPECTED_EOF" | "FRAME_LOST" | "BAD_GREETING" | "DATA_BEFORE_TLS" | "ANSWERED_EARLY" | "BAD_COMPRESSION"
  | "TOO_MANY_CHALLENGES" | "TIMEOUT" | "TRANSPORT" | "CLOSED" | "ABORTED" | "NO_TLS" | "LINK_IN_CLEAR" | "NO_MECHANISM"
  | "INVALID_ARGUMENT" | "INVALID_CREDENTIALS" | "WRONG_STATE" | "BUSY" | "NOT_OFFERED" | "CAPABILITIES_UNKNOWN"
  | "TOO_BIG" | "NO_SUCH_MESSAGE" | "NO_SUCH_PART" | "NO_UID" | "SKIPPED" | "TX_FULL" | "RX_FULL" | "TOO_MANY_LITERALS"
  | "TOO_MANY_IN_FLIGHT" | "WASM" | "NOT_LOADED";

/** Where the wasm is, its bytes, or a compiled module. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;
/** Loads the wasm, once. The clients do it by themselves; in Node and Workers it is done on import. */
export function init(input?: WasmSource): Promise<void>;
/** The same, at once. */
export function initSync(input: BufferSource | WebAssembly.Module): void;
/** The version of mailwire. */
export function version(): string;
/** A header's text as people read it: encoded words (RFC 2047) are decoded. */
export function decodeWords(value: string | Uint8Array): string;
/**
 * Bytes as text, by their charset, of those that `TextDecoder` knows. Without a charset, with US-ASCII
 * or with one that it does not know: UTF-8 if they are that, else windows-1252.
 */
export function decodeText(bytes: Uint8Array, charset?: string): string;
/**
 * Decodes a part as it comes: `stream.pipeThrough(new TransferDecoderStream(part.encoding))`. For
 * those of `download` and `body` that are asked for by their part it is done already.
 *
 * No input is an error: what is not of base64 is passed over, what is not of quoted-printable stays,
 * and what was cut ends with what there is. It holds a chunk at a time.
 */
export class TransferDecoderStream implements ReadableWritablePair<Bytes, Uint8Array> {
  /** A Content-Transfer-Encoding: `base64` and `quoted-printable` are decoded; 7bit, 8bit, binary, none and what nobody knows are given as they are. */
  constructor(encoding?: string | null);
  /** What was decoded. */
  readonly readable: ReadableStream<Bytes>;
  /** What is to be decoded. */
  readonly writable: WritableStream<Uint8Array>;
}
/** A set such as `1:3,7` as numbers. */
export function numbers(set: string): number[];
/** A WebSocket to a bridge, such as mailwire-bridge, as a transport. */
export function webSocketTransport(
  url: string | URL,
  options?: {
    /** Subprotocols to offer; `["binary"]` by default. */
    protocols?: string[];
    /** Whether nobody can listen on all of the way. Default: `wss:` or a bridge on this machine, unless the path begins with `/imap/` or `/pop3/`, which mailwire-bridge serves in clear. */
    secure?: boolean;
    /** Gives up connecting. */
    signal?: AbortSignal;
    /** The class to use; `globalThis.WebSocket` by default. */
    WebSocket?: new (url: string | URL, protocols?: string[]) => any;
  },
): Promise<Transport>;

/** Who one is: a password, a token of OAuth, the certificate of TLS, or nobody. */
export type Auth =
  | { /** The user's name. */ user: string; /** The password. The best mechanism that the server offers is used: SCRAM, CRAM-MD5, PLAIN, … */ pass: string; /** Never SASL: IMAP's LOGIN. */ method?: "login" }
  | { /** The user's name. */ user: string; /** A token, or what gets one; by OAUTHBEARER or XOAUTH2. */ token: string | (() => string | Promise<string>) }
  | { /** EXTERNAL: by the certificate that TLS showed. */ certificate: true; /** Whom to act as. */ user?: string }
  | { /** ANONYMOUS: a trace of who it is, such as a mail address. */ anonymous: string };

/** What happens, for a log. Never a secret, nor the text of a mail. */
export type LogEntry =
  | { protocol: "imap" | "pop3"; type: "command"; command: string; tag?: string }
  | { protocol: "imap" | "pop3"; type: "completed"; command: string; tag?: string; status: string; code?: unknown }
  | { protocol: "imap" | "pop3"; type: "closed"; error?: Error };

/**
 * What is done differently for the sake of a server: guessed from what it says about itself, unless given.
 * `oddQuotes` and `literalSpaces` are never guessed: they let who writes a mail move the end of a response.
 */
export type Quirk =
  | "idAfterLogin" | "capabilityAfterLogin" | "noRfc822" | "shortCommands" | "noNamespace" | "noListOptions"
  | "noMove" | "noUidOnly" | "noLoginLiterals" | "oddQuotes" | "literalSpaces";

/** What all connections can be told. */
export interface ConnectionOptions {
  /** Bytes of the largest response, or item of FETCH, that comes whole; 65536 by default. */
  bufferSize?: number;
  /** Milliseconds that the server may owe an answer; 60000 by default, 0: for ever. */
  timeout?: number;
  /** Whether commands are sent that the server does not offer. */
  sendUnoffered?: boolean;
}
/** And those of IMAP. */
export interface ImapConnectionOptions extends ConnectionOptions {
  /** Whether SASL's first response goes with AUTHENTICATE where that can be (RFC 4959). Default: yes. */
  saslIr?: boolean;
  /** What to take the server for. Default: it is guessed. */
  quirks?: Iterable<Quirk>;
}
/** What both clients can be told. */
export interface ClientOptions extends ConnectionOptions {
  /** Without, `authenticate` is to be called. */
  auth?: Auth;
  /** Default: whenever the transport is not secure and can be. */
  startTls?: boolean;
  /** Whether secrets may be sent in clear. */
  allowInsecure?: boolean;
  /** Gives up connecting and logging in. */
  signal?: AbortSignal;
  /** Is told what happens. */
  logger?(entry: LogEntry): void;
}
/** What the IMAP client can be told. */
export interface ImapClientOptions extends ClientOptions, ImapConnectionOptions {
  /** IDLE when there is nothing else to do: `false` for never, or milliseconds until it begins (300), that one lasts (540000), and between looks where there is no IDLE, or the server refuses it or ends it at once (60000). */
  idle?: boolean | { after?: number; lasts?: number; poll?: number };
  /** Bytes of a body that are kept while other commands wait (64 MiB); the rest is fetched again when it is read. */
  maxKept?: number;
}
/** Every call takes these. */
export interface CallOptions {
  /** Gives up the call. A command that was sent cannot be taken back: its results are dropped. */
  signal?: AbortSignal;
}
/** Calls with numbers of messages take these. */
export interface UidOptions extends CallOptions {
  /** Whether numbers are UIDs. */
  uid?: boolean;
}

/** Numbers of messages: one, several, or text such as `1:3,7,9:*`. For an empty list nothing is sent. */
export type Messages = number | string | Iterable<number>;
/** A day: a Date, of which the day in UTC counts, or `2026-11-21`. */
export type Day = Date | string;
/** What to search for: all of these. A flag that is false is searched as not being there. Several texts: all of them. */
export interface SearchQuery {
  /** Every message. */
  all?: true;
  /** Flags (RFC 9051 section 2.3.2). */
  answered?: boolean; deleted?: boolean; draft?: boolean; flagged?: boolean; seen?: boolean;
  /** Of IMAP4rev1 only (RFC 3501 section 6.4.4). */
  new?: boolean; old?: boolean; recent?: boolean;
  /** Flags that are not there. */
  unanswered?: true; undeleted?: true; undraft?: true; unflagged?: true; unseen?: true;
  /** A text in a header field. */
  from?: string | string[]; to?: string | string[]; cc?: string | string[]; bcc?: string | string[]; subject?: string | string[];
  /** A text in the body, or in the body or header. */
  body?: string | string[]; text?: string | string[];
  /** A flag of anybody's making. */
  keyword?: string | string[]; unkeyword?: string | string[];
  /** Texts in header fields by their names; `true`: the field is there. */
  header?: Record<string, string | true>;
  /** When the server got it. */
  before?: Day; on?: Day; since?: Day;
  /** What its Date field says. */
  sentBefore?: Day; sentOn?: Day; sentSince?: Day;
  /** When it was put into the mailbox (RFC 8514). */
  savedBefore?: Day; savedOn?: Day; savedSince?: Day; saveDateSupported?: true;
  /** Octets. */
  larger?: number; smaller?: number;
  /** Seconds since the server got it (RFC 5032). */
  older?: number; younger?: number;
  /** Only these. */
  uid?: Messages; sequence?: Messages;
  /** A search that the server keeps (RFC 5466). */
  filter?: string;
  /** Of OBJECTID (RFC 8474). */
  emailId?: string; threadId?: string;
  /** Changed since (RFC 7162). */
  modSeq?: number | bigint; flagModSeq?: { flag: string; entry?: "priv" | "shared" | "all"; modSeq: number | bigint };
  /** Gmail's. */
  gmRaw?: string; gmLabels?: string | string[]; gmMsgId?: bigint; gmThrId?: bigint;
  /** What must not match. */
  not?: SearchQuery;
  /** What may match roughly (RFC 6203). */
  fuzzy?: SearchQuery;
  /** Two or more, one of which must match. */
  or?: SearchQuery[];
  /** All of these too. */
  and?: SearchQuery | SearchQuery[];
}
/** What a search returns (RFC 4731, 5182, 5267, 6203, 9394). */
export type SearchReturn = "min" | "max" | "all" | "count" | "save" | "context" | "update" | "relevancy" | { /** From the first, `[1, 50]`, or the last, `[-1, -50]`. */ partial: [number, number] } | (string & {});
/** What to sort by (RFC 5256, 5957, 6203). */
export type Criterion = "arrival" | "cc" | "date" | "from" | "size" | "subject" | "to" | "displayFrom" | "displayTo" | "relevancy";
/** With a minus: the other way round. */
export type SortCriterion = Criterion | `-${Criterion}`;
/** How to put conversations together (RFC 5256). */
export type ThreadAlgorithm = "references" | "orderedsubject" | "refs";

/** A section that comes as a stream. */
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
  /** Its flags. */
  flags?: boolean;
  /** Sender, subject, date, … */
  envelope?: boolean;
  /** When the server got it. */
  internalDate?: boolean;
  /** Octets. */
  size?: boolean;
  /** Its MIME parts. */
  bodyStructure?: boolean;
  /** RFC 7162. */
  modSeq?: boolean;
  /** RFC 8474. */
  emailId?: boolean; threadId?: boolean;
  /** RFC 8514. */
  saveDate?: boolean;
  /** RFC 8970. `lazy`: only if the server has it at hand. */
  preview?: boolean | "lazy";
  /** Gmail's. */
  labels?: boolean; gmMsgId?: boolean; gmThrId?: boolean;
  /** All header fields, or these. */
  headers?: true | string[];
  /** Sections that are small enough to be kept in memory. */
  sections?: string[];
  /** One section that comes as a stream. */
  body?: boolean | string | BodyWanted;
  /** Anything else. */
  items?: FetchItem[];
}
/** An item of FETCH that has no value to be given with it. */
export type PlainFetchItem =
  | "all" | "fast" | "full" | "flags" | "uid" | "envelope" | "internalDate" | "rfc822Size" | "rfc822" | "rfc822Header"
  | "rfc822Text" | "body" | "bodyStructure" | "modSeq" | "emailId" | "threadId" | "saveDate" | "preview" | "gmMsgId" | "gmThrId" | "gmLabels";
/** An item of FETCH. Sections are peeked at unless `peek` is false. */
export type FetchItem =
  | PlainFetchItem
  | { section: string; peek?: boolean; partial?: [number, number] }
  | { binary: string; peek?: boolean; partial?: [number, number] }
  | { binarySize: string }
  | { preview: true | "lazy" }
  | { /** As it stands in the command. */ other: string };
/** How to fetch. */
export interface FetchOptions extends UidOptions {
  /** Only what changed since (RFC 7162). */
  changedSince?: number | bigint;
  /** And what vanished since: as events. */
  vanished?: boolean;
  /** So many from the first or the last (RFC 9394). */
  partial?: [number, number];
  /** Is told as bytes of bodies come. */
  onProgress?(progress: { uid?: number; received: number; total?: number }): void;
}

/** A mail address. */
export interface Address { /** As people read it; empty if there is none. */ name: string; /** `ada@example.org` */ address: string; /** The group that it stands in. */ group?: string }
/** The head of a message (RFC 9051 section 7.5.2), decoded. */
export interface Envelope {
  /** The Date field; null if there is none that can be read. */
  date: Date | null;
  /** Empty if there is none. */
  subject: string;
  /** Who wrote it, who sent it, and where answers go. */
  from: Address[]; sender: Address[]; replyTo: Address[];
  /** Whom it is to. */
  to: Address[]; cc: Address[]; bcc: Address[];
  /** The Message-ID that it answers, as it came. */
  inReplyTo: string | null;
  /** Its own. */
  messageId: string | null;
}
/** A part of a message (RFC 9051 section 7.5.2). */
export interface Part {
  /** Its number: what to fetch it by. */
  number: string;
  /** With parts of its own, a message, or neither. */
  kind: "multipart" | "message" | "single";
  /** `text/plain` */
  type?: string;
  /** Of its Content-Type, by names in lower case. */
  params?: Record<string, string>;
  /** Content-ID and Content-Description. */
  id?: string; description?: string;
  /** Content-Transfer-Encoding. */
  encoding?: string;
  /** In octets, as it is encoded, and in lines. */
  size?: number; lines?: number;
  /** Content-Disposition. */
  disposition?: { kind?: string; params?: Record<string, string> };
  /** Content-MD5, Content-Language and Content-Location. */
  md5?: string; language?: string[]; location?: string;
  /** Of a message. */
  envelope?: Envelope;
  /** By its disposition or its type, decoded. */
  fileName?: string;
}
/** A part by what it takes to fetch and decode it: one of `bodyStructure`, or what was kept of it. */
export type PartWanted = Pick<Part, "number" | "encoding" | "params">;
/** A message that was fetched. What was not asked for is not there. */
export interface Message {
  /** Its number when it was fetched; not with UIDONLY. */
  readonly seq?: number;
  /** Its UID. */
  readonly uid?: number;
  /** Its flags: `\Seen`, … */
  readonly flags?: string[];
  /** Sender, subject, date, … */
  readonly envelope?: Envelope;
  /** When the server got it. */
  readonly internalDate?: Date;
  /** Octets. */
  readonly size?: number;
  /** Its parts, each behind the one that it is in. */
  readonly bodyStructure?: Part[];
  /** RFC 7162. */
  readonly modSeq?: bigint;
  /** RFC 8474. */
  readonly emailId?: string; readonly threadId?: string | null;
  /** RFC 8514; null if the mailbox knows none. */
  readonly saveDate?: Date | null;
  /** RFC 8970. */
  readonly preview?: string | null;
  /** Gmail's. */
  readonly labels?: string[]; readonly gmMsgId?: bigint; readonly gmThrId?: bigint;
  /** Octets of parts as they are decoded (RFC 3516). */
  readonly binarySizes?: Record<string, number>;
  /** Header fields by name in lower case, decoded. */
  readonly headers: Map<string, string[]>;
  /** A section that was asked for by `sections`. One of `bodyStructure`: that, decoded. */
  section(name: string | PartWanted): Bytes | undefined;
  /** The bytes of a section as they are sent, or of one of `bodyStructure`, decoded. What was not
   *  asked for, or was read or skipped already, is fetched now. A stream that is not read to its end
   *  is skipped when the next message is asked for. */
  body(section?: string | PartWanted): ReadableStream<Bytes>;
  /** All of it in memory. */
  bytes(section?: string | PartWanted): Promise<Bytes>;
  /** The same as text: a part by its charset, as `decodeText` does it; a section as it is sent, which should be UTF-8. */
  text(section?: string | PartWanted): Promise<string>;
}
/** Messages one by one. The FETCH is sent when the first is asked for. */
export interface MessageIterator extends AsyncIterableIterator<Message> { /** All at once, with their bodies in memory. */ all(): Promise<Message[]> }

/** A mailbox that is one task's own, until it is given back. */
export interface MailboxLock extends Disposable {
  /** Its name. */
  readonly mailbox: string;
  /** Gives it back. Once is enough. */
  release(): void;
}

/** The selected mailbox, as it is now. */
export interface Selected {
  /** Its name. */
  name: string;
  /** How many messages it has. */
  exists: number;
  /** Of IMAP4rev1. */
  recent: number; unseen: number | null;
  /** If it differs, all UIDs are others. */
  uidValidity: number | null;
  /** The next message gets this UID or a higher one. */
  uidNext: number | null;
  /** Flags in it, and those that can be changed for good. */
  flags: string[]; permanentFlags: string[] | null;
  /** Whether nothing can be changed. */
  readOnly: boolean;
  /** Whether UIDs are others each time. */
  uidNotSticky: boolean;
  /** RFC 7162; null if it has none. */
  highestModSeq: bigint | null;
}
/** And what changed since (QRESYNC, RFC 7162). */
export interface Resynchronised extends Selected {
  /** UIDs of messages that are gone: `1:3,7`, or nothing. */
  vanished: string;
  /** Messages whose flags changed, and new ones. */
  changed: { seq?: number; uid: number; flags: string[]; modSeq?: bigint }[];
}
/** A mailbox in a list. */
export interface Mailbox {
  /** Its name. */
  name: string;
  /** What separates the levels of names. */
  delimiter: string | null;
  /** `\HasChildren`, `\Sent`, … */
  attributes: string[];
  /** Whether it can be selected. */
  selectable: boolean;
  /** `\Inbox`, `\Sent`, `\Drafts`, `\Trash`, `\Junk`, `\Archive`, … */
  specialUse?: string;
  /** What extensions say about it. */
  extended: ListExtended[];
  /** If it was asked for. */
  status?: MailboxStatus;
}
/** What extensions of LIST say (RFC 9051 section 7.3.1). */
export type ListExtended = { childInfo: string[] } | { oldName: string } | { other: { tag: string; value: string } };
/** How a mailbox is (STATUS). */
export interface MailboxStatus {
  /** Counts of messages. */
  messages?: number; unseen?: number; deleted?: number; recent?: number;
  /** As in `Selected`. */
  uidNext?: number; uidValidity?: number; highestModSeq?: bigint;
  /** Octets of all messages, of the deleted ones, and of the largest that may be appended (null: no limit). */
  size?: number; deletedStorage?: number; appendLimit?: number | null;
  /** RFC 8474. */
  mailboxId?: string;
  /** Of others, the last one. */
  other?: { name: string; value: string };
}
/** What can be asked of a mailbox. */
export type StatusItem = Exclude<keyof MailboxStatus, "other"> | (string & {});
/** A message and the answers to it. */
export interface Thread { /** Its number; missing if there is no such message. */ id?: number; /** The answers. */ children: Thread[] }
/** Namespaces (RFC 2342). */
export interface Namespaces { personal: Namespace[]; otherUsers: Namespace[]; shared: Namespace[] }
/** One of them. */
export interface Namespace { prefix: string; delimiter: string | null; extensions: { name: string; values: string[] }[] }

/** What happens to a connection, by name. */
export interface ImapEvents {
  /** The mailbox has so many messages. */
  exists: { count: number };
  /** This one is gone, and all behind it have moved up. */
  expunge: { seq: number };
  /** These are gone (QRESYNC, UIDONLY). */
  vanished: { uids: string; earlier: boolean };
  /** Somebody changed the flags of a message. */
  flags: { seq?: number; uid?: number; flags: string[]; modSeq?: bigint };
  /** To be shown to people (RFC 9051 section 7.1). */
  alert: { text: string };
  /** The server is about to close. */
  bye: { text: string };
  /** Of NOTIFY (RFC 5465). */
  mailboxStatus: Extract<ImapEvent, { event: "mailboxStatus" }>;
  /** Of NOTIFY. */
  list: Extract<ImapEvent, { event: "list" }>;
  /** Of NOTIFY, or RFC 5464. */
  metadata: Extract<ImapEvent, { event: "metadata" }>;
  /** Once, at the end; with an error if it was none in order. */
  close: { error?: Error };
}
/** One of these, with its name as `type`. */
export type Update = { [K in keyof ImapEvents]: { type: K } & ImapEvents[K] }[Exclude<keyof ImapEvents, "close">];

/** The bytes of a message. A stream needs its size. */
export type Content = string | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
/** A piece of a message that the server puts together (CATENATE, RFC 4469). */
export type ContentPart =
  | { text: Content; /** Bytes of a stream. */ size?: number; /** UTF-8 in a header. */ utf8?: boolean }
  | { /** Of a message, or a part of one, on this server: `/Drafts;UIDVALIDITY=1/;UID=20/;section=1.MIME` (RFC 5092). */ url: string };
/** How a message is put into a mailbox. */
export interface MessageOptions {
  /** Its flags. */
  flags?: string[];
  /** When it was received; now by default. */
  date?: Date;
  /** Bytes of a stream. Exactly so many must come. */
  size?: number;
  /** Whether it may hold NUL (BINARY, RFC 3516). */
  binary?: boolean;
  /** Whether its header holds UTF-8 (RFC 6855). */
  utf8?: boolean;
}
/** Of `append` and `replace`. */
export interface AppendOptions extends CallOptions, MessageOptions {
  /** Is told as bytes are sent. */
  onProgress?(progress: { sent: number; total?: number }): void;
}
/** What the server made of it; nothing, if it does not tell (UIDPLUS). */
export interface Appended { uidValidity?: number; uid?: number }
/** Which messages became which, if the server tells (UIDPLUS). */
export interface Copied { uidValidity?: number; uids?: Map<number, number> }

/**
 * A mailbox over IMAP. Commands are sent one after the other, in the order of the calls.
 *
 * ```js
 * await using mail = await ImapClient.connect(connectTls({ host, port: 993 }), { auth: { user, pass } });
 * await mail.select("INBOX");
 * for await (const { envelope } of mail.fetch("1:*", { envelope: true })) console.log(envelope.subject);
 * ```
 */
export class ImapClient implements AsyncDisposable {
  private constructor();
  /** Connects, starts TLS if the transport wants that, and logs in. */
  static connect(transport: Transport | Promise<Transport>, options?: ImapClientOptions): Promise<ImapClient>;
  /** What the server offers, of what mailwire knows: `IDLE`, `SORT`, … */
  readonly capabilities: Set<string>;
  /** How far the session is. */
  readonly state: ImapState;
  /** Whether nobody can listen. */
  readonly secure: boolean;
  /** Whether it is over. */
  readonly closed: boolean;
  /** What the server said first. */
  readonly greetingText?: string;
  /** Bytes that went over the connection. */
  readonly traffic: { received: number; sent: number };
  /** The selected mailbox, as it is now. */
  readonly mailbox: Selected | null;
  /** What the server is taken for. Can be set. */
  get quirks(): Quirk[];
  set quirks(quirks: Iterable<Quirk>);
  /** Listens; what is returned ends it. */
  on<K extends keyof ImapEvents>(name: K, listener: (event: ImapEvents[K]) => void): () => void;
  /** All that happens, as an async iterator. */
  updates(options?: CallOptions): AsyncGenerator<Update, void>;
  /** Logs in. */
  authenticate(auth: Auth, options?: CallOptions): Promise<void>;
  /** Forgets who one is (RFC 8437). */
  unauthenticate(options?: CallOptions): Promise<void>;
  /** Both sides compress from now on (RFC 4978). What is sent is framed, not made smaller: a client sends little. */
  compress(options?: CallOptions): Promise<void>;
  /** Nothing, so that the server can tell what happened. */
  noop(options?: CallOptions): Promise<void>;
  /** Says who one is, and gets told (RFC 2971). */
  id(fields?: Record<string, string | null>, options?: CallOptions): Promise<Record<string, string | null> | null>;
  /** Turns extensions on; those that are on now. Before a mailbox is selected. */
  enable(capabilities: string[], options?: CallOptions): Promise<string[]>;
  /** Where mailboxes are (RFC 2342). */
  namespace(options?: CallOptions): Promise<Namespaces | null>;
  /** The mailboxes; `%` stands for one level, `*` for all. */
  list(pattern?: string | string[], options?: CallOptions & { reference?: string; selection?: ListSelection[]; returns?: ListReturn[]; status?: true | StatusItem[] }): Promise<Mailbox[]>;
  /** Those that are subscribed to. */
  lsub(pattern?: string, options?: CallOptions & { reference?: string }): Promise<Mailbox[]>;
  /** How a mailbox is that need not be selected. */
  status(mailbox: string, items?: StatusItem[], options?: CallOptions): Promise<MailboxStatus>;
  /** Makes a mailbox. */
  create(mailbox: string, options?: CallOptions & { /** RFC 6154: `\Archive`, … */ specialUse?: string[] }): Promise<void>;
  /** Deletes a mailbox. */
  delete(mailbox: string, options?: CallOptions): Promise<void>;
  /** Renames a mailbox. */
  rename(from: string, to: string, options?: CallOptions): Promise<void>;
  /** Puts it into the list of those that people want to see. */
  subscribe(mailbox: string, options?: CallOptions): Promise<void>;
  /** Takes it out. */
  unsubscribe(mailbox: string, options?: CallOptions): Promise<void>;
  /** Opens a mailbox. */
  select(mailbox: string, options: SelectOptions & { qresync: QResync }): Promise<Resynchronised>;
  select(mailbox: string, options?: SelectOptions): Promise<Selected>;
  /** Opens it to be read only. */
  examine(mailbox: string, options: SelectOptions & { qresync: QResync }): Promise<Resynchronised>;
  examine(mailbox: string, options?: SelectOptions): Promise<Selected>;
  /**
   * For tasks that share this connection and open different mailboxes: waits until no other has one
   * in this way, and selects it if it is not selected. Other calls go on, so each task must ask.
   *
   * ```js
   * using lock = await mail.lock("INBOX"); // or try { … } finally { lock.release(); }
   * ```
   */
  lock(mailbox: string, options?: CallOptions & { /** By `examine`. */ readOnly?: boolean }): Promise<MailboxLock>;
  /** Removes what is marked as deleted, and closes the mailbox. */
  close(options?: CallOptions): Promise<void>;
  /** Closes the mailbox. */
  unselect(options?: CallOptions): Promise<void>;
  /** The UIDs of what matches; sequence numbers if `uid` is false. */
  search(query?: SearchQuery, options?: UidOptions): Promise<number[]>;
  /** A search that returns only what is asked for (RFC 4731). */
  searchReturn(query: SearchQuery, returns: SearchReturn[], options?: UidOptions): Promise<SearchResult>;
  /** The UIDs of what matches, in order (RFC 5256). */
  sort(criteria: SortCriterion | SortCriterion[], query?: SearchQuery, options?: UidOptions): Promise<number[]>;
  /** Conversations as trees (RFC 5256). */
  thread(algorithm?: ThreadAlgorithm, query?: SearchQuery, options?: UidOptions): Promise<Thread[]>;
  /** Messages one by one. Commands inside the loop are sent when the FETCH is done. */
  fetch(messages: Messages, query: FetchQuery | PlainFetchItem, options?: FetchOptions): MessageIterator;
  /** One message, with its body in memory. */
  fetchOne(message: number | "*", query: FetchQuery | PlainFetchItem, options?: FetchOptions): Promise<Message | null>;
  /** The bytes of a message, or of a section of it, as they are sent. */
  download(uid: number, options?: DownloadOptions & { /** As in `BodyWanted`. */ section?: string; /** Where to begin. */ offset?: number; part?: never }): ReadableStream<Bytes>;
  /** Those of a part, decoded: one of `bodyStructure`, or by its number; then the structure is asked for first. `partial` must begin at 0. */
  download(uid: number, options: DownloadOptions & { part: PartWanted | string; section?: never; offset?: never }): ReadableStream<Bytes>;
  /** Adds flags; UIDs or numbers of those that `unchangedSince` left as they are. */
  addFlags(messages: Messages, flags: string[], options?: StoreOptions): Promise<{ modified: number[] }>;
  /** Removes flags. */
  removeFlags(messages: Messages, flags: string[], options?: StoreOptions): Promise<{ modified: number[] }>;
  /** Replaces the flags. */
  setFlags(messages: Messages, flags: string[], options?: StoreOptions): Promise<{ modified: number[] }>;
  /** Copies into another mailbox. */
  copy(messages: Messages, mailbox: string, options?: UidOptions): Promise<Copied>;
  /** Moves there (RFC 6851). */
  move(messages: Messages, mailbox: string, options?: UidOptions): Promise<Copied>;
  /** Removes what is marked as deleted; with `uids`, only of these. */
  expunge(uids?: Messages, options?: CallOptions): Promise<void>;
  /** Puts a message into a mailbox. A list of parts: the server puts it together (RFC 4469). */
  append(mailbox: string, content: Content | ContentPart[], options?: AppendOptions): Promise<Appended>;
  /** Puts several there, all or none (MULTIAPPEND, RFC 3502). */
  appendMany(mailbox: string, messages: Iterable<{ content: Content | ContentPart[] } & MessageOptions> | AsyncIterable<{ content: Content | ContentPart[] } & MessageOptions>, options?: CallOptions & Pick<AppendOptions, "onProgress">): Promise<{ uidValidity?: number; uids: number[] }>;
  /** Puts a message in the place of another of the selected mailbox (RFC 8508); `number` is its UID, unless `uid` is false. */
  replace(number: number, mailbox: string, content: Content | ContentPart[], options?: AppendOptions & UidOptions): Promise<Appended>;
  /** What a mailbox may take (RFC 9208). */
  quota(mailbox?: string, options?: CallOptions): Promise<{ root: string; resources: QuotaResource[] }[]>;
  /** Notes to a mailbox, or to the server: `""` (RFC 5464). */
  getMetadata(mailbox: string, entries: string[], options?: CallOptions & { depth?: 0 | 1 | "infinity"; maxSize?: number }): Promise<Record<string, string | null>>;
  /** Writes them; null removes. */
  setMetadata(mailbox: string, entries: Record<string, string | Uint8Array | null>, options?: CallOptions): Promise<void>;
  /** Any command by its name, with what came while it ran. Those that go on after they were sent have methods of their own. */
  command<K extends Exclude<ImapCommand, OwnMethod>>(name: K, ...rest: Arguments<ImapCommands[K]>): Promise<{ tag: string; events: ImapEvent[]; code: ResponseCode | null; text: string }>;
  /** Says goodbye, and closes. */
  logout(options?: CallOptions): Promise<void>;
  /** Closes at once. */
  destroy(reason?: Error): void;
  /** `logout()`, or `destroy()` if that fails. */
  [Symbol.asyncDispose](): Promise<void>;
}
type OwnMethod = "append" | "multiAppend" | "replace" | "idle" | "authenticate";
type Arguments<A> = {} extends A ? [args?: A, options?: CallOptions] : [args: A, options?: CallOptions];
/** How to download. Offsets, lengths and progress count octets as they are sent. */
export type DownloadOptions = CallOptions & Pick<BodyWanted, "markSeen" | "partial"> & Pick<FetchOptions, "onProgress">;
/** How far a session of IMAP is (RFC 9051 section 3). */
export type ImapState = "greeting" | "notAuthenticated" | "authenticated" | "selected" | "logout";
/** How to open a mailbox. */
export interface SelectOptions extends CallOptions {
  /** MODSEQ comes with what changes (RFC 7162). */
  condStore?: boolean;
  /** What one knew. `QRESYNC` must be enabled. */
  qresync?: QResync;
}
/** What one knew of a mailbox (RFC 7162 section 3.2.5). */
export interface QResync {
  /** As it was. */
  uidValidity: number;
  /** `highestModSeq` as it was. */
  modSeq: number | bigint;
  /** The UIDs that are known; all by default. */
  knownUids?: Messages;
  /** Some numbers of messages, and their UIDs in the same order. */
  seqMatch?: { numbers: Messages; uids: Messages };
}
/** How to change flags. */
export interface StoreOptions extends UidOptions {
  /** Whether the server says nothing of it. Default: yes. */
  silent?: boolean;
  /** Only messages that did not change since (RFC 7162). */
  unchangedSince?: number | bigint;
}
/** What a search returned. What was not asked for is not there. */
export interface SearchResult {
  /** The lowest, the highest, and how many. */
  min?: number; max?: number; count?: number;
  /** All. */
  all?: number[];
  /** Those of `partial`, as a set. */
  partial?: { range: { backwards: boolean; from: number; to: number }; numbers: string | null };
  /** The highest MODSEQ among them. */
  modSeq?: bigint;
  /** How well each matches, from 1 to 100. */
  relevancy?: number[];
}
/** What is limited, in units of the resource: STORAGE in 1024 octets. */
export interface QuotaResource { name: string; usage: number | null; limit: number | null }
/** Which mailboxes are listed (RFC 5258). */
export type ListSelection = "subscribed" | "remote" | "recursiveMatch" | "specialUse" | (string & {});
/** What comes with each. */
export type ListReturn = "subscribed" | "children" | "specialUse" | "myRights" | { status: StatusItem[] } | { metadata: string[] } | (string & {});

/** The arguments of each command. */
export interface ImapCommands {
  /** RFC 9051 section 6.1.1. */ capability: {};
  /** 6.1.2 */ noop: {};
  /** 6.1.3 */ logout: {};
  /** 6.2.1 */ startTls: {};
  /** 6.2.2 */ authenticate: { mechanism: string; initialResponse?: Uint8Array };
  /** RFC 8437 */ unauthenticate: {};
  /** RFC 4978 */ compress: {};
  /** RFC 9051 section 6.3.1 */ enable: { capabilities: string[] };
  /** 6.3.2 */ select: { mailbox: string } & Omit<SelectOptions, "signal">;
  /** 6.3.3 */ examine: { mailbox: string } & Omit<SelectOptions, "signal">;
  /** 6.3.4 */ create: { mailbox: string; specialUse?: string[] };
  /** 6.3.5 */ delete: { mailbox: string };
  /** 6.3.6 */ rename: { from: string; to: string };
  /** 6.3.7 */ subscribe: { mailbox: string };
  /** 6.3.8 */ unsubscribe: { mailbox: string };
  /** 6.3.9 */ list: { reference?: string; patterns?: string[]; selection?: ListSelection[]; returns?: ListReturn[] };
  /** RFC 3501 section 6.3.9 */ lsub: Listing;
  /** Gmail's. */ xlist: Listing;
  /** RFC 2193 */ rlist: Listing;
  /** RFC 2193 */ rlsub: Listing;
  /** RFC 9051 section 6.3.10 */ namespace: {};
  /** 6.3.11 */ status: { mailbox: string; items?: StatusItem[] };
  /** 6.3.12 */ append: { mailbox: string } & AppendMessage;
  /** RFC 3502 */ multiAppend: { mailbox: string };
  /** RFC 8508 */ replace: { uid?: boolean; replaced: number; mailbox: string } & AppendMessage;
  /** RFC 9051 section 6.3.13 */ idle: {};
  /** RFC 3501 section 6.4.1 */ check: {};
  /** RFC 9051 section 6.4.1 */ close: {};
  /** 6.4.2 */ unselect: {};
  /** 6.4.3, and UID EXPUNGE with `uids` */ expunge: { uids?: Messages };
  /** 6.4.4 */ search: { uid?: boolean; query?: SearchQuery; returns?: SearchReturn[] };
  /** RFC 7377 */ esearch: { in?: MailboxFilter[]; query?: SearchQuery; returns?: SearchReturn[] };
  /** RFC 5267: ends the updates of these searches. */ cancelUpdate: { tags: string[] };
  /** RFC 5256 */ sort: { uid?: boolean; criteria: SortCriterion[]; query?: SearchQuery; returns?: SearchReturn[] };
  /** RFC 5256 */ thread: { uid?: boolean; algorithm?: ThreadAlgorithm; query?: SearchQuery };
  /** RFC 10022 */ uidBatches: { size: number; batches?: [number, number] };
  /** RFC 9051 section 6.4.5 */ fetch: { uid?: boolean; set: Messages; items: FetchItem[]; changedSince?: number | bigint; vanished?: boolean; partial?: [number, number] };
  /** 6.4.6 */ store: { uid?: boolean; set: Messages; action?: StoreAction; silent?: boolean; unchangedSince?: number | bigint; flags: string[] };
  /** Gmail's. */ storeGmLabels: { uid?: boolean; set: Messages; action?: StoreAction; silent?: boolean; labels: string[] };
  /** 6.4.7 */ copy: { uid?: boolean; set: Messages; mailbox: string };
  /** 6.4.8 */ move: { uid?: boolean; set: Messages; mailbox: string };
  /** RFC 2971 */ id: { fields?: Record<string, string | null> };
  /** RFC 9208 */ getQuota: { root?: string };
  /** RFC 9208 */ getQuotaRoot: { mailbox: string };
  /** RFC 9208 */ setQuota: { root?: string; limits: Record<string, number> };
  /** RFC 4314; rights as they shall be, or with `+` or `-` before them. */ setAcl: { mailbox: string; identifier: string; rights: string };
  /** RFC 4314 */ deleteAcl: { mailbox: string; identifier: string };
  /** RFC 4314 */ getAcl: { mailbox: string };
  /** RFC 4314 */ listRights: { mailbox: string; identifier: string };
  /** RFC 4314 */ myRights: { mailbox: string };
  /** RFC 5464 */ getMetadata: { mailbox?: string; entries: string[]; maxSize?: number; depth?: 0 | 1 | "infinity" };
  /** RFC 5464 */ setMetadata: { mailbox?: string; entries: Record<string, string | Uint8Array | null> };
  /** RFC 5255 */ language: { ranges?: string[] };
  /** RFC 5255 */ comparator: { orders?: string[] };
  /** RFC 9698 */ getJmapAccess: {};
  /** RFC 4467 */ genUrlAuth: { urls: { url: string; mechanism?: string }[] };
  /** RFC 4467 */ resetKey: { mailbox?: string; mechanisms?: string[] };
  /** RFC 4467, RFC 5524 */ urlFetch: { urls: { url: string; parts?: ("body" | "binary" | "structure")[] }[] };
  /** RFC 5465; no groups: nothing is told any more. */ notify: { status?: boolean; groups?: { mailboxes: MailboxFilter; events: NotifyEvent[] }[] };
  /** Any other. A text is sent as a string. */ custom: { name: string; args?: CustomArgument[] };
}
/** The name of a command. */
export type ImapCommand = keyof ImapCommands;
/** Of the old commands that list. */
export interface Listing { reference?: string; pattern?: string }
/** What APPEND says of a message. `parts`: it is put together from parts. */
export interface AppendMessage { size?: number; parts?: boolean; flags?: string[]; date?: Date; binary?: boolean; utf8?: boolean }
/** How STORE changes. */
export type StoreAction = "replace" | "add" | "remove";
/** Which mailboxes (RFC 5465 section 6, RFC 7377). */
export type MailboxFilter = "selected" | "selectedDelayed" | "personal" | "inboxes" | "subscribed" | { subtree: string | string[] } | { subtreeOne: string | string[] } | { mailboxes: string | string[] };
/** Of what to tell (RFC 5465 section 5). */
export type NotifyEvent = "messageNew" | { messageNew: FetchItem[] } | "messageExpunge" | "flagChange" | "annotationChange" | "mailboxName" | "subscriptionChange" | "mailboxMetadataChange" | "serverMetadataChange" | (string & {});
/** An argument of a command that mailwire does not know. `secret`: never in a log. `raw`: as it is, in one line. */
export type CustomArgument = string | { atom: string } | { string: string | Uint8Array } | { mailbox: string } | { secret: string | Uint8Array } | { set: string } | { raw: string };

/** What the POP3 client can be told. */
export interface Pop3ClientOptions extends ClientOptions {}
/** A maildrop over POP3. */
export class Pop3Client implements AsyncDisposable {
  private constructor();
  /** Connects, starts TLS if the transport wants that, and logs in. */
  static connect(transport: Transport | Promise<Transport>, options?: Pop3ClientOptions): Promise<Pop3Client>;
  /** What CAPA said, line by line. */
  readonly capabilities: string[];
  /** Whether nobody can listen. */
  readonly secure: boolean;
  /** Whether it is over. */
  readonly closed: boolean;
  /** What the server said first. */
  readonly greetingText?: string;
  /** Logs in: by SASL, by APOP, or by USER and PASS. */
  authenticate(auth: Auth, options?: CallOptions): Promise<void>;
  /** How many messages, and their octets. */
  stat(options?: CallOptions): Promise<{ count: number; size: number }>;
  /** The size of each message, or of one. */
  list(message?: number, options?: CallOptions): Promise<{ number: number; size: number }[]>;
  /** The unique-id of each message, or of one. */
  uidl(message?: number, options?: CallOptions): Promise<{ number: number; uid: string }[]>;
  /** A message as a stream. To leave early, cancel it. */
  retr(message: number, options?: CallOptions & { onProgress?(progress: { received: number }): void }): ReadableStream<Bytes>;
  /** Its header, and so many lines of its text. */
  top(message: number, lines?: number, options?: CallOptions): ReadableStream<Bytes>;
  /** A message in memory. */
  bytes(message: number, options?: CallOptions): Promise<Bytes>;
  /** Marks a message; `quit` deletes it. */
  dele(message: number, options?: CallOptions): Promise<void>;
  /** Takes all marks back. */
  rset(options?: CallOptions): Promise<void>;
  /** Nothing. */
  noop(options?: CallOptions): Promise<void>;
  /** Any command by its name, with what came while it ran. */
  command<K extends Exclude<Pop3Command, "auth">>(name: K, ...rest: Arguments<Pop3Commands[K]>): Promise<{ events: Pop3Event[]; text: string }>;
  /** Commits deletions, says goodbye, and closes. */
  quit(options?: CallOptions): Promise<void>;
  /** Closes at once; nothing is deleted. */
  destroy(reason?: Error): void;
  /** `quit()`, or `destroy()` if that fails. */
  [Symbol.asyncDispose](): Promise<void>;
}
/** The arguments of each command (RFC 1939, 2449, 2595, 5034, 6856). */
export interface Pop3Commands {
  user: { user: string }; pass: { pass: string };
  /** `timestamp`: of the greeting, with its brackets. */ apop: { user: string; timestamp: string; pass: string };
  auth: { mechanism: string; initialResponse?: Uint8Array };
  capa: {}; stls: {}; stat: {}; list: { message?: number }; uidl: { message?: number }; retr: { message: number };
  top: { message: number; lines?: number }; dele: { message: number }; rset: {}; noop: {}; quit: {}; utf8: {};
  /** Without: those that there are. */ lang: { language?: string };
  /** Any other. `lines`: whether it is answered by many. */ custom: { text: string; lines?: boolean };
}
/** The name of a command. */
export type Pop3Command = keyof Pop3Commands;

/** How far a mailbox was watched. */
export interface Cursor { uidValidity: number | string | null; nextUid: number; modSeq: number | bigint | string }
interface WatchSettingsOfBoth extends ConnectionOptions {
  /** Who one is. */
  auth: Auth;
  /** Whether to ask for TLS first. Default: no. */
  startTls?: boolean;
  /** Where a mailbox begins that was never watched; `now` by default. */
  start?: "now" | "everything";
  /** Milliseconds between looks where the server does not tell: by IMAP 60000, by POP3 300000. */
  poll?: number;
  /** Whether alerts show the beginning of the text. Default: yes. */
  preview?: boolean;
  /**
   * Milliseconds to wait after a failure: after the first (1000, or a minute if the server refused
   * something), and at most (900000).
   */
  backoff?: { first?: number; most?: number };
}
/** What to watch over IMAP. */
export interface ImapWatchSettings extends WatchSettingsOfBoth {
  protocol?: "imap";
  /** `["INBOX"]` by default. */
  mailboxes?: string[];
  /** What `onCursor` was told last, one for each mailbox. */
  cursors?: Cursor[];
  /** Only what matches. */
  filter?: SearchQuery;
  /** Milliseconds that one IDLE lasts (540000); 0: never, look from time to time. */
  idle?: number;
  /** Whether what was told becomes `\Seen`. */
  markSeen?: boolean;
  /** What to say about oneself (RFC 2971). */
  id?: Record<string, string | null>;
  /** What to take the server for. */
  quirks?: Iterable<Quirk>;
}
/** What to watch over POP3. */
export interface Pop3WatchSettings extends WatchSettingsOfBoth {
  protocol: "pop3";
  /** What `onRecord` was told last. */
  record?: Uint8Array;
  /** How many messages it remembers, 8 bytes for each; 4096 by default. */
  capacity?: number;
  /** Whether messages are deleted once they were acknowledged. */
  delete?: boolean;
  /** Lines of text to ask for, for the preview; 20 by default. */
  previewLines?: number;
}
/** What to watch. */
export type WatchSettings = ImapWatchSettings | Pop3WatchSettings;
/** And what to tell beside alerts. */
export interface WatchCallbacks {
  /** Ends it. */
  signal?: AbortSignal;
  /** Whether secrets may be sent in clear. */
  allowInsecure?: boolean;
  /** IMAP: keep these, and give them as `cursors` next time. */
  onCursor?(cursors: Cursor[]): void;
  /** POP3: keep it, and give it as `record` next time. */
  onRecord?(record: Uint8Array): void;
  /** `reset`: UIDs are others than before, or nothing was known. */
  onOpen?(mailbox: { mailbox: string; exists: number; reset: boolean }): void;
  /** All is told for now. */
  onCaughtUp?(): void;
  /** The connection is over. `POLL`: it is time to look again. */
  onRetry?(retry: { cause: string; delay?: number; error?: unknown }): void;
  /** The server refused something. Without this, a refused login ends it by `AUTHENTICATION_FAILED`. */
  onRefused?(refused: { login: boolean; text: string }): void;
}
/** What `watch` is told. */
export type WatchOptions = WatchSettings & WatchCallbacks;
/** A message that came. */
export interface Alert {
  /** Its mailbox. */
  mailbox: string;
  /** IMAP: its UID. POP3: its unique-id. */
  uid: number | string;
  /** POP3: its number on this connection. */
  number?: number;
  /** Who wrote it. */
  from: Address[];
  /** Decoded. */
  subject: string;
  /** When it was sent. */
  date: Date | null;
  /** Octets. */
  size: number | null;
  /** IMAP: its system flags. */
  flags: string[];
  /** The beginning of its text. */
  preview: string | null;
}
/**
 * Alerts of new mail, at least once each, through failures of the connection. `connect` is called
 * for each connection. An alert counts as dealt with once the next one is asked for.
 */
export function watch(connect: (context: { signal?: AbortSignal }) => Transport | Promise<Transport>, options: WatchOptions): AsyncGenerator<Alert, void>;

// ---- Sans-IO.

interface MachineOf<E> extends Disposable {
  /** Takes bytes that came. They must not change until their events were read. */
  receiveData(bytes: Uint8Array): void;
  /** No more will come. */
  receiveEnd(): void;
  /** The next event; null if there is none until more comes. Throws MailError once the connection is lost. */
  nextEvent(): E | null;
  /** What is to be sent now, and counts as sent; null if nothing. */
  dataToSend(): Uint8Array | null;
  /** When to call `nextEvent` at the latest, by `performance.now()`. */
  readonly deadline: number;
  /** Whether it has ended in order. */
  readonly closed: boolean;
  /** Gives its memory back. Without, the garbage collector does, some time. */
  free(): void;
}
/** What a server says, and what it means for programs. */
export interface Reply<S extends string, C> { status: S; code: C | null; text: string; /** Whether the line was longer than the buffer. */ truncated: boolean }
/** A response code that is a mere word (RFC 9051 section 7.1). */
export type ResponseWord =
  | "alert" | "alreadyExists" | "authenticationFailed" | "authorizationFailed" | "badComparator" | "cannot" | "clientBug" | "closed"
  | "compressionActive" | "contactAdmin" | "corruption" | "expired" | "expungeIssued" | "hasChildren" | "inUse" | "limit"
  | "metadataNoPrivate" | "metadataTooMany" | "noModSeq" | "nonExistent" | "noPerm" | "notificationOverflow" | "notSaved"
  | "overQuota" | "parse" | "privacyRequired" | "readOnly" | "readWrite" | "serverBug" | "tooBig" | "tooFew" | "tooMany"
  | "tryCreate" | "uidNotSticky" | "uidRequired" | "unavailable" | "unknownCte" | "useAttr";
/** A response code. */
export type ResponseCode =
  | ResponseWord
  | { appendUid: { uidValidity: number; uids: string } } | { copyUid: { uidValidity: number; source: string; destination: string } }
  | { badUrl: string } | { badCharset: string[] } | { badEvent: string[] } | { capability: string[] } | { mailboxId: string }
  | { metadataLongEntries: number } | { metadataMaxSize: number } | { referral: string } | { urlMech: string[] } | { highestModSeq: bigint }
  | { inProgress: { tag: string | null; progress: number | null; goal: number | null } } | { messageLimit: { limit: number; uid: number | null } }
  | { modified: string } | { noUpdate: string } | { permanentFlags: string[] } | { undefinedFilter: string } | { uidNext: number }
  | { uidValidity: number } | { unseen: number } | { other: { name: string; value: string } } | { malformed: { raw: string } };
/** An address as IMAP has it: a group begins where only `host` is null, and ends where both are. */
export interface RawAddress { name: string | null; adl: string | null; mailbox: string | null; host: string | null }
/** An envelope as IMAP has it. Nothing is decoded. */
export interface RawEnvelope {
  date: string | null; subject: string | null; from: RawAddress[]; sender: RawAddress[]; replyTo: RawAddress[]; to: RawAddress[];
  cc: RawAddress[]; bcc: RawAddress[]; inReplyTo: string | null; messageId: string | null;
}
/** A part as IMAP has it. */
export interface RawPart extends Omit<Part, "type" | "envelope" | "fileName"> { media_type?: string; subtype?: string; envelope?: RawEnvelope }
/** An item of FETCH. 64-bit numbers are bigint where they must be. */
export type FetchedItem =
  | { item: "uid" | "rfc822Size"; value: number } | { item: "flags" | "xGmLabels"; value: string[] } | { item: "envelope"; value: RawEnvelope }
  | { item: "internalDate" | "emailId"; value: string } | { item: "body" | "bodyStructure"; value: RawPart[] }
  | { item: "binarySize"; part: string; value: number } | { item: "modSeq" | "xGmMsgId" | "xGmThrId"; value: number | bigint }
  | { item: "threadId" | "saveDate" | "preview"; value: string | null };
/** What section of a message comes. */
export interface FetchedSection {
  part: string;
  text: "all" | "header" | "text" | "mime" | { headerFields: string[] } | { headerFieldsNot: string[] } | { other: string };
}
/** One value of STATUS. */
export type StatusValue = { [K in keyof MailboxStatus]-?: { [P in K]: MailboxStatus[P] } }[keyof MailboxStatus];
/** What an IMAP server says, or the caller has to do. `more`: what follows belongs to it. */
export type ImapEvent =
  /** The first thing that it says. */
  | ({ event: "greeting" } & Reply<"ok" | "preAuth" | "bye", ResponseCode>)
  /** Something that is no answer. */
  | ({ event: "status" } & Reply<"ok" | "no" | "bad" | "bye" | "preAuth", ResponseCode>)
  /** The end of a command. */
  | ({ event: "completed"; tag: string } & Reply<"ok" | "no" | "bad", ResponseCode>)
  | { event: "capability"; capabilities: string[]; more: boolean }
  | { event: "code"; code: ResponseCode }
  | { event: "enabled"; capabilities: string[] }
  | { event: "flags"; flags: string[]; more: boolean }
  | { event: "list" | "lsub" | "xList"; attributes: string[]; delimiter: string | null; mailbox: string; extended: ListExtended[] }
  | ({ event: "namespace" } & Namespaces)
  | { event: "mailboxStatus"; mailbox: string; values: StatusValue[] }
  | { event: "search" | "sort"; numbers: number[]; modSeq: bigint | null; more: boolean }
  | {
      event: "esearch"; tag: string | null; mailbox: string | null; uidValidity: number | null; uid: boolean; min: number | null;
      max: number | null; count: number | null; all: string | null; modSeq: bigint | null; partial: NonNullable<SearchResult["partial"]> | null;
      updates: ({ addTo: { position: number; numbers: string }[] } | { removeFrom: { position: number; numbers: string }[] })[];
      relevancy: number[] | null; other: { name: string; value: string }[]; more: boolean;
    }
  | { event: "thread"; threads: (number | "(" | ")")[]; depth: number; more: boolean }
  | { event: "uidBatches"; tag: string | null; batches: string; more: boolean }
  | { event: "exists" | "recent" | "expunge"; number: number }
  | { event: "vanished"; earlier: boolean; uids: string; more: boolean }
  /** A message begins: items, bodies and their chunks follow, up to `fetchEnd`. */
  | { event: "fetchStart"; seq?: number; uid?: number }
  | ({ event: "fetchItem" } & FetchedItem)
  | { event: "fetchBody"; kind: "body" | "binary" | "rfc822"; section: FetchedSection; origin: number | null; data: "nil" | "quoted" | { literal: number } | { literal8: number } }
  /** Bytes of it: a part of what was given to `receiveData`, where that can be. */
  | { event: "fetchChunk"; data: Uint8Array }
  | { event: "fetchEnd" }
  | { event: "id"; fields: { name: string; value: string | null }[] }
  | { event: "acl"; mailbox: string; entries: { identifier: string; rights: string }[] }
  | { event: "listRights"; mailbox: string; identifier: string; required: string; optional: string[] }
  | { event: "myRights"; mailbox: string; rights: string }
  | { event: "metadata"; mailbox: string; values: { entry: string; value: string | null }[]; changed: string[] }
  | { event: "quota"; root: string; resources: QuotaResource[] }
  | { event: "quotaRoot"; mailbox: string; roots: string[] }
  | { event: "language"; languages: string[] }
  | { event: "comparator"; active: string; matching: string[] }
  | { event: "jmapAccess"; url: string }
  | { event: "genUrlAuth"; urls: string[] }
  | { event: "urlFetch"; parts: { url: string; body: string | null; binary: string | null; structure: RawPart[] | null }[] }
  /** Answer by `respond` or `cancel`. */
  | { event: "challenge"; tag: string; challenge: string; truncated: boolean }
  /** IDLE is on. */
  | { event: "idling"; tag: string }
  /** Give bytes by `writeLiteral`. */
  | { event: "sendLiteral" | "cancellingLiteral"; tag: string; remaining: number }
  /** Go on by `append`. */
  | { event: "nextPart"; tag: string }
  /** Change the transport, then call `tlsStarted`, `compressStarted` or `compressEnded`. */
  | { event: "startTls" | "compress" | "compressEnd"; tag: string }
  /** Why a login that `completed` ends next has failed. */
  | { event: "saslError"; code: ErrorCode; message: string }
  | { event: "continuation"; code: ResponseCode | null; text: string }
  /** What mailwire does not know, cannot read, or has no room for. `base64`: the bytes, if they are no UTF-8. */
  | { event: "other"; in: "response" | "fetch"; number?: number; name: string; text: string; base64?: string }
  | { event: "malformed" | "oversized"; in: "response" | "fetch"; text: string; base64?: string };

/** An IMAP connection without a socket. */
export class ImapConnection implements MachineOf<ImapEvent> {
  constructor(options?: ImapConnectionOptions);
  receiveData(bytes: Uint8Array): void;
  receiveEnd(): void;
  nextEvent(): ImapEvent | null;
  dataToSend(): Uint8Array | null;
  readonly deadline: number;
  readonly closed: boolean;
  /** Sends a command; its tag. */
  send<K extends ImapCommand>(name: K, ...args: {} extends ImapCommands[K] ? [args?: ImapCommands[K]] : [args: ImapCommands[K]]): string;
  /** LOGIN; its tag. */
  login(user: string, pass: string): string;
  /** By the best mechanism; the challenges are answered. `secure`: whether secrets may be shown. */
  authenticate(auth: StaticAuth, secure: boolean): string;
  /** Answers a challenge of a mechanism of your own. */
  respond(response: Uint8Array): void;
  /** Gives up AUTHENTICATE. */
  cancel(): void;
  /** Ends IDLE. */
  done(): void;
  /** TLS has begun. */
  tlsStarted(): void;
  /** What came compressed already. */
  takeCompressed(): Uint8Array[];
  /** Both directions are compressed now. */
  compressStarted(): void;
  /** They are no more. */
  compressEnded(): void;
  /** Gives bytes of a literal; how many were taken. */
  writeLiteral(bytes: Uint8Array): number;
  /** The next message, or part of one, of an APPEND; or what ends it. */
  append(what: "message", args: AppendMessage): void;
  append(what: "part", args: { size: number; utf8?: boolean } | { url: string }): void;
  append(what: "end" | "cancel" | "abandon"): void;
  /** Takes the server for one that needs these. */
  setQuirks(quirks: Iterable<Quirk>): void;
  /** How the connection stands. */
  readonly info: {
    state: ImapState; selected: Omit<Selected, "name"> | null; capabilities: string[]; knowsCapabilities: boolean; enabled: string[];
    isQuiet: boolean; isUtf8: boolean; isCompressed: boolean; literalRemaining: number; quirks: Quirk[];
  };
  free(): void;
  [Symbol.dispose](): void;
}
/** Who one is, with a token that is there already. */
export type StaticAuth = { user: string; pass: string } | { user: string; token: string } | { certificate: true; user?: string } | { anonymous: string };
/** What a POP3 server says, or the caller has to do. `kind`: the command. */
export type Pop3Event =
  | ({ event: "greeting" | "status" } & Reply<"ok" | "err", string>)
  /** Lines follow. */
  | ({ event: "started"; kind: Pop3Kind } & Reply<"ok" | "err", string>)
  /** The end of a command. */
  | ({ event: "completed"; kind: Pop3Kind; number: number | null } & Reply<"ok" | "err", string>)
  | { event: "capability"; capability: string }
  | { event: "stat"; messages: number; size: number }
  | { event: "listItem"; number: number; size: number }
  | { event: "uidlItem"; number: number; uid: string }
  | { event: "language"; tag: string; description: string }
  /** A message begins: chunks follow, up to `messageEnd`. */
  | { event: "messageStart"; number: number | null; code: string | null; text: string; truncated: boolean }
  | { event: "messageChunk"; data: Uint8Array }
  | { event: "messageEnd" }
  /** Do the handshake, then call `tlsStarted`. */
  | { event: "startTls" }
  /** Answer by `respond` or `cancel`. */
  | { event: "challenge"; challenge: string }
  | { event: "saslError"; code: ErrorCode; message: string }
  | { event: "line" | "malformed" | "oversized"; text: string; base64?: string };
/** A command as events name it. */
export type Pop3Kind = Pop3Command | "listOne" | "uidlOne" | "langList" | "customLines";
/** A POP3 connection without a socket. */
export class Pop3Connection implements MachineOf<Pop3Event> {
  constructor(options?: ConnectionOptions);
  receiveData(bytes: Uint8Array): void;
  receiveEnd(): void;
  nextEvent(): Pop3Event | null;
  dataToSend(): Uint8Array | null;
  readonly deadline: number;
  readonly closed: boolean;
  /** Sends a command. */
  send<K extends Pop3Command>(name: K, ...args: {} extends Pop3Commands[K] ? [args?: Pop3Commands[K]] : [args: Pop3Commands[K]]): void;
  /** By the best mechanism; the challenges are answered. */
  authenticate(auth: StaticAuth, secure: boolean): void;
  /** Answers a challenge of a mechanism of your own. */
  respond(response: Uint8Array): void;
  /** Gives up AUTH. */
  cancel(): void;
  /** TLS has begun. */
  tlsStarted(): void;
  /** How the connection stands. */
  readonly info: { state: "greeting" | "authorization" | "transaction" | "update" | "logout"; knowsCapabilities: boolean; mechanisms: string[]; isQuiet: boolean; isUtf8: boolean };
  free(): void;
  [Symbol.dispose](): void;
}
/** What the watcher tells, or the caller has to do. `mailbox`: its place in the list. */
export type WatchEvent =
  /** Do the handshake, then call `tlsStarted`. */
  | { event: "startTls" }
  /** Call `authenticate`. */
  | { event: "logIn" }
  | { event: "challenge"; challenge: string; truncated: boolean }
  | { event: "loggedIn"; text: string }
  | { event: "open"; mailbox: number; exists: number; reset: boolean }
  /** A message came: call `acknowledge` when it is dealt with. */
  | { event: "alert"; mailbox: number; uid: number; uniqueId: string; from: { name: string; spec: string; group: string | null }[]; subject: string; date: string | null; size: number | null; flags: string[]; preview: string | null }
  /** Keep the cursors, or the record. */
  | { event: "caughtUp" }
  | { event: "refused"; login: boolean; mailbox: number; text: string }
  /** Connect anew after so many milliseconds, then call `reconnect` or `unreachable`. */
  | { event: "retry"; delay: number; cause: ErrorCode | "UNREACHABLE" | "REFUSED" | "IN_CLEAR" | "POLL" }
  | { event: "other" };
/** The watcher without a socket. */
export class Watch implements MachineOf<WatchEvent> {
  constructor(options?: Partial<ImapWatchSettings> | (Partial<Pop3WatchSettings> & { protocol: "pop3" }));
  receiveData(bytes: Uint8Array): void;
  receiveEnd(): void;
  nextEvent(): WatchEvent | null;
  dataToSend(): Uint8Array | null;
  readonly deadline: number;
  readonly closed: boolean;
  /** An alert, and those before it, need not come again. */
  acknowledge(mailbox: number, uid: number): void;
  /** IMAP: to be kept. */
  readonly cursors: Cursor[];
  /** POP3: to be kept. */
  readonly record: Uint8Array | null;
  /** TLS has begun. */
  tlsStarted(): void;
  /** There is a new transport. */
  reconnect(): void;
  /** None could be had, or it failed. */
  unreachable(): void;
  /** Ends it in order. */
  stop(): void;
  /** Logs in, on `logIn`. */
  authenticate(auth: StaticAuth, secure: boolean): void;
  free(): void;
  [Symbol.dispose](): void;
}
