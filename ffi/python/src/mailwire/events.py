"""What a server says, as immutable objects. Names are those of the RFCs and of the Rust crate.

Texts are `str`; what is not UTF-8 in them comes as U+FFFD. Subjects and people's names in an
`Envelope` are decoded (RFC 2047).
"""

from __future__ import annotations

import base64
import functools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List as Rows, Mapping, Optional, Tuple, Type, TypeVar, Union

_set = object.__setattr__
_T = TypeVar("_T")


def _make(cls: Type[_T], fields: Dict[str, Any]) -> _T:
    """An object of a frozen class, from a dictionary that is its own from now on."""
    out = cls.__new__(cls)
    _set(out, "__dict__", fields)
    return out


# What events hold.


@dataclass(frozen=True)
class ResponseCode:
    """What a status response says to the program (RFC 9051 section 7.1)."""

    #: As in the RFCs: "TRYCREATE", "APPENDUID".
    name: str
    #: A number, a text, a list, or a dictionary of several; None if there is only the name.
    value: Any = None


@dataclass(frozen=True)
class Address:
    """An address of an envelope. A group begins with one that has a mailbox and no host, and ends
    with one that has neither."""

    #: The person's name, decoded.
    name: Optional[str]
    adl: Optional[str]
    mailbox: Optional[str]
    host: Optional[str]

    @property
    def addr_spec(self) -> str:
        """`mailbox@host`"""
        return f"{self.mailbox or ''}@{self.host}" if self.host else self.mailbox or ""

    def __str__(self) -> str:
        return f"{self.name} <{self.addr_spec}>" if self.name else self.addr_spec


@dataclass(frozen=True)
class Envelope:
    """The header of a message in short (RFC 9051 section 7.5.2)."""

    #: As in the header.
    date: Optional[str]
    #: Decoded.
    subject: Optional[str]
    from_: Tuple[Address, ...]
    sender: Tuple[Address, ...]
    reply_to: Tuple[Address, ...]
    to: Tuple[Address, ...]
    cc: Tuple[Address, ...]
    bcc: Tuple[Address, ...]
    in_reply_to: Optional[str]
    message_id: Optional[str]

    @property
    def sent(self) -> Optional[datetime]:
        """`date`, if it is one."""
        from email.utils import parsedate_to_datetime

        try:
            return parsedate_to_datetime(self.date) if self.date else None
        except (TypeError, ValueError, IndexError, OverflowError):
            return None


