"""Calls that do not come to their end: tasks cancelled, signals, other threads. Whatever is asked for
again comes whole, and no answer is taken for that of another call."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import ssl
import threading
import time
from typing import Any, Dict, List, Tuple

import pytest

import mailwire
from dovecot import PASSWORD, Dovecot
from fake import SELECTED, Fake, Talk
from mailwire import events as ev

HELLO = b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE LITERAL+] hello\r\n"


class Halves:
    """A server that sends the second half of its second answer when it is told to."""

    def __init__(self, first: bytes, second: bytes) -> None:
        self.first, self.second = first, second
        self.go = threading.Event()

    def __call__(self, talk: Talk) -> None:
        talk.say(HELLO)
        talk.answer(SELECTED)
        tag = talk.line().split(b" ")[0]
        talk.say(self.first)
        self.go.wait(10)
        talk.say(self.second + tag + b" OK done\r\n")
        while (line := talk.line()) and b" LOGOUT" not in line:
            tag = line.split(b" ")[0]
            talk.say((b"* SEARCH 7\r\n" if b"SEARCH" in line else b"") + tag + b" OK done\r\n")


async def select(fake: Fake) -> mailwire.AsyncIMAP:
    mail = await mailwire.AsyncIMAP("127.0.0.1", fake.port, ssl=False, timeout=5)
    await mail.select()
    return mail


async def cut(halves: Halves, awaitable: Any) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(awaitable, 0.1)
    asyncio.get_running_loop().call_later(0.1, halves.go.set)


def test_answers_are_not_mistaken() -> None:
    async def main() -> None:
        halves = Halves(b"* SEARCH 1 2\r\n", b"* SEARCH 3\r\n")
        with Fake(halves) as fake:
            mail = await select(fake)
            await cut(halves, mail.search())
            assert await mail.search("UNSEEN") == [7]
            mail.close()

    asyncio.run(main())


def test_bodies_are_read_again() -> None:
    async def main() -> None:
        halves = Halves(b"* 1 FETCH (UID 1 BODY[HEADER] {4}\r\nA: b BODY[] {10}\r\n01234", b"56789)\r\n")
        with Fake(halves) as fake:
            mail = await select(fake)
            async for msg in mail.fetch(1, "BODY.PEEK[HEADER]", body=True):
                await cut(halves, msg.body.read())
                assert await msg.body.read() == b"0123456789" and msg.sections == {"HEADER": b"A: b"}
            mail.close()

    asyncio.run(main())


def test_messages_are_read_again() -> None:
    async def main() -> None:
        halves = Halves(b"* 1 FETCH (FLAGS (x) UID 1 BODY[1] {6}\r\n012", b"345)\r\n* 2 FETCH (UID 2)\r\n")
        with Fake(halves) as fake:
            mail = await select(fake)
            loop = mail.fetch("1:*", "FLAGS BODY.PEEK[1]")
            await cut(halves, loop.__anext__())
            messages = [msg async for msg in loop]
            assert [msg.uid for msg in messages] == [1, 2]
            assert messages[0].flags == ("x",) and messages[0].sections == {"1": b"012345"}
            mail.close()

    asyncio.run(main())


def test_what_is_kept_for_a_loop_stays() -> None:
    async def main() -> None:
        halves = Halves(b"* 1 FETCH (UID 1 BODY[] {4}\r\n1234)\r\n* 2 FETCH (UID 2", b")\r\n* 3 FETCH (UID 3)\r\n")
        with Fake(halves) as fake:
            mail = await select(fake)
            uids = []
            async for msg in mail.fetch("1:*", "", body=True):
                if msg.uid == 1:
                    assert await msg.body.read(1) == b"1"
                    await cut(halves, mail.noop())
                    assert await msg.body.read() == b"234"
                    await mail.noop()
                uids.append(msg.uid)
            assert uids == [1, 2, 3]
            mail.close()

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(4))
def test_tasks_that_are_cancelled_anywhere(dovecot: Dovecot, context: ssl.SSLContext, user: str, seed: int) -> None:
    chance = random.Random(seed)
    letters = [b"Subject: %d\r\n\r\n" % number + bytes([65 + number]) * chance.choice((10, 5000, 300_000)) for number in range(8)]
    dovecot.drop_in(user, letters)

    async def patiently(make: Any) -> Any:
        """Again and again, until it is done."""
        while True:
            try:
                return await asyncio.wait_for(make(), chance.choice((0, 0.0001, 0.001, 0.003, 0.01, 1)))
            except asyncio.TimeoutError:
                pass

    async def main() -> None:
        async with mailwire.AsyncIMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
            await mail.login(user, PASSWORD)
            await mail.select()
            for _ in range(3):
                got = {}
                loop = mail.fetch("1:*", "FLAGS BODY.PEEK[HEADER]", body=True)
                while True:
                    try:
                        msg = await patiently(loop.__anext__)
                    except StopAsyncIteration:
                        break
                    assert msg.sections["HEADER"] == b"Subject: %d\r\n\r\n" % (msg.uid - 1)
                    data = b"".join([await patiently(lambda: msg.body.read(9)), await patiently(msg.body.read)])
                    if chance.random() < 0.3:
                        assert await patiently(mail.search) == list(range(1, 9))
                    got[msg.uid] = data
                assert list(got) == list(range(1, 9)) and list(got.values()) == letters

    asyncio.run(asyncio.wait_for(main(), 60))


def test_an_upload_that_is_cancelled(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    class Slow:
        async def read(self, size: int) -> bytes:
            await asyncio.sleep(0.05)
            return b"x" * min(size, 1000)

    async def main() -> None:
        async with mailwire.AsyncIMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
            await mail.login(user, PASSWORD)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(mail.append("INBOX", Slow(), size=1_000_000), 0.3)
            assert (await mail.status("INBOX")).messages == 0

    asyncio.run(asyncio.wait_for(main(), 30))


class Interrupt(BaseException):
    pass


def test_signals_anywhere(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    """Either a connection goes on and is right, or it says that it does not."""
    letters = [bytes([65 + number]) * 100_000 for number in range(6)]
    dovecot.drop_in(user, letters)

    def interrupt(*_: Any) -> None:
        raise Interrupt

    def play(mail: mailwire.IMAP, delay: float) -> None:
        got: Dict[int, bytes] = {}
        loop = mail.fetch("1:*", "", body=True)
        signal.setitimer(signal.ITIMER_REAL, delay)
        while True:
            msg = next(loop, None)
            if msg is None:
                break
            assert msg.uid is not None
            got[msg.uid] = msg.body.read()
        signal.setitimer(signal.ITIMER_REAL, 0)
        for uid, data in got.items():
            assert data == letters[uid - 1]
        assert mail.search() == [1, 2, 3, 4, 5, 6]

    before = signal.signal(signal.SIGALRM, interrupt)
    ends: List[bool] = []
    try:
        for attempt in range(60):
            with mailwire.IMAP("localhost", dovecot.imap, ssl=False, timeout=20) as mail:
                mail.login(user, PASSWORD)
                mail.select()
                try:
                    play(mail, 0.0001 * (attempt + 1))
                    ends.append(True)
                except mailwire.ConnectionLost:
                    assert mail.closed
                except Interrupt:
                    try:
                        assert mail.search() == [1, 2, 3, 4, 5, 6]
                        ends.append(False)
                    except mailwire.ConnectionLost:
                        assert mail.closed
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert True in ends


def test_a_signal_while_a_body_is_awaited() -> None:
    halves = Halves(b"* 1 FETCH (UID 1 BODY[] {10}\r\n01234", b"56789)\r\n")
    with Fake(halves) as fake, mailwire.IMAP("127.0.0.1", fake.port, ssl=False, timeout=5) as mail:
        mail.select()
        for msg in mail.fetch(1, "", body=True):
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            with pytest.raises(KeyboardInterrupt):
                msg.body.read()
            halves.go.set()
            assert msg.body.read() == b"0123456789"
        assert mail.search() == [7]


def test_ctrl_c_while_waiting(mail: mailwire.IMAP) -> None:
    mail.select()
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        for _ in mail.idle(20):
            pass
    assert mail.search() == []


def test_close_from_another_thread(mail: mailwire.IMAP) -> None:
    mail.select()
    threading.Timer(0.2, mail.close).start()
    start = time.monotonic()
    with pytest.raises(mailwire.ConnectionLost):
        for _ in mail.idle(20):
            pass
    assert time.monotonic() - start < 5


def test_looks_from_other_threads(mail: mailwire.IMAP) -> None:
    mail.select()
    waits = threading.Thread(target=lambda: list(mail.idle(0.5)))
    waits.start()
    time.sleep(0.2)
    for look in (lambda: mail.selected, lambda: mail.capabilities, lambda: mail.state, lambda: mail.has("IDLE")):
        with pytest.raises(mailwire.UsageError) as error:
            look()
        assert error.value.name == "BUSY"
    assert "another thread" in repr(mail)
    waits.join(10)
    assert mail.selected is not None and "selected" in repr(mail)


def test_loops_that_are_left_cost_nothing_at_the_end(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    def endless(talk: Talk) -> None:
        talk.say(HELLO)
        talk.answer(SELECTED)
        talk.line()
        talk.say(b"* 1 FETCH (UID 1 BODY[] {1000000000}\r\nand so on")
        talk.line()

    with Fake(endless) as fake:
        with mailwire.IMAP("127.0.0.1", fake.port, ssl=False, timeout=20) as mail:
            mail.select()
            for _ in mail.fetch("1:*", "", body=True):
                break
            end = time.monotonic()
        assert time.monotonic() - end < 5 and mail.closed
    with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
        mail.login(user, PASSWORD)
        mail.select()
        threading.Timer(0.2, dovecot.deliver, (user, b"Subject: x\r\n\r\nx\r\n")).start()
        for _ in mail.idle(20):
            break
        end = time.monotonic()
    assert time.monotonic() - end < 5


def test_a_loop_outlives_the_name_of_its_connection(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    dovecot.drop_in(user, [b"Subject: x\r\n\r\nx"] * 3)

    def walk() -> Any:
        mail = mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20)
        mail.login(user, PASSWORD)
        mail.select()
        return mail.fetch("1:*")

    assert [msg.uid for msg in walk()] == [1, 2, 3]


def test_loops_that_are_left_lose_nothing_of_the_mailbox() -> None:
    """EXISTS, EXPUNGE and VANISHED are told once."""
    fetched = b"* 1 FETCH (UID 1 FLAGS ())\r\n* 4 EXISTS\r\n* 2 FETCH (UID 2 FLAGS ())\r\n* 2 EXPUNGE\r\n"
    idled = b"+ idling\r\n* 4 EXISTS\r\n* 5 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 2 EXPUNGE\r\n"

    def script(talk: Talk) -> None:
        talk.say(HELLO)
        talk.answer(SELECTED)
        tag = b""
        while line := talk.line():
            tag = tag if line == b"DONE\r\n" else line.split(b" ")[0]
            talk.say(fetched if b" FETCH" in line else idled if b" IDLE" in line else b"")
            if b" IDLE" not in line:
                talk.say(tag + b" OK done\r\n")

    def close(loop: Any, mail: mailwire.IMAP) -> None:
        loop.close()

    def let_go(loop: Any, mail: mailwire.IMAP) -> None:
        pass

    def use(loop: Any, mail: mailwire.IMAP) -> None:
        # What is to come is kept for the loop, which is let go of.
        mail.noop()

    for leave in (close, let_go, use):
        for idle in (False, True):
            with Fake(script) as fake, mailwire.IMAP("127.0.0.1", fake.port, ssl=False, timeout=5) as mail:
                mail.select()
                loop: Any = mail.idle(5) if idle else mail.fetch("1:*", "FLAGS")
                told = [next(loop)]
                leave(loop, mail)
                del loop
                mail.noop()
                told = (told if idle else []) + mail.updates()
                assert [it for it in told if isinstance(it, (ev.Exists, ev.Expunge))] == [
                    ev.Exists(4), *([ev.Exists(5)] if idle else []), ev.Expunge(2),
                ], (leave, idle)  # fmt: skip
                # Flags, too.
                assert len(told) == (4 if idle else 2), (leave, idle)


# Arguments cannot become commands.

EVIL = (
    "x\r\nZ LOGOUT", "x\nZ LOGOUT", "x\rZ LOGOUT", "x\0y", "x) Z", '" x', 'x\\" y', "{5}\r\nhello",
    "{5+}\r\nZ LOGOUT", "\u2028", "\xfc\r\nZ LOGOUT", "\ud800",
)  # fmt: skip

OFFERS = (
    b"* PREAUTH [CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE LITERAL+ QUOTA QUOTASET ACL METADATA NAMESPACE ID ENABLE"
    b" SORT THREAD=REFERENCES ESEARCH LIST-EXTENDED X-GM-EXT-1 CREATE-SPECIAL-USE SPECIAL-USE LIST-STATUS"
    b" CONDSTORE UNSELECT] hello\r\n"
)


def test_arguments_cannot_become_commands() -> None:
    sent: List[Tuple[bytes, bytes]] = []

    def script(talk: Talk) -> None:
        talk.say(OFFERS)
        while line := talk.line():
            tag, _, command = line.partition(b" ")
            sent.append((tag, command))
            while line.endswith(b"}\r\n") and (size := line[line.rindex(b"{") + 1 : -3]):
                if not size.endswith(b"+"):
                    talk.say(b"+ go on\r\n")
                talk.file.read(int(size.rstrip(b"+")))
                line = talk.line()
            talk.say((SELECTED if command.startswith(b"SELECT") else b"") + tag + b" OK done\r\n")

    with Fake(script) as fake, mailwire.IMAP("127.0.0.1", fake.port, ssl=False, timeout=5) as mail:
        mail.select()
        for evil in EVIL:
            for call in (
                lambda: mail.login(evil, evil),
                lambda: mail.id({evil: evil}),
                lambda: mail.id({"name": evil}),
                lambda: mail.enable(evil),
                lambda: mail.select(evil),
                lambda: mail.list(evil),
                lambda: mail.list(["a", evil]),
                lambda: mail.list(reference=evil),
                lambda: mail.list(selection=evil),
                lambda: mail.list(returns=evil),
                lambda: mail.lsub(evil, reference=evil),
                lambda: mail.status(evil),
                lambda: mail.status("INBOX", evil),
                lambda: mail.create(evil),
                lambda: mail.create("a", evil),
                lambda: mail.rename(evil, evil),
                lambda: mail.subscribe(evil),
                lambda: mail.search(evil),
                lambda: mail.search(f"SUBJECT {evil}"),
                lambda: mail.search(mailwire.Query(subject=evil)),
                lambda: mail.search(mailwire.Query(keyword=evil)),
                lambda: mail.search(mailwire.Query(header={evil: evil})),
                lambda: mail.search(mailwire.Query(uid=evil)),
                lambda: mail.search(mailwire.Query(sequence=evil)),
                lambda: mail.search(mailwire.Query(x_gm_raw=evil)),
                lambda: mail.search_return("ALL", evil),
                lambda: mail.sort(evil),
                lambda: mail.thread(evil),
                lambda: list(mail.fetch(evil)),
                lambda: list(mail.fetch(1, evil)),
                lambda: list(mail.fetch(1, [evil])),
                lambda: list(mail.fetch(1, body=evil)),
                lambda: mail.store(1, evil, evil),
                lambda: mail.add_flags(1, evil),
                lambda: mail.add_flags(1, [evil]),
                lambda: mail.store_labels(1, "+FLAGS", [evil]),
                lambda: mail.copy(1, evil),
                lambda: mail.move(evil, evil),
                lambda: mail.expunge(evil),
                lambda: mail.append(evil, b"x"),
                lambda: mail.append("INBOX", b"x", flags=[evil]),
                lambda: mail.get_quota(evil),
                lambda: mail.get_quota_root(evil),
                lambda: mail.set_quota(evil, {evil: 1}),
                lambda: mail.set_acl(evil, evil, evil),
                lambda: mail.delete_acl("INBOX", evil),
                lambda: mail.list_rights("INBOX", evil),
                lambda: mail.get_metadata("INBOX", evil),
                lambda: mail.set_metadata("INBOX", {evil: evil}),
                lambda: mail.set_metadata("INBOX", {"/private/x": evil}),
                lambda: mail.custom(evil),
                lambda: mail.custom("X", evil),
            ):
                try:
                    call()
                except mailwire.UsageError:
                    pass
        known = {
            b"LOGIN", b"ID", b"ENABLE", b"SELECT", b"LIST", b"LSUB", b"STATUS", b"CREATE", b"RENAME", b"SUBSCRIBE",
            b"UID", b"APPEND", b"GETQUOTA", b"GETQUOTAROOT", b"SETQUOTA", b"SETACL", b"DELETEACL", b"LISTRIGHTS",
            b"GETMETADATA", b"SETMETADATA", b"X", b"CAPABILITY",
        }  # fmt: skip
        for number, (tag, command) in enumerate(sent, 1):
            assert tag == b"A%d" % number and command.split()[0] in known, (tag, command)
        assert len(sent) > 100
