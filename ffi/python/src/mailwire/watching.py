"""The watcher: tells, reliably, that mail came."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Deque,
    Dict,
    Iterator,
    List,
    MutableMapping,
    Optional,
    Sequence,
    Tuple,
    Union,
)

from ._drive import Async, Blocking, Ssl
from ._native import ffi, lib
from ._session import Call, Connect, Disconnect, Flow, Session, Sleep, Upgrade, Wait
from .client import _port
from .connection import Machine, Sasl, _bytes, _fail, _now
from .errors import AuthenticationFailed, MailError, UsageError
from .events import Address
from .imap import Token
from .query import Query, text_of

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Alert", "AsyncWatch", "Watch", "async_watch", "watch"]

logger = logging.getLogger("mailwire")

_FLAGS = (
    (lib.MW_FLAG_SEEN, "\\Seen"), (lib.MW_FLAG_ANSWERED, "\\Answered"), (lib.MW_FLAG_FLAGGED, "\\Flagged"),
    (lib.MW_FLAG_DELETED, "\\Deleted"), (lib.MW_FLAG_DRAFT, "\\Draft"), (lib.MW_FLAG_RECENT, "\\Recent"),
)  # fmt: skip
_CAUSES = {
    lib.MW_CAUSE_UNREACHABLE: "no connection could be made",
    lib.MW_CAUSE_REFUSED: "the server refused something",
    lib.MW_CAUSE_BYE: "the server said goodbye",
    lib.MW_CAUSE_IN_CLEAR: "the server let in without the TLS that was asked for",
    lib.MW_CAUSE_POLL: "time to look again",
}


@dataclass(frozen=True)
class Alert:
    """A message came."""

    #: The mailbox's name; "INBOX" by POP3.
    mailbox: str
    #: Its UID; by POP3 its number on this connection.
    uid: int
    from_: Tuple[Address, ...]
    subject: str
    #: The beginning of its text, on one line; None if that was not fetched.
    preview: Optional[str]
    #: When it was sent, or else when it came.
    date: Optional[datetime]
    #: In octets; None if not told.
    size: Optional[int]
    flags: Tuple[str, ...]
    #: Its POP3 unique-id.
    unique_id: str
    # Which mailbox it is of; by POP3 which connection.
    _place: int = 0


def _text(text: Any) -> str:
    size = lib.mw_text_copy(text, ffi.NULL, 0)
    out = ffi.new("char[]", size + 1)
    lib.mw_text_copy(text, out, size + 1)
    return str(ffi.buffer(out, size), "utf-8")


def _raw(bytes_: Any) -> bytes:
    return bytes(ffi.buffer(bytes_.ptr, bytes_.len)) if bytes_.len else b""


def _string(string: Any) -> str:
    size = lib.mw_string_copy(ffi.addressof(string), ffi.NULL, 0)
    out = ffi.new("char[]", size + 1)
    lib.mw_string_copy(ffi.addressof(string), out, size + 1)
    return str(ffi.buffer(out, size), "utf-8", "replace")


class _Machine(Machine):
    """The library's watcher."""

    def __init__(self, kind: str, config: Any, kept: List[Any]) -> None:
        self._kind = kind
        self._kept = kept
        super().__init__(config)
        self._event = ffi.new("mw_watch_event *")
        self._advance = getattr(lib, f"mw_{kind}_advance")
        self._sasl: Optional[Sasl] = None
        self.state = "watching"

    def next_event(self) -> Any:
        """A `mw_watch_event`, good until the next call; or None."""
        while True:
            result = self._advance(self._handle, _now(), self._event)
            if result == lib.MW_EVENT:
                return self._event
            if result == lib.MW_CLOSED:
                self.closed = True
                return None
            if result != lib.MW_NEED_INPUT:
                _fail(result, self._why())
            if not self._refill():
                return None

    def fresh(self) -> None:
        """What was received is of a connection that is no more."""
        self._input.clear()
        self._eof = False

    def log_in(self, sasl: Sasl) -> None:
        self._sasl = sasl
        if self._kind == "watch":
            result = lib.mw_imap_authenticate(lib.mw_watch_imap(self._handle), sasl.handle, ffi.NULL)
        else:
            result = lib.mw_pop3_authenticate(lib.mw_pop3_watch_pop3(self._handle), sasl.handle)
        if result < 0:
            _fail(result)

    def answer(self, challenge: bytes, truncated: bool) -> None:
        if self._sasl is None:
            return
        name = "imap" if self._kind == "watch" else "pop3"
        event = ffi.new("mw_event *" if name == "imap" else "mw_pop3_event *")
        event.kind = lib.MW_EVENT_CHALLENGE if name == "imap" else lib.MW_POP3_CHALLENGE
        event.marks = lib.MW_MARK_TRUNCATED if truncated else 0
        kept = ffi.new("uint8_t[]", challenge or b"\0")
        event.bytes.ptr, event.bytes.len = kept, len(challenge)
        handle = getattr(lib, f"mw_{self._kind}_{name}")(self._handle)
        getattr(lib, f"mw_{name}_respond")(handle, self._sasl.handle, event)

    def logged_in(self) -> None:
        sasl, self._sasl = self._sasl, None
        if sasl is not None:
            result = lib.mw_sasl_finish(sasl.handle)
            sasl.wipe()
            if result < 0:
                _fail(result)


