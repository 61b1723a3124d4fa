"""What a POP3 client does, as flows."""

from __future__ import annotations

from typing import Any, Callable, Dict, Generic, Iterable, Iterator, List, Optional, Tuple, Type, TypeVar, Union

from . import events as ev
from ._session import Close, Content, Flow, Progress, Session, Stream, check
from .connection import Pop3Connection
from .errors import AuthenticationFailed, Refused, UsageError
from .imap import Token, authenticate


class Pop3MessageData:
    """A message of a maildrop."""

    __slots__ = ("__weakref__", "_content", "number", "uid")

    #: Its number on this connection.
    number: int
    #: Its unique-id, if that was asked for.
    uid: Optional[str]

    def __init__(self, number: int, uid: Optional[str]) -> None:
        self.number = number
        self.uid = uid
        self._content: Optional[Content] = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} number={self.number} uid={self.uid!r}>"


P = TypeVar("P", bound=Pop3MessageData)


class Retrieving(Stream, Generic[P]):
    """A loop over messages, or the one that is read."""

    def __init__(
        self,
        session: Pop3,
        numbers: Iterable[Tuple[int, Optional[str]]],
        lines: Optional[int],
        progress: Optional[Progress],
        make: Type[P],
    ) -> None:
        super().__init__(session)
        self._numbers: Iterator[Tuple[int, Optional[str]]] = iter(numbers)
        self._lines = lines
        self._progress = progress
        self._make = make
        self._current: Optional[P] = None

    def end_of(self) -> Callable[[ev.Event], bool]:
        return lambda event: isinstance(event, ev.Completed) and event.kind in ("retr", "top")

    def next(self) -> Flow[Optional[P]]:
        yield from self.close()
        session: Any = self._session
        wanted = next(self._numbers, None)
        if wanted is None:
            return None
        number, uid = wanted
        yield from session.settle()
        conn = session.conn
        if self._lines is None:
            yield from session.send("RETR", conn.retr, number)
        else:
            yield from session.send("TOP", conn.top, number, self._lines)
        session.begin(self)
        message = self._make(number, uid)
        while True:
            event = yield from self.pull()
            if isinstance(event, ev.MessageStart):
                message._content = Content(self, None, self._progress)
                self._current = message
                return message
            if isinstance(event, ev.Completed):
                self.finish()
                check("RETR", event)
            else:
                session.note(event)

    def close(self) -> Flow[None]:
        """Reads what is left of a message."""
        message, self._current = self._current, None
        if message is None:
            return
        assert message._content is not None
        message._content.stream = None
        self._left = memoryview(b"")
        ends = self.end_of()
        while not ends((yield from self.pull())):
            pass
        self.finish()


class Pop3(Session[Pop3Connection]):
    """The flows. What the calls mean is in `client`."""

    def command(
        self, name: str, make: Callable[..., None], *args: Any, collect: Tuple[Type[ev.Event], ...] = ()
    ) -> Flow[Tuple[ev.Completed, List[Any]]]:
        yield from self.settle()
        yield from self.send(name, make, *args)
        kind = name.lower()
        return (yield from self.completed(name, lambda event: event.kind.startswith(kind), collect))

    def start_tls(self) -> Flow[None]:
        """Goes over to TLS (STLS). `POP3(host, starttls=True)` does so from the start."""
        yield from self.settle()
        yield from self.send("STLS", self.conn.stls)
        done = upgraded = False
        while not (done and upgraded):
            event = yield from self.event()
            if isinstance(event, ev.StartTls):
                yield from self.upgrade()
                upgraded = True
            elif isinstance(event, ev.Completed) and event.kind == "stls":
                check("STLS", event)
                done = True

    def login(self, user: str, password: str) -> Flow[None]:
        """Logs in by USER and PASS, which send the password as it is."""
        try:
            yield from self.command("USER", self.conn.user, user)
            yield from self.command("PASS", self.conn.pass_, password)
        except Refused as error:
            raise AuthenticationFailed(error.text, error.code) from None

    def apop(self, user: str, password: str) -> Flow[None]:
        """Logs in by APOP, which does not send the password, but proves it by MD5."""
        try:
            yield from self.command("APOP", self.conn.apop, user, password)
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
        `mechanism`. `token`: of OAuth 2, a text or what is called for one; instead of a password."""
        yield from authenticate(self, user, password, token, mechanism, authorization)

    def quit(self) -> Flow[None]:
        """Says goodbye; now the server deletes what was marked by `dele`."""
        yield from self.command("QUIT", self.conn.quit)
        yield Close()

    def capa(self) -> Flow[Tuple[str, ...]]:
        """Asks what the server offers, and tells it."""
        yield from self.command("CAPA", self.conn.capa)
        return self.conn.capabilities

    def noop(self) -> Flow[None]:
        """Does nothing."""
        yield from self.command("NOOP", self.conn.noop)

    def stat(self) -> Flow[ev.Stat]:
        """How many messages there are, and their octets."""
        _, found = yield from self.command("STAT", self.conn.stat, collect=(ev.Stat,))
        return found[-1] if found else ev.Stat(0, 0)

    def list(self, message: Optional[int] = None) -> Flow[Dict[int, int]]:
        """Sizes in octets, by message numbers."""
        _, found = yield from self.command("LIST", self.conn.list, message, collect=(ev.ListItem,))
        return {item.number: item.size for item in found}

    def uidl(self, message: Optional[int] = None) -> Flow[Dict[int, str]]:
        """Unique-ids, by message numbers."""
        _, found = yield from self.command("UIDL", self.conn.uidl, message, collect=(ev.UidlItem,))
        return {item.number: item.uid for item in found}

    def dele(self, message: int) -> Flow[None]:
        """Marks a message to be deleted by `quit`."""
        yield from self.command("DELE", self.conn.dele, message)

    def rset(self) -> Flow[None]:
        """Takes all marks back."""
        yield from self.command("RSET", self.conn.rset)

    def utf8(self) -> Flow[None]:
        """Lets messages come with UTF-8 in their headers (RFC 6856)."""
        yield from self.command("UTF8", self.conn.utf8)

    def lang(self, language: Optional[str] = None) -> Flow[Dict[str, str]]:
        """Languages of the server's texts, with their descriptions; or sets one."""
        _, found = yield from self.command("LANG", self.conn.lang, language, collect=(ev.Language,))
        return {item.languages[0]: item.description for item in found}

    def wanted(self, messages: Union[int, Iterable[int], None]) -> Flow[List[Tuple[int, Optional[str]]]]:
        """Numbers with their unique-ids, which not every server has."""
        uids: Dict[int, str] = {}
        try:
            uids = yield from self.uidl()
            known: Iterable[int] = uids
        except (Refused, UsageError) as error:
            if isinstance(error, UsageError) and error.name != "NOT_OFFERED":
                raise
            known = () if messages is not None else (yield from self.list())
        numbers = known if messages is None else [messages] if isinstance(messages, int) else messages
        return [(number, uids.get(number)) for number in numbers]

    def retrieving(
        self,
        make: Type[P],
        numbers: Iterable[Tuple[int, Optional[str]]],
        lines: Optional[int],
        progress: Optional[Progress],
    ) -> Retrieving[P]:
        return Retrieving(self, numbers, lines, progress, make)


__all__ = ["Pop3MessageData"]
