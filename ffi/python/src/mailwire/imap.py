"""What an IMAP client does, as flows."""

from __future__ import annotations

import io
import os
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from email.generator import BytesGenerator
from email.message import Message as EmailMessage
from email.policy import SMTP
from typing import (
    Any,
    Callable,
    Dict,
    Generic,
    Iterable,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from . import events as ev
from ._session import FLUSH, Call, Chunks, Close, Content, Flow, Progress, Session, Source, Stream, Wait, check
from .connection import ImapConnection
from .decoders import CharsetDecoder, TransferDecoder
from .errors import AuthenticationFailed, ConnectionLost, MailError, Refused, UsageError
from .query import Query, ranges, text_of

Messages = Union[int, str, Iterable[int]]
Items = Union[str, Iterable[str]]
Token = Union[str, Callable[[], Any]]

#: How long a set in one command may be. Servers take 8000 bytes a line.
_SET = 4000


def batches(messages: Messages) -> Iterator[str]:
    """A set in pieces that are short enough for a command."""
    batch: List[str] = []
    size = 0
    for piece in ranges(messages):
        if batch and size + len(piece) > _SET:
            yield ",".join(batch)
            batch, size = [], 0
        batch.append(piece)
        size += len(piece) + 1
    if batch:
        yield ",".join(batch)


@dataclass(frozen=True)
class Appended:
    """Where a message went; None if the server does not say."""

    uid_validity: Optional[int] = None
    uid: Optional[int] = None


@dataclass(frozen=True)
class Copied:
    """Which UIDs messages have now, by those that they had; empty if the server does not say."""

    uid_validity: Optional[int] = None
    uids: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Thread:
    """A message and what answers it. `number` is None where the parent is missing."""

    number: Optional[int]
    children: Tuple[Thread, ...] = ()


#: RFC 9051 section 6.4.5.
_MACROS = {
    "ALL": "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE",
    "FAST": "FLAGS INTERNALDATE RFC822.SIZE",
    "FULL": "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY",
}


class MessageData:
    """What the server said of a message. What was not asked for is None.

    It came unasked if it is in `updates`, or comes from IDLE: then mostly it has only `flags`.
    """

    __slots__ = (
        "__weakref__", "_content", "body_structure", "email_id", "envelope", "flags", "internal_date",
        "mod_seq", "others", "preview", "rfc822_size", "save_date", "sections", "seq", "thread_id", "uid",
        "x_gm_labels", "x_gm_msg_id", "x_gm_thr_id",
    )  # fmt: skip

    seq: Optional[int]
    uid: Optional[int]
    flags: Optional[Tuple[str, ...]]
    envelope: Optional[ev.Envelope]
    internal_date: Optional[datetime]
    rfc822_size: Optional[int]
    body_structure: Optional[Tuple[ev.Part, ...]]
    mod_seq: Optional[int]
    email_id: Optional[str]
    thread_id: Optional[str]
    save_date: Optional[datetime]
    preview: Optional[str]
    x_gm_msg_id: Optional[int]
    x_gm_thr_id: Optional[int]
    x_gm_labels: Optional[Tuple[str, ...]]
    #: Sections that were asked for among the items, such as "HEADER.FIELDS (From)". None: there is
    #: no such section.
    sections: Dict[str, Optional[bytes]]
    #: Items that mailwire does not know, or could not read.
    others: List[ev.Event]

    def __init__(self, seq: Optional[int], uid: Optional[int]) -> None:
        self.seq = seq
        self.uid = uid
        self.flags = self.envelope = self.internal_date = self.rfc822_size = self.body_structure = None
        self.mod_seq = self.email_id = self.thread_id = self.save_date = self.preview = None
        self.x_gm_msg_id = self.x_gm_thr_id = self.x_gm_labels = None
        self.sections = {}
        self.others = []
        self._content: Optional[Content] = None

    def __repr__(self) -> str:
        subject = f" {self.envelope.subject!r}" if self.envelope else ""
        return f"<{type(self).__name__} seq={self.seq} uid={self.uid}{subject}>"


_ATTRIBUTES = {
    "flags": "flags", "uid": "uid", "envelope": "envelope", "internal_date": "internal_date",
    "rfc822_size": "rfc822_size", "body": "body_structure", "body_structure": "body_structure",
    "mod_seq": "mod_seq", "email_id": "email_id", "thread_id": "thread_id", "save_date": "save_date",
    "preview": "preview", "x_gm_msg_id": "x_gm_msg_id", "x_gm_thr_id": "x_gm_thr_id",
    "x_gm_labels": "x_gm_labels",
}  # fmt: skip

M = TypeVar("M", bound=MessageData)


class Fetching(Stream, Generic[M]):
    """A loop over messages."""

    def __init__(
        self,
        session: Imap,
        messages: Messages,
        items: Items,
        body: Union[bool, str],
        mark_seen: bool,
        progress: Optional[Progress],
        make: Type[M],
        options: Dict[str, Any],
    ) -> None:
        super().__init__(session)
        self._batches = list(batches(messages))[::-1]
        self._make = make
        self._options = options
        self._progress = progress
        # What a body is called in the response; None if there is none to be streamed.
        self._wanted: Optional[str] = None
        words = [items] if isinstance(items, str) else list(items)
        if len(words) == 1:
            # In parentheses, as on the wire; macros must stand alone, but a UID is fetched always.
            word = words[0].strip()
            word = word[1:-1] if word.startswith("(") and word.endswith(")") else word
            words = [_MACROS.get(word.upper(), word)]
        known = " ".join(words).upper().split()
        if "UID" not in known:
            words.insert(0, "UID")
        # Whether a message that has flags alone is one of ours.
        self._flags_do = body is False and not set(known) - {"UID", "FLAGS", "MODSEQ"}
        if body is not False:
            self._wanted = "" if body is True else str(body).upper()
            words.append(f"BODY{'' if mark_seen else '.PEEK'}[{'' if body is True else body}]")
        self._items = " ".join(filter(None, words))
        self._tag = ""
        # The message that is being read; and the one whose body is.
        self._partial: Optional[M] = None
        # Whether it has more than what comes unasked.
        self._asked = False
        self._current: Optional[M] = None
        self._over = False

    def end_of(self) -> Callable[[ev.Event], bool]:
        tag = self._tag
        return lambda event: isinstance(event, ev.Completed) and event.tag == tag

    def next(self) -> Flow[Optional[M]]:
        """The next message; None at the end."""
        session: Any = self._session
        yield from self._wind_up()
        while not self._over:
            if not self._tag:
                if not self._batches:
                    self._over = True
                    break
                yield from session.settle()
                conn = session.conn
                self._tag = yield from session.send(
                    "FETCH", conn.fetch, self._batches[-1], self._items, **self._options
                )
                self._batches.pop()
                session.begin(self)
            message = self._partial
            if message is not None:
                yield from self._fill(message)
                self._partial = None
                if self._is_ours(message):
                    return message
                session.updates.append(message)
                continue
            event = yield from self.pull()
            if type(event) is ev.FetchStart:
                self._partial, self._asked = self._make(event.seq, event.uid), False
            if type(event) is ev.Completed and event.tag == self._tag:
                self._tag = ""
                self.finish()
                try:
                    check("FETCH", event)
                except Refused:
                    self._over = True
                    raise
            else:
                session.note(event)
        return None

    def _is_ours(self, message: M) -> bool:
        """What comes unasked has flags, and perhaps no UID."""
        if message._content is not None:
            return True
        if message.uid is None and self._options["uid"]:
            return False
        return self._flags_do or self._asked or (message.flags is None and message.mod_seq is None)

    def _fill(self, message: M) -> Flow[None]:
        """Reads what the server says of a message, up to the body that is to be streamed."""
        while True:
            event = yield from self.pull()
            kind = type(event)
            if kind is ev.FetchItem:
                assert isinstance(event, ev.FetchItem)
                name = _ATTRIBUTES.get(event.item)
                if event.item not in ("flags", "uid", "mod_seq"):
                    self._asked = True
                if name is not None:
                    setattr(message, name, event.value)
                else:
                    message.others.append(event)
            elif kind is ev.FetchEnd:
                return
            elif isinstance(event, ev.FetchBody):
                self._asked = True
                if message._content is None and not event.nil and self._is_wanted(event.section):
                    message._content = Content(self, event.size, self._progress)
                    self._current = message
                    return
                content = Content(self, event.size, None)
                try:
                    data = None if event.nil else (yield from content.read())
                except BaseException:
                    self._back = event
                    raise
                message.sections[str(event.section)] = data
            else:
                message.others.append(event)

    def _is_wanted(self, section: ev.Section) -> bool:
        if self._wanted is None:
            return False
        wanted = self._wanted.partition(" ")[0]
        return ".".join(filter(None, (section.part, section.text))).upper() == wanted

    def _wind_up(self) -> Flow[None]:
        """Reads what is left of a message."""
        message = self._current
        if message is None:
            return
        content = message._content
        assert content is not None
        content.stream = None
        self._left = memoryview(b"")
        while (yield from self.next_chunk()):
            self._left = memoryview(b"")
        yield from self._fill(message)
        self._current = None

    def close(self) -> Flow[None]:
        """Ends the loop before its end."""
        session: Any = self._session
        message, self._current, self._partial = self._current, None, None
        if message is not None and message._content is not None:
            message._content.stream = None
        if not self._over and self._tag:
            self._over = True
            self._left = memoryview(b"")
            ends = self.end_of()
            while not ends(event := (yield from self.pull())):
                session.told(event)
            self.finish()
        self._over = True


class Decoding(Chunks):
    """The bytes of the one part that a loop brings, decoded."""

    def __init__(self, loop: Fetching[Any], encoding: Optional[str], size: Optional[int], progress: Optional[Progress]) -> None:
        self._loop = loop
        self._decoder = TransferDecoder(encoding)
        self._size = size
        self._received = 0
        self._progress = progress

    def next_chunk(self) -> Flow[bool]:
        loop = self._loop
        while not len(self._left):
            if loop._over or not (yield from loop.next_chunk()):
                # To the end of the command, so that nothing is left open.
                while (yield from loop.next()) is not None:
                    pass
                self._left = memoryview(self._decoder.decode(b"", final=True))
                return len(self._left) > 0
            chunk = loop._left
            self._left, loop._left = memoryview(self._decoder.decode(chunk)), memoryview(b"")
            self._received += len(chunk)
            if self._progress is not None:
                yield Call(self._progress, self._received, self._size)
        return True


class Download(Content):
    """The bytes of one part. Whoever lets go of it leaves the rest to the next command."""

    def close(self) -> None:
        self.stream = None


class Idling(Stream):
    """IDLE: what the server says, as it happens."""

    #: After so many seconds IDLE is begun anew: servers and what is between may forget it.
    RENEW = 540.0
    brief = True

    #: Without IDLE, or where the server ends it by itself, so many seconds from look to look.
    POLL = 30.0

    def __init__(self, session: Imap, timeout: float) -> None:
        super().__init__(session)
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
            raise TypeError("timeout: seconds expected")
        if not 0 <= timeout <= 86400:
            raise UsageError("timeout: from 0 to 86400 seconds", "INVALID_ARGUMENT")
        self._until = time.monotonic() + timeout
        self._since = 0.0
        # Before that it is not tried again.
        self._from = 0.0
        self._tag = ""

    def end_of(self) -> Callable[[ev.Event], bool]:
        conn, tag = self._session.conn, self._tag

        def ends(event: ev.Event) -> bool:
            if isinstance(event, ev.Idling):
                conn.done()
            return isinstance(event, ev.Completed) and event.tag == tag

        return ends

    def give_up(self) -> Callable[[], None]:
        conn = self._session.conn

        def give_up() -> None:
            try:
                conn.done()
            except UsageError:
                # It has not begun: see above.
                pass

        return give_up

    def next(self) -> Flow[Optional[Any]]:
        """What happened; None when the time is over."""
        session: Any = self._session
        while True:
            if session.updates:
                return session.updates.popleft()
            now = time.monotonic()
            left = self._until - now
            if left <= 0:
                yield from self.settle()
                return session.updates.popleft() if session.updates else None
            if now < self._from or (not session.conn.has("IDLE") and session.conn.knows_capabilities):
                yield from session.command("NOOP", session.conn.noop)
                if not session.updates:
                    yield Call(_nothing)
                    yield Wait(min(left, self.POLL))
                continue
            if not self._tag:
                yield from session.settle()
                self._tag = yield from session.send("IDLE", session.conn.idle)
                self._since = now
                session.begin(self)
            if now - self._since > self.RENEW:
                yield from self.settle()
                continue
            event = session.conn._next()
            if event is None:
                if session.conn.closed:
                    yield from session.event()
                yield Wait(max(0.001, min(left, self.RENEW + self._since - now + 1)))
            elif isinstance(event, ev.Completed) and event.tag == self._tag:
                self._tag = ""
                session.end(self)
                check("IDLE", event)
                # Some end it at once.
                self._from = self._since + self.POLL
            else:
                yield from session.hear(event)

    def close(self) -> Flow[None]:
        """Ends the loop before its end."""
        self._until = 0.0
        yield from self.settle()

    def settle(self) -> Flow[None]:
        if not self._tag:
            return
        session: Any = self._session
        tag, self._tag = self._tag, ""
        try:
            session.conn.done()
        except UsageError:
            pass
        session.end(self)
        while True:
            event = yield from session.event()
            if isinstance(event, ev.Idling):
                session.conn.done()
            if isinstance(event, ev.Completed) and event.tag == tag:
                break
            yield from session.hear(event)


def _nothing() -> None:
    pass


class Imap(Session[ImapConnection]):
    """The flows. What the calls mean is in `client`."""

    def note(self, event: ev.Event) -> None:
        if isinstance(event, ev.Expunge) and not event.number:
            # Exchange says it. There is no such message.
            pass
        elif isinstance(event, (ev.Exists, ev.Recent, ev.Expunge, ev.Vanished, ev.Metadata)):
            self.updates.append(event)
        elif isinstance(event, ev.FetchStart):
            self._partial = MessageData(event.seq, event.uid)
        elif isinstance(event, ev.FetchItem):
            if self._partial is not None and event.item in _ATTRIBUTES:
                setattr(self._partial, _ATTRIBUTES[event.item], event.value)
        elif isinstance(event, ev.FetchEnd):
            if self._partial is not None:
                self.updates.append(self._partial)
            self._partial = None
        else:
            super().note(event)

    _partial: Optional[MessageData] = None

    def told(self, event: ev.Event) -> bool:
        if not isinstance(event, (ev.Exists, ev.Expunge, ev.Vanished)):
            return False
        self.note(event)
        return True

    def hear(self, event: ev.Event) -> Flow[None]:
        """What came unasked, in IDLE."""
        if isinstance(event, (ev.MailboxStatus, ev.List)):
            self.updates.append(event)
        else:
            self.note(event)
        return
        yield

    def command(
        self,
        name: str,
        make: Callable[..., str],
        *args: Any,
        collect: Tuple[Type[ev.Event], ...] = (),
        **options: Any,
    ) -> Flow[Tuple[ev.Completed, List[Any]]]:
        yield from self.settle()
        tag = yield from self.send(name, make, *args, **options)
        return (yield from self.completed(name, lambda event: event.tag == tag, collect))

    def plain(self, name: str, make: Callable[..., str], *args: Any, **options: Any) -> Flow[None]:
        yield from self.command(name, make, *args, **options)

    def start_tls(self) -> Flow[None]:
        """Goes over to TLS (STARTTLS). `IMAP(host, starttls=True)` does so from the start."""
        yield from self.settle()
        tag = yield from self.send("STARTTLS", self.conn.starttls)
        done = upgraded = False
        while not (done and upgraded):
            event = yield from self.event()
            if isinstance(event, ev.StartTls):
                yield from self.upgrade()
                upgraded = True
            elif isinstance(event, ev.Completed) and event.tag == tag:
                check("STARTTLS", event)
                done = True
            else:
                self.note(event)

    # Signing in.

    def login(self, user: str, password: str) -> Flow[None]:
        """Logs in by LOGIN, which sends the password as it is. What is refused: `AuthenticationFailed`."""
        try:
            yield from self.plain("LOGIN", self.conn.login, user, password)
        except Refused as error:
            raise AuthenticationFailed(error.text, error.code) from None

    def authenticate(
        self,
        user: Optional[str] = None,
        password: Optional[str] = None,
        *,
        token: Optional[Token] = None,
        mechanism: Optional[str] = None,
        authorization: Optional[str] = None,
    ) -> Flow[None]:
        """Signs in by SASL, by the best mechanism that both sides have and the link allows, or by
        `mechanism`. `token`: of OAuth 2, a text or what is called for one; instead of a password.
        `authorization`: as whom, if not as `user`."""
        yield from authenticate(self, user, password, token, mechanism, authorization)

    def logout(self) -> Flow[None]:
        """Says goodbye and closes the connection. Where a loop over messages has been left in the middle, it
        only closes."""
        if self._open is not None and not self._brief:
            # What a loop has not read yet may be all of a mailbox.
            yield Close()
            return
        yield from self.settle()
        yield from self.send("LOGOUT", self.conn.logout)
        try:
            while not isinstance((yield from self.event()), ev.Completed):
                pass
        except ConnectionLost:
            # BYE is an answer, too.
            pass
        yield Close()

    # The server.

    def capability(self) -> Flow[Tuple[str, ...]]:
        """Asks what the server offers, and tells it."""
        yield from self.plain("CAPABILITY", self.conn.capability)
        return self.conn.capabilities

    def noop(self) -> Flow[None]:
        """Does nothing; the server may say what is new: see `updates`."""
        yield from self.plain("NOOP", self.conn.noop)

    def check(self) -> Flow[None]:
        """Asks for a checkpoint of the mailbox (CHECK); mostly it is as `noop`."""
        yield from self.plain("CHECK", self.conn.check)

    def id(self, fields: Optional[Mapping[str, Optional[str]]] = None) -> Flow[Mapping[str, Optional[str]]]:
        """Tells the server about this program, and what the server says of itself (RFC 2971)."""
        _, found = yield from self.command("ID", self.conn.id, fields, collect=(ev.Id,))
        return found[-1].fields if found else {}

    def enable(self, *capabilities: str) -> Flow[Tuple[str, ...]]:
        """Switches extensions on (RFC 5161); what is on now."""
        yield from self.plain("ENABLE", self.conn.enable, *capabilities)
        return self.conn.enabled

    def namespace(self) -> Flow[ev.Namespace]:
        """Where mailboxes may stand (RFC 2342)."""
        _, found = yield from self.command("NAMESPACE", self.conn.namespace, collect=(ev.Namespace,))
        return found[-1] if found else ev.Namespace((), (), ())

    # Mailboxes.

    def select(
        self,
        mailbox: str = "INBOX",
        *,
        readonly: bool = False,
        condstore: bool = False,
        qresync: Optional[Tuple[int, int]] = None,
    ) -> Flow[ev.Selected]:
        """Opens a mailbox. `readonly`: by EXAMINE. `condstore`: with mod-sequences. `qresync`: UIDVALIDITY
        and mod-sequence as they were; what has changed since comes in `updates`."""
        yield from self.settle()
        self.updates.clear()
        name = "EXAMINE" if readonly else "SELECT"
        options = {"readonly": readonly, "condstore": condstore, "qresync": qresync}
        yield from self.plain(name, self.conn.select, mailbox, **options)
        if qresync is None:
            self.updates.clear()
        selected = self.conn.selected
        assert selected is not None
        return selected

    def examine(self, mailbox: str = "INBOX") -> Flow[ev.Selected]:
        """Opens a mailbox read-only."""
        return (yield from self.select(mailbox, readonly=True))

    def close_mailbox(self) -> Flow[None]:
        """Leaves the mailbox, and removes what is \\Deleted in it (CLOSE)."""
        yield from self.plain("CLOSE", self.conn.close)

    def unselect(self) -> Flow[None]:
        """Leaves the mailbox, and removes nothing (RFC 3691)."""
        yield from self.plain("UNSELECT", self.conn.unselect)

    def list(
        self,
        pattern: Union[str, Sequence[str]] = "*",
        *,
        reference: Optional[str] = None,
        selection: Optional[str] = None,
        returns: Optional[str] = None,
    ) -> Flow[List[ev.List]]:
        """Mailboxes. In `pattern`, or several, "*" is anything and "%" anything within a level. `selection`
        and `returns`: words of RFC 5258, such as "SUBSCRIBED", and "SPECIAL-USE STATUS (UNSEEN)"."""
        options = {"reference": reference, "selection": selection, "returns": returns}
        _, found = yield from self.command("LIST", self.conn.list, pattern, collect=(ev.List,), **options)
        return found

    def lsub(self, pattern: str = "*", *, reference: Optional[str] = None) -> Flow[List[ev.List]]:
        """Mailboxes that are subscribed to."""
        _, found = yield from self.command(
            "LSUB", self.conn.lsub, pattern, reference=reference, collect=(ev.List,)
        )
        return found

    def status(
        self, mailbox: str, items: Items = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
    ) -> Flow[ev.MailboxStatus]:
        """Figures of a mailbox that need not be selected."""
        _, found = yield from self.command(
            "STATUS", self.conn.status, mailbox, _words(items), collect=(ev.MailboxStatus,)
        )
        # The server may tell of others, too; and some spell this one their way.
        name = _name(mailbox)
        found.sort(key=lambda it: _name(it.mailbox) != name)
        return found[0] if found else ev.MailboxStatus(mailbox, {})

    def create(self, mailbox: str, special_use: Optional[str] = None) -> Flow[None]:
        """Makes a mailbox; `special_use`: such as "\\Sent"."""
        yield from self.plain("CREATE", self.conn.create, mailbox, special_use)

    def delete(self, mailbox: str) -> Flow[None]:
        """Deletes a mailbox."""
        yield from self.plain("DELETE", self.conn.delete, mailbox)

    def rename(self, old: str, new: str) -> Flow[None]:
        """Renames a mailbox."""
        yield from self.plain("RENAME", self.conn.rename, old, new)

    def subscribe(self, mailbox: str) -> Flow[None]:
        """Subscribes to a mailbox."""
        yield from self.plain("SUBSCRIBE", self.conn.subscribe, mailbox)

    def unsubscribe(self, mailbox: str) -> Flow[None]:
        """Ends a subscription."""
        yield from self.plain("UNSUBSCRIBE", self.conn.unsubscribe, mailbox)

    # Searching.

    def search(self, query: Union[str, Query] = "ALL", *, uid: bool = True) -> Flow[List[int]]:
        """The messages that match a `Query`, or keys as in RFC 9051 section 6.4.4: UIDs in ascending order, or
        sequence numbers."""
        _, found = yield from self.command(
            "SEARCH", self.conn.search, text_of(query), uid=uid, collect=(ev.Search, ev.Esearch)
        )
        return _numbers(found)

    def search_return(
        self, query: Union[str, Query] = "ALL", returns: str = "MIN MAX COUNT", *, uid: bool = True
    ) -> Flow[ev.Esearch]:
        """Figures of what matches (RFC 4731): "MIN", "MAX", "COUNT", "ALL", "SAVE" …"""
        _, found = yield from self.command(
            "SEARCH", self.conn.search, text_of(query), returns=returns, uid=uid, collect=(ev.Esearch,)
        )
        if len(found) < 2:
            return found[0] if found else ev.Esearch(uid=uid)
        # The response was longer than the buffer.
        fields: Dict[str, Any] = {}
        for part in found:
            for name, value in vars(part).items():
                if name == "all" and value and fields.get("all"):
                    value = f"{fields['all']},{value}"
                if value is not None:
                    fields[name] = value
        return ev.Esearch(**{**fields, "more": False})

    def sort(
        self, criteria: Items = "DATE", query: Union[str, Query] = "ALL", *, uid: bool = True
    ) -> Flow[List[int]]:
        """The messages that match, sorted by the server (RFC 5256): "SUBJECT", "REVERSE DATE" …"""
        _, found = yield from self.command(
            "SORT", self.conn.sort, _words(criteria), text_of(query), uid=uid, collect=(ev.Search, ev.Esearch)
        )
        return _numbers(found)

    def thread(
        self, algorithm: str = "REFERENCES", query: Union[str, Query] = "ALL", *, uid: bool = True
    ) -> Flow[List[Thread]]:
        """The messages that match, as threads (RFC 5256): "REFERENCES" or "ORDEREDSUBJECT"."""
        _, found = yield from self.command(
            "THREAD", self.conn.thread, algorithm, text_of(query), uid=uid, collect=(ev.Thread,)
        )
        return _threads([token for part in found for token in part.threads])

    # Messages.

    def fetching(
        self,
        make: Type[M],
        messages: Messages,
        items: Items,
        body: Union[bool, str],
        mark_seen: bool,
        uid: bool,
        changed_since: Optional[int],
        progress: Optional[Progress],
    ) -> Fetching[M]:
        options = {"uid": uid, "changed_since": changed_since}
        return Fetching(self, messages, items, body, mark_seen, progress, make, options)

    def download(
        self,
        message: int,
        part: Union[ev.Part, str, None],
        mark_seen: bool,
        uid: bool,
        progress: Optional[Progress],
    ) -> Flow[Download]:
        """The beginning of a part."""
        if isinstance(message, bool) or not isinstance(message, int):
            raise TypeError(f"message: one number expected, not {type(message).__name__}")
        if isinstance(part, str):
            part = yield from self._part(message, part, uid)
        elif not isinstance(part, (ev.Part, type(None))):
            raise TypeError(f"part: a Part, its number, or None expected, not {type(part).__name__}")
        number, encoding = (part.number, part.encoding) if part is not None else ("", None)
        loop = self.fetching(MessageData, message, (), number or True, mark_seen, uid, None, None)
        found = yield from loop.next()
        raw = found._content if found is not None else None
        if raw is None:
            yield from loop.close()
            raise _none_such(message, number)
        # So that the loop is not held by what it holds.
        raw.stream = None
        plain = (encoding or "").lower() in ("", "7bit", "8bit", "binary")
        return Download(Decoding(loop, encoding, raw.size, progress), raw.size if plain else None, None)

    def download_text(
        self,
        message: int,
        part: Union[ev.Part, str],
        *,
        mark_seen: bool = False,
        uid: bool = True,
        progress: Optional[Progress] = None,
    ) -> Flow[str]:
        """A part of a message as text: as `download`, and of its charset. One that is not named, or not known,
        is taken for UTF-8 where it is that, else for windows-1252. Lines end as they were sent, in CRLF."""
        if isinstance(part, str):
            part = yield from self._part(message, part, uid)
        content = yield from self.download(message, part, mark_seen, uid, progress)
        decoder = CharsetDecoder(part.charset)
        texts: List[str] = []
        while data := (yield from content.read(65536)):
            texts.append(decoder.decode(data))
        texts.append(decoder.decode(b"", final=True))
        return "".join(texts)

    def _part(self, message: int, number: str, uid: bool) -> Flow[ev.Part]:
        """The part of that number."""
        loop = self.fetching(MessageData, message, "BODYSTRUCTURE", False, False, uid, None, None)
        found = yield from loop.next()
        yield from loop.close()
        for part in (found.body_structure or ()) if found is not None else ():
            if part.number == number:
                return part
        raise _none_such(message, number)

    def store(
        self,
        messages: Messages,
        action: str,
        flags: Union[str, Iterable[str]],
        *,
        uid: bool = True,
        silent: bool = True,
        unchanged_since: Optional[int] = None,
    ) -> Flow[List[int]]:
        """Changes flags. `action`: "FLAGS", "+FLAGS" or "-FLAGS". `silent`: do not tell the new ones in
        `updates`. `unchanged_since`: not where the mod-sequence is higher; those messages are returned."""
        flags = flags if isinstance(flags, str) else tuple(flags)
        options: Dict[str, Any] = {"uid": uid, "silent": silent, "unchanged_since": unchanged_since}
        modified: List[int] = []
        for batch in batches(messages):
            done, _ = yield from self.command("STORE", self.conn.store, batch, action, flags, **options)
            if done.code is not None and done.code.name == "MODIFIED":
                modified.extend(ev.numbers(done.code.value))
        return modified

    def add_flags(self, messages: Messages, *flags: Union[str, Iterable[str]], uid: bool = True) -> Flow[None]:
        """Gives flags to messages."""
        yield from self.store(messages, "+FLAGS", _flat(flags), uid=uid)

    def remove_flags(self, messages: Messages, *flags: Union[str, Iterable[str]], uid: bool = True) -> Flow[None]:
        """Takes flags from messages."""
        yield from self.store(messages, "-FLAGS", _flat(flags), uid=uid)

    def set_flags(self, messages: Messages, *flags: Union[str, Iterable[str]], uid: bool = True) -> Flow[None]:
        """Gives messages these flags alone."""
        yield from self.store(messages, "FLAGS", _flat(flags), uid=uid)

    def store_labels(
        self, messages: Messages, action: str, labels: Iterable[str], *, uid: bool = True
    ) -> Flow[None]:
        """Changes Gmail's labels. `action`: "FLAGS", "+FLAGS" or "-FLAGS"."""
        labels = tuple(labels)
        for batch in batches(messages):
            yield from self.plain("STORE", self.conn.store_labels, batch, action, labels, uid=uid, silent=True)

    def copy(self, messages: Messages, mailbox: str, *, uid: bool = True) -> Flow[Copied]:
        """Copies messages to a mailbox; their UIDs there."""
        return (yield from self._copy("COPY", self.conn.copy, list(batches(messages)), mailbox, uid))

    def move(self, messages: Messages, mailbox: str, *, uid: bool = True) -> Flow[Copied]:
        """Moves messages to a mailbox; their UIDs there. Where there is no MOVE but UIDPLUS, they are
        copied, and then removed."""
        pieces = list(batches(messages))
        yield from self.settle()
        while not self.conn.knows_capabilities:
            self.note((yield from self.event()))
        if uid and not self.conn.has("MOVE") and self.conn.has("UIDPLUS") and not self.conn.has("IMAP4rev2"):
            # RFC 6851 section 3.3: what it stands for.
            copied = yield from self._copy("COPY", self.conn.copy, pieces, mailbox, uid)
            for piece in pieces:
                yield from self.store(piece, "+FLAGS", "\\Deleted")
            yield from self.expunge(messages)
            return copied
        # What is moved counts no more: the high numbers first.
        return (yield from self._copy("MOVE", self.conn.move, pieces if uid else pieces[::-1], mailbox, uid))

    def _copy(
        self, name: str, make: Callable[..., str], pieces: List[str], mailbox: str, uid: bool
    ) -> Flow[Copied]:
        validity: Optional[int] = None
        uids: Dict[int, int] = {}
        for batch in pieces:
            done, found = yield from self.command(name, make, batch, mailbox, uid=uid, collect=(ev.Status,))
            for code in (done.code, *(event.code for event in found)):
                if code is not None and code.name == "COPYUID":
                    validity = code.value["uid_validity"]
                    uids.update(zip(ev.numbers(code.value["source"]), ev.numbers(code.value["destination"])))
        return Copied(validity, uids)

    def expunge(self, uids: Optional[Messages] = None) -> Flow[None]:
        """Removes what is \\Deleted; with `uids`, only among these (UIDPLUS)."""
        if uids is None:
            yield from self.plain("EXPUNGE", self.conn.expunge)
            return
        for batch in batches(uids):
            yield from self.plain("EXPUNGE", self.conn.expunge, batch)

    def append(
        self,
        mailbox: str,
        message: Union[Source, EmailMessage],
        *,
        flags: Union[str, Iterable[str]] = (),
        date: Optional[datetime] = None,
        size: Optional[int] = None,
        progress: Optional[Progress] = None,
    ) -> Flow[Appended]:
        """Puts a message into a mailbox: bytes, an `email.message`, or a file that is read as bytes (on
        asyncio, `read` may be a coroutine function). `date`: one without a time zone is of this machine's.
        `size`: of a file that cannot tell it. `progress` is called with the bytes that were sent, and all."""
        yield from self.settle()
        source, size, close = yield from _sized(message, size)
        try:
            return (yield from self._append(mailbox, source, size, flags, date, progress))
        finally:
            if close:
                source.close()

    def _append(
        self,
        mailbox: str,
        source: Any,
        size: int,
        flags: Union[str, Iterable[str]],
        date: Optional[datetime],
        progress: Optional[Progress],
    ) -> Flow[Appended]:
        conn = self.conn
        flags = flags if isinstance(flags, str) else tuple(flags)
        tag = yield from self.send("APPEND", conn.append, mailbox, size, flags=flags, date=date)
        failed: Optional[BaseException] = None
        while True:
            event = yield from self.event()
            if isinstance(event, ev.SendLiteral):
                try:
                    sent = 0
                    while sent < size:
                        data = yield Call(source.read, min(65536, size - sent))
                        if not isinstance(data, (bytes, bytearray, memoryview)):
                            raise TypeError("append: a file that is read as bytes expected")
                        if not len(data):
                            raise UsageError("the message is shorter than was said", "INVALID_ARGUMENT")
                        view = memoryview(data).cast("B")
                        while len(view):
                            view = view[conn.write_literal(view) :]
                            yield FLUSH
                        sent += len(data)
                        if progress is not None:
                            yield Call(progress, sent, size)
                except BaseException as error:
                    if isinstance(error, MailError) and not isinstance(error, UsageError):
                        raise
                    try:
                        conn.append_cancel()
                    except UsageError:
                        # All of it was given already.
                        pass
                    if not isinstance(error, Exception):
                        # Cancelled: the next call reads what the server says to this.
                        raise
                    failed = error
            elif isinstance(event, ev.Completed) and event.tag == tag:
                if failed is not None:
                    raise failed
                check("APPEND", event)
                code = event.code
                if code is None or code.name != "APPENDUID":
                    return Appended()
                return Appended(code.value["uid_validity"], next(ev.numbers(code.value["uids"]), None))
            else:
                self.note(event)

    # Quotas, rights, annotations.

    def get_quota(self, root: str = "") -> Flow[ev.Quota]:
        """Limits of a quota root, and what is used of them (RFC 9208)."""
        _, found = yield from self.command("GETQUOTA", self.conn.get_quota, root, collect=(ev.Quota,))
        return found[-1] if found else ev.Quota(root, ())

    def get_quota_root(self, mailbox: str) -> Flow[List[ev.Quota]]:
        """The quotas that a mailbox counts to."""
        _, found = yield from self.command(
            "GETQUOTAROOT", self.conn.get_quota_root, mailbox, collect=(ev.Quota,)
        )
        return found

    def set_quota(self, root: str, limits: Mapping[str, int]) -> Flow[None]:
        """Limits of a quota root, such as `{"STORAGE": 1024}`, in units of 1024 octets."""
        yield from self.plain("SETQUOTA", self.conn.set_quota, root, limits, collect=(ev.Quota,))

    def get_acl(self, mailbox: str) -> Flow[Mapping[str, str]]:
        """Who may do what with a mailbox: identifiers and rights (RFC 4314)."""
        _, found = yield from self.command("GETACL", self.conn.get_acl, mailbox, collect=(ev.Acl,))
        return found[-1].entries if found else {}

    def set_acl(self, mailbox: str, identifier: str, rights: str) -> Flow[None]:
        """Sets rights: "lrs", or "+t" and "-t" to change them."""
        yield from self.plain("SETACL", self.conn.set_acl, mailbox, identifier, rights)

    def delete_acl(self, mailbox: str, identifier: str) -> Flow[None]:
        """Removes all rights of an identifier."""
        yield from self.plain("DELETEACL", self.conn.delete_acl, mailbox, identifier)

    def list_rights(self, mailbox: str, identifier: str) -> Flow[Optional[ev.ListRights]]:
        """Which rights can be given to an identifier."""
        _, found = yield from self.command(
            "LISTRIGHTS", self.conn.list_rights, mailbox, identifier, collect=(ev.ListRights,)
        )
        return found[-1] if found else None

    def my_rights(self, mailbox: str) -> Flow[str]:
        """What this user may do with a mailbox."""
        _, found = yield from self.command("MYRIGHTS", self.conn.my_rights, mailbox, collect=(ev.MyRights,))
        return found[-1].rights if found else ""

    def get_metadata(
        self, mailbox: str, *entries: str, max_size: int = 0, depth: int = 0
    ) -> Flow[Mapping[str, Optional[str]]]:
        """Annotations of a mailbox, or of the server by "" (RFC 5464). `max_size`: no larger values, if not
        0; `depth`: 0, 1, or -1 for all below."""
        _, found = yield from self.command(
            "GETMETADATA", self.conn.get_metadata, mailbox, entries, max_size=max_size, depth=depth,
            collect=(ev.Metadata,),
        )  # fmt: skip
        return {name: value for event in found for name, value in event.values.items()}

    def set_metadata(self, mailbox: str, entries: Mapping[str, Union[str, bytes, None]]) -> Flow[None]:
        """Sets annotations, and removes those that are None."""
        yield from self.plain("SETMETADATA", self.conn.set_metadata, mailbox, entries)

    def custom(self, name: str, *arguments: Union[str, int, None]) -> Flow[List[ev.Event]]:
        """A command that mailwire does not know, and what untagged responses it brings. Texts are sent so
        that none can be taken for anything else; None is NIL."""
        _, found = yield from self.command(name, self.conn.custom, name, *arguments, collect=(ev.Other,))
        return found


def _none_such(message: int, part: str) -> Refused:
    what = f"no part {part} of a message {message}" if part else f"no message {message}"
    return Refused("FETCH", "no", "NONEXISTENT", f"there is {what}")


def authenticate(
    session: Session[Any],
    user: Optional[str],
    password: Optional[str],
    token: Optional[Token],
    mechanism: Optional[str],
    authorization: Optional[str],
) -> Flow[None]:
    """Of both protocols."""
    if callable(token):
        token = yield Call(token)
    yield from session.settle()
    # Which mechanisms there are.
    while not session.conn.knows_capabilities:
        session.note((yield from session.event()))
    options = {
        "token": token, "mechanism": mechanism, "authorization": authorization,
        "host": session.host if token is not None else None, "protected": session.protected,
    }  # fmt: skip
    tag = yield from session.send("AUTHENTICATE", session.conn.authenticate, user, password, **options)
    try:
        yield from session.completed("AUTHENTICATE", lambda event: event.tag == tag if tag else event.kind != "capa")
    except Refused as error:
        words = " ".join(filter(None, (error.text, session.conn.refusal)))
        raise AuthenticationFailed(words, error.code) from None


def _name(mailbox: str) -> str:
    """INBOX has one name, however it is written (RFC 9051 section 5.1)."""
    return "INBOX" if mailbox.upper() == "INBOX" else mailbox


def _words(items: Items) -> str:
    return items if isinstance(items, str) else " ".join(items)


def _flat(flags: Iterable[Union[str, Iterable[str]]]) -> List[str]:
    """Flags, or lists of such."""
    return [flag for one in flags for flag in ([one] if isinstance(one, str) else one)]


def _numbers(found: Iterable[Any]) -> List[int]:
    out: List[int] = []
    for part in found:
        out.extend(part.numbers if isinstance(part, ev.Search) else ev.numbers(part.all or ""))
    return out


def _threads(tokens: Iterable[Union[int, str]]) -> List[Thread]:
    # In each list: the number, and the lists of its children.
    root: List[Any] = [None]
    stack: List[List[Any]] = []
    at = root
    for token in tokens:
        if token == "(":
            stack.append(at)
        elif token == ")":
            at = stack.pop() if stack else root
        else:
            node: List[Any] = [token]
            at.append(node)
            at = node
    # Deep threads are common; recursion must not be as deep.
    order: List[List[Any]] = [root]
    for node in order:
        order.extend(node[1:])
    made: Dict[int, Thread] = {}
    for node in reversed(order):
        made[id(node)] = Thread(node[0], tuple(made[id(child)] for child in node[1:]))
    return list(made[id(root)].children)


def _sized(message: Any, size: Optional[int]) -> Flow[Tuple[Any, int, bool]]:
    """A message as what can be read, its size, and whether it is ours to be closed."""
    if isinstance(message, EmailMessage):
        out = io.BytesIO()
        BytesGenerator(out, policy=message.policy.clone(linesep="\r\n") if message.policy else SMTP).flatten(message)
        message = out.getvalue()
    if isinstance(message, str):
        raise TypeError("append: bytes, an email.message.Message or a file expected, not str")
    if isinstance(message, (bytes, bytearray, memoryview)):
        return io.BytesIO(message), memoryview(message).nbytes, True
    if not callable(getattr(message, "read", None)):
        raise TypeError(f"append: bytes, a message or a file expected, not {type(message).__name__}")
    if size is not None:
        return message, size, False
    try:
        at = yield Call(message.tell)
        end = yield Call(message.seek, 0, os.SEEK_END)
        yield Call(message.seek, at)
        return message, end - at, False
    except (AttributeError, OSError, ValueError):
        pass
    # It does not tell how long it is: it must be read to its end first.
    spool = tempfile.SpooledTemporaryFile(max_size=8 << 20)
    while True:
        data = yield Call(message.read, 65536)
        if not data:
            break
        spool.write(data)
    size = spool.tell()
    spool.seek(0)
    return spool, size, True


__all__ = ["Appended", "Copied", "MessageData", "Thread"]