@dataclass(frozen=True)
class Disposition:
    """What is to be done with a part (RFC 2183)."""

    kind: str
    params: Mapping[str, Optional[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A part of a message (RFC 9051 section 7.5.2)."""

    #: Its number, by which it is fetched; empty for the message itself.
    number: str
    #: "single", "multipart", "message"; "malformed" and "too_deep" have only `raw`.
    kind: str
    media_type: str = ""
    subtype: str = ""
    params: Mapping[str, Optional[str]] = field(default_factory=dict)
    id: Optional[str] = None
    description: Optional[str] = None
    encoding: Optional[str] = None
    #: Octets, as it is encoded.
    size: Optional[int] = None
    lines: Optional[int] = None
    envelope: Optional[Envelope] = None
    md5: Optional[str] = None
    disposition: Optional[Disposition] = None
    language: Tuple[str, ...] = ()
    location: Optional[str] = None
    raw: Optional[str] = None

    @property
    def content_type(self) -> str:
        """`text/plain`"""
        return f"{self.media_type}/{self.subtype}".lower()

    @property
    def charset(self) -> Optional[str]:
        """Of a text, if it is told."""
        return self.params.get("charset")

    @property
    def is_attachment(self) -> bool:
        """Whether the sender wants it to be kept apart from the text."""
        return self.disposition is not None and self.disposition.kind.lower() == "attachment"

    @property
    def file_name(self) -> Optional[str]:
        """The name that the sender gave, decoded. It may hold slashes: do not save to it as it is."""
        from email.message import Message

        header = Message()
        params = self.disposition.params if self.disposition else {}
        for values, name in ((params, "filename"), (self.params, "name")):
            wanted = [(key, value or "") for key, value in values.items() if key.partition("*")[0] == name]
            if wanted:
                header["Content-Disposition"] = "x; " + "; ".join(f'{key}="{_quote(value)}"' for key, value in wanted)
                found = header.get_param(name, None, "content-disposition")
                if isinstance(found, tuple):
                    charset, _, text = found
                    try:
                        return text.encode("latin-1").decode(charset or "us-ascii", "replace")
                    except (LookupError, UnicodeError):
                        return text
                return decode(found) if found else None
        return None


@dataclass(frozen=True)
class Section:
    """Which bytes of a message a body is of."""

    #: "body", "binary" or "rfc822": what it was fetched as.
    kind: str
    #: The part's number; empty for the message itself.
    part: str
    #: "", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME", or another.
    text: str
    #: Of HEADER.FIELDS and HEADER.FIELDS.NOT.
    fields: Tuple[str, ...]
    #: The offset of the first byte; None if all was asked for.
    origin: Optional[int]

    def __str__(self) -> str:
        """`1.HEADER.FIELDS (From To)`"""
        text = self.text + (f" ({' '.join(self.fields)})" if self.fields else "")
        return ".".join(filter(None, (self.part, text)))


@dataclass(frozen=True)
class Selected:
    """The selected mailbox."""

    exists: int
    recent: int
    unseen: Optional[int]
    uid_validity: Optional[int]
    uid_next: Optional[int]
    flags: Tuple[str, ...]
    #: None: the server does not say, so all.
    permanent_flags: Optional[Tuple[str, ...]]
    read_only: bool
    uid_not_sticky: bool
    highest_mod_seq: Optional[int]


# Events of both protocols.


@dataclass(frozen=True)
class Event:
    """The base of all events."""


@dataclass(frozen=True)
class Greeting(Event):
    """The first line from the server."""

    status: str
    code: Optional[ResponseCode]
    text: str
    truncated: bool
    #: Of POP3, for APOP.
    timestamp: Optional[str] = None


@dataclass(frozen=True)
class Status(Event):
    """Information, a warning or goodbye."""

    status: str
    code: Optional[ResponseCode]
    text: str
    truncated: bool


@dataclass(frozen=True)
class Completed(Event):
    """A command has ended. What the server refuses is an answer, not an error."""

    #: "ok", "no", "bad"; of POP3 "ok", "err".
    status: str
    code: Optional[ResponseCode]
    text: str
    truncated: bool
    #: IMAP: of which command.
    tag: str = ""
    #: POP3: the command's name; and the message that it was about.
    kind: str = ""
    number: Optional[int] = None


@dataclass(frozen=True)
class Capability(Event):
    """What the server can do; of POP3 one at a time."""

    capabilities: Tuple[str, ...]
    more: bool = False


@dataclass(frozen=True)
class Challenge(Event):
    """The server awaits a SASL response. The connection answers by itself."""

    challenge: str
    tag: str = ""
    truncated: bool = False


@dataclass(frozen=True)
class StartTls(Event):
    """The server agreed to TLS: do the handshake, then call `tls_started`."""

    tag: str = ""


@dataclass(frozen=True)
class Malformed(Event):
    """What cannot be understood."""

    data: bytes
    #: "response" for a line, "fetch" for an item of a FETCH response.
    within: str = "response"


@dataclass(frozen=True)
class Oversized(Event):
    """The beginning of what is longer than the buffer. The rest is skipped."""

    data: bytes
    within: str = "response"


@dataclass(frozen=True)
class Other(Event):
    """What mailwire has no type for."""

    name: str
    data: bytes
    number: Optional[int] = None
    within: str = "response"


# Events of IMAP.


@dataclass(frozen=True)
class Code(Event):
    """A part of a response code that is longer than the buffer."""

    code: ResponseCode


@dataclass(frozen=True)
class Enabled(Event):
    capabilities: Tuple[str, ...]


@dataclass(frozen=True)
class Flags(Event):
    """The flags that exist in the mailbox."""

    flags: Tuple[str, ...]
    more: bool


@dataclass(frozen=True)
class List(Event):
    """A mailbox."""

    mailbox: str
    delimiter: Optional[str]
    attributes: Tuple[str, ...]
    extended: Tuple[Any, ...] = ()

    @property
    def selectable(self) -> bool:
        return not {"\\NOSELECT", "\\NONEXISTENT"} & {name.upper() for name in self.attributes}


@dataclass(frozen=True)
class Lsub(List):
    """A subscribed mailbox."""


@dataclass(frozen=True)
class XList(List):
    """A mailbox, as Gmail told it of old."""


@dataclass(frozen=True)
class NamespaceDescription:
    prefix: str
    delimiter: Optional[str]
    extensions: Tuple[Any, ...] = ()


@dataclass(frozen=True)
class Namespace(Event):
    personal: Tuple[NamespaceDescription, ...]
    other_users: Tuple[NamespaceDescription, ...]
    shared: Tuple[NamespaceDescription, ...]


@dataclass(frozen=True)
class MailboxStatus(Event):
    """Figures of a mailbox: `values["unseen"]` or `status.unseen`; None if not told."""

    mailbox: str
    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name in _FIGURES:
            return self.values.get(name)
        raise AttributeError(name)


_FIGURES = {
    "messages", "uid_next", "uid_validity", "unseen", "deleted", "size", "recent",
    "highest_mod_seq", "mailbox_id", "append_limit", "deleted_storage",
}  # fmt: skip


@dataclass(frozen=True)
class Search(Event):
    numbers: Tuple[int, ...]
    mod_seq: Optional[int]
    more: bool


@dataclass(frozen=True)
class Sort(Search):
    pass


@dataclass(frozen=True)
class Esearch(Event):
    """What a search found, in the extended form. What was not told is None."""

    tag: Optional[str] = None
    mailbox: Optional[str] = None
    uid_validity: Optional[int] = None
    uid: bool = False
    min: Optional[int] = None
    max: Optional[int] = None
    count: Optional[int] = None
    #: A set: see `numbers`.
    all: Optional[str] = None
    mod_seq: Optional[int] = None
    partial: Optional[Mapping[str, Any]] = None
    updates: Tuple[Any, ...] = ()
    relevancy: Optional[Tuple[int, ...]] = None
    other: Tuple[Any, ...] = ()
    more: bool = False


@dataclass(frozen=True)
class Thread(Event):
    """Threads as a row of "(", numbers and ")"."""

    threads: Tuple[Union[int, str], ...]
    depth: int
    more: bool


@dataclass(frozen=True)
class UidBatches(Event):
    tag: Optional[str]
    batches: str
    more: bool


@dataclass(frozen=True)
class Exists(Event):
    """The mailbox holds so many messages."""

    number: int


@dataclass(frozen=True)
class Recent(Event):
    """So many are new to this session."""

    number: int


@dataclass(frozen=True)
class Expunge(Event):
    """The message with this number is gone, and those above it count one less."""

    number: int


@dataclass(frozen=True)
class Vanished(Event):
    """The messages with these UIDs are gone."""

    earlier: bool
    uids: str
    more: bool


@dataclass(frozen=True)
class FetchStart(Event):
    """Data of a message follow, up to FetchEnd."""

    seq: Optional[int] = None
    uid: Optional[int] = None


@dataclass(frozen=True)
class FetchItem(Event):
    """One item, such as "flags", "uid" or "envelope"."""

    item: str
    value: Any
    #: Of "binary_size".
    part: str = ""


@dataclass(frozen=True)
class FetchBody(Event):
    """The bytes of a section follow in chunks."""

    section: Section
    #: None: not known before they have come.
    size: Optional[int]
    #: There is no such section.
    nil: bool = False


@dataclass(frozen=True)
class FetchChunk(Event):
    data: bytes


@dataclass(frozen=True)
class FetchEnd(Event):
    pass


@dataclass(frozen=True)
class Id(Event):
    """What the server says of itself."""

    fields: Mapping[str, Optional[str]]


@dataclass(frozen=True)
class Acl(Event):
    mailbox: str
    #: Identifiers and their rights.
    entries: Mapping[str, str]


@dataclass(frozen=True)
class ListRights(Event):
    mailbox: str
    identifier: str
    required: str
    optional: Tuple[str, ...]


@dataclass(frozen=True)
class MyRights(Event):
    mailbox: str
    rights: str


@dataclass(frozen=True)
class Metadata(Event):
    mailbox: str
    values: Mapping[str, Optional[str]]
    changed: Tuple[str, ...]


@dataclass(frozen=True)
class Language(Event):
    """IMAP: languages of the server. POP3: one, with its description."""

    languages: Tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Comparator(Event):
    active: str
    matching: Tuple[str, ...]


@dataclass(frozen=True)
class JmapAccess(Event):
    url: str


@dataclass(frozen=True)
class GenUrlAuth(Event):
    urls: Tuple[str, ...]


@dataclass(frozen=True)
class UrlFetch(Event):
    parts: Tuple[Any, ...]


@dataclass(frozen=True)
class QuotaResource:
    name: str
    usage: Optional[int]
    limit: Optional[int]


@dataclass(frozen=True)
class Quota(Event):
    root: str
    resources: Tuple[QuotaResource, ...]


@dataclass(frozen=True)
class QuotaRoot(Event):
    mailbox: str
    roots: Tuple[str, ...]


@dataclass(frozen=True)
class Idling(Event):
    """IDLE is on."""

    tag: str


@dataclass(frozen=True)
class SendLiteral(Event):
    """The server awaits so many more bytes of a message: `write_literal`."""

    tag: str
    remaining: int


@dataclass(frozen=True)
class NextPart(Event):
    """An append goes on as you want: `append_message`, `append_part` or `append_end`."""

    tag: str


@dataclass(frozen=True)
class CancellingLiteral(Event):
    """What is left of a cancelled message is being filled up."""

    tag: str
    remaining: int


@dataclass(frozen=True)
class Compress(Event):
    tag: str


@dataclass(frozen=True)
class CompressEnd(Event):
    tag: str


@dataclass(frozen=True)
class Continuation(Event):
    """A "+" that nothing waited for."""

    code: Optional[ResponseCode]
    text: str


# Events of POP3.


@dataclass(frozen=True)
class Started(Event):
    """A command succeeded, and a listing follows."""

    kind: str
    status: str
    code: Optional[ResponseCode]
    text: str
    truncated: bool


@dataclass(frozen=True)
class Stat(Event):
    messages: int
    size: int


@dataclass(frozen=True)
class ListItem(Event):
    """The size of a message."""

    number: int
    size: int


@dataclass(frozen=True)
class UidlItem(Event):
    """The unique-id of a message."""

    number: int
    uid: str


@dataclass(frozen=True)
class MessageStart(Event):
    """A message begins."""

    number: Optional[int]
    code: Optional[ResponseCode]
    text: str
    truncated: bool


@dataclass(frozen=True)
class MessageChunk(Event):
    data: bytes


@dataclass(frozen=True)
class MessageEnd(Event):
    pass


@dataclass(frozen=True)
class Line(Event):
    """A line of an answer that mailwire does not know."""

    data: bytes


# How they are made of the library's records.

_NAMES = {
    "read_only": "READ-ONLY",
    "read_write": "READ-WRITE",
    "unknown_cte": "UNKNOWN-CTE",
    "undefined_filter": "UNDEFINED-FILTER",
    "metadata_long_entries": "METADATA LONGENTRIES",
    "metadata_max_size": "METADATA MAXSIZE",
    "metadata_no_private": "METADATA NOPRIVATE",
    "metadata_too_many": "METADATA TOOMANY",
}


def _code(code: Any) -> Optional[ResponseCode]:
    if code is None:
        return None
    pair: Tuple[str, Any] = (code, None) if isinstance(code, str) else next(iter(code.items()))
    name, value = pair
    if name == "other":
        return ResponseCode(value["name"].upper(), value["value"])
    return ResponseCode(_NAMES.get(name) or name.upper().replace("_", ""), value)


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def decode(text: Union[str, bytes]) -> str:
    """A header's text as people read it: encoded words (RFC 2047) are decoded."""
    from ._native import ffi, lib

    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    string = ffi.new("mw_string *")
    string.ptr = kept = ffi.from_buffer("uint8_t[]", raw)
    string.len = len(raw)
    size = lib.mw_string_decode(string, ffi.NULL, 0)
    out = ffi.new("char[]", size + 1)
    lib.mw_string_decode(string, out, size + 1)
    del kept
    return str(ffi.buffer(out, size), "utf-8")


def numbers(sequence_set: str) -> Iterator[int]:
    """The numbers of a set such as "1:3,7"."""
    for piece in filter(None, sequence_set.split(",")):
        first, _, last = piece.partition(":")
        low, high = int(first), int(last or first)
        yield from range(min(low, high), max(low, high) + 1)


def _time(text: Optional[str]) -> Optional[datetime]:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def _addresses(rows: Rows[Dict[str, Any]]) -> Tuple[Address, ...]:
    return tuple([_make(Address, row) for row in rows])


def _envelope(it: Dict[str, Any]) -> Envelope:
    it["from_"] = it.pop("from")
    for name in ("from_", "sender", "reply_to", "to", "cc", "bcc"):
        rows = it[name]
        it[name] = tuple([_make(Address, row) for row in rows]) if rows else ()
    return _make(Envelope, it)


def _params(value: Any) -> Mapping[str, Optional[str]]:
    """Names and values: a mapping, whose names are in small letters."""
    if isinstance(value, dict):
        return {name.lower(): text for name, text in value.items()}
    return {row["name"].lower(): row["value"] for row in value or ()}


def _part(it: Dict[str, Any]) -> Part:
    if "params" in it:
        it["params"] = _params(it["params"])
    if "envelope" in it:
        envelope = it["envelope"]
        for row in (row for value in envelope.values() if isinstance(value, list) for row in value):
            row["name"] = row["name"] and decode(row["name"])
        envelope["subject"] = envelope["subject"] and decode(envelope["subject"])
        it["envelope"] = _envelope(envelope)
    if "disposition" in it:
        disposition = it["disposition"]
        it["disposition"] = Disposition(disposition["kind"], _params(disposition.get("params")))
    if "language" in it:
        it["language"] = tuple(it["language"])
    return Part(**it)


def _parts(rows: Rows[Dict[str, Any]]) -> Tuple[Part, ...]:
    return tuple(map(_part, rows))


_VALUES: Dict[str, Callable[[Any], Any]] = {
    "flags": tuple,
    "envelope": _envelope,
    "internal_date": _time,
    "save_date": _time,
    "body": _parts,
    "body_structure": _parts,
    "x_gm_labels": tuple,
}


def _fetch_item(it: Dict[str, Any]) -> Event:
    make = _VALUES.get(it["item"])
    if make is not None:
        it["value"] = make(it["value"])
    return _make(FetchItem, it)


_TEXTS = {"all": "", "header_fields": "HEADER.FIELDS", "header_fields_not": "HEADER.FIELDS.NOT"}


@functools.lru_cache(maxsize=256)
def _section(kind: str, part: str, text: str, fields: Tuple[str, ...], origin: Optional[int]) -> Section:
    return Section(kind, part, _TEXTS.get(text, text.upper()), fields, origin)


def _fetch_body(it: Dict[str, Any]) -> Event:
    text, fields = it["section"]["text"], ()
    if isinstance(text, dict):
        name, value = next(iter(text.items()))
        text, fields = (name, tuple(value)) if isinstance(value, list) else (value, ())
    section = _section(it["kind"], it["section"]["part"], text, fields, it["origin"])
    data = it["data"]
    size = next(iter(data.values())) if isinstance(data, dict) else 0 if data == "nil" else None
    return FetchBody(section, size, data == "nil")


def _raw(it: Dict[str, Any]) -> bytes:
    exact = it.get("base64")
    return base64.b64decode(exact) if exact is not None else str(it["text"]).encode()


def _other(it: Dict[str, Any]) -> Event:
    return Other(it["name"], _raw(it), it.get("number"), it["in"])


def _plain(cls: Type[Event]) -> Callable[[Dict[str, Any]], Event]:
    """Its fields as they come, lists as tuples."""

    def make(it: Dict[str, Any]) -> Event:
        for name, value in it.items():
            if type(value) is list:
                it[name] = tuple(value)
        if "code" in it:
            it["code"] = _code(it["code"])
        return cls(**it)

    return make


def _namespace(it: Dict[str, Any]) -> Event:
    rows = {name: tuple(_plain_row(row) for row in rows) for name, rows in it.items()}
    return Namespace(**rows)


def _plain_row(row: Dict[str, Any]) -> NamespaceDescription:
    return NamespaceDescription(row["prefix"], row["delimiter"], tuple(row["extensions"]))


def _mailbox_status(it: Dict[str, Any]) -> Event:
    values: Dict[str, Any] = {}
    for row in it["values"]:
        pair: Tuple[str, Any] = next(iter(row.items())) if isinstance(row, dict) else (row, None)
        name, value = pair
        if name == "other":
            name, value = value["name"], value["value"]
        values[name] = value
    return MailboxStatus(it["mailbox"], values)


def _quota(it: Dict[str, Any]) -> Event:
    return Quota(it["root"], tuple(QuotaResource(**row) for row in it["resources"]))


def _language(it: Dict[str, Any]) -> Event:
    if "languages" in it:
        return Language(tuple(it["languages"]))
    return Language((it["tag"],), it["description"])


def _capability(it: Dict[str, Any]) -> Event:
    names = it["capabilities"] if "capabilities" in it else [it["capability"]]
    return Capability(tuple(names), it.get("more", False))


_PLAIN = [
    Greeting, Status, Completed, Challenge, StartTls, Code, Enabled, Flags, List, Lsub, XList, Search,
    Sort, Esearch, Thread, UidBatches, Exists, Recent, Expunge, Vanished, FetchStart, FetchEnd,
    ListRights, MyRights, Comparator, JmapAccess, GenUrlAuth, UrlFetch, QuotaRoot, Idling,
    SendLiteral, NextPart, CancellingLiteral, Compress, CompressEnd, Continuation, Started, Stat,
    ListItem, UidlItem, MessageStart, MessageEnd,
]  # fmt: skip


_FETCH_END = FetchEnd()


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


_MAKERS: Dict[str, Callable[[Dict[str, Any]], Event]] = {_snake(cls.__name__): _plain(cls) for cls in _PLAIN}
_MAKERS.update(
    {
        "fetch_start": lambda it: _make(FetchStart, {"seq": it.get("seq"), "uid": it.get("uid")}),
        "fetch_item": _fetch_item,
        "fetch_end": lambda it: _FETCH_END,
        "fetch_body": _fetch_body,
        "namespace": _namespace,
        "mailbox_status": _mailbox_status,
        "capability": _capability,
        "language": _language,
        "quota": _quota,
        "id": lambda it: Id({row["name"]: row["value"] for row in it["fields"]}),
        "acl": lambda it: Acl(it["mailbox"], {row["identifier"]: row["rights"] for row in it["entries"]}),
        "metadata": lambda it: Metadata(
            it["mailbox"], {row["entry"]: row["value"] for row in it["values"]}, tuple(it["changed"])
        ),
        "malformed": lambda it: Malformed(_raw(it), it.get("in", "response")),
        "oversized": lambda it: Oversized(_raw(it), it.get("in", "response")),
        "line": lambda it: Line(_raw(it)),
        "other": _other,
    }
)


def event_of(record: Dict[str, Any]) -> Event:
    """The event of a line of `mw_imap_read_json` or `mw_pop3_read_json`."""
    name = record.pop("event")
    maker = _MAKERS.get(name)
    if maker is None:
        return Other(name, repr(record).encode())
    return maker(record)
