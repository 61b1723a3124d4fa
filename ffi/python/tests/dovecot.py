"""A real server: Dovecot on loopback, by the program `dovecot` of the Rust tests. There are `USERS` users
"user0", "user1" and so on, each with the password "password"; so each test has a mailbox of its own."""

from __future__ import annotations

import itertools
import os
import smtplib
import subprocess
from pathlib import Path
from typing import Dict, Iterable

PASSWORD = "password"
USERS = 500

_count = itertools.count()


def token_of(user: str) -> str:
    """Of OAuth 2."""
    return f"token-of-{user}"


class Dovecot:
    def __init__(self) -> None:
        program = os.environ.get("MAILWIRE_DOVECOT")
        command = [program] if program else ["cargo", "run", "--quiet", "-p", "mailwire-tests", "--bin", "dovecot", "--"]
        self.process = subprocess.Popen(
            [*command, *(f"user{number}" for number in range(USERS))],
            cwd=Path(__file__).parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        said: Dict[str, str] = {}
        for line in self.process.stdout:
            name, _, value = line.partition(":")
            said[name] = value.strip()
            if name == "CA":
                break
        else:
            self.process.wait()
            raise FileNotFoundError("no Dovecot")
        ports = (int(said[name].split()[0].rpartition(":")[2]) for name in ("IMAP", "IMAPS", "POP3", "POP3S", "LMTP"))
        self.imap, self.imaps, self.pop3, self.pop3s, self.lmtp = ports
        self.ca = Path(said["CA"])
        self.mail = Path(said["Mail"])

    def stop(self) -> None:
        # It stops when its standard input ends; so it does when the tests are killed.
        self.process.communicate()

    def drop_in(self, user: str, messages: Iterable[bytes]) -> None:
        """Puts messages into a user's INBOX, in this order, without asking the server."""
        owner = self.mail.stat()
        maildir = self.mail / user / "Maildir"
        for name in ("cur", "tmp", "new"):
            (maildir / name).mkdir(parents=True, exist_ok=True)
        for folder in (maildir.parent, maildir, *maildir.iterdir()):
            if folder.is_dir():
                os.chown(folder, owner.st_uid, owner.st_gid)
        for message in messages:
            file = maildir / "new" / f"1700000000.M{next(_count):09}.localhost"
            file.write_bytes(message)
            os.chown(file, owner.st_uid, owner.st_gid)

    def deliver(self, user: str, message: bytes) -> None:
        """Delivers a message by LMTP: who idles is told."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as lmtp:
            assert lmtp.sendmail("tests@localhost", [user], message) == {}
