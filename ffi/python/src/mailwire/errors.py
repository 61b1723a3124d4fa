"""What can go wrong, by who has to act."""

from __future__ import annotations

from typing import Optional

__all__ = [
    "AuthenticationFailed",
    "ConnectionLost",
    "MailError",
    "ProtocolError",
    "Refused",
    "TimedOut",
    "UsageError",
]


class MailError(Exception):
    """The base of all errors of this package."""


class Refused(MailError):
    """The server understood and said no (NO, BAD or -ERR). The connection goes on."""

    def __init__(
        self, command: str, status: str, code: Optional[str] = None, text: str = ""
    ) -> None:
        super().__init__(command, status, code, text)
        #: The command's name.
        self.command = command
        #: "no", "bad" or "err".
        self.status = status
        #: What the server named as the reason, as in the RFCs: "TRYCREATE", "OVERQUOTA"; or None.
        self.code = code
        #: The server's words.
        self.text = text

    def __str__(self) -> str:
        code = f" [{self.code}]" if self.code else ""
        return f"{self.command}: {self.status.upper()}{code} {self.text}".rstrip()


class AuthenticationFailed(MailError):
    """The server does not let in, or what it would take to be let in cannot or must not be sent."""

    def __init__(self, text: str, code: Optional[str] = None) -> None:
        super().__init__(text, code)
        #: The server's words, or ours.
        self.text = text
        #: As of `Refused`; or a name such as "NO_MECHANISM" if it did not come to asking.
        self.code = code

    def __str__(self) -> str:
        return f"[{self.code}] {self.text}" if self.code else self.text


class ProtocolError(MailError):
    """What the server does is not the protocol. The connection is of no more use."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(text)
        #: Such as "FRAME_LOST".
        self.name = name


class ConnectionLost(ProtocolError):
    """The connection ended, or was ended."""


class TimedOut(ProtocolError, TimeoutError):
    """The server kept silent for too long."""


class UsageError(MailError, ValueError):
    """The call cannot be made so, or now. Nothing was sent, and the connection goes on."""

    def __init__(self, text: str, name: str = "") -> None:
        super().__init__(text)
        #: Such as "NOT_OFFERED", "WRONG_STATE" or "INVALID_ARGUMENT".
        self.name = name
