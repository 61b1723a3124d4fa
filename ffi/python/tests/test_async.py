"""The client on asyncio."""

from __future__ import annotations

import asyncio
import io
import ssl
from typing import Any, List

import pytest

import mailwire
from dovecot import PASSWORD, Dovecot, token_of
from mailwire import events as ev

LETTER = b"Subject: number %d\r\nFrom: Ann <ann@example.org>\r\n\r\nHello %d.\r\n"


def letters(count: int) -> List[bytes]:
    return [LETTER % (number, number) for number in range(1, count + 1)]


@pytest.mark.parametrize("starttls", [False, True])
def test_messages(dovecot: Dovecot, play: Any, user: str, starttls: bool) -> None:
    large = b"Subject: large\r\n\r\n" + bytes(range(32, 127)) * 50000
    dovecot.drop_in(user, [*letters(5), large])

    async def scene(mail: mailwire.AsyncIMAP) -> None:
        uids = await mail.search()
        assert uids == [1, 2, 3, 4, 5, 6]
        seen = []
        async for msg in mail.fetch(uids, body=True):
            if msg.uid == 2:
                await mail.add_flags(2, "\\Flagged")
            if msg.uid == 6:
                parts = [part async for part in msg.body]
                assert b"".join(parts) == large and msg.body.size == len(large)
            elif msg.uid == 5:
                assert await msg.body.read(9) == b"Subject: "
                room = bytearray(6)
                assert await msg.body.readinto(room) == 6 and room == b"number"
            else:
                assert (await msg.to_email())["Subject"] == f"number {msg.uid}"
            seen.append(msg.uid)
        assert seen == uids
        one = await mail.fetch_one(2)
        assert one is not None and one.flags is not None and "\\Flagged" in one.flags
        assert await mail.fetch_one(99) is None
        with pytest.raises(mailwire.Refused):
            await mail.copy(1, "nowhere")

    play(scene, starttls)


def test_tasks_take_turns(dovecot: Dovecot, play: Any, user: str) -> None:
    dovecot.drop_in(user, letters(40))

    async def scene(mail: mailwire.AsyncIMAP) -> None:
        async def walk() -> List[bytes]:
            return [await msg.body.read() async for msg in mail.fetch("1:*", "", body=True)]

        results = await asyncio.gather(walk(), mail.search(), walk(), mail.status("INBOX"), walk(), mail.noop())
        assert results[0] == results[2] == results[4] == letters(40)
        assert results[1] == list(range(1, 41))

    play(scene)


def test_append_from_async_files(play: Any) -> None:
    async def scene(mail: mailwire.AsyncIMAP) -> None:
        class File:
            """As of aiofiles."""

            inner = io.BytesIO(letters(1)[0] * 5000)

            async def read(self, size: int) -> bytes:
                await asyncio.sleep(0)
                return self.inner.read(size)

        told: List[int] = []

        async def progress(sent: int, size: Any) -> None:
            told.append(sent)

        await mail.append("INBOX", File(), progress=progress)
        assert told[-1] == len(letters(1)[0]) * 5000
        await mail.append("INBOX", letters(1)[0])
        assert (await mail.status("INBOX")).messages == 2

    play(scene)


def test_idle(dovecot: Dovecot, play: Any, user: str) -> None:
    async def scene(mail: mailwire.AsyncIMAP) -> None:
        assert [event async for event in mail.idle(0.2)] == []
        loop = asyncio.get_running_loop()
        loop.call_later(0.2, lambda: loop.run_in_executor(None, dovecot.deliver, user, letters(1)[0]))
        async for event in mail.idle(20):
            if isinstance(event, ev.Exists):
                break
        assert await mail.search() == [1]

    play(scene)


def test_tasks_that_are_cancelled(dovecot: Dovecot, play: Any, user: str) -> None:
    dovecot.drop_in(user, [*letters(5), b"Subject: large\r\n\r\n" + b"x" * 5_000_000])

    async def scene(mail: mailwire.AsyncIMAP) -> None:
        async def wait() -> None:
            async for _ in mail.idle(20):
                pass

        for _ in range(3):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(wait(), 0.1)
            assert len(await mail.search()) == 6

        began = asyncio.Event()

        async def read() -> None:
            async for msg in mail.fetch("1:*", body=True):
                async for _ in msg.body:
                    began.set()
                    await asyncio.sleep(0)

        task = asyncio.ensure_future(read())
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # It goes on, with what was left behind read away.
        assert len(await mail.search()) == 6

    play(scene)


def test_ways_in(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    async def token() -> str:
        return token_of(user)

    async def main() -> None:
        mail = await mailwire.AsyncIMAP("localhost", dovecot.imaps, ssl=context, timeout=20)
        await mail.authenticate(user, token=token)
        await mail.logout()
        mail.close()
        async with mailwire.AsyncIMAP("localhost", dovecot.imap, ssl=context, starttls=True, timeout=20) as mail:
            with pytest.raises(mailwire.AuthenticationFailed):
                await mail.login(user, "wrong")
            await mail.authenticate(user, PASSWORD, mechanism="SCRAM-SHA-256")
        with pytest.raises(mailwire.ConnectionLost):
            await mail.noop()
        with pytest.raises(ssl.SSLCertVerificationError):
            await mailwire.AsyncIMAP("localhost", dovecot.imaps, timeout=20)
        with pytest.raises(ssl.SSLCertVerificationError):
            await mailwire.AsyncIMAP("localhost", dovecot.imap, starttls=True, timeout=20)
        with pytest.raises(OSError):
            await mailwire.AsyncIMAP("localhost", 1, timeout=20)

    asyncio.run(asyncio.wait_for(main(), 60))


def test_pop3(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    dovecot.drop_in(user, letters(3))

    async def main() -> None:
        async with mailwire.AsyncPOP3("localhost", dovecot.pop3, ssl=context, starttls=True, timeout=20) as drop:
            await drop.login(user, PASSWORD)
            assert (await drop.stat()).messages == 3
            got = []
            async for msg in drop.fetch():
                if msg.number == 2:
                    await drop.dele(2)
                got.append(await msg.body.read())
            assert got == letters(3)
            assert (await drop.top(1, 0)).startswith(b"Subject: number 1\r\n")
            assert await (await drop.retr(3)).body.read() == letters(3)[2]
        async with mailwire.AsyncPOP3("localhost", dovecot.pop3s, ssl=context, timeout=20) as drop:
            await drop.authenticate(user, PASSWORD)
            assert (await drop.stat()).messages == 2

    asyncio.run(asyncio.wait_for(main(), 60))
