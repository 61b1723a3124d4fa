"""The connections without I/O."""

from __future__ import annotations

import dataclasses
import gc
from pathlib import Path
from typing import Any, Callable, List, Tuple

import pytest

import mailwire
from mailwire import ImapConnection, Pop3Connection
from mailwire import events as ev

GREETING = b"* OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi\r\n"


def events(connection: Any) -> List[ev.Event]:
    return list(iter(connection.next_event, None))


def test_a_session() -> None:
    imap = ImapConnection()
    assert imap.next_event() is None and imap.state == "greeting"
    imap.receive_data(GREETING)
    (greeting,) = events(imap)
    assert isinstance(greeting, ev.Greeting) and greeting.text == "hi" and greeting.code is not None
    assert greeting.code.name == "CAPABILITY"
    assert imap.state == "not_authenticated" and imap.has("idle") and not imap.has("MOVE")
    tag = imap.login("alice", 'a"b')
    assert imap.data_to_send() == b'A1 LOGIN "alice" "a\\"b"\r\n' and tag == "A1"
    assert imap.data_to_send() == b"" and imap.in_flight(tag) and not imap.is_quiet
    for byte in b"A1 OK [CAPABILITY IMAP4rev1] in\r\n":
        imap.receive_data(bytes([byte]))
    (done,) = events(imap)
    assert isinstance(done, ev.Completed) and done.tag == tag and done.status == "ok"
    assert imap.state == "authenticated" and imap.selected is None
    tag = imap.fetch("1", "BODY[]") if imap.state == "selected" else imap.select("INBOX")
    imap.data_to_send()
    imap.receive_data(f"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n{tag} OK [READ-WRITE] x\r\n".encode())
    events(imap)
    assert imap.selected is not None and imap.selected.exists == 2 and imap.selected.uid_validity == 7
    imap.logout()
    imap.data_to_send()
    imap.receive_data(b"* BYE bye\r\nA3 OK out\r\n")
    imap.receive_data(b"")
    events(imap)
    assert imap.closed


def test_large_bodies_come_in_chunks() -> None:
    imap = ImapConnection(observer=True, buffer_size=4096)
    imap.receive_data(GREETING)
    body = bytes(range(256)) * 4000
    imap.receive_data(b"* 1 FETCH (UID 3 BODY[] {%d}\r\n" % len(body) + body + b" FLAGS (\\Seen))\r\n")
    got = events(imap)
    chunks = [event.data for event in got if isinstance(event, ev.FetchChunk)]
    assert b"".join(chunks) == body and all(type(chunk) is bytes for chunk in chunks) and len(chunks) > 100
    assert isinstance(got[-1], ev.FetchEnd) and ev.FetchItem("flags", ("\\Seen",)) in got


def test_events_are_immutable_and_equal() -> None:
    imap = ImapConnection(observer=True)
    raw = b'* LIST (\\HasNoChildren) "/" "a&-b"\r\n'
    imap.receive_data(GREETING + raw + raw)
    _, one, two = events(imap)
    assert one == two and isinstance(one, ev.List) and one.mailbox == "a&b" and hash(one) == hash(two)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.mailbox = "x"  # type: ignore[misc]


def test_what_cannot_be_understood() -> None:
    imap = ImapConnection(observer=True, buffer_size=1024)
    imap.receive_data(GREETING + b"* 1 FETCH (FLAGS 3 UID 9)\r\n* LIST (\xff\r\n* \xff\xfe\r\n* 2 FETCH (UID 1 X " + b"(" * 5000)
    kinds = {type(event) for event in events(imap)}
    assert ev.Malformed in kinds or ev.Other in kinds
    imap = ImapConnection(observer=True)
    imap.receive_data(GREETING + b"not a response {999999999999999999999}\r\nx")
    with pytest.raises(mailwire.ProtocolError):
        events(imap)
    with pytest.raises(mailwire.ProtocolError):
        imap.next_event()


def test_the_recorded_sessions_of_real_servers() -> None:
    folder = Path(__file__).parents[3] / "tests" / "data" / "transcripts"
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not files:
        pytest.skip("not beside the repository")
    seen = set()
    for path in files:
        for kind, make in (("imap", lambda: ImapConnection(observer=True)), ("pop3", Pop3Connection)):
            connection: Any = make()
            connection.receive_data(path.read_bytes())
            try:
                for event in iter(connection.next_event, None):
                    seen.add(type(event))
                    assert repr(event) and event == event
            except mailwire.ProtocolError:
                pass
    assert len(seen) > 10


