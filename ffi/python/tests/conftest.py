from __future__ import annotations

import itertools
import os
import ssl
from typing import Iterator

import pytest

import dovecot as _dovecot
import mailwire
from dovecot import PASSWORD, Dovecot

_users = itertools.count()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if not _dovecot.is_there():
        if os.environ.get("CI") == "true":
            pytest.fail("no Dovecot")
        pytest.skip("no Dovecot, or not root")
    server = Dovecot()
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
