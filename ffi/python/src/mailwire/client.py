"""The clients: `IMAP` and `POP3`, and `AsyncIMAP` and `AsyncPOP3` on asyncio."""

from __future__ import annotations

import functools
import inspect
import io
import socket
from email import message_from_bytes
from email.feedparser import BytesFeedParser
from email.message import EmailMessage
from email.policy import Policy, default
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Callable,
    Coroutine,
    Generator,
    Generic,
    Iterable,
    Iterator,
    List,
    Optional,
    Tuple,
    TypeVar,
    Union,
)

from . import events as ev
from ._drive import Async, Blocking, Link, Ssl
from ._session import Content, Flow, Progress
from .connection import ImapConnection, Pop3Connection
from .errors import MailError, UsageError
from .imap import Idling, Imap, Items, MessageData, Messages
from .pop3 import Pop3, Pop3MessageData, Retrieving

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec, Self

    P = ParamSpec("P")

T = TypeVar("T")
M = TypeVar("M", bound=Union[MessageData, Pop3MessageData])

__all__ = ["IMAP", "POP3", "AsyncIMAP", "AsyncPOP3"]

_ITEMS = "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE"


def _blocking(flow: Callable[Concatenate[Any, P], Flow[T]]) -> Callable[Concatenate[Any, P], T]:
    """A method that runs a flow to its end."""

    def method(self: Any, /, *args: P.args, **options: P.kwargs) -> T:
        result: T = self._link.run(flow(self._link.session, *args, **options))
        return result

    _like(method, flow)
    return method


def _async(
    flow: Callable[Concatenate[Any, P], Flow[T]],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """The same, to be awaited."""

    async def method(self: Any, /, *args: P.args, **options: P.kwargs) -> T:
        result: T = await self._link.run(flow(self._link.session, *args, **options))
        return result

    _like(method, flow)
    return method


def _like(method: Any, flow: Any) -> None:
    """With the flow's name, words and signature, as people see them."""
    functools.update_wrapper(method, flow)
    del method.__wrapped__
    found = inspect.signature(flow)
    method.__signature__ = found.replace(return_annotation=found.return_annotation[len("Flow[") : -1])
    method.__annotations__ = {**flow.__annotations__, "return": method.__signature__.return_annotation}


# Bodies.


def _no_body() -> Any:
    raise UsageError("no body was asked for, or there is none", "WRONG_STATE")


def _untouched(content: Optional[Content]) -> None:
    if content is not None and content.received:
        raise UsageError("the body was read already: it can be read once", "WRONG_STATE")


class Body(io.RawIOBase):
    """A body, as it comes: a file to be read once, from its beginning. One of a loop ends with the turn that
    it came in."""

    def __init__(self, link: Blocking[Any], content: Content) -> None:
        self._link = link
        self._content = content

    @property
    def size(self) -> Optional[int]:
        """In octets; None if that is not known before they have come, as of what is decoded."""
        return self._content.size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer) as view, view.cast("B") as room:
            return self._link.run(self._content.readinto(room))

    def read(self, size: Optional[int] = -1) -> bytes:
        return self._link.run(self._content.read(-1 if size is None else size))

    def readall(self) -> bytes:
        return self.read()

    def peek(self, size: int = 0) -> bytes:
        """Some of the bytes that come next, which are not taken yet. Lines are read by it."""
        return self._link.run(self._content.peek())


class _Download(Body):
    # Not of all bodies: a signal that comes while one is deleted would get lost in Python code.
    def close(self) -> None:
        if not self.closed:
            super().close()
            self._content.close()


class AsyncBody:
    """The same on asyncio: `async for chunk in body`, or `await body.read()`."""

    def __init__(self, link: Async[Any], content: Content) -> None:
        self._link = link
        self._content = content

    @property
    def size(self) -> Optional[int]:
        return self._content.size

    async def readinto(self, buffer: Any) -> int:
        with memoryview(buffer) as view, view.cast("B") as room:
            return await self._link.run(self._content.readinto(room))

    async def read(self, size: int = -1) -> bytes:
        return await self._link.run(self._content.read(size))

    def close(self) -> None:
        """Lets go of what has not been read."""
        self._content.close()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self.read(65536):
            yield chunk


