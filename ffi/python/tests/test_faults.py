"""What goes wrong: servers that are silent, gone or mad, programs that are careless."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import ssl
import threading
import time
import warnings
from pathlib import Path
from typing import List


import pytest

import mailwire
from dovecot import PASSWORD, Dovecot
from fake import GREETING, SELECTED, Fake, Talk
from mailwire import events as ev


def connect(fake: Fake, timeout: float = 5) -> mailwire.IMAP:
    return mailwire.IMAP("127.0.0.1", fake.port, ssl=False, timeout=timeout)


def selected(talk: Talk) -> None:
    talk.say(b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE LITERAL+] hello\r\n")
    talk.answer(SELECTED)


def quiet(talk: Talk) -> None:
    talk.line()


def test_silence() -> None:
    def script(talk: Talk) -> None:
        talk.say(GREETING)
        talk.line()
        talk.line()

    with Fake(quiet) as fake:
        start = time.monotonic()
        with pytest.raises(mailwire.TimedOut):
            connect(fake, 0.3)
        assert time.monotonic() - start < 3
    with Fake(script) as fake:
        mail = connect(fake, 0.3)
        with pytest.raises(TimeoutError):
            mail.login("a", "b")
        # It is not known what is on its way.
        with pytest.raises(mailwire.ConnectionLost, match="silent"):
            mail.noop()
        assert mail.closed


def test_async_silence() -> None:
    async def main(fake: Fake) -> None:
        with pytest.raises(mailwire.TimedOut):
            await mailwire.AsyncIMAP("127.0.0.1", fake.port, ssl=False, timeout=0.3)

    async def handshake(fake: Fake) -> None:
        with pytest.raises(mailwire.TimedOut):
            await mailwire.AsyncIMAP("127.0.0.1", fake.port, timeout=0.3)

    with Fake(lambda talk: time.sleep(2)) as fake:
        asyncio.run(asyncio.wait_for(handshake(fake), 20))
    with Fake(quiet) as fake:
        asyncio.run(asyncio.wait_for(main(fake), 20))


def test_the_handshake_times_out() -> None:
    with Fake(lambda talk: time.sleep(3)) as fake:
        with pytest.raises(OSError):
            mailwire.IMAP("127.0.0.1", fake.port, timeout=0.3)


@pytest.mark.parametrize(
    "last",
    [
        b"",
        b"* BYE going down\r\n",
        b"* 1 FETCH (UID 1 BODY[] {100}\r\nonly a part",
        b"* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n",
    ],
)
def test_the_server_closes_the_connection(last: bytes) -> None:
    def script(talk: Talk) -> None:
        selected(talk)
        talk.line()
        talk.say(last)

    def read(mail: mailwire.IMAP) -> None:
        mail.select()
        for msg in mail.fetch("1:*", body=True):
            msg.body.read()

    with Fake(script) as fake:
        mail = connect(fake)
        with pytest.raises(mailwire.ConnectionLost):
            read(mail)
        with pytest.raises(mailwire.ConnectionLost):
            mail.noop()

        async def main() -> None:
            mail = await mailwire.AsyncIMAP("127.0.0.1", fake.port, ssl=False, timeout=5)
            await mail.select()
            with pytest.raises(mailwire.ConnectionLost):
                async for msg in mail.fetch("1:*", body=True):
                    await msg.body.read()
            with pytest.raises(mailwire.ConnectionLost):
                await mail.noop()

        asyncio.run(asyncio.wait_for(main(), 20))


def test_greetings() -> None:
    for greeting, error in (
        (b"* BYE too busy\r\n", mailwire.ConnectionLost),
        (b"220 smtp.example.org ESMTP\r\n", mailwire.ProtocolError),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", mailwire.ProtocolError),
        (b"\x15\x03\x01\x00\x02\x02", mailwire.ProtocolError),
        (b"", mailwire.ConnectionLost),
    ):
        with Fake(lambda talk, greeting=greeting: talk.say(greeting)) as fake:  # type: ignore[misc]
            with pytest.raises(error):
                connect(fake)
    with Fake(lambda talk: talk.say(b"-ERR go away\r\n")) as fake:
        with pytest.raises(mailwire.ConnectionLost, match="go away"):
            mailwire.POP3("127.0.0.1", fake.port, ssl=False, timeout=5)


class Idles:
    """A server that says this to IDLE, and OK to all else."""

    def __init__(self, answer: bytes, more: bytes = b"") -> None:
        self.answer, self.more = answer, more
        self.commands: List[bytes] = []

    def __call__(self, talk: Talk) -> None:
        talk.say(b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE] hello\r\n")
        tag = b""
        while line := talk.line():
            if line != b"DONE\r\n":
                tag, command = line.split()[:2]
                self.commands.append(command)
                if command == b"IDLE":
                    talk.say(self.answer.replace(b"TAG", tag))
                    continue
            talk.say((SELECTED if b"SELECT" in line else self.more) + tag + b" OK done\r\n")


def test_idle_that_ends_at_once_is_not_begun_without_end() -> None:
    for answer in (b"TAG OK x\r\n", b"+ idling\r\nTAG OK x\r\n"):
        server = Idles(answer)
        with Fake(server) as fake:
            mail = connect(fake)
            mail.select()
            start = time.monotonic()
            assert list(mail.idle(0.3)) == [] and time.monotonic() - start >= 0.3
            assert server.commands == [b"SELECT", b"IDLE", b"NOOP"]
            mail.close()
    # What it says meanwhile is told.
    with Fake(Idles(b"* 6 EXISTS\r\nTAG OK x\r\n", b"* 7 EXISTS\r\n")) as fake:
        mail = connect(fake)
        mail.select()
        told = mail.idle(5)
        assert [next(told), next(told)] == [ev.Exists(6), ev.Exists(7)]
        mail.close()


def test_expunge_of_no_message_is_not_told() -> None:
    with Fake(Idles(b"* 0 EXPUNGE\r\n* 2 EXPUNGE\r\n+ idling\r\n", b"* 0 EXPUNGE\r\n")) as fake:
        mail = connect(fake)
        mail.select()
        mail.noop()
        assert mail.updates() == []
        assert list(mail.idle(0.2)) == [ev.Expunge(2)]
        assert mail.selected is not None and mail.selected.exists == 2


def test_the_status_of_another_mailbox_is_no_answer() -> None:
    for name in ("A", "inbox"):
        answer = f"* STATUS B (MESSAGES 7)\r\n* STATUS {name.upper()} (MESSAGES 2)\r\n* STATUS B (MESSAGES 8)\r\n"
        with Fake(Idles(b"", answer.encode())) as fake:
            assert connect(fake).status(name, "MESSAGES").messages == 2
    with Fake(Idles(b"", b"* STATUS A (MESSAGES 2)\r\n")) as fake:
        assert connect(fake).status("a", "MESSAGES").messages == 2, "some servers spell it their way"


def test_starttls_cannot_be_fooled() -> None:
    def injects(talk: Talk) -> None:
        talk.say(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
        tag = talk.line().split()[0]
        talk.say(tag + b" OK go\r\n* OK [CAPABILITY IMAP4rev1] injected\r\n")
        talk.line()

    def open_(talk: Talk) -> None:
        talk.say(b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
        talk.line()

    def none(talk: Talk) -> None:
        talk.say(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
        talk.line()

    for script, error in ((injects, mailwire.ProtocolError), (open_, mailwire.ProtocolError), (none, mailwire.UsageError)):
        with Fake(script) as fake, pytest.raises(error):
            mailwire.IMAP("127.0.0.1", fake.port, starttls=True, timeout=5)


def test_slow_users_do_not_time_out() -> None:
    def script(talk: Talk) -> None:
        selected(talk)
        talk.answer(b"* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\n")
        talk.answer()

    with Fake(script) as fake:
        mail = connect(fake, 0.4)
        mail.select()
        for _ in mail.fetch("1:*", ""):
            time.sleep(0.6)
        mail.noop()


def test_a_keyboard_interrupt_in_a_body(dovecot: Dovecot, user: str, context: ssl.SSLContext) -> None:
    dovecot.drop_in(user, [b"Subject: x\r\n\r\n" + b"x" * 50_000_000])
    with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
        mail.login(user, PASSWORD)
        mail.select()

        def interrupt() -> None:
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            threading.Thread(target=interrupt).start()
            while True:
                for msg in mail.fetch("1:*", body=True):
                    while msg.body.read(1000):
                        pass
        # Either it is whole and goes on, or says that it does not.
        try:
            assert mail.search() == [1]
        except mailwire.ConnectionLost:
            assert mail.closed


def test_threads(dovecot: Dovecot, user: str, context: ssl.SSLContext) -> None:
    with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
        mail.login(user, PASSWORD)
        mail.select()
        errors = []
        busy = threading.Event()

        def idle() -> None:
            for _ in mail.idle(1):
                pass
            busy.set()

        thread = threading.Thread(target=idle)
        thread.start()
        time.sleep(0.3)
        try:
            mail.noop()
        except mailwire.UsageError as error:
            errors.append(error)
        thread.join(10)
        assert busy.is_set() and len(errors) == 1 and errors[0].name == "BUSY"
        mail.noop()


def test_calls_within_calls(dovecot: Dovecot, user: str, context: ssl.SSLContext) -> None:
    dovecot.drop_in(user, [b"Subject: x\r\n\r\nx"])
    with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
        mail.login(user, PASSWORD)
        mail.select()
        with pytest.raises(mailwire.UsageError) as error:
            mail.append("INBOX", b"x" * 200_000, progress=lambda *_: mail.noop())
        assert error.value.name == "BUSY"
        for msg in mail.fetch("1", body=True, progress=lambda *_: mail.noop()):
            with pytest.raises(mailwire.UsageError):
                msg.body.read()
        assert mail.search() == [1]


def test_errors_in_the_loop(dovecot: Dovecot, user: str, context: ssl.SSLContext) -> None:
    dovecot.drop_in(user, [b"Subject: x\r\n\r\n" + b"x" * 1_000_000] * 3)
    with pytest.raises(ZeroDivisionError):
        with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
            mail.login(user, PASSWORD)
            mail.select()
            for msg in mail.fetch("1:*", body=True):
                msg.body.read(1)
                raise ZeroDivisionError
    assert mail.closed


def test_wrong_arguments(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    for bad in (0, -1, float("inf"), float("nan"), 1e9):
        with pytest.raises(mailwire.UsageError):
            mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=bad)
    for wrong in (None, "1", True):
        with pytest.raises(TypeError):
            mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=wrong)  # type: ignore[arg-type]
    with pytest.raises(mailwire.UsageError):
        mailwire.IMAP("localhost", dovecot.imap, ssl=False, starttls=True)
    with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
        with pytest.raises(TypeError):
            mail.login(None, "x")  # type: ignore[arg-type]
        with pytest.raises(mailwire.UsageError):
            mail.login("a\0", "x")
        mail.login(user, PASSWORD)
        mail.select()
        for messages in (None, 1.5, b"1", ["1"], [1, None], True, {"a": 1}):
            with pytest.raises(TypeError):
                list(mail.fetch(messages))  # type: ignore[arg-type]
        for text in ("x", "1:", "0", "1,,2", "1 2", "1\r\nA LOGOUT"):
            with pytest.raises(mailwire.UsageError):
                list(mail.fetch(text))
        for numbers in (0, -1, [1, 0], [1 << 32]):
            with pytest.raises(mailwire.UsageError):
                list(mail.fetch(numbers))
        for items in ("BODY[", "FLAGS)", "BODY[]\r\nX"):
            with pytest.raises((mailwire.UsageError, mailwire.Refused)):
                list(mail.fetch("1", items))
        for call in (
            lambda: mail.store(1, "FLAG", "\\Seen"),
            lambda: mail.add_flags(1, "a b(c"),
            lambda: mail.append("INBOX", b"x", flags="\\Seen)"),
            lambda: mail.create("a\0b"),
            lambda: mail.custom("X\r\nA LOGOUT"),
        ):
            with pytest.raises((mailwire.UsageError, mailwire.Refused)):
                call()
        assert mail.search() == []


def test_no_socket_is_left_open(dovecot: Dovecot, user: str, context: ssl.SSLContext) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    def careless() -> None:
        mail = mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20)
        mail.login(user, PASSWORD)
        mail.select()
        next(mail.fetch("1:*", body=True), None)

    async def main() -> None:
        async with mailwire.AsyncIMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
            await mail.login(user, PASSWORD)

    dovecot.drop_in(user, [b"Subject: x\r\n\r\nx" * 100000])
    careless()
    asyncio.run(main())
    gc.collect()
    before = open_files()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        for _ in range(5):
            careless()
            asyncio.run(main())
        gc.collect()
    assert open_files() <= before


def test_memory_stays_the_same(dovecot: Dovecot, user: str, context: ssl.SSLContext) -> None:
    def resident() -> int:
        return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0])

    dovecot.drop_in(user, [b"Subject: x\r\n\r\n" + b"x" * 60_000_000])
    with mailwire.IMAP("localhost", dovecot.imap, ssl=False, timeout=20) as mail:
        mail.login(user, PASSWORD)
        mail.select()
        for attempt in range(2):
            before = resident()
            for msg in mail.fetch("1", "", body=True):
                msg.body.read(100)
                if attempt:
                    # All the rest is kept meanwhile, in a file.
                    mail.noop()
                while msg.body.read(65536):
                    pass
            assert resident() - before < 25_000


def test_a_socket_of_ones_own(dovecot: Dovecot, user: str) -> None:
    sock = socket.create_connection(("127.0.0.1", dovecot.imap))
    with mailwire.IMAP("localhost", sock=sock, ssl=False, timeout=20) as mail:
        mail.login(user, PASSWORD)




def test_what_comes_unasked_is_no_message_of_the_loop() -> None:
    def script(talk: Talk) -> None:
        selected(talk)
        talk.answer(
            b"* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 5)\r\n"
            b"* 2 FETCH (FLAGS (x))\r\n* 2 FETCH (UID 2 FLAGS () RFC822.SIZE 6)\r\n"
        )
        talk.answer(b"* 1 FETCH (UID 1 FLAGS (a))\r\n* 2 FETCH (UID 2)\r\n")
        talk.answer()

    with Fake(script) as fake, connect(fake) as mail:
        mail.select()
        assert [(msg.uid, msg.rfc822_size) for msg in mail.fetch("1:2", ["FLAGS", "RFC822.SIZE"])] == [(1, 5), (2, 6)]
        told = mail.updates()
        assert [msg.seq for msg in told if isinstance(msg, mailwire.MessageData)] == [3, 2]
        assert [(msg.uid, msg.flags) for msg in mail.fetch("1:2", "FLAGS")] == [(1, ("a",)), (2, None)]


def test_move_where_there_is_none() -> None:
    lines = []

    def script(talk: Talk) -> None:
        talk.say(b"* PREAUTH [CAPABILITY IMAP4rev1 UIDPLUS] hello\r\n")
        talk.answer(SELECTED)
        lines.append(talk.answer(ok=b"OK [COPYUID 9 1:2 11:12] done"))
        for _ in range(3):
            lines.append(talk.answer())

    with Fake(script) as fake, connect(fake) as mail:
        mail.select()
        assert mail.move([2, 1], "X").uids == {1: 11, 2: 12}
    assert [line.split(b" ", 1)[1] for line in lines[:3]] == [
        b'UID COPY 1:2 "X"\r\n', b"UID STORE 1:2 +FLAGS.SILENT (\\Deleted)\r\n", b"UID EXPUNGE 1:2\r\n",
    ]  # fmt: skip


def test_a_body_is_a_file_of_lines() -> None:
    def script(talk: Talk) -> None:
        selected(talk)
        talk.answer(b"* 1 FETCH (UID 1 BODY[] {12}\r\na\r\nbc\r\n\r\nend)\r\n* 2 FETCH (UID 2 BODY[] {1}\r\nx)\r\n")
        talk.answer()

    with Fake(script) as fake, connect(fake) as mail:
        mail.select()
        first, second = mail.fetch("1:2", "", body=True), []
        for msg in first:
            second.append(list(msg.body))
            with pytest.raises(mailwire.UsageError, match="once"):
                msg.to_email()
        assert second == [[b"a\r\n", b"bc\r\n", b"\r\n", b"end"], [b"x"]]
        mail.logout()
        assert mail.closed
        with pytest.raises(mailwire.ConnectionLost):
            mail.noop()


def test_ssl_is_what_it_may_be() -> None:
    with Fake(quiet) as fake:
        for ssl_ in (None, "yes", 0):
            with pytest.raises(TypeError):
                mailwire.IMAP("127.0.0.1", fake.port, ssl=ssl_, timeout=5)  # type: ignore[arg-type]
        with pytest.raises(mailwire.UsageError, match="not connected"):
            mailwire.AsyncIMAP("127.0.0.1", fake.port).noop().send(None)