class _Watching(Session[Any]):
    """The flows of a watcher."""

    outlives = True

    def __init__(
        self,
        host: str,
        kind: str,
        user: Optional[str],
        password: Optional[str],
        token: Optional[Token],
        mailboxes: Sequence[str],
        store: Optional[MutableMapping[str, bytes]],
        start_tls: bool,
        at_once: bool,
        options: Dict[str, Any],
    ) -> None:
        if (password is None) == (token is None) or user is None:
            raise UsageError("user and password, or user and token", "INVALID_ARGUMENT")
        if isinstance(mailboxes, str):
            raise TypeError("mailboxes: a list of names")
        self._user, self._token = user, token
        self._start_tls = start_tls
        self._names = list(mailboxes) if kind == "watch" else ["INBOX"]
        self._store: MutableMapping[str, bytes] = {} if store is None else store
        self._places = [f"{kind}:{user}@{host}/{name}" for name in self._names]
        config = ffi.new(f"mw_{kind}_config *")
        config.size = ffi.sizeof(f"mw_{kind}_config")
        kept: List[Any] = [config]

        def text(value: Union[str, bytes]) -> Any:
            kept.append(ffi.new("char[]", _bytes(value)))
            return kept[-1]

        config.text_size = 4096
        config.rx_size, config.tx_size = 65536, 16384
        config.timeout_ms = int(options["timeout"] * 1000)
        config.poll_ms = max(1, int(options["poll"] * 1000))
        config.start_tls = start_tls
        config.everything = options["everything"]
        config.no_preview = not options["preview"]
        config.seed = int.from_bytes(os.urandom(4), "little")
        if password is not None:
            config.user, config.password = text(user), text(password)
        if kind == "watch":
            rows = ffi.new("mw_watched[]", len(self._names))
            kept.append(rows)
            for row, name, place in zip(rows, self._names, self._places):
                row.mailbox = text(name)
                cursor = self._store.get(place)
                if cursor is not None and len(cursor) == lib.MW_CURSOR_SIZE:
                    kept.append(ffi.new("uint8_t[]", bytes(cursor)))
                    row.cursor = kept[-1]
            config.mailboxes, config.mailboxes_count = rows, len(self._names)
            if options["query"] is not None:
                config.filter = text(text_of(options["query"]))
            config.idle_ms = max(1, int(options["idle"] * 1000))
            config.mark_seen = options["mark_seen"]
        else:
            record = self._store.get(self._places[0])
            config.record_size = 10 * options["most"] + 8
            if record:
                kept.append(ffi.new("uint8_t[]", bytes(record)))
                config.record, config.record_len = kept[-1], len(record)
            config.delete_acknowledged = options["delete"]
        super().__init__(_Machine(kind, config, kept), host)
        self._kind = kind
        self._retry_at: Optional[float] = 0.0
        self._round = 0
        self._began = False
        self._told: Optional[Alert] = None
        # Acknowledged by other threads meanwhile.
        self.heard: Deque[Alert] = deque()
        self._at_once = at_once
        self.stopping = False

    def alert(self, timeout: float, acknowledge: bool) -> Flow[Optional[Alert]]:
        """The next message; None if none came in time, or the watcher was stopped."""
        machine = self.conn
        if acknowledge and self._told is not None:
            told, self._told = self._told, None
            self.acknowledge(told)
        until = time.monotonic() + timeout
        while True:
            while self.heard:
                self.acknowledge(self.heard.popleft())
            now = time.monotonic()
            if self.stopping:
                return None
            if self._retry_at is not None:
                left = self._retry_at - now
                if left > 0:
                    if now >= until:
                        return None
                    yield Sleep(min(left, until - now))
                    continue
                yield from self._connect()
            event = machine.next_event()
            if event is None:
                if machine.closed or now >= until:
                    return None
                due = machine.next_timeout()
                left = until - now if due is None else min(until - now, due)
                try:
                    yield Wait(max(left, 0.001))
                except (MailError, OSError) as error:
                    logger.info("the connection failed: %s", error)
                    machine.fresh()
                    lib_unreachable(machine)
                continue
            found = yield from self._act(event)
            if found is not None:
                self._told = found
                return found

    def _connect(self) -> Flow[None]:
        machine = self.conn
        self._retry_at = None
        self._round += 1
        machine.fresh()
        try:
            yield Connect(self._at_once)
        except (OSError, MailError) as error:
            if not self._began:
                self._retry_at = 0.0
                raise
            logger.info("no connection: %s", error)
            lib_unreachable(machine)
            return
        except BaseException:
            # Cut short: the next call begins anew.
            self._retry_at = 0.0
            raise
        self.protected = self._at_once
        if self._began:
            machine._call("reconnect")
        self._began = True

    def _act(self, event: Any) -> Flow[Optional[Alert]]:
        machine, kind = self.conn, event.kind
        if kind == lib.MW_WATCH_ALERT:
            return self._alert(event)
        if kind == lib.MW_WATCH_CAUGHT_UP or kind == lib.MW_WATCH_OPEN:
            self._keep()
        elif kind == lib.MW_WATCH_START_TLS:
            try:
                yield Upgrade()
                self.protected = True
                machine.tls_started()
            except (OSError, MailError) as error:
                logger.warning("TLS failed: %s", error)
                lib_unreachable(machine)
            except BaseException:
                lib_unreachable(machine)
                raise
        elif kind == lib.MW_WATCH_LOG_IN:
            try:
                token = (yield Call(self._token)) if callable(self._token) else self._token
            except BaseException:
                # The next call tries again, after a while.
                lib_unreachable(machine)
                raise
            protected = bool(self.protected)
            sasl = Sasl(self._user, None, token, None, None, self.host, 0, protected)
            machine.log_in(sasl)
        elif kind == lib.MW_WATCH_CHALLENGE:
            machine.answer(_raw(event.bytes), bool(event.marks & lib.MW_MARK_TRUNCATED))
        elif kind == lib.MW_WATCH_LOGGED_IN:
            machine.logged_in()
        elif kind == lib.MW_WATCH_REFUSED:
            words = _string(event.text)
            if event.yes:
                raise AuthenticationFailed(words or "the server hangs up at the login")
            logger.warning("%s: the server refuses: %s", self._names[event.mailbox], words)
        elif kind == lib.MW_WATCH_RETRY:
            wait = max(0.0, (event.at_ms - _now()) / 1000)
            self._retry_at = time.monotonic() + wait
            why = _CAUSES.get(event.cause)
            if why is None:
                why = ffi.string(lib.mw_result_name(event.error)).decode()
            logger.log(
                logging.DEBUG if event.cause == lib.MW_CAUSE_POLL else logging.INFO,
                "connecting anew in %.1f s: %s", wait, why,
            )  # fmt: skip
            yield Disconnect()
        return None

    def _alert(self, event: Any) -> Alert:
        address = ffi.new("mw_mail_address *")
        cursor = ffi.new("mw_mail_addresses *", getattr(event, "from"))
        people = []
        while lib.mw_mail_addresses_next(cursor, address):
            spec = _text(ffi.addressof(address, "spec"))
            mailbox, _, host = spec.rpartition("@")
            people.append(Address(_text(ffi.addressof(address, "name")) or None, None, mailbox or host, host if mailbox else None))
        date = event.date
        when = None
        if date.valid:
            try:
                when = datetime.fromtimestamp(date.unix_seconds).astimezone()
            except (ValueError, OverflowError, OSError):
                pass
        return Alert(
            self._names[event.mailbox],
            event.uid,
            tuple(people),
            _text(ffi.addressof(event, "subject")),
            _raw(event.preview).decode(errors="replace") if event.preview.ptr != ffi.NULL else None,
            when,
            None if event.size == lib.MW_UNKNOWN else event.size,
            tuple(name for flag, name in _FLAGS if event.flags & flag),
            _string(event.unique_id),
            event.mailbox if self._kind == "watch" else self._round,
        )

    def acknowledge(self, alert: Alert) -> None:
        if self._told is alert:
            self._told = None
        if self._kind == "watch":
            self.conn._call("acknowledge", alert._place, alert.uid)
        elif alert._place == self._round:
            self.conn._call("acknowledge", alert.uid)
        # Else its number was of another connection: it comes again.
        self._keep()

    def _keep(self) -> None:
        machine = self.conn
        if self._kind != "watch":
            record = _raw(lib.mw_pop3_watch_record(machine._handle))
            if record:
                self._store[self._places[0]] = record
            return
        cursor = ffi.new("uint8_t[]", lib.MW_CURSOR_SIZE)
        for index, place in enumerate(self._places):
            machine._call("cursor", index, cursor)
            raw = bytes(ffi.buffer(cursor))
            if self._store.get(place) != raw:
                self._store[place] = raw

    def finish(self) -> Flow[None]:
        """Says goodbye."""
        if not self._began or self._retry_at is not None:
            return
        self.conn._call("stop")
        until = time.monotonic() + 5
        while not self.conn.closed and time.monotonic() < until:
            event = self.conn.next_event()
            if event is None and not self.conn.closed:
                yield Wait(max(0.001, until - time.monotonic()))
            elif event is not None and event.kind == lib.MW_WATCH_RETRY:
                return