class _WithBody:
    """What messages of both protocols have in the blocking world."""

    _content: Optional[Content]
    _body: Optional[Body]
    _link: Blocking[Any]

    @property
    def body(self) -> Body:
        """The bytes that were asked for by `body=`, as they come."""
        if self._body is None:
            self._body = Body(self._link, self._content or _no_body())
        return self._body

    def to_email(self, policy: Policy[Any] = default) -> EmailMessage:
        """Reads the body to its end, as a message of the standard library."""
        _untouched(self._content)
        parser = BytesFeedParser(policy=policy)
        while chunk := self.body.read(65536):
            parser.feed(chunk)
        message: EmailMessage = parser.close()  # type: ignore[assignment]
        return message


class _WithAsyncBody:
    """The same on asyncio."""

    _content: Optional[Content]
    _body: Optional[AsyncBody]
    _link: Async[Any]

    @property
    def body(self) -> AsyncBody:
        """The bytes that were asked for by `body=`, as they come."""
        if self._body is None:
            self._body = AsyncBody(self._link, self._content or _no_body())
        return self._body

    async def to_email(self, policy: Policy[Any] = default) -> EmailMessage:
        """Reads the body to its end, as a message of the standard library."""
        _untouched(self._content)
        message: EmailMessage = message_from_bytes(await self.body.read(), policy=policy)
        return message


class Message(_WithBody, MessageData):
    """A message, on the way through a loop."""


class AsyncMessage(_WithAsyncBody, MessageData):
    """The same on asyncio."""


class Pop3Message(_WithBody, Pop3MessageData):
    """A message, on the way through a loop."""


class AsyncPop3Message(_WithAsyncBody, Pop3MessageData):
    """The same on asyncio."""


# Loops.


