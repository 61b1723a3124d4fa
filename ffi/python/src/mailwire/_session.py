"""Flows: what a client does, written once for both worlds.

A flow is a generator that yields what it needs of the world (`Wait`, `Call`, `Upgrade`) and returns
its result. `_drive` has one driver on sockets and one on asyncio.
"""

from __future__ import annotations

import logging
import os
import pickle
import tempfile
import weakref
from collections import deque
from typing import (
    Any,
    Callable,
    Deque,
    Generator,
    Generic,
    List,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from .connection import ImapConnection, Pop3Connection
from .errors import ConnectionLost, ProtocolError, Refused, TimedOut, UsageError
from .events import (
    Completed,
    Event,
    FetchChunk,
    Greeting,
    Idling,
    SendLiteral,
    MessageChunk,
    StartTls,
    Status,
)

logger = logging.getLogger("mailwire")

T = TypeVar("T")
C = TypeVar("C", ImapConnection, Pop3Connection, Any)


class Wait:
    """Send what is to be sent, then receive. The answer is False if nothing came in time."""

    __slots__ = ("timeout",)

    def __init__(self, timeout: Optional[float] = None) -> None:
        self.timeout = timeout


class Flush(Wait):
    """Send what is to be sent."""


class Call:
    """Call a function of the user's; await what it returns, if it can be awaited."""

    __slots__ = ("args", "function")

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self.function = function
        self.args = args


class Upgrade:
    """Begin TLS."""


class Connect:
    """Make a connection, the old one being gone; with TLS from the start, or without."""

    __slots__ = ("tls",)

    def __init__(self, tls: bool) -> None:
        self.tls = tls


class Disconnect:
    """Close the connection."""


class Close:
    """Close the connection for good: it was said goodbye to."""


class Sleep:
    """Wait so many seconds."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


Flow = Generator[Any, Any, T]

_WAIT = Wait()
FLUSH = Flush()
#: Bytes that a loop which is interrupted by a command keeps in memory; the rest goes to a file.
KEPT = 8 << 20


class Session(Generic[C]):
    """One connection and what goes on on it."""

    #: Whether it goes on, on another connection, when one has failed.
    outlives = False

    def __init__(self, conn: C, host: str) -> None:
        self.conn: C = conn
        self.host = host
        #: What the server said unasked.
        self.updates: Deque[Any] = deque(maxlen=4096)
        self.protected = False
        self.greeting: Optional[Greeting] = None
        #: Whether a flow was cut short: by a cancelled task, say.
        self.cut_short = False
        # The loop that goes on, and how its end is known if nobody holds it any more.
        self._open: Optional[weakref.ReferenceType[Stream]] = None
        self._brief = False
        self._ends: Callable[[Event], bool] = lambda event: True
        self._give_up: Callable[[], None] = lambda: None

    # Events.

    def event(self) -> Flow[Event]:
        """The next one."""
        conn = self.conn
        while True:
            event: Optional[Event] = conn._next()
            if event is not None:
                return event
            if conn.closed:
                raise ConnectionLost("the connection has ended", "CLOSED")
            if len(conn.pending()):
                # There may be more to be sent then.
                yield FLUSH
            elif not (yield _WAIT):
                raise TimedOut("the server kept silent for too long", "TIMEOUT")

    def note(self, event: Event) -> None:
        """What came unasked."""
        if isinstance(event, Status):
            if event.code is not None and event.code.name == "ALERT":
                logger.warning("the server says: %s", event.text)
            if event.status in ("no", "bad", "bye", "err"):
                self.updates.append(event)

    def told(self, event: Event) -> bool:
        """Whether it is for no loop to have, but was noted: nothing else tells of it, and a loop may be left."""
        return False

    # Loops that go on.

    def begin(self, stream: Stream) -> None:
        self._open = weakref.ref(stream)
        self._brief = stream.brief
        self._ends = stream.end_of()
        self._give_up = stream.give_up()

    def end(self, stream: Stream) -> None:
        if self._open is not None and self._open() is stream:
            self._open = None

    def settle(self) -> Flow[None]:
        """Makes room for a command: a loop that goes on has what comes next kept for it."""
        if self._open is not None:
            stream = self._open()
            if stream is not None:
                yield from stream.settle()
            else:
                self._give_up()
                while not self._ends(event := (yield from self.event())):
                    if self._brief:
                        self.note(event)
                    else:
                        self.told(event)
            self._open = None
        if self.cut_short:
            # What a call has left behind must not be taken for an answer to the next one.
            conn: Any = self.conn
            while not conn.is_quiet:
                event = yield from self.event()
                if isinstance(event, Idling):
                    conn.done()
                elif isinstance(event, SendLiteral):
                    conn.append_cancel()
                elif isinstance(event, StartTls):
                    raise ConnectionLost("a change to TLS was cut short", "CLOSED")
                self.note(event)
            self.cut_short = False

    # Commands.

    def send(self, name: str, make: Callable[..., Any], *args: Any, **options: Any) -> Flow[Any]:
        """Sends a command, as soon as that can be."""
        while True:
            try:
                tag = make(*args, **options)
                logger.debug("%s %s", tag or "", name)
                return tag
            except UsageError as error:
                if error.name == "TX_FULL" and len(self.conn.pending()):
                    yield FLUSH
                elif error.name == "CAPABILITIES_UNKNOWN" or (
                    error.name == "BUSY" and not self.conn.is_quiet
                ):
                    self.note((yield from self.event()))
                else:
                    raise

    def completed(
        self, name: str, is_it: Callable[[Completed], bool], collect: Tuple[Type[Event], ...] = ()
    ) -> Flow[Tuple[Completed, List[Any]]]:
        """Reads on until a command was completed."""
        found: List[Any] = []
        while True:
            event = yield from self.event()
            if isinstance(event, Completed) and is_it(event):
                break
            if isinstance(event, collect):
                found.append(event)
            elif isinstance(event, StartTls):
                yield from self.upgrade()
            else:
                self.note(event)
        check(name, event)
        return event, found

    def upgrade(self) -> Flow[None]:
        """Begins TLS; without it, nothing goes on."""
        try:
            yield Upgrade()
            self.conn.tls_started()
        except BaseException:
            yield Close()
            raise
        self.protected = True

    def open(self, start_tls: Optional[Callable[[], Flow[None]]]) -> Flow[None]:
        """The beginning of a session."""
        while self.greeting is None:
            event = yield from self.event()
            if isinstance(event, Greeting):
                self.greeting = event
        if self.greeting.status in ("bye", "err"):
            raise ConnectionLost(f"the server turns away: {self.greeting.text}", "REFUSED")
        if start_tls is not None:
            if self.greeting.status == "pre_auth":
                raise ProtocolError("the connection began logged in, and without TLS", "IN_CLEAR")
            yield from start_tls()


def check(name: str, event: Completed) -> None:
    code = event.code.name if event.code else None
    logger.debug("%s %s: %s%s", event.tag, name, event.status, f" [{code}]" if code else "")
    if event.status != "ok":
        raise Refused(name, event.status, code, event.text)


class Chunks:
    """Where bytes come from, as they come."""

    #: Those that have come.
    _left = memoryview(b"")

    def next_chunk(self) -> Flow[bool]:
        """Fills `_left`, if it is empty. False at the end."""
        raise NotImplementedError


class Stream(Chunks):
    """A loop over what a command brings. Other commands may be sent meanwhile: what is to come is
    kept, in memory or in a file, and the loop goes on from there."""

    def __init__(self, session: Session[Any]) -> None:
        self._session = session
        # What came is told in this order: what was put back, the bytes left, what was kept.
        self._spool: Any = None
        self._back: Optional[Event] = None

    #: Whether it ends soon when it is told to.
    brief = False

    def end_of(self) -> Callable[[Event], bool]:
        """Tells the event that ends it. It must not refer to this."""
        raise NotImplementedError

    def give_up(self) -> Callable[[], None]:
        """What is to be done if nobody holds it any more. Likewise."""
        return lambda: None

    def pull(self) -> Flow[Event]:
        """The next event of it."""
        if self._back is not None:
            event, self._back = self._back, None
            return event
        if self._spool is not None:
            try:
                kept: Event = pickle.load(self._spool)
                return kept
            except EOFError:
                # Who kept it was cut short.
                self._forget()
        return (yield from self._session.event())

    def settle(self) -> Flow[None]:
        # They are lent.
        self._left = memoryview(bytes(self._left))
        ends = self.end_of()
        if self._back is not None and ends(self._back):
            return
        if self._spool is None:
            self._spool = tempfile.SpooledTemporaryFile(max_size=KEPT)
        spool, at = self._spool, self._spool.tell()
        spool.seek(0, os.SEEK_END)
        try:
            while True:
                event = yield from self._session.event()
                if self._session.told(event):
                    continue
                if isinstance(event, (FetchChunk, MessageChunk)):
                    event = event.__class__(bytes(event.data))
                pickle.dump(event, spool)
                if ends(event):
                    break
        finally:
            spool.seek(at)

    def _forget(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def finish(self) -> None:
        """Its end was read."""
        self._session.end(self)
        self._forget()

    # The bytes of the body that is open.

    def next_chunk(self) -> Flow[bool]:
        while not len(self._left):
            event = yield from self.pull()
            if not isinstance(event, (FetchChunk, MessageChunk)):
                self._back = event
                return False
            self._left = memoryview(event.data)
        return True


class Content:
    """The bytes of one body, as they come."""

    def __init__(
        self, stream: Chunks, size: Optional[int], progress: Optional[Callable[[int, Optional[int]], Any]]
    ) -> None:
        self.stream: Optional[Chunks] = stream
        self.size = size
        self.received = 0
        self.progress = progress
        self.complete = False

    def _chunk(self) -> Flow[bool]:
        if self.complete:
            return False
        if self.stream is None:
            raise UsageError("this body can no longer be read: the loop has gone on, or it was closed", "WRONG_STATE")
        more = yield from self.stream.next_chunk()
        self.complete = not more
        return more

    def close(self) -> None:
        """Its file is closed. A loop's goes on to the end of its turn."""

    def _count(self, count: int) -> Flow[None]:
        if self.progress is not None:
            yield Call(self.progress, self.received + count, self.size)
        self.received += count

    def readinto(self, room: memoryview) -> Flow[int]:
        if not len(room) or not (yield from self._chunk()):
            return 0
        assert self.stream is not None
        left = self.stream._left
        count = min(len(left), len(room))
        room[:count] = left[:count]
        yield from self._count(count)
        self.stream._left = left[count:]
        return count

    def peek(self) -> Flow[bytes]:
        """Some of the bytes that come next, which stay; none at the end."""
        more = yield from self._chunk()
        return bytes(self.stream._left) if more and self.stream is not None else b""

    def read(self, size: int = -1) -> Flow[bytes]:
        """So many bytes, unless it ends before; all if `size` is negative."""
        parts, before = [], self.received
        try:
            while size and (yield from self._chunk()):
                assert self.stream is not None
                left = self.stream._left
                count = len(left) if size < 0 else min(size, len(left))
                parts.append(bytes(left[:count]))
                self.stream._left = left[count:]
                yield from self._count(count)
                if size > 0:
                    size -= count
        except BaseException:
            # Who was cut short may ask again.
            if self.stream is not None:
                parts.append(bytes(self.stream._left))
                self.stream._left = memoryview(b"".join(parts))
                self.received = before
                self.complete = False
            raise
        return parts[0] if len(parts) == 1 else b"".join(parts)


Progress = Callable[[int, Optional[int]], Any]
Source = Union[bytes, bytearray, memoryview, Any]