def lib_unreachable(machine: _Machine) -> None:
    machine._call("unreachable")


class _Any:
    _session: _Watching
    _link: Any
    _auto: bool

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {', '.join(self._session._places)}>"

    def acknowledge(self, alert: Alert) -> None:
        """The alert, and those before it in its mailbox, need not come again. The loop does this by
        itself when it goes on, unless `acknowledge=False`. From any thread: if another one waits for
        messages, that one does it within a second."""
        session = self._session
        session.heard.append(alert)
        try:
            with self._link.look():
                while session.heard:
                    session.acknowledge(session.heard.popleft())
        except UsageError as error:
            if error.name != "BUSY":
                raise

    def stop(self) -> None:
        """Ends the loop, before its next turn; from any thread."""
        self._session.stopping = True

    def close(self) -> None:
        """Closes the connection, and says nothing to the server."""
        if self._link is not None:
            self._link.drop()


#: No wait is longer, so that a loop can be stopped.
_SLICE = 1.0


class Watch(_Any):
    """A loop over new messages: see `watch`."""

    _link: Blocking[_Watching]

    def __init__(self, link: Blocking[_Watching], acknowledge: bool) -> None:
        self._link = link
        self._session = link.session
        self._auto = acknowledge

    def get(self, timeout: float) -> Optional[Alert]:
        """The next message; None if none comes within so many seconds, or if it was stopped."""
        until = time.monotonic() + timeout
        while True:
            left = until - time.monotonic()
            flow = self._link.session.alert(max(0.0, min(left, _SLICE)), self._auto)
            alert: Optional[Alert] = self._link.run(flow)
            if alert is not None or left <= _SLICE or self._link.session.stopping:
                return alert

    def __iter__(self) -> Iterator[Alert]:
        return self

    def __next__(self) -> Alert:
        while not self._link.session.stopping and not self._link.session.conn.closed:
            alert = self.get(60)
            if alert is not None:
                return alert
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            if kind is None and self._link._dead is None:
                self._link.run(self._link.session.finish())
        except (MailError, OSError):
            pass
        finally:
            self.close()