class Loop(Generic[T]):
    """What a `for` walks. `close` ends it before its end."""

    def __init__(self, link: Blocking[Any], source: Any) -> None:
        self._link = link
        self._source = source

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        item = self._link.run(self._source.next())
        if item is None:
            raise StopIteration
        if isinstance(item, (Message, Pop3Message)):
            item._link, item._body = self._link, None
        result: T = item
        return result

    def close(self) -> None:
        if self._link._dead is None:
            self._link.run(self._source.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncLoop(Generic[T]):
    """What an `async for` walks."""

    def __init__(self, link: Async[Any], source: Any) -> None:
        self._link = link
        self._source = source

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        item = await self._link.run(self._source.next())
        if item is None:
            raise StopAsyncIteration
        if isinstance(item, (AsyncMessage, AsyncPop3Message)):
            item._link, item._body = self._link, None
        result: T = item
        return result

    async def aclose(self) -> None:
        if self._link._dead is None:
            await self._link.run(self._source.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


# Connections.


def _port(port: Optional[int], ssl: Ssl, starttls: bool, secure: int, clear: int) -> Tuple[int, bool]:
    """The port, and whether TLS comes first."""
    if starttls and ssl is False:
        raise UsageError("starttls needs ssl", "INVALID_ARGUMENT")
    at_once = ssl is not False and not starttls
    return port if port is not None else secure if at_once else clear, at_once


class _Client:
    _link: Any

    def __repr__(self) -> str:
        try:
            link: Link[Any] = self._link
            with link.look():
                state = link._dead or link.session.conn.state
            return f"<{type(self).__name__} {link.session.host}: {state}>"
        except UsageError as error:
            return f"<{type(self).__name__}: {error}>"

    @property
    def capabilities(self) -> Tuple[str, ...]:
        """What the server offers, as far as it said."""
        with self._link.look():
            names: Tuple[str, ...] = self._link.session.conn.capabilities
        return names

    def has(self, capability: str) -> bool:
        """Whether it offers this."""
        with self._link.look():
            return bool(self._link.session.conn.has(capability))

    @property
    def greeting(self) -> str:
        """The server's first words."""
        greeting: Optional[ev.Greeting] = self._link.session.greeting
        return greeting.text if greeting is not None else ""

    @property
    def protected(self) -> bool:
        """Whether the link is TLS."""
        return bool(self._link.session.protected)

    @property
    def closed(self) -> bool:
        """Whether it can be used no more."""
        return self._link._dead is not None


class _Sync(_Client):
    _link: Blocking[Any]
    _kind: Callable[..., Any]
    _connection: Callable[..., Any]
    _ports: Tuple[int, int]
    _bye: str

    def __init__(
        self,
        host: str,
        port: Optional[int] = None,
        *,
        ssl: Ssl = True,
        starttls: bool = False,
        timeout: float = 60,
        sock: Optional[socket.socket] = None,
        buffer_size: int = 131072,
        send_unoffered: bool = False,
    ) -> None:
        """Connects. `ssl`: True, a context of one's own, or False for none; `starttls`: begins in
        clear, and then TLS. `timeout`: seconds that the server may keep silent."""
        port, at_once = _port(port, ssl, starttls, *self._ports)
        conn = type(self)._connection(buffer_size=buffer_size, timeout=None, send_unoffered=send_unoffered)
        session = type(self)._kind(conn, host)
        self._link = Blocking(session, (host, port), ssl, timeout)
        try:
            self._link.connect(at_once, sock)
            self._link.run(session.open(session.start_tls if starttls else None))
        except BaseException:
            self._link.drop()
            raise

    def close(self) -> None:
        """Closes the connection, and says nothing to the server."""
        self._link.drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        """Says goodbye, unless there is an error; then just closes."""
        try:
            if kind is None and not self.closed:
                getattr(self, self._bye)()
        except (MailError, OSError):
            pass
        finally:
            self._link.drop()


class _Asyncio(_Client):
    _made: Optional[Async[Any]] = None
    _kind: Callable[..., Any]
    _connection: Callable[..., Any]
    _ports: Tuple[int, int]
    _bye: str

    def __init__(
        self,
        host: str,
        port: Optional[int] = None,
        *,
        ssl: Ssl = True,
        starttls: bool = False,
        timeout: float = 60,
        sock: Optional[socket.socket] = None,
        buffer_size: int = 131072,
        send_unoffered: bool = False,
    ) -> None:
        """As of the blocking one; but connects by `async with` or `await`."""
        port, at_once = _port(port, ssl, starttls, *self._ports)
        conn = type(self)._connection(buffer_size=buffer_size, timeout=None, send_unoffered=send_unoffered)
        session = type(self)._kind(conn, host)
        self._start = (session, (host, port), ssl, timeout, sock, at_once, starttls)

    @property
    def _link(self) -> Async[Any]:
        if self._made is None:
            raise UsageError("not connected yet: `async with` or `await` does it", "WRONG_STATE")
        return self._made

    @property
    def closed(self) -> bool:
        """Whether it cannot be used any more, or not yet."""
        return self._made is None or self._made._dead is not None

    async def _connect(self) -> Self:
        if self._made is not None:
            return self
        session, address, ssl, timeout, sock, at_once, starttls = self._start
        link: Async[Any] = Async(session, address, ssl, timeout)
        try:
            await link.connect(at_once, sock)
            await link.run(session.open(session.start_tls if starttls else None))
        except BaseException:
            link.drop()
            raise
        self._made = link
        return self

    def __await__(self) -> Generator[Any, None, Self]:
        return self._connect().__await__()

    def close(self) -> None:
        """Closes the connection, and says nothing to the server."""
        if self._made is not None:
            self._made.drop()

    async def __aenter__(self) -> Self:
        return await self._connect()

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        """Says goodbye, unless there is an error; then just closes."""
        try:
            if kind is None and not self.closed:
                await getattr(self, self._bye)()
        except (MailError, OSError):
            pass
        finally:
            self.close()


# IMAP.


class _AnyImap(_Client):
    @property
    def selected(self) -> Optional[ev.Selected]:
        """The selected mailbox, as it stands by what the server said."""
        with self._link.look():
            selected: Optional[ev.Selected] = self._link.session.conn.selected
        return selected

    @property
    def state(self) -> str:
        """ "not_authenticated", "authenticated", "selected" or "logout"."""
        with self._link.look():
            return str(self._link.session.conn.state)

    def updates(self) -> List[Union[ev.Event, MessageData]]:
        """What the server said unasked since the last time: new messages, lost ones, flags."""
        queue = self._link.session.updates
        taken = list(queue)
        queue.clear()
        return taken


class IMAP(_Sync, _AnyImap):
    """A connection to an IMAP server.

        with mailwire.IMAP("imap.example.org") as mail:
            mail.login("alice", "secret")
            mail.select("INBOX", readonly=True)
            for msg in mail.fetch(mail.search("UNSEEN"), body=True):
                print(msg.envelope.subject, *msg.envelope.from_, len(msg.body.read()))

    Messages are named by UIDs, unless `uid=False`: one number, several, or a set such as "1:3,7:*".
    A command within a loop over messages works: what the loop has not seen yet is read first, and
    kept, in a file if it is much.
    """

    _kind = Imap
    _connection = ImapConnection
    _ports = (993, 143)
    _bye = "logout"

    login = _blocking(Imap.login)
    authenticate = _blocking(Imap.authenticate)
    start_tls = _blocking(Imap.start_tls)
    logout = _blocking(Imap.logout)
    capability = _blocking(Imap.capability)
    noop = _blocking(Imap.noop)
    check = _blocking(Imap.check)
    id = _blocking(Imap.id)
    enable = _blocking(Imap.enable)
    namespace = _blocking(Imap.namespace)
    select = _blocking(Imap.select)
    examine = _blocking(Imap.examine)
    close_mailbox = _blocking(Imap.close_mailbox)
    unselect = _blocking(Imap.unselect)
    list = _blocking(Imap.list)
    lsub = _blocking(Imap.lsub)
    status = _blocking(Imap.status)
    create = _blocking(Imap.create)
    delete = _blocking(Imap.delete)
    rename = _blocking(Imap.rename)
    subscribe = _blocking(Imap.subscribe)
    unsubscribe = _blocking(Imap.unsubscribe)
    search = _blocking(Imap.search)
    search_return = _blocking(Imap.search_return)
    sort = _blocking(Imap.sort)
    thread = _blocking(Imap.thread)
    store = _blocking(Imap.store)
    add_flags = _blocking(Imap.add_flags)
    remove_flags = _blocking(Imap.remove_flags)
    set_flags = _blocking(Imap.set_flags)
    store_labels = _blocking(Imap.store_labels)
    copy = _blocking(Imap.copy)
    move = _blocking(Imap.move)
    expunge = _blocking(Imap.expunge)
    append = _blocking(Imap.append)
    get_quota = _blocking(Imap.get_quota)
    get_quota_root = _blocking(Imap.get_quota_root)
    set_quota = _blocking(Imap.set_quota)
    get_acl = _blocking(Imap.get_acl)
    set_acl = _blocking(Imap.set_acl)
    delete_acl = _blocking(Imap.delete_acl)
    list_rights = _blocking(Imap.list_rights)
    my_rights = _blocking(Imap.my_rights)
    get_metadata = _blocking(Imap.get_metadata)
    set_metadata = _blocking(Imap.set_metadata)
    custom = _blocking(Imap.custom)
    download_text = _blocking(Imap.download_text)

    def fetch(
        self,
        messages: Messages = "1:*",
        items: Items = _ITEMS,
        *,
        body: Union[bool, str] = False,
        mark_seen: bool = False,
        uid: bool = True,
        changed_since: Optional[int] = None,
        progress: Optional[Progress] = None,
    ) -> Loop[Message]:
        """Walks messages. `items`: what else to fetch of each. `body`: True for the whole message, or
        a section such as "1.2" or "HEADER", to be streamed by `msg.body`. `progress` is called with
        the bytes of a body that came, and its size."""
        source = self._link.session.fetching(
            Message, messages, items, body, mark_seen, uid, changed_since, progress
        )
        return Loop(self._link, source)

    def fetch_one(self, message: int, items: Items = _ITEMS, *, uid: bool = True) -> Optional[Message]:
        """One message, without a body; None if there is none."""
        with self.fetch(message, items, uid=uid) as loop:
            return next(loop, None)

    def download(
        self,
        message: int,
        part: Union[ev.Part, str, None] = None,
        *,
        mark_seen: bool = False,
        uid: bool = True,
        progress: Optional[Progress] = None,
    ) -> Body:
        """A part of a message as a file, decoded (base64, quoted-printable) as it comes; what is encoded
        otherwise stays as it is. `part`: one of `msg.body_structure`, or its number, for which the server is
        asked first; None: the whole message, as it is. `Refused`, with the code "NONEXISTENT", if there is
        none such. `progress` is called with the bytes that came, and how many there are, before they are
        decoded. Other commands may be sent before it is read to its end; a rest that nobody wants is skipped
        once it is closed."""
        link = self._link
        return _Download(link, link.run(link.session.download(message, part, mark_seen, uid, progress)))

    def idle(self, timeout: float = 300) -> Loop[Union[ev.Event, MessageData]]:
        """Walks what happens in the mailbox, for so many seconds: `Exists`, `Expunge`, `Vanished`,
        and flags that changed, as `MessageData`. Where the server has no IDLE, it looks now and
        then."""
        return Loop(self._link, Idling(self._link.session, timeout))


class AsyncIMAP(_Asyncio, _AnyImap):
    """The same on asyncio: `async with mailwire.AsyncIMAP(host) as mail: await mail.login(…)`, and
    `async for msg in mail.fetch(…)`."""

    _kind = Imap
    _connection = ImapConnection
    _ports = (993, 143)
    _bye = "logout"

    login = _async(Imap.login)
    authenticate = _async(Imap.authenticate)
    start_tls = _async(Imap.start_tls)
    logout = _async(Imap.logout)
    capability = _async(Imap.capability)
    noop = _async(Imap.noop)
    check = _async(Imap.check)
    id = _async(Imap.id)
    enable = _async(Imap.enable)
    namespace = _async(Imap.namespace)
    select = _async(Imap.select)
    examine = _async(Imap.examine)
    close_mailbox = _async(Imap.close_mailbox)
    unselect = _async(Imap.unselect)
    list = _async(Imap.list)
    lsub = _async(Imap.lsub)
    status = _async(Imap.status)
    create = _async(Imap.create)
    delete = _async(Imap.delete)
    rename = _async(Imap.rename)
    subscribe = _async(Imap.subscribe)
    unsubscribe = _async(Imap.unsubscribe)
    search = _async(Imap.search)
    search_return = _async(Imap.search_return)
    sort = _async(Imap.sort)
    thread = _async(Imap.thread)
    store = _async(Imap.store)
    add_flags = _async(Imap.add_flags)
    remove_flags = _async(Imap.remove_flags)
    set_flags = _async(Imap.set_flags)
    store_labels = _async(Imap.store_labels)
    copy = _async(Imap.copy)
    move = _async(Imap.move)
    expunge = _async(Imap.expunge)
    append = _async(Imap.append)
    get_quota = _async(Imap.get_quota)
    get_quota_root = _async(Imap.get_quota_root)
    set_quota = _async(Imap.set_quota)
    get_acl = _async(Imap.get_acl)
    set_acl = _async(Imap.set_acl)
    delete_acl = _async(Imap.delete_acl)
    list_rights = _async(Imap.list_rights)
    my_rights = _async(Imap.my_rights)
    get_metadata = _async(Imap.get_metadata)
    set_metadata = _async(Imap.set_metadata)
    custom = _async(Imap.custom)
    download_text = _async(Imap.download_text)

    def fetch(
        self,
        messages: Messages = "1:*",
        items: Items = _ITEMS,
        *,
        body: Union[bool, str] = False,
        mark_seen: bool = False,
        uid: bool = True,
        changed_since: Optional[int] = None,
        progress: Optional[Progress] = None,
    ) -> AsyncLoop[AsyncMessage]:
        """As `IMAP.fetch`, by `async for`."""
        source = self._link.session.fetching(
            AsyncMessage, messages, items, body, mark_seen, uid, changed_since, progress
        )
        return AsyncLoop(self._link, source)

    async def fetch_one(
        self, message: int, items: Items = _ITEMS, *, uid: bool = True
    ) -> Optional[AsyncMessage]:
        """One message, without a body; None if there is none."""
        async with self.fetch(message, items, uid=uid) as loop:
            async for found in loop:
                return found
        return None

    async def download(
        self,
        message: int,
        part: Union[ev.Part, str, None] = None,
        *,
        mark_seen: bool = False,
        uid: bool = True,
        progress: Optional[Progress] = None,
    ) -> AsyncBody:
        """As `IMAP.download`: `async for data in await mail.download(…)`, or `await` its `read`."""
        link = self._link
        return AsyncBody(link, await link.run(link.session.download(message, part, mark_seen, uid, progress)))

    def idle(self, timeout: float = 300) -> AsyncLoop[Union[ev.Event, MessageData]]:
        """As `IMAP.idle`, by `async for`."""
        return AsyncLoop(self._link, Idling(self._link.session, timeout))


# POP3.




class POP3(_Sync):
    """A connection to a POP3 server.

        with mailwire.POP3("pop.example.org") as drop:
            drop.login("alice", "secret")
            for msg in drop.fetch():
                store(msg.uid, msg.body.read())
                drop.dele(msg.number)
    """

    _kind = Pop3
    _connection = Pop3Connection
    _ports = (995, 110)
    _bye = "quit"

    login = _blocking(Pop3.login)
    apop = _blocking(Pop3.apop)
    authenticate = _blocking(Pop3.authenticate)
    start_tls = _blocking(Pop3.start_tls)
    quit = _blocking(Pop3.quit)
    capa = _blocking(Pop3.capa)
    noop = _blocking(Pop3.noop)
    stat = _blocking(Pop3.stat)
    list = _blocking(Pop3.list)
    uidl = _blocking(Pop3.uidl)
    dele = _blocking(Pop3.dele)
    rset = _blocking(Pop3.rset)
    utf8 = _blocking(Pop3.utf8)
    lang = _blocking(Pop3.lang)

    def fetch(
        self,
        messages: Union[int, Iterable[int], None] = None,
        *,
        lines: Optional[int] = None,
        progress: Optional[Progress] = None,
    ) -> Loop[Pop3Message]:
        """Walks messages, all or these. `lines`: only the header and so many lines."""
        numbers = self._link.run(self._link.session.wanted(messages))
        return Loop(self._link, self._link.session.retrieving(Pop3Message, numbers, lines, progress))

    def retr(self, message: int, *, progress: Optional[Progress] = None) -> Pop3Message:
        """One message, whose `body` is to be read before the next call of this."""
        source: Retrieving[Any] = self._link.session.retrieving(
            Pop3Message, [(message, None)], None, progress
        )
        return next(Loop(self._link, source))

    def top(self, message: int, lines: int = 0) -> bytes:
        """The header of a message, and so many lines."""
        source = self._link.session.retrieving(Pop3Message, [(message, None)], lines, None)
        loop: Loop[Pop3Message] = Loop(self._link, source)
        with loop:
            return next(loop).body.read()


class AsyncPOP3(_Asyncio):
    """The same on asyncio."""

    _kind = Pop3
    _connection = Pop3Connection
    _ports = (995, 110)
    _bye = "quit"

    login = _async(Pop3.login)
    apop = _async(Pop3.apop)
    authenticate = _async(Pop3.authenticate)
    start_tls = _async(Pop3.start_tls)
    quit = _async(Pop3.quit)
    capa = _async(Pop3.capa)
    noop = _async(Pop3.noop)
    stat = _async(Pop3.stat)
    list = _async(Pop3.list)
    uidl = _async(Pop3.uidl)
    dele = _async(Pop3.dele)
    rset = _async(Pop3.rset)
    utf8 = _async(Pop3.utf8)
    lang = _async(Pop3.lang)

    async def fetch(
        self,
        messages: Union[int, Iterable[int], None] = None,
        *,
        lines: Optional[int] = None,
        progress: Optional[Progress] = None,
    ) -> AsyncIterator[AsyncPop3Message]:
        """As `POP3.fetch`, by `async for`."""
        numbers = await self._link.run(self._link.session.wanted(messages))
        source = self._link.session.retrieving(AsyncPop3Message, numbers, lines, progress)
        async for message in AsyncLoop[AsyncPop3Message](self._link, source):
            yield message

    async def retr(self, message: int, *, progress: Optional[Progress] = None) -> AsyncPop3Message:
        """One message, whose `body` is to be read before the next call of this."""
        source: Retrieving[Any] = self._link.session.retrieving(
            AsyncPop3Message, [(message, None)], None, progress
        )
        loop = AsyncLoop[AsyncPop3Message](self._link, source)
        return await loop.__anext__()

    async def top(self, message: int, lines: int = 0) -> bytes:
        """The header of a message, and so many lines."""
        source = self._link.session.retrieving(AsyncPop3Message, [(message, None)], lines, None)
        async with AsyncLoop[AsyncPop3Message](self._link, source) as loop:
            async for found in loop:
                return await found.body.read()
        return b""
