"""A server that says what it is told to."""

from __future__ import annotations

import socket
import threading
from typing import Callable, List, Optional


class Talk:
    """One connection, on the server's side."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.file = sock.makefile("rb")

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def line(self) -> bytes:
        return self.file.readline()

    def answer(self, data: bytes = b"", ok: bytes = b"OK done") -> bytes:
        """Reads a command and answers it; its line."""
        line = self.line()
        tag = line.split(b" ")[0] if line else b"*"
        self.say(data.replace(b"TAG", tag) + tag + b" " + ok + b"\r\n")
        return line


class Fake:
    def __init__(self, script: Callable[[Talk], None]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.lines: List[bytes] = []
        self.error: Optional[BaseException] = None
        self.script = script
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            while True:
                sock, _ = self.listener.accept()
                sock.settimeout(20)
                with sock:
                    self.script(Talk(sock))
        except OSError:
            pass

    def __enter__(self) -> Fake:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()


GREETING = b"* OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE LITERAL+] hello\r\n"
SELECTED = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 4] x\r\n"