class AsyncWatch(_Any):
    """The same on asyncio: see `async_watch`."""

    def __init__(self, session: _Watching, make: Any, acknowledge: bool) -> None:
        self._session = session
        self._make = make
        self._link = None
        self._auto = acknowledge

    def _ready(self) -> Any:
        # The link belongs to the loop that runs.
        if self._link is None:
            self._link = self._make()
        return self._link

    async def get(self, timeout: float) -> Optional[Alert]:
        """The next message; None if none comes within so many seconds, or if it was stopped."""
        link = self._ready()
        until = time.monotonic() + timeout
        while True:
            left = until - time.monotonic()
            flow = link.session.alert(max(0.0, min(left, _SLICE)), self._auto)
            alert: Optional[Alert] = await link.run(flow)
            if alert is not None or left <= _SLICE or link.session.stopping:
                return alert

    def __aiter__(self) -> AsyncIterator[Alert]:
        return self

    async def __anext__(self) -> Alert:
        link = self._ready()
        while not link.session.stopping and not link.session.conn.closed:
            alert = await self.get(60)
            if alert is not None:
                return alert
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        self._ready()
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        link = self._ready()
        try:
            if kind is None and link._dead is None:
                await link.run(link.session.finish())
        except (MailError, OSError):
            pass
        finally:
            self.close()