def test_wrong_arguments() -> None:
    imap = ImapConnection()
    imap.receive_data(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n")
    events(imap)
    with pytest.raises(mailwire.UsageError) as error:
        imap.fetch("1", "FLAGS")
    assert error.value.name == "WRONG_STATE"
    calls: Tuple[Callable[[], object], ...] = (
        lambda: imap.select("a\0b"),
        lambda: imap.select("\ud800"),
        lambda: imap.append("x", -1),
        lambda: imap.create("x" * 100_000),
    )
    for call in calls:
        with pytest.raises(mailwire.UsageError):
            call()
    anything: Any = imap
    for call in (lambda: anything.select(3), lambda: anything.select(None), lambda: anything.append("x", "y")):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(mailwire.UsageError) as error:
        imap.move("1", "x")
    assert imap.data_to_send() == b""
    with pytest.raises(mailwire.UsageError):
        ImapConnection(timeout=-1)
    with pytest.raises(TypeError):
        ImapConnection(buffer_size="x")
    with pytest.raises(mailwire.UsageError):
        ImapConnection(buffer_size=3)
    tag = imap.select("x\r\nA9 LOGOUT")
    sent = imap.data_to_send()
    assert b"\r\nA9" not in sent.split(b"{", 1)[0] and tag == "A1"


def test_timeouts() -> None:
    imap = ImapConnection(timeout=0.01)
    imap.receive_data(b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n")
    events(imap)
    imap.noop()
    imap.data_to_send()
    imap.next_event()
    timeout = imap.next_timeout()
    assert timeout is not None and timeout <= 0.011
    import time

    time.sleep(0.05)
    with pytest.raises(mailwire.TimedOut):
        imap.next_event()


def test_pop3() -> None:
    pop3 = Pop3Connection()
    pop3.receive_data(b"+OK hi <1@x>\r\n")
    (greeting,) = events(pop3)
    assert isinstance(greeting, ev.Greeting) and greeting.timestamp == "<1@x>" == pop3.timestamp
    while pop3.data_to_send() != b"":
        pop3.receive_data(b"-ERR what\r\n")
        events(pop3)
    pop3.apop("mrose", "tanstaaf")
    assert pop3.data_to_send().startswith(b"APOP mrose ")
    pop3.receive_data(b"+OK\r\n")
    events(pop3)
    sent = pop3.data_to_send()
    if sent == b"CAPA\r\n":
        pop3.receive_data(b"+OK\r\nUIDL\r\nTOP\r\n.\r\n")
        events(pop3)
        assert set(pop3.capabilities) >= {"UIDL", "TOP"}
    pop3.retr(1)
    pop3.data_to_send()
    pop3.receive_data(b"+OK\r\nSubject: x\r\n\r\n..\r\n.\r\n")
    got = events(pop3)
    assert b"".join(event.data for event in got if isinstance(event, ev.MessageChunk)) == b"Subject: x\r\n\r\n.\r\n"
    assert [type(event) for event in got][-2:] == [ev.MessageEnd, ev.Completed]


def test_nothing_leaks() -> None:
    def peak() -> int:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0])

    def work() -> None:
        for _ in range(200):
            imap = ImapConnection()
            imap.receive_data(GREETING)
            events(imap)
            imap.authenticate("a", "b" * 1000, mechanism="PLAIN", protected=True)
            imap.data_to_send()
        gc.collect()

    work()
    before = peak()
    for _ in range(5):
        work()
    assert peak() - before < 8000


def test_texts() -> None:
    assert mailwire.decode("=?utf-8?q?=C3=BC?= x") == "ü x"
    assert mailwire.decode(b"\xe9") == "é"
    assert list(mailwire.numbers("1:3,7,9:8")) == [1, 2, 3, 7, 8, 9]
    with pytest.raises(TypeError):
        mailwire.Query(nonsense=1)
    with pytest.raises(TypeError):
        mailwire.Query(since="2020")
    assert str(mailwire.Query()) == "ALL"
