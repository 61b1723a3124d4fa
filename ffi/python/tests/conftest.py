from __future__ import annotations

import os
import ssl
from typing import Iterator

import pytest

import mailwire
from dovecot import PASSWORD, USERS, Dovecot

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