def _watching(
    host: str,
    port: Optional[int],
    protocol: str,
    user: Optional[str],
    password: Optional[str],
    token: Optional[Token],
    mailboxes: Sequence[str],
    store: Optional[MutableMapping[str, bytes]],
    ssl: Ssl,
    starttls: bool,
    options: Dict[str, Any],
) -> Tuple[_Watching, Tuple[str, int]]:
    if protocol not in ("imap", "pop3"):
        raise UsageError('protocol: "imap" or "pop3"', "INVALID_ARGUMENT")
    ports = (993, 143) if protocol == "imap" else (995, 110)
    port, at_once = _port(port, ssl, starttls, *ports)
    kind = "watch" if protocol == "imap" else "pop3_watch"
    session = _Watching(
        host, kind, user, password, token, mailboxes, store, starttls, at_once, options
    )
    return session, (host, port)


def watch(
    host: str,
    port: Optional[int] = None,
    *,
    protocol: str = "imap",
    user: Optional[str] = None,
    password: Optional[str] = None,
    token: Optional[Token] = None,
    mailboxes: Sequence[str] = ("INBOX",),
    store: Optional[MutableMapping[str, bytes]] = None,
    query: Union[str, Query, None] = None,
    everything: bool = False,
    acknowledge: bool = True,
    mark_seen: bool = False,
    delete: bool = False,
    preview: bool = True,
    idle: float = 540,
    poll: float = 60,
    most: int = 4096,
    ssl: Ssl = True,
    starttls: bool = False,
    timeout: float = 60,
) -> Watch:
    """Walks messages as they come, through failures of the connection.

        for alert in mailwire.watch("imap.example.org", user="alice", password="secret"):
            print(*alert.from_, alert.subject, alert.preview)

    A message comes at least once: it is acknowledged when the loop goes on to the next. `store` keeps
    what was acknowledged (a `shelve`, say); without one it begins with what comes from now on, or with
    `everything`. `token` is of OAuth 2: a text, or what is called for one at each login. `query`
    filters on the server. `mark_seen` makes acknowledged messages \\Seen, `delete` (POP3) deletes them.
    `most`: how many messages a POP3 maildrop may have.

    A login that is refused raises `AuthenticationFailed`, and a first connection that fails its `OSError`.
    Who goes on all the same after a refusal waits: it is a minute or longer until the next try, since some
    accounts are locked by a few in a row. `with` says goodbye at the end.
    """
    options = {
        "timeout": timeout, "poll": poll, "idle": idle, "everything": everything, "query": query,
        "mark_seen": mark_seen, "delete": delete, "preview": preview, "most": most,
    }  # fmt: skip
    session, address = _watching(
        host, port, protocol, user, password, token, mailboxes, store, ssl, starttls, options
    )
    return Watch(Blocking(session, address, ssl, timeout), acknowledge)


def async_watch(
    host: str,
    port: Optional[int] = None,
    *,
    protocol: str = "imap",
    user: Optional[str] = None,
    password: Optional[str] = None,
    token: Optional[Token] = None,
    mailboxes: Sequence[str] = ("INBOX",),
    store: Optional[MutableMapping[str, bytes]] = None,
    query: Union[str, Query, None] = None,
    everything: bool = False,
    acknowledge: bool = True,
    mark_seen: bool = False,
    delete: bool = False,
    preview: bool = True,
    idle: float = 540,
    poll: float = 60,
    most: int = 4096,
    ssl: Ssl = True,
    starttls: bool = False,
    timeout: float = 60,
) -> AsyncWatch:
    """As `watch`, by `async for`. `token` may be a coroutine function."""
    options = {
        "timeout": timeout, "poll": poll, "idle": idle, "everything": everything, "query": query,
        "mark_seen": mark_seen, "delete": delete, "preview": preview, "most": most,
    }  # fmt: skip
    session, address = _watching(
        host, port, protocol, user, password, token, mailboxes, store, ssl, starttls, options
    )
    return AsyncWatch(session, lambda: Async(session, address, ssl, timeout), acknowledge)
