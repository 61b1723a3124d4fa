"""IMAP and POP3 without I/O: bytes in, events out; commands in, bytes out.

    connection = ImapConnection()
    connection.receive_data(sock.recv(65536))
    while (event := connection.next_event()) is not None:
        ...
    tag = connection.login("alice", "secret")
    sock.sendall(connection.data_to_send())

A connection belongs to one thread at a time.
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime
from typing import Any, Dict, Iterable, List, Mapping, NoReturn, Optional, Sequence, Set, Tuple, Union

from ._native import ffi, lib
from .errors import AuthenticationFailed, ConnectionLost, ProtocolError, TimedOut, UsageError
from .events import Capability, Challenge, Completed, Event, FetchChunk, Greeting, MessageChunk, Selected, event_of

__all__ = ["ImapConnection", "Pop3Connection"]


# Written in C; `raw_decode` only calls it.
_scan: Any = getattr(json.JSONDecoder(), "scan_once")  # noqa: B009
_UNKNOWN = lib.MW_UNKNOWN


def _now() -> int:
    return int(time.monotonic() * 1000)


def _encoded(text: Union[str, bytes], what: str) -> bytes:
    if isinstance(text, str):
        try:
            return text.encode()
        except UnicodeEncodeError:
            raise UsageError(f"{what} is not Unicode text", "INVALID_ARGUMENT") from None
    if not isinstance(text, (bytes, bytearray)):
        raise TypeError(f"{what}: str expected, not {type(text).__name__}")
    return bytes(text)


def _bytes(text: Union[str, bytes], what: str = "an argument") -> bytes:
    """Text for C, which must not hold a NUL."""
    raw = _encoded(text, what)
    if b"\0" in raw:
        raise UsageError(f"{what} holds a NUL", "INVALID_ARGUMENT")
    return raw


def _optional(text: Union[str, bytes, None], what: str = "an argument") -> Any:
    return ffi.NULL if text is None else _bytes(text, what)


def _texts(texts: Iterable[Union[str, bytes]]) -> Tuple[Any, int, List[Any]]:
    """A row of texts for C; what must stay as long as it."""
    kept = [ffi.new("char[]", _bytes(text)) for text in texts]
    return ffi.new("char *[]", kept or [ffi.NULL]), len(kept), kept


def _number(value: Any, what: str = "a number", most: int = 0xFFFFFFFF) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what}: int expected, not {type(value).__name__}")
    if not 0 <= value <= most:
        raise UsageError(f"{what} is out of range", "INVALID_ARGUMENT")
    return value


def _flag_text(flags: Union[str, Iterable[str]]) -> str:
    return flags if isinstance(flags, str) else " ".join(flags)


_WORDS = {
    "UNEXPECTED_EOF": "the server closed the connection in the middle",
    "FRAME_LOST": "where a response ends can no longer be told",
    "DATA_BEFORE_TLS": "bytes came before the TLS handshake: somebody is in between",
    "BAD_GREETING": "what greets is no server of this protocol",
    "REFUSED": "the server greeted by turning away",
    "BYE": "the server said goodbye",
    "ANSWERED_EARLY": "the server answered a command before it had come to its end",
    "BAD_COMPRESSION": "the compressed stream is broken",
    "TOO_MANY_CHALLENGES": "the server asks for SASL responses without end",
    "TIMEOUT": "the server kept silent for too long",
    "WRONG_STATE": "not in this state of the connection",
    "BUSY": "not while other commands are in flight",
    "CAPABILITIES_UNKNOWN": "what the server offers is not known yet",
    "TOO_BIG": "the message is larger than the server takes",
    "LITERAL_ABANDONED": "the literal of an upload was given up",
    "CLOSED": "the connection has ended",
    "TX_FULL": "the command is too long",
    "RX_FULL": "the receive buffer is too small for what must be kept whole",
    "TOO_MANY_IN_FLIGHT": "more commands in flight than can be remembered",
    "MEMORY": "there is no memory",
    "SASL_CREDENTIALS": "the user name or password holds what the mechanism cannot send",
    "SASL_UNEXPECTED_CHALLENGE": "a challenge came that the mechanism does not expect",
    "SASL_INVALID_CHALLENGE": "the challenge cannot be understood",
    "SASL_SERVER_NOT_VERIFIED": "the server did not prove that it knows the password: do not trust it",
    "SASL_ITERATIONS": "the server wants an iteration count out of bounds",
    "SASL_REFUSED": "the server refused",
    "SASL_NO_MECHANISM": "the server offers no mechanism for these credentials",
    "SASL_LINK_IN_CLEAR": "the mechanisms that would do need TLS",
}
_LOST = {"UNEXPECTED_EOF", "BYE", "REFUSED"}


def _fail(result: int, why: str = "", words: str = "") -> NoReturn:
    """Raises what a result of the library stands for."""
    name = ffi.string(lib.mw_result_name(result)).decode().replace("MW_ERR_", "")
    text = _WORDS.get(name, name)
    if name == "NOT_OFFERED":
        text = f"the server does not offer {why or 'it'}"
    elif why:
        text = why
    if words:
        text = f"{text}: {words}"
    if name == "TIMEOUT":
        raise TimedOut(text, name)
    if name in _LOST:
        raise ConnectionLost(text, name)
    if name.startswith("SASL_"):
        raise AuthenticationFailed(text, name[5:])
    if -60 < result <= -40:
        raise ProtocolError(text, name)
    raise UsageError(text, name)


class Machine:
    """A handle of the library, and how bytes get in and out."""

    _kind = ""

    def __init__(self, config: Any) -> None:
        kind = self._kind
        out = ffi.new(f"mw_{kind} **")
        result = getattr(lib, f"mw_{kind}_new")(config, out)
        if result != 0:
            _fail(result)
        self._handle = ffi.gc(out[0], getattr(lib, f"mw_{kind}_free"))
        self._buffers = getattr(lib, f"mw_{kind}_buffers")(self._handle)
        self._last_error = getattr(lib, f"mw_{kind}_last_error")
        self._out_len = ffi.new("size_t *")
        self._out_ptr = ffi.new("const uint8_t **")
        self._out_room = ffi.new("uint8_t **")
        self._input = bytearray()
        self._eof = False
        #: Whether the connection has ended in order.
        self.closed = False

    # In.

    def receive_data(self, data: Union[bytes, bytearray, memoryview]) -> None:
        """Takes bytes from the server. Empty: the server closed the connection."""
        if not len(data):
            self._eof = True
        elif self._input:
            self._input += data
        else:
            with ffi.from_buffer("uint8_t[]", data) as pointer:
                taken = lib.mw_buffers_fill(self._buffers, pointer, len(pointer))
                if taken < len(pointer):
                    self._input += memoryview(data).cast("B")[taken:]
        self._fresh()

    def _fresh(self) -> None:
        """There is something to be read."""

    def _refill(self) -> bool:
        """Whether there was more to be read."""
        if self._input:
            with ffi.from_buffer("uint8_t[]", self._input) as pointer:
                taken = lib.mw_buffers_fill(self._buffers, pointer, len(pointer))
            del self._input[:taken]
            return bool(taken)
        if self._eof:
            self._eof = False
            lib.mw_buffers_close(self._buffers)
            return True
        return False

    def receive_buffer(self) -> Any:
        """Memory to receive to; then call `received`. It saves a copy. Only after `next_event`
        returned None."""
        lib.mw_buffers_rx(self._buffers, self._out_room, self._out_len)
        return ffi.buffer(self._out_room[0], self._out_len[0])

    def received(self, count: int) -> None:
        """So many bytes were received there. 0: the server closed the connection."""
        if count:
            lib.mw_buffers_commit(self._buffers, count)
        else:
            self._eof = True
        self._fresh()

    # Out.

    def pending(self) -> Any:
        """What is to be sent now, as memory that is good until the next call; then call `sent`."""
        lib.mw_buffers_pending(self._buffers, self._out_ptr, self._out_len)
        return ffi.buffer(self._out_ptr[0], self._out_len[0]) if self._out_len[0] else b""

    def sent(self, count: int) -> None:
        """So many bytes of it were sent. Passwords among them are wiped."""
        lib.mw_buffers_consume(self._buffers, count)

    def data_to_send(self) -> bytes:
        """What is to be sent now, as a copy. It counts as sent."""
        data = bytes(self.pending())
        if data:
            self.sent(len(data))
        return data

    def next_timeout(self) -> Optional[float]:
        """In how many seconds `next_event` must be called at the latest, though nothing was received;
        None: at no certain time."""
        deadline = getattr(lib, f"mw_{self._kind}_deadline")(self._handle)
        return None if deadline == lib.MW_NEVER else max(0.0, (deadline - _now()) / 1000)

    def tls_started(self) -> None:
        """The handshake that `StartTls` asked for is done."""
        if self._input:
            _fail(lib.MW_ERR_DATA_BEFORE_TLS)
        self._call("tls_started")

    # Calls.

    def _why(self) -> str:
        error = ffi.new("mw_error *")
        self._last_error(self._handle, error)
        return bytes(ffi.buffer(error.why.ptr, error.why.len)).decode() if error.why.len else ""

    def _call(self, name: str, *args: Any) -> None:
        """A call of the library. What it is given lives until it returns."""
        result = getattr(lib, f"mw_{self._kind}_{name}")(self._handle, *args)
        if result < 0:
            _fail(result, self._why() or self._advice(result, name))

    def _advice(self, result: int, name: str) -> str:
        """What has to be done before this call."""
        return ""


class _Connection(Machine):
    """What both protocols have in common."""

    _chunk: Any = FetchChunk

    def __init__(
        self,
        *,
        buffer_size: int = 65536,
        command_size: int = 65536,
        timeout: Optional[float] = 60,
        send_unoffered: bool = False,
        options: int = 0,
    ) -> None:
        """`buffer_size`: bytes of the longest response, or item of FETCH, that comes whole; bodies
        are streamed. `timeout`: seconds that the server may be silent while it owes an answer; None
        for ever. `send_unoffered`: whether commands are sent that the server does not offer."""
        kind = self._kind
        config = ffi.new(f"mw_{kind}_config *")
        config.size = ffi.sizeof(f"mw_{kind}_config")
        config.rx_size = _number(buffer_size, "buffer_size", 1 << 30)
        config.tx_size = _number(command_size, "command_size", 1 << 30)
        if timeout is not None and not 0 < timeout < 1e9:
            raise UsageError("timeout must be positive", "INVALID_ARGUMENT")
        config.timeout_ms = lib.MW_NEVER if timeout is None else max(1, int(timeout * 1000))
        config.options = options | (lib.MW_SEND_UNOFFERED if send_unoffered else 0)
        super().__init__(config)
        self._read_json = getattr(lib, f"mw_{kind}_read_json")
        self._tag = ffi.new("mw_tag *")
        self._out_chunk = ffi.new("mw_bytes *")
        self._room(65536)
        # Lines that were read, and how far they were told; then a chunk; then what came of it all.
        self._lines = ""
        self._at = 0
        self._body: Any = None
        self._result = 0
        self._sasl: Optional[Sasl] = None
        self._words = ""

    def _room(self, size: int) -> None:
        self._json = bytearray(size)
        self._json_view = memoryview(self._json)
        self._json_ptr = ffi.from_buffer("uint8_t[]", self._json)

    @property
    def state(self) -> str:
        raise NotImplementedError

    def _advice(self, result: int, name: str) -> str:
        if result != lib.MW_ERR_WRONG_STATE:
            return ""
        state, advice = self.state, ""
        if state in ("not_authenticated", "authorization"):
            advice = ": log in first"
        elif state == "authenticated" and name not in ("login", "authenticate", "starttls"):
            advice = ": select a mailbox first"
        return f"not in the state {state!r}{advice}"

    def _fresh(self) -> None:
        if self._result == lib.MW_NEED_INPUT:
            self._result = 0

    # Events.

    def next_event(self) -> Optional[Event]:
        """The next event; None if more input is needed, or the connection has `closed`. In any case
        there may be something to be sent."""
        event = self._next()
        if isinstance(event, self._chunk):
            copy: Event = self._chunk(bytes(event.data))
            return copy
        return event

    def _next(self) -> Optional[Event]:
        """The same; but the data of chunks are lent, until the next call."""
        while True:
            record = self._record()
            if record is None:
                return None
            if type(record) is not dict:
                return self._chunk(record)  # type: ignore[no-any-return]
            event = event_of(record)
            if self._sasl is not None and type(event) is Challenge:
                self._answer(event)
                continue
            if type(event) is Completed or type(event) is Greeting:
                self._look(event)
            return event

    def _record(self) -> Any:
        """A dictionary, the bytes of a chunk, or None."""
        while True:
            if self._at < len(self._lines):
                record, end = _scan(self._lines, self._at)
                self._at = end + 1
                return record
            if self._body is not None:
                body, self._body = self._body, None
                return body
            result, self._result = self._result, 0
            if result == lib.MW_NEED_INPUT:
                if not self._refill():
                    return None
            elif result == lib.MW_CLOSED:
                self.closed = True
                self._result = result
                return None
            elif result < 0:
                self._result = result
                _fail(result, self._why(), self._words)
            self._read()

    def _read(self) -> None:
        out_len, out_chunk = self._out_len, self._out_chunk
        while True:
            result = self._read_json(self._handle, _now(), self._json_ptr, len(self._json), out_len, out_chunk)
            if result != lib.MW_ERR_MEMORY:
                break
            self._room(2 * out_len[0])
        written = out_len[0]
        self._lines = str(self._json_view[:written], "utf-8") if written else ""
        self._at = 0
        if out_chunk.ptr != ffi.NULL and result == lib.MW_EVENT:
            self._body = ffi.buffer(out_chunk.ptr, out_chunk.len)
        self._result = result if result != lib.MW_EVENT else 0

    def _look(self, event: Any) -> None:
        """At what the connection itself has to know."""
        if isinstance(event, Greeting) and event.status in ("bye", "err"):
            self._words = event.text

    # Signing in.

    def authenticate(
        self,
        user: Optional[str] = None,
        password: Optional[str] = None,
        *,
        token: Optional[str] = None,
        mechanism: Optional[str] = None,
        authorization: Optional[str] = None,
        host: Optional[str] = None,
        port: int = 0,
        protected: bool = False,
    ) -> str:
        """Signs in by SASL. `token`: of OAuth 2. `mechanism`: None is the best that both sides have
        and the link allows. `protected`: whether the link is TLS or as safe; else no password is sent
        as it is. Challenges are answered by themselves."""
        sasl = Sasl(user, password, token, mechanism, authorization, host, port, protected)
        tag = self._authenticate(sasl)
        self._sasl = sasl
        return tag

    def _authenticate(self, sasl: Sasl) -> str:
        raise NotImplementedError

    def _respond(self, sasl: Sasl, challenge: Any, truncated: bool) -> int:
        raise NotImplementedError

    def _answer(self, event: Challenge) -> None:
        assert self._sasl is not None
        raw = event.challenge.encode()
        result = self._respond(self._sasl, ffi.from_buffer("uint8_t[]", raw), event.truncated)
        if result < 0:
            self._sasl.failed = result

    def _finish(self, ok: bool) -> None:
        """The end of an exchange."""
        sasl, self._sasl = self._sasl, None
        assert sasl is not None
        refusal = lib.mw_sasl_refusal(sasl.handle)
        words = bytes(ffi.buffer(refusal.ptr, refusal.len)).decode(errors="replace") if refusal.len else ""
        result = lib.mw_sasl_finish(sasl.handle) if ok else sasl.failed
        sasl.wipe()
        if result < 0 and (ok or result != lib.MW_ERR_SASL_REFUSED):
            _fail(result)
        self.refusal = words

    #: What the server said, in JSON, of a token that it refused.
    refusal = ""


class Sasl:
    """One signing in. It knows secrets and does not tell them."""

    def __init__(
        self,
        user: Optional[str],
        password: Optional[str],
        token: Optional[str],
        mechanism: Optional[str],
        authorization: Optional[str],
        host: Optional[str],
        port: int,
        protected: bool,
    ) -> None:
        config = ffi.new("mw_sasl_config *")
        config.size = ffi.sizeof("mw_sasl_config")
        self._kept: List[Any] = [config]
        texts = {
            "user": user, "password": password, "token": token, "mechanism": mechanism,
            "authorization": authorization, "host": host,
        }  # fmt: skip
        for name, text in texts.items():
            if text is not None:
                kept = ffi.new("char[]", _bytes(text, name))
                self._kept.append(kept)
                setattr(config, name, kept)
        config.port = _number(port, "port", 65535)
        config.is_protected = protected
        nonce = ffi.new("uint8_t[]", os.urandom(18))
        self._kept.append(nonce)
        config.nonce.ptr, config.nonce.len = nonce, 18
        out = ffi.new("mw_sasl **")
        result = lib.mw_sasl_new(config, out)
        if result < 0:
            _fail(result)
        self.handle = ffi.gc(out[0], lib.mw_sasl_free)
        self.failed = 0

    def wipe(self) -> None:
        """Forgets all secrets now."""
        ffi.release(self.handle)
        for kept in self._kept[1:]:
            ffi.memmove(kept, bytes(ffi.sizeof(kept)), ffi.sizeof(kept))


class ImapConnection(_Connection):
    """One IMAP connection. Each command returns the tag that its `Completed` will have."""

    _kind = "imap"

    def __init__(self, *, observer: bool = False, sasl_ir: bool = True, **config: Any) -> None:
        """`observer`: only read what some server said to some client. Others as of both protocols:
        `buffer_size`, `command_size`, `timeout`, `send_unoffered`."""
        options = (lib.MW_OBSERVER if observer else 0) | (0 if sasl_ir else lib.MW_NO_SASL_IR)
        super().__init__(options=options, **config)
        self._sasl_tag = ""

    def _send(self, name: str, *args: Any) -> str:
        self._call(name, *args, self._tag)
        return f"A{self._tag[0]}"

    def _look(self, event: Any) -> None:
        super()._look(event)
        if self._sasl is not None and getattr(event, "tag", "") == self._sasl_tag:
            self._finish(event.status == "ok")

    def _authenticate(self, sasl: Sasl) -> str:
        self._sasl_tag = self._send("authenticate", sasl.handle)
        return self._sasl_tag

    def _respond(self, sasl: Sasl, challenge: Any, truncated: bool) -> int:
        event = ffi.new("mw_event *")
        event.kind = lib.MW_EVENT_CHALLENGE
        event.marks = lib.MW_MARK_TRUNCATED if truncated else 0
        event.bytes.ptr, event.bytes.len = challenge, len(challenge)
        return int(lib.mw_imap_respond(self._handle, sasl.handle, event))

    # What is known.

    def status_of_connection(self) -> Dict[str, Any]:
        """What the library knows: `state`, `selected`, `capabilities`, `enabled`, …"""
        while True:
            size = len(self._json)
            out = ffi.new("uint8_t[]", size)
            result = lib.mw_imap_state_json(self._handle, out, size, self._out_len)
            if result == 0:
                state: Dict[str, Any] = json.loads(bytes(ffi.buffer(out, self._out_len[0])))
                return state
            self._room(2 * self._out_len[0])

    @property
    def state(self) -> str:
        """ "greeting", "not_authenticated", "authenticated", "selected" or "logout"."""
        return str(self.status_of_connection()["state"])

    @property
    def selected(self) -> Optional[Selected]:
        """The selected mailbox, as it stands by the events that were told."""
        it = self.status_of_connection()["selected"]
        if it is None:
            return None
        it["flags"] = tuple(it["flags"])
        it["permanent_flags"] = None if it["permanent_flags"] is None else tuple(it["permanent_flags"])
        return Selected(**it)

    @property
    def capabilities(self) -> Tuple[str, ...]:
        """What the server offers, as far as it said."""
        return tuple(self.status_of_connection()["capabilities"])

    @property
    def enabled(self) -> Tuple[str, ...]:
        """Which extensions are on."""
        return tuple(self.status_of_connection()["enabled"])

    def has(self, capability: str) -> bool:
        """Whether the server offers it, as far as it said."""
        return bool(lib.mw_imap_has(self._handle, _bytes(capability)))

    @property
    def knows_capabilities(self) -> bool:
        """Whether the server said what it offers."""
        return bool(lib.mw_imap_knows_capabilities(self._handle))

    @property
    def is_quiet(self) -> bool:
        """Whether no command is in flight."""
        return bool(lib.mw_imap_is_quiet(self._handle))

    def in_flight(self, tag: str) -> bool:
        """Whether the command with this tag has not been completed."""
        return bool(lib.mw_imap_is_in_flight(self._handle, int(tag[1:])))

    # Commands.

    def capability(self) -> str:
        """CAPABILITY."""
        return self._send("capability")

    def noop(self) -> str:
        """NOOP."""
        return self._send("noop")

    def logout(self) -> str:
        """LOGOUT."""
        return self._send("logout")

    def starttls(self) -> str:
        """STARTTLS: then `StartTls` comes."""
        return self._send("starttls")

    def login(self, user: str, password: str) -> str:
        """LOGIN. The password is sent as it is."""
        return self._send("login", _bytes(user, "user"), _bytes(password, "password"))

    def enable(self, *capabilities: str) -> str:
        """ENABLE (RFC 5161)."""
        return self._send("enable", _bytes(" ".join(capabilities)))

    def unauthenticate(self) -> str:
        """UNAUTHENTICATE (RFC 8437)."""
        return self._send("unauthenticate")

    def select(
        self,
        mailbox: str,
        *,
        readonly: bool = False,
        condstore: bool = False,
        qresync: Optional[Tuple[int, int]] = None,
        known_uids: Optional[str] = None,
    ) -> str:
        """SELECT; EXAMINE if `readonly`. `qresync`: UIDVALIDITY and mod-sequence that are known."""
        options = ffi.new("mw_select_options *")
        options.size = ffi.sizeof("mw_select_options")
        options.condstore = condstore
        kept = None
        if qresync is not None:
            options.qresync = True
            options.uid_validity, options.mod_seq = qresync
            if known_uids is not None:
                options.known_uids = kept = ffi.new("char[]", _bytes(known_uids))
        tag = self._send("examine" if readonly else "select", _bytes(mailbox, "mailbox"), options)
        del kept
        return tag

    def create(self, mailbox: str, special_use: Optional[str] = None) -> str:
        """CREATE."""
        return self._send("create", _bytes(mailbox), _optional(special_use))

    def delete(self, mailbox: str) -> str:
        """DELETE."""
        return self._send("delete", _bytes(mailbox))

    def rename(self, old: str, new: str) -> str:
        """RENAME."""
        return self._send("rename", _bytes(old), _bytes(new))

    def subscribe(self, mailbox: str) -> str:
        """SUBSCRIBE."""
        return self._send("subscribe", _bytes(mailbox))

    def unsubscribe(self, mailbox: str) -> str:
        """UNSUBSCRIBE."""
        return self._send("unsubscribe", _bytes(mailbox))

    def list(
        self,
        pattern: Union[str, Sequence[str]] = "*",
        *,
        reference: Optional[str] = None,
        selection: Optional[str] = None,
        returns: Optional[str] = None,
    ) -> str:
        """LIST. `selection`: words such as "SUBSCRIBED"; `returns`: such as "SPECIAL-USE STATUS
        (UNSEEN)"."""
        first, *more = [pattern] if isinstance(pattern, str) else pattern
        options = ffi.new("mw_list_options *")
        options.size = ffi.sizeof("mw_list_options")
        kept = []
        for name, text in (("reference", reference), ("selection", selection), ("returns", returns)):
            if text is not None:
                kept.append(ffi.new("char[]", _bytes(text)))
                setattr(options, name, kept[-1])
        patterns, options.more_patterns_count, rest = _texts(more)
        if more:
            options.more_patterns = ffi.cast("const char *const *", patterns)
        tag = self._send("list", _bytes(first), options)
        del kept, rest
        return tag

    def lsub(self, pattern: str = "*", *, reference: Optional[str] = None) -> str:
        """LSUB."""
        return self._send("lsub", _optional(reference), _bytes(pattern))

    def xlist(self, pattern: str = "*", *, reference: Optional[str] = None) -> str:
        """XLIST, of Gmail before it had SPECIAL-USE."""
        return self._send("xlist", _optional(reference), _bytes(pattern))

    def namespace(self) -> str:
        """NAMESPACE (RFC 2342)."""
        return self._send("namespace")

    def status(self, mailbox: str, items: str = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN") -> str:
        """STATUS."""
        return self._send("status", _bytes(mailbox), _bytes(items))

    def append(
        self, mailbox: str, size: int, *, flags: Union[str, Iterable[str]] = (), date: Optional[datetime] = None,
        utf8: bool = False, binary: bool = False,
    ) -> str:  # fmt: skip
        """APPEND of a message of `size` bytes, for which `SendLiteral` asks."""
        options, kept = _append_options(flags, date, utf8, binary)
        tag = self._send("append", _bytes(mailbox), _number(size, "size", 1 << 62), options)
        del kept
        return tag

    def multi_append(self, mailbox: str) -> str:
        """APPEND of several messages at once: `NextPart` asks for each."""
        return self._send("multi_append", _bytes(mailbox))

    def append_message(
        self, size: int, *, flags: Union[str, Iterable[str]] = (), date: Optional[datetime] = None
    ) -> None:
        """Answers `NextPart`: another message."""
        options, kept = _append_options(flags, date, False, False)
        self._call("append_message", _number(size, "size", 1 << 62), options)
        del kept

    def append_end(self) -> None:
        """Answers `NextPart`: there are no more messages."""
        self._call("append_end")

    def append_cancel(self) -> None:
        """Gives up an append in the middle: the server is made to refuse all of it, if it can be."""
        self._call("append_cancel")

    def abandon_literal(self) -> None:
        """Gives up the literal that is being sent, and with it the connection."""
        self._call("abandon_literal")

    def write_literal(self, data: Any) -> int:
        """Gives bytes that `SendLiteral` asked for; how many there was room for."""
        with ffi.from_buffer("uint8_t[]", data) as pointer:
            self._call("write_literal", pointer, len(pointer), self._out_len)
        return int(self._out_len[0])

    @property
    def literal_remaining(self) -> int:
        """How many bytes `SendLiteral` still wants."""
        return int(lib.mw_imap_literal_remaining(self._handle))

    def replace(
        self, message: int, mailbox: str, size: int, *, uid: bool = True,
        flags: Union[str, Iterable[str]] = (), date: Optional[datetime] = None,
    ) -> str:  # fmt: skip
        """REPLACE (RFC 8508), of a message of `size` bytes, for which `SendLiteral` asks."""
        options, kept = _append_options(flags, date, False, False)
        tag = self._send(
            "replace", _number(message), _by(uid), _bytes(mailbox), _number(size, "size", 1 << 62), options
        )
        del kept
        return tag

    def idle(self) -> str:
        """IDLE: then `Idling` comes; `done` ends it."""
        return self._send("idle")

    def done(self) -> None:
        """Ends IDLE."""
        self._call("done")

    def check(self) -> str:
        """CHECK."""
        return self._send("check")

    def close(self) -> str:
        """CLOSE: leaves the mailbox, and removes what is \\Deleted."""
        return self._send("close")

    def unselect(self) -> str:
        """UNSELECT (RFC 3691)."""
        return self._send("unselect")

    def expunge(self, uids: Optional[str] = None) -> str:
        """EXPUNGE; with `uids` UID EXPUNGE (RFC 4315)."""
        return self._send("expunge") if uids is None else self._send("uid_expunge", _bytes(uids))

    def search(self, query: str = "ALL", *, returns: Optional[str] = None, uid: bool = True) -> str:
        """SEARCH. With `returns`, such as "MIN COUNT", an `Esearch` answers, else `Search`."""
        return self._send("search", _bytes(query), _optional(returns), _by(uid))

    def sort(self, criteria: str, query: str = "ALL", *, returns: Optional[str] = None, uid: bool = True) -> str:
        """SORT (RFC 5256)."""
        return self._send("sort", _bytes(criteria), _bytes(query), _optional(returns), _by(uid))

    def thread(self, algorithm: str = "REFERENCES", query: str = "ALL", *, uid: bool = True) -> str:
        """THREAD (RFC 5256)."""
        return self._send("thread", _bytes(algorithm), _bytes(query), _by(uid))

    def fetch(
        self, messages: str, items: str, *, uid: bool = True, changed_since: Optional[int] = None,
        vanished: bool = False, partial: Optional[str] = None,
    ) -> str:  # fmt: skip
        """FETCH. `items`: such as "UID FLAGS BODY.PEEK[HEADER]"."""
        options = ffi.new("mw_fetch_options *")
        options.size = ffi.sizeof("mw_fetch_options")
        if changed_since is not None:
            options.has_changed_since, options.changed_since = True, changed_since
        options.vanished = vanished
        kept = None
        if partial is not None:
            options.partial = kept = ffi.new("char[]", _bytes(partial))
        tag = self._send("fetch", _bytes(messages), _bytes(items), _by(uid), options)
        del kept
        return tag

    def store(
        self, messages: str, action: str, flags: Union[str, Iterable[str]], *, uid: bool = True,
        silent: bool = False, unchanged_since: Optional[int] = None,
    ) -> str:  # fmt: skip
        """STORE. `action`: "FLAGS", "+FLAGS" or "-FLAGS"."""
        options = ffi.new("mw_store_options *")
        options.size = ffi.sizeof("mw_store_options")
        options.silent = silent
        if unchanged_since is not None:
            options.has_unchanged_since, options.unchanged_since = True, unchanged_since
        return self._send(
            "store", _bytes(messages), _action(action), _bytes(_flag_text(flags)), _by(uid), options
        )

    def store_labels(
        self, messages: str, action: str, labels: Iterable[str], *, uid: bool = True, silent: bool = False
    ) -> str:
        """STORE of Gmail's labels. `action`: as of `store`."""
        texts, count, kept = _texts(labels)
        tag = self._send("store_x_gm_labels", _bytes(messages), _action(action), texts, count, _by(uid), silent)
        del kept
        return tag

    def copy(self, messages: str, mailbox: str, *, uid: bool = True) -> str:
        """COPY."""
        return self._send("copy", _bytes(messages), _bytes(mailbox), _by(uid))

    def move(self, messages: str, mailbox: str, *, uid: bool = True) -> str:
        """MOVE (RFC 6851)."""
        return self._send("move", _bytes(messages), _bytes(mailbox), _by(uid))

    def id(self, fields: Optional[Mapping[str, Optional[str]]] = None) -> str:
        """ID (RFC 2971)."""
        kept: List[Any] = []
        rows = _pairs(fields or {}, kept)
        return self._send("id", rows, len(fields or {}))

    def get_quota(self, root: str) -> str:
        """GETQUOTA (RFC 9208)."""
        return self._send("get_quota", _bytes(root))

    def get_quota_root(self, mailbox: str) -> str:
        """GETQUOTAROOT."""
        return self._send("get_quota_root", _bytes(mailbox))

    def set_quota(self, root: str, limits: Mapping[str, int]) -> str:
        """SETQUOTA."""
        rows = ffi.new("mw_quota_limit[]", max(1, len(limits)))
        kept = []
        for row, (name, limit) in zip(rows, limits.items()):
            kept.append(ffi.new("char[]", _bytes(name)))
            row.resource, row.limit = kept[-1], _number(limit, "limit", 1 << 62)
        return self._send("set_quota", _bytes(root), rows, len(limits))

    def set_acl(self, mailbox: str, identifier: str, rights: str) -> str:
        """SETACL (RFC 4314)."""
        return self._send("set_acl", _bytes(mailbox), _bytes(identifier), _bytes(rights))

    def delete_acl(self, mailbox: str, identifier: str) -> str:
        """DELETEACL."""
        return self._send("delete_acl", _bytes(mailbox), _bytes(identifier))

    def get_acl(self, mailbox: str) -> str:
        """GETACL."""
        return self._send("get_acl", _bytes(mailbox))

    def list_rights(self, mailbox: str, identifier: str) -> str:
        """LISTRIGHTS."""
        return self._send("list_rights", _bytes(mailbox), _bytes(identifier))

    def my_rights(self, mailbox: str) -> str:
        """MYRIGHTS."""
        return self._send("my_rights", _bytes(mailbox))

    def get_metadata(self, mailbox: str, entries: Iterable[str], *, max_size: int = 0, depth: int = 0) -> str:
        """`depth`: 0, 1, or -1 for all below."""
        texts, count, kept = _texts(entries)
        depth = lib.MW_DEPTH_INFINITY if depth < 0 else depth
        tag = self._send("get_metadata", _bytes(mailbox), texts, count, _number(max_size), depth)
        del kept
        return tag

    def set_metadata(self, mailbox: str, entries: Mapping[str, Union[str, bytes, None]]) -> str:
        """A value of None removes the entry."""
        rows = ffi.new("mw_metadata_entry[]", max(1, len(entries)))
        kept: List[Any] = []
        for row, (name, value) in zip(rows, entries.items()):
            kept.append(ffi.new("char[]", _bytes(name)))
            row.name = kept[-1]
            if value is not None:
                raw = _encoded(value, "a value")
                kept.append(ffi.new("uint8_t[]", raw or b"\0"))
                row.value.ptr, row.value.len = kept[-1], len(raw)
        return self._send("set_metadata", _bytes(mailbox), rows, len(entries))

    def language(self, ranges: Optional[str] = None) -> str:
        """LANGUAGE (RFC 5255)."""
        return self._send("language", _optional(ranges))

    def comparator(self, orders: Optional[str] = None) -> str:
        """COMPARATOR (RFC 5255)."""
        return self._send("comparator", _optional(orders))

    def get_jmap_access(self) -> str:
        """GETJMAPACCESS (RFC 9698)."""
        return self._send("get_jmap_access")

    def custom(self, name: str, *arguments: Union[str, int, None]) -> str:
        """A command that mailwire does not know. Texts are sent so that none can be taken for
        anything else; None is NIL."""
        rows = ffi.new("mw_argument[]", max(1, len(arguments)))
        kept = []
        for row, argument in zip(rows, arguments):
            if argument is None:
                row.kind = lib.MW_ARGUMENT_NIL
            elif isinstance(argument, int):
                row.kind, row.number = lib.MW_ARGUMENT_NUMBER, argument
            else:
                kept.append(ffi.new("char[]", _bytes(argument)))
                row.kind, row.text = lib.MW_ARGUMENT_ASTRING, kept[-1]
        return self._send("custom", _bytes(name), rows, len(arguments))


def _by(uid: bool) -> int:
    return int(lib.MW_BY_UID if uid else lib.MW_BY_NUMBER)


def _action(action: str) -> int:
    known = {"FLAGS": lib.MW_STORE_REPLACE, "+FLAGS": lib.MW_STORE_ADD, "-FLAGS": lib.MW_STORE_REMOVE}
    try:
        return int(known[action.upper()])
    except (KeyError, AttributeError):
        raise UsageError('action: "FLAGS", "+FLAGS" or "-FLAGS"', "INVALID_ARGUMENT") from None


def _pairs(fields: Mapping[str, Optional[str]], kept: List[Any]) -> Any:
    rows = ffi.new("mw_pair[]", max(1, len(fields)))
    kept.append(rows)
    for row, (name, value) in zip(rows, fields.items()):
        kept.append(ffi.new("char[]", _bytes(name)))
        row.name = kept[-1]
        if value is not None:
            kept.append(ffi.new("char[]", _bytes(value)))
            row.value = kept[-1]
    return rows


def _append_options(
    flags: Union[str, Iterable[str]], date: Optional[datetime], utf8: bool, binary: bool
) -> Tuple[Any, Any]:
    options = ffi.new("mw_append_options *")
    options.size = ffi.sizeof("mw_append_options")
    kept = None
    text = _flag_text(flags)
    if text:
        options.flags = kept = ffi.new("char[]", _bytes(text, "flags"))
    options.form = (
        lib.MW_APPEND_UTF8 if utf8 else lib.MW_APPEND_LITERAL8 if binary else lib.MW_APPEND_LITERAL
    )
    if date is not None:
        if not isinstance(date, datetime):
            raise TypeError("date: datetime expected")
        local = date if date.tzinfo is not None else date.astimezone()
        offset = local.utcoffset()
        to = options.date
        to.year, to.month, to.day = local.year, local.month, local.day
        to.hour, to.minute, to.second = local.hour, local.minute, local.second
        to.offset_minutes = int(offset.total_seconds() // 60) if offset is not None else 0
        to.valid = True
    return options, kept


class Pop3Connection(_Connection):
    """One POP3 connection. Each command comes to one `Completed`, in the order in which they were
    sent."""

    _kind = "pop3"
    _chunk = MessageChunk

    def __init__(self, **config: Any) -> None:
        """`buffer_size`, `command_size`, `timeout`, `send_unoffered`."""
        super().__init__(**config)
        self._offered: Set[str] = set()
        #: The greeting's timestamp, if the server offers APOP.
        self.timestamp: Optional[str] = None

    def _next(self) -> Optional[Event]:
        event = super()._next()
        if type(event) is Capability:
            self._offered.update(name.upper() for name in event.capabilities)
        return event

    def _look(self, event: Any) -> None:
        super()._look(event)
        if isinstance(event, Greeting):
            self.timestamp = event.timestamp
        elif self._sasl is not None and event.kind in ("auth", "pass", "user"):
            self._finish(event.status == "ok")

    def _authenticate(self, sasl: Sasl) -> str:
        self._call("authenticate", sasl.handle)
        return ""

    def _respond(self, sasl: Sasl, challenge: Any, truncated: bool) -> int:
        event = ffi.new("mw_pop3_event *")
        event.kind = lib.MW_POP3_CHALLENGE
        event.marks = lib.MW_MARK_TRUNCATED if truncated else 0
        event.bytes.ptr, event.bytes.len = challenge, len(challenge)
        return int(lib.mw_pop3_respond(self._handle, sasl.handle, event))

    @property
    def state(self) -> str:
        """ "greeting", "authorization", "transaction", "update" or "logout"."""
        names = ("", "greeting", "authorization", "transaction", "update", "logout")
        return names[lib.mw_pop3_state(self._handle)]

    @property
    def capabilities(self) -> Tuple[str, ...]:
        """What the server offers, as far as it said."""
        return tuple(sorted(self._offered))

    def has(self, capability: str) -> bool:
        """Whether the server offers it, as far as it said."""
        return bool(lib.mw_pop3_has(self._handle, _bytes(capability)))

    @property
    def knows_capabilities(self) -> bool:
        """Whether the server said what it offers."""
        return bool(lib.mw_pop3_knows_capabilities(self._handle))

    @property
    def is_quiet(self) -> bool:
        """Whether no command is in flight."""
        return int(lib.mw_pop3_in_flight(self._handle)) == 0

    def user(self, user: str) -> None:
        """USER."""
        self._call("user", _bytes(user, "user"))

    def pass_(self, password: str) -> None:
        """PASS. The password is sent as it is."""
        self._call("pass", _bytes(password, "password"))

    def apop(self, user: str, password: str) -> None:
        """APOP, if the greeting had a timestamp."""
        raw = (self.timestamp or "").encode()
        self._call("apop", _bytes(user, "user"), _bytes(password, "password"), raw, len(raw))

    def capa(self) -> None:
        """CAPA."""
        self._call("capa")

    def stls(self) -> None:
        """STLS: then `StartTls` comes."""
        self._call("stls")

    def stat(self) -> None:
        """STAT."""
        self._call("stat")

    def list(self, message: Optional[int] = None) -> None:
        """LIST."""
        self._call("list", 0 if message is None else _message(message))

    def uidl(self, message: Optional[int] = None) -> None:
        """UIDL."""
        self._call("uidl", 0 if message is None else _message(message))

    def retr(self, message: int) -> None:
        """RETR."""
        self._call("retr", _message(message))

    def top(self, message: int, lines: int = 0) -> None:
        """TOP."""
        self._call("top", _message(message), _number(lines, "lines"))

    def dele(self, message: int) -> None:
        """DELE."""
        self._call("dele", _message(message))

    def rset(self) -> None:
        """RSET."""
        self._call("rset")

    def noop(self) -> None:
        """NOOP."""
        self._call("noop")

    def quit(self) -> None:
        """QUIT."""
        self._call("quit")

    def utf8(self) -> None:
        """UTF8 (RFC 6856)."""
        self._call("utf8")

    def lang(self, language: Optional[str] = None) -> None:
        """LANG (RFC 6856)."""
        self._call("lang", _optional(language))


def _message(number: int) -> int:
    if _number(number, "message") == 0:
        raise UsageError("messages are numbered from 1", "INVALID_ARGUMENT")
    return number
