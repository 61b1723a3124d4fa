"""The watchers."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from typing import Dict, List

import pytest

import mailwire
from dovecot import PASSWORD, Dovecot, token_of
from fake import Fake, Talk

LETTER = b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= %d\r\n\r\nHello,\r\nyou.\r\n"


def test_alerts_come_and_are_kept(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    store: Dict[str, bytes] = {}
    dovecot.deliver(user, LETTER % 0)
    with mailwire.watch(
        "localhost", dovecot.imaps, user=user, password=PASSWORD, ssl=context, store=store, everything=True, timeout=20
    ) as watch:
        alert = watch.get(20)
        assert alert is not None
        assert (alert.subject, alert.preview, alert.mailbox) == ("Grüße 0", "Hello, you.", "INBOX")
        assert str(alert.from_[0]) == "Jürgen <j@example.org>"
        dovecot.deliver(user, LETTER % 1)
        alert = next(watch)
        assert alert.subject == "Grüße 1"
    # The second was not acknowledged.
    with mailwire.watch(
        "localhost", dovecot.imap, user=user, password=PASSWORD, ssl=context, starttls=True, store=store, timeout=20
    ) as watch:
        alert = watch.get(20)
        assert alert is not None and alert.subject == "Grüße 1"
        assert watch.get(0.5) is None
        dovecot.deliver(user, LETTER % 2)
        alert = watch.get(20)
        assert alert is not None and alert.subject == "Grüße 2"


def test_pop3(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    store: Dict[str, bytes] = {}
    dovecot.deliver(user, LETTER % 0)
    options = {"protocol": "pop3", "ssl": context, "store": store, "everything": True, "poll": 0.2, "timeout": 20}
    with mailwire.watch("localhost", dovecot.pop3s, user=user, password=PASSWORD, **options) as watch:  # type: ignore[arg-type]
        alert = watch.get(20)
        assert alert is not None and alert.subject == "Grüße 0"
        dovecot.deliver(user, LETTER % 1)
        alert = watch.get(20)
        assert alert is not None and alert.subject == "Grüße 1"
        assert watch.get(0.5) is None
    with mailwire.watch("localhost", dovecot.pop3s, user=user, password=PASSWORD, **options) as watch:  # type: ignore[arg-type]
        assert watch.get(1) is None


def test_oauth_and_wrong_passwords(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    asked = []

    def token() -> str:
        asked.append(1)
        return token_of(user)

    dovecot.deliver(user, LETTER % 0)
    with mailwire.watch(
        "localhost", dovecot.imaps, user=user, token=token, ssl=context, everything=True, timeout=20
    ) as watch:
        assert watch.get(20) is not None
    assert asked == [1]
    for port, protocol in ((dovecot.imaps, "imap"), (dovecot.pop3s, "pop3")):
        watch = mailwire.watch(
            "localhost", port, protocol=protocol, user=user, password="wrong", ssl=context, timeout=20
        )
        with watch, pytest.raises(mailwire.AuthenticationFailed):
            next(watch)
    with pytest.raises(OSError):
        next(mailwire.watch("localhost", 1, user=user, password="x", timeout=5))


def test_stop_from_another_thread(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    with mailwire.watch("localhost", dovecot.imaps, user=user, password=PASSWORD, ssl=context, timeout=20) as watch:
        threading.Timer(0.3, watch.stop).start()
        start = time.monotonic()
        assert list(watch) == []
        assert time.monotonic() - start < 5


def test_async(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    async def token() -> str:
        return token_of(user)

    async def main() -> None:
        dovecot.deliver(user, LETTER % 0)
        async with mailwire.async_watch(
            "localhost", dovecot.imap, user=user, token=token, ssl=context, starttls=True, everything=True, timeout=20
        ) as watch:
            async for alert in watch:
                assert alert.subject == "Grüße 0"
                break
            dovecot.deliver(user, LETTER % 1)
            alert = await asyncio.wait_for(watch.__anext__(), 20)
            assert alert.subject == "Grüße 1"

    asyncio.run(main())


def test_waits_that_are_cancelled(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    async def main() -> None:
        for number in range(5):
            dovecot.deliver(user, LETTER % number)
        subjects: List[str] = []
        async with mailwire.async_watch(
            "localhost", dovecot.imap, user=user, password=PASSWORD, ssl=context, starttls=True, everything=True, timeout=20
        ) as watch:
            wait = 0.0
            while len(subjects) < 5:
                try:
                    subjects.append((await asyncio.wait_for(watch.__anext__(), wait)).subject)
                except asyncio.TimeoutError:
                    wait += 0.002
        assert subjects == [f"Grüße {number}" for number in range(5)]

    asyncio.run(asyncio.wait_for(main(), 60))


def test_acknowledgements_from_another_thread(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> None:
    store: Dict[str, bytes] = {}
    dovecot.deliver(user, LETTER % 0)
    with mailwire.watch(
        "localhost", dovecot.imaps, user=user, password=PASSWORD, ssl=context, everything=True, store=store,
        acknowledge=False, timeout=20,
    ) as watch:  # fmt: skip
        alert = watch.get(20)
        assert alert is not None
        before = dict(store)
        waits = threading.Thread(target=watch.get, args=(20,))
        waits.start()
        time.sleep(0.2)
        watch.acknowledge(alert)
        for _ in range(100):
            if store != before:
                break
            time.sleep(0.1)
        assert store != before
        watch.stop()
        waits.join(10)
        assert not waits.is_alive() and user in repr(watch) and PASSWORD not in repr(watch)
    never = mailwire.async_watch("localhost", user=user, password=PASSWORD)
    never.stop()
    never.close()


def test_after_a_refused_login_it_waits() -> None:
    connections: List[int] = []

    def imap(talk: Talk) -> None:
        connections.append(1)
        talk.say(b"* OK [CAPABILITY IMAP4rev1] hello\r\n")
        talk.answer(ok=b"NO wrong")
        talk.line()

    def pop3(talk: Talk) -> None:
        connections.append(1)
        talk.say(b"+OK hello\r\n")
        talk.line()
        talk.say(b"+OK\r\nUSER\r\n.\r\n")
        talk.line()
        talk.say(b"+OK\r\n")
        # And not a word to PASS.
        talk.line()

    for protocol, script, words in (("imap", imap, "wrong"), ("pop3", pop3, "hangs up")):
        connections.clear()
        with Fake(script) as fake:
            watch = mailwire.watch(
                "127.0.0.1", fake.port, protocol=protocol, user="a", password="b", ssl=False, timeout=5
            )
            with pytest.raises(mailwire.AuthenticationFailed, match=words):
                next(watch)
            # After a failure of another kind it would have tried again by now.
            assert watch.get(2.5) is None
            assert len(connections) == 1
            watch.close()
