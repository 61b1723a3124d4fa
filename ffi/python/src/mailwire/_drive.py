"""The two drivers of flows: one on sockets, one on asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import math
import select
import socket
import ssl as tls
import threading
import time
from typing import Any, ContextManager, Dict, Generic, Iterator, Optional, Tuple, TypeVar, Union

from ._session import Call, Close, Connect, Disconnect, Flow, Flush, Session, Sleep, Upgrade, Wait
from .errors import ConnectionLost, ProtocolError, TimedOut, UsageError

T = TypeVar("T")
S = TypeVar("S", bound=Session[Any])
Ssl = Union[bool, tls.SSLContext]


def check_timeout(timeout: float) -> float:
    """Nothing waits for ever."""
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError("timeout: seconds expected")
    if not 0 < timeout < 86400 or math.isnan(timeout):
        raise UsageError("timeout: seconds, more than 0 and less than a day", "INVALID_ARGUMENT")
    return float(timeout)


def context_of(ssl: Ssl) -> tls.SSLContext:
    if ssl is True:
        return tls.create_default_context()
    if not isinstance(ssl, tls.SSLContext):
        raise TypeError(f"ssl: True, False or an SSLContext expected, not {type(ssl).__name__}")
    return ssl


class Link(Generic[S]):
    """A session on a transport."""

    def __init__(self, session: S, address: Tuple[str, int], ssl: Ssl, timeout: float) -> None:
        self.session = session
        self.address = address
        self.timeout = check_timeout(timeout)
        self._ssl = ssl
        # Why it cannot be used any more.
        self._dead: Optional[str] = None

    def _usable(self) -> None:
        if self._dead is not None:
            raise ConnectionLost(self._dead, "CLOSED")

    def _ended(self, error: BaseException) -> None:
        """After errors that leave the connection where nobody knows."""
        if self._dead is None:
            self._dead = f"the connection was closed: {str(error) or type(error).__name__}"
        self.drop()

    def drop(self) -> None:
        raise NotImplementedError

    def look(self) -> ContextManager[None]:
        """What is done within is done by this thread alone. Within a call it is a part of it."""
        return contextlib.nullcontext()


class _Turn:
    """Who uses a connection now."""

    __slots__ = ("flow", "thread")

    def __init__(self, flow: Any) -> None:
        self.thread = threading.get_ident()
        self.flow = flow

    def is_over(self) -> bool:
        """A signal can keep a turn from being given back: one whose flow has ended counts no more."""
        return self.thread == threading.get_ident() if self.flow is None else self.flow.gi_frame is None


class Blocking(Link[S]):
    """On a socket. One thread at a time may use it."""

    def __init__(self, session: S, address: Tuple[str, int], ssl: Ssl, timeout: float) -> None:
        super().__init__(session, address, ssl, timeout)
        # At most one. A lock could be left locked by a signal at the wrong moment.
        self._turns: Dict[int, _Turn] = {}
        # Whether bytes may have been received or sent that were not counted.
        self._between = False
        # Whether nothing is under way that an interrupt could tear apart.
        self._safe = False
        self.sock: Optional[socket.socket] = None

    def __del__(self) -> None:
        if getattr(self, "sock", None) is not None:
            self.disconnect()

    def connect(self, at_once: bool, sock: Optional[socket.socket] = None) -> None:
        self.disconnect()
        try:
            self.sock = sock or socket.create_connection(self.address, self.timeout)
        except (TimeoutError, socket.timeout):  # Before Python 3.10 they are two.
            raise TimedOut("no connection could be made in time", "TIMEOUT") from None
        self.sock.setblocking(False)
        self.session.protected = isinstance(self.sock, tls.SSLSocket)
        if at_once:
            self.begin_tls()

    def disconnect(self) -> None:
        if self.sock is not None:
            self.sock.close()

    def begin_tls(self) -> None:
        assert self.sock is not None
        self.sock.settimeout(self.timeout)
        try:
            self.sock = context_of(self._ssl).wrap_socket(self.sock, server_hostname=self.session.host)
        except socket.timeout:
            self.disconnect()
            raise TimedOut("the TLS handshake took too long", "TIMEOUT") from None
        except BaseException:
            self.disconnect()
            raise
        self.sock.setblocking(False)
        self.session.protected = True

    def _take(self, turn: _Turn) -> None:
        while (other := self._turns.setdefault(0, turn)) is not turn:
            if not other.is_over():
                who = "this" if other.thread == turn.thread else "another"
                raise UsageError(f"the connection is in use by a call in {who} thread", "BUSY")
            self._give_back(other)

    def _give_back(self, turn: _Turn) -> None:
        if self._turns.get(0) is turn:
            self._turns.pop(0, None)

    def run(self, flow: Flow[T]) -> T:
        turn = _Turn(flow)
        try:
            self._take(turn)
        except BaseException:
            flow.close()
            raise
        try:
            self._safe = True
            self._usable()
            self._safe = False
            request = flow.send(None)
            while True:
                try:
                    answer = self._serve(request)
                except BaseException as error:
                    request = flow.throw(error)
                else:
                    request = flow.send(answer)
        except StopIteration as result:
            value: T = result.value
            return value
        except ProtocolError as error:
            if not self.session.outlives:
                self._ended(error)
            raise
        except BaseException as error:
            self.session.cut_short = True
            if self._between or not (self._safe or isinstance(error, Exception)):
                self._ended(error)
            raise
        finally:
            flow.close()
            self._give_back(turn)
            if self._dead is not None:
                self.disconnect()

    @contextlib.contextmanager
    def look(self) -> Iterator[None]:
        turn, other = _Turn(None), self._turns.get(0)
        if other is None or other.thread != turn.thread:
            self._take(turn)
        try:
            yield
        finally:
            self._give_back(turn)

    def _serve(self, request: Any) -> Any:
        if isinstance(request, Wait):
            self._flush()
            return True if isinstance(request, Flush) else self._receive(request.timeout or self.timeout)
        if isinstance(request, Call):
            self._safe = True
            answer = request.function(*request.args)
            self._safe = False
            return answer
        if isinstance(request, Upgrade):
            self._flush()
            self.begin_tls()
        elif isinstance(request, Close):
            self.drop()
        elif isinstance(request, Connect):
            self.connect(request.tls)
        elif isinstance(request, Disconnect):
            self.disconnect()
        elif isinstance(request, Sleep):
            self._safe = True
            time.sleep(request.seconds)
            self._safe = False
        return None

    def _until(self, what: str, timeout: float) -> bool:
        """Waits until the socket can be read from or written to; False if that takes too long."""
        assert self.sock is not None
        self._usable()
        self._safe = True
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(self.sock, select.POLLIN if what == "read" else select.POLLOUT)
            ready = bool(poll.poll(max(1, math.ceil(timeout * 1000))))
        else:
            reads, writes = ([self.sock], []) if what == "read" else ([], [self.sock])
            ready = any(select.select(reads, writes, [], timeout))
        self._safe = False
        self._usable()
        return ready

    def _flush(self) -> None:
        conn = self.session.conn
        pending = conn.pending()
        while len(pending):
            assert self.sock is not None
            self._between = True
            try:
                conn.sent(self.sock.send(pending))
                self._between = False
            except (BlockingIOError, tls.SSLWantWriteError, tls.SSLWantReadError) as error:
                self._between = False
                what = "read" if isinstance(error, tls.SSLWantReadError) else "write"
                if not self._until(what, self.timeout):
                    raise TimedOut("the server does not read", "TIMEOUT") from None
            except OSError as error:
                raise ConnectionLost(f"sending failed: {error}", "TRANSPORT") from error
            pending = conn.pending()

    def _receive(self, timeout: float) -> bool:
        """Receives what there is, as far as there is room; waits if there is nothing."""
        conn, sock = self.session.conn, self.sock
        assert sock is not None
        # `read` is what `recv_into` of TLS calls, and is called for each record.
        read = sock.read if isinstance(sock, tls.SSLSocket) else None
        room = memoryview(conn.receive_buffer())
        size = len(room)
        if not size:
            return True
        received = 0
        self._between = True
        while True:
            try:
                count = sock.recv_into(room) if read is None else int(read(size - received, room[received:]))
            except (BlockingIOError, tls.SSLWantReadError, tls.SSLWantWriteError) as error:
                if received:
                    break
                self._between = False
                what = "write" if isinstance(error, tls.SSLWantWriteError) else "read"
                if not self._until(what, timeout):
                    return False
                self._between = True
                continue
            except tls.SSLEOFError:
                count = 0
            except OSError as error:
                if received:
                    break
                raise ConnectionLost(f"receiving failed: {error}", "TRANSPORT") from error
            received += count
            # TLS gives a record at a time.
            if read is None or not count or received == size:
                break
        conn.received(received)
        self._between = False
        return True

    def drop(self) -> None:
        """Closes the transport, and says nothing to the server."""
        if self._dead is None:
            self._dead = "the connection was closed"
        turn = self._turns.get(0)
        if turn is None or turn.is_over() or turn.thread == threading.get_ident():
            self.disconnect()
        elif self.sock is not None:
            # Another thread waits for it: that ends the wait, and closes it.
            try:
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
            except OSError:
                pass


class _Protocol(asyncio.BufferedProtocol):
    """Receives into memory of its own, so that nothing is lost if who waits is cancelled."""

    def __init__(self) -> None:
        self.memory = bytearray(1 << 17)
        self.filled = 0
        self.over: Optional[BaseException] = None
        self.ended = False
        self.paused = False
        self.transport: Any = None
        self._waiter: Optional[asyncio.Future[bool]] = None
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        if self.filled == len(self.memory):
            # Before Python 3.11, TLS gives all that it has, paused or not: 256 kB at most.
            self.memory = self.memory + bytearray(1 << 17)
        return memoryview(self.memory)[self.filled :]

    def buffer_updated(self, nbytes: int) -> None:
        self.filled += nbytes
        if self.filled >= 1 << 17 and not self._full:
            self._full = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self.ended = True
        self._wake()
        return False

    def connection_lost(self, exc: Optional[Exception]) -> None:
        self.ended = True
        self.over = exc
        self._wake()

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(True)

    async def until_woken(self, timeout: float) -> bool:
        """Whether something happened in time."""
        loop = asyncio.get_running_loop()
        self._waiter = waiter = loop.create_future()
        handle = loop.call_later(timeout, lambda: None if waiter.done() else waiter.set_result(False))
        try:
            in_time: bool = await waiter
            return in_time
        finally:
            handle.cancel()
            self._waiter = None

    def take(self, conn: Any) -> None:
        """Hands over what was received."""
        if self.filled:
            conn.receive_data(memoryview(self.memory)[: self.filled])
            self.filled = 0
        if self._full and not self.ended:
            self._full = False
            self.transport.resume_reading()


class Async(Link[S]):
    """On asyncio. Tasks that use it at once take turns."""

    def __init__(self, session: S, address: Tuple[str, int], ssl: Ssl, timeout: float) -> None:
        super().__init__(session, address, ssl, timeout)
        self._lock = asyncio.Lock()
        self._protocol = _Protocol()
        self._owner: Optional[asyncio.Task[Any]] = None

    async def connect(self, at_once: bool, sock: Optional[socket.socket] = None) -> None:
        self.disconnect()
        self._protocol = _Protocol()
        loop = asyncio.get_running_loop()
        address = self.address
        context = context_of(self._ssl) if at_once else None
        where: Dict[str, Any] = {"host": address[0], "port": address[1]} if sock is None else {"sock": sock}
        if context is not None:
            where["server_hostname"] = self.session.host
        try:
            await asyncio.wait_for(
                loop.create_connection(lambda: self._protocol, ssl=context, **where),
                self.timeout,
            )
        except asyncio.TimeoutError:
            raise TimedOut("no connection could be made in time", "TIMEOUT") from None
        self.session.protected = at_once

    async def run(self, flow: Flow[T]) -> T:
        if self._owner is not None and self._owner is asyncio.current_task():
            flow.close()
            raise UsageError("the connection is in use by a call of which this is a part", "BUSY")
        async with self._lock:
            self._owner = asyncio.current_task()
            try:
                self._usable()
                request = flow.send(None)
                while True:
                    try:
                        answer = await self._serve(request)
                    except BaseException as error:
                        request = flow.throw(error)
                    else:
                        request = flow.send(answer)
            except StopIteration as result:
                value: T = result.value
                return value
            except ProtocolError as error:
                if not self.session.outlives:
                    self._ended(error)
                raise
            except BaseException:
                self.session.cut_short = True
                raise
            finally:
                self._owner = None
                flow.close()

    async def _serve(self, request: Any) -> Any:
        if isinstance(request, Wait):
            await self._flush()
            if isinstance(request, Flush):
                return True
            return await self._receive(request.timeout or self.timeout)
        if isinstance(request, Call):
            result = request.function(*request.args)
            return await result if inspect.isawaitable(result) else result
        if isinstance(request, Connect):
            return await self.connect(request.tls)
        if isinstance(request, Disconnect):
            return self.disconnect()
        if isinstance(request, Close):
            return self.drop()
        if isinstance(request, Sleep):
            return await asyncio.sleep(request.seconds)
        assert isinstance(request, Upgrade)
        await self._flush()
        if self._protocol.filled:
            raise ProtocolError("bytes came before the TLS handshake: somebody is in between", "DATA_BEFORE_TLS")
        loop = asyncio.get_running_loop()
        try:
            self._protocol.transport = await asyncio.wait_for(
                loop.start_tls(
                    self._protocol.transport,
                    self._protocol,
                    context_of(self._ssl),
                    server_hostname=self.session.host,
                ),
                self.timeout,
            )
        except asyncio.TimeoutError:
            self.disconnect()
            raise TimedOut("the TLS handshake took too long", "TIMEOUT") from None
        except BaseException:
            self.disconnect()
            raise
        return None

    async def _flush(self) -> None:
        protocol = self._protocol
        data = self.session.conn.data_to_send()
        while True:
            if protocol.over is not None or (data and protocol.ended):
                raise ConnectionLost(f"sending failed: {protocol.over or 'closed'}", "TRANSPORT")
            if data:
                protocol.transport.write(data)
            if protocol.paused and not await protocol.until_woken(self.timeout):
                raise TimedOut("the server does not read", "TIMEOUT")
            data = self.session.conn.data_to_send()
            if not data and not protocol.paused:
                return

    async def _receive(self, timeout: float) -> bool:
        protocol = self._protocol
        if not protocol.filled and not protocol.ended and not await protocol.until_woken(timeout):
            return False
        if protocol.filled:
            protocol.take(self.session.conn)
        elif protocol.over is not None:
            raise ConnectionLost(f"receiving failed: {protocol.over}", "TRANSPORT")
        elif protocol.ended:
            self.session.conn.receive_data(b"")
        return True

    def disconnect(self) -> None:
        if self._protocol.transport is not None:
            self._protocol.transport.abort()

    def drop(self) -> None:
        """Closes the transport, and says nothing to the server."""
        self.disconnect()
        if self._dead is None:
            self._dead = "the connection was closed"
