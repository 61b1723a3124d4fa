"""IMAP and POP3: clients, asyncio or not, and connections without I/O.

    with mailwire.IMAP("imap.example.org") as mail:
        mail.login("alice", "secret")
        mail.select("INBOX")
        for msg in mail.fetch(mail.search("UNSEEN"), body=True):
            print(msg.envelope.subject, len(msg.body.read()))
"""

from . import events
from ._native import ffi as _ffi, lib as _lib
from .client import (
    IMAP,
    POP3,
    AsyncBody,
    AsyncIMAP,
    AsyncMessage,
    AsyncPOP3,
    AsyncPop3Message,
    Body,
    Message,
    Pop3Message,
)
from .connection import ImapConnection, Pop3Connection
from .decoders import CharsetDecoder, TransferDecoder
from .errors import (
    AuthenticationFailed,
    ConnectionLost,
    MailError,
    ProtocolError,
    Refused,
    TimedOut,
    UsageError,
)
from .events import Address, Envelope, Part, ResponseCode, Selected, decode, numbers
from .imap import Appended, Copied, MessageData, Thread
from .query import Query
from .watching import Alert, AsyncWatch, Watch, async_watch, watch

__version__: str = _ffi.string(_lib.mw_version()).decode()

__all__ = [
    "IMAP",
    "POP3",
    "Address",
    "Alert",
    "Appended",
    "AsyncBody",
    "AsyncIMAP",
    "AsyncMessage",
    "AsyncPOP3",
    "AsyncPop3Message",
    "AsyncWatch",
    "AuthenticationFailed",
    "Body",
    "CharsetDecoder",
    "ConnectionLost",
    "Copied",
    "Envelope",
    "ImapConnection",
    "MailError",
    "Message",
    "MessageData",
    "Part",
    "Pop3Connection",
    "Pop3Message",
    "ProtocolError",
    "Query",
    "Refused",
    "ResponseCode",
    "Selected",
    "Thread",
    "TimedOut",
    "TransferDecoder",
    "UsageError",
    "Watch",
    "async_watch",
    "decode",
    "events",
    "numbers",
    "watch",
]
