from __future__ import annotations

import asyncio
import os
import signal
import ssl
from typing import Awaitable, Callable, Iterator

import pytest

import mailwire
from dovecot import PASSWORD, USERS, Dovecot

# Who is started in the background may have been told to pass it over.
signal.signal(signal.SIGINT, signal.default_int_handler)

_users = iter(range(USERS))


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    try:
        server = Dovecot()
    except FileNotFoundError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def context(dovecot: Dovecot) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(dovecot.ca))


@pytest.fixture
def user() -> str:
    return f"user{next(_users)}"


@pytest.fixture
def mail(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> Iterator[mailwire.IMAP]:
    """A user's connection, logged in."""
    with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
        mail.login(user, PASSWORD)
        yield mail


Scene = Callable[[mailwire.AsyncIMAP], Awaitable[None]]


@pytest.fixture
def play(dovecot: Dovecot, context: ssl.SSLContext, user: str) -> Callable[[Scene], None]:
    """Runs a scene with a connection that is logged in, by each kind of TLS."""

    def play(scene: Scene, starttls: bool = False) -> None:
        async def main() -> None:
            port = dovecot.imap if starttls else dovecot.imaps
            async with mailwire.AsyncIMAP("localhost", port, ssl=context, starttls=starttls, timeout=20) as mail:
                await mail.login(user, PASSWORD)
                await mail.select()
                await scene(mail)
            assert mail.closed

        asyncio.run(asyncio.wait_for(main(), 60))

    return play
