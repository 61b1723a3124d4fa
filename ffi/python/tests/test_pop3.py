"""The POP3 client on a real server."""

from __future__ import annotations

import poplib
import ssl
from typing import List

import pytest

import mailwire
from dovecot import PASSWORD, Dovecot, token_of
from fake import Fake, Talk

LETTERS: List[bytes] = [
    b"Subject: one\r\n\r\nHello.\r\n",
    b"Subject: two\r\n\r\n.\r\n..dots\r\n.\r\n\r\n",
    b"Subject: three\r\n\r\n" + (b"x" * 70 + b"\r\n") * 7000,
]


def connect(dovecot: Dovecot, context: ssl.SSLContext, starttls: bool = False) -> mailwire.POP3:
    port = dovecot.pop3 if starttls else dovecot.pop3s
    return mailwire.POP3("localhost", port, ssl=context, starttls=starttls, timeout=20)


@pytest.mark.parametrize("starttls", [False, True])
def test_all_of_it(dovecot: Dovecot, context: ssl.SSLContext, user: str, starttls: bool) -> None:
    dovecot.drop_in(user, LETTERS)
    other = poplib.POP3_SSL("localhost", dovecot.pop3s, context=context)
    other.user(user)
    other.pass_(PASSWORD)
    theirs = [b"".join(line + b"\r\n" for line in other.retr(number)[1]) for number in (1, 2, 3)]
    uids = [line.split()[1].decode() for line in other.uidl()[1]]
    other.quit()
    with connect(dovecot, context, starttls) as drop:
        assert drop.protected and "UIDL" in drop.capa()
        drop.login(user, PASSWORD)
        assert drop.stat().messages == 3
        assert list(drop.uidl().values()) == uids and drop.uidl(2) == {2: uids[1]}
        assert drop.list() == {number: len(raw) for number, raw in enumerate(theirs, 1)}
        got = []
        for msg in drop.fetch():
            start = msg.body.read(5)
            if msg.number == 2:
                drop.noop()
                drop.dele(2)
            got.append(start + msg.body.read())
            assert msg.uid == uids[msg.number - 1]
        assert got == theirs == LETTERS
        assert drop.top(1) == b"Subject: one\r\n\r\n"
        assert drop.retr(3).to_email()["Subject"] == "three"
        for msg in drop.fetch([3, 1]):
            break
        drop.rset()
        with pytest.raises(mailwire.Refused) as error:
            drop.retr(9)
        assert error.value.status == "err"
        with pytest.raises(mailwire.UsageError):
            drop.retr(0)
        drop.dele(1)
    with connect(dovecot, context) as drop:
        drop.login(user, PASSWORD)
        assert [msg.to_email()["Subject"] for msg in drop.fetch()] == ["two", "three"]


def test_ways_in(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    for mechanism in (None, "PLAIN", "SCRAM-SHA-256", "CRAM-MD5"):
        with connect(dovecot, context) as drop:
            drop.authenticate(user, PASSWORD, mechanism=mechanism)
            assert drop.stat().messages == 0
    with connect(dovecot, context, True) as drop:
        drop.authenticate(user, token=token_of(user))
    with connect(dovecot, context) as drop:
        drop.apop(user, PASSWORD)
    with connect(dovecot, context) as drop:
        with pytest.raises(mailwire.AuthenticationFailed):
            drop.login(user, "wrong")
        with pytest.raises(mailwire.AuthenticationFailed):
            drop.authenticate(user, "wrong")
        with pytest.raises(mailwire.AuthenticationFailed):
            drop.authenticate(user, token="bad")
        drop.login(user, PASSWORD)


def test_a_server_without_unique_ids() -> None:
    def script(talk: Talk) -> None:
        talk.say(b"+OK hello\r\n")
        while line := talk.line().upper():
            answers = {b"LIST": b"+OK\r\n1 5\r\n.\r\n", b"RETR": b"+OK\r\nabc\r\n.\r\n", b"UIDL": b"-ERR no\r\n", b"CAPA": b"-ERR no\r\n"}
            talk.say(answers.get(line[:4], b"+OK\r\n"))

    with Fake(script) as fake, mailwire.POP3("127.0.0.1", fake.port, ssl=False, timeout=5) as drop:
        drop.login("a", "b")
        assert [(msg.number, msg.uid, msg.body.read()) for msg in drop.fetch()] == [(1, None, b"abc\r\n")]
        assert [msg.body.read() for msg in drop.fetch([1])] == [b"abc\r\n"]
