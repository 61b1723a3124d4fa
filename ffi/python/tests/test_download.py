"""Parts of messages, decoded as they come, beside what the standard library makes of them."""

from __future__ import annotations

import asyncio
import base64
import email
import gc
import io
import quopri
import random
import shutil
import signal
import socket
import ssl
import tracemalloc
from typing import Any, List, Optional, Union

import pytest

import mailwire
from dovecot import PASSWORD, Dovecot
from fake import GREETING, SELECTED, Fake, Talk

_chance = random.Random(6)
BLOB = _chance.randbytes(300_001)


def in_odd_lines(data: bytes) -> bytes:
    """Base64 in lines of any length, some empty."""
    left, lines = base64.b64encode(data), []
    while left:
        size = _chance.choice((0, 1, 2, 3, 5, 7, 60, 76, 77, 998))
        lines.append(left[:size])
        left = left[size:]
    return b"\r\n".join(lines)


def part(kind: bytes, encoding: Optional[bytes], body: bytes, more: bytes = b"") -> bytes:
    header = b"Content-Type: " + kind + b"\r\n" + more
    if encoding is not None:
        header += b"Content-Transfer-Encoding: " + encoding + b"\r\n"
    return header + b"\r\n" + body


def multipart(subtype: bytes, *parts: bytes) -> bytes:
    line = b"=-%016x" % _chance.getrandbits(64)
    body = b"".join(b"--" + line + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + line + b"--\r\n"
    return part(b"multipart/" + subtype + b'; boundary="' + line + b'"', None, b"No MIME here.\r\n" + body)


LONG = "Grüße an alle, die Zeilen gern umbrechen = und nicht zu kurz. " * 40 + "\r\nEnde"
SOFT = b"\r\n".join(quopri.encodestring(LONG.encode()).splitlines()) + b"=\r\n"
LATIN = "Ähnlich, aber anders: 20 £\r\nzweite Zeile\r\n".encode("latin-1")
INNER = (
    b"Subject: inner\r\nMIME-Version: 1.0\r\n"
    + multipart(b"mixed", part(b"text/plain", b"Base64", in_odd_lines(b"deep inside\r\n")), part(b"image/x", b"binary", b"\x01\xff" * 99))
)  # fmt: skip
MIXED = b"Subject: mixed\r\nMIME-Version: 1.0\r\n" + multipart(
    b"mixed",
    multipart(
        b"alternative",
        part(b"text/plain; charset=utf-8", b"quoted-printable", SOFT),
        part(b"text/html; charset=iso-8859-1", b"BASE64", in_odd_lines(LATIN)),
    ),
    part(b"application/octet-stream", b"base64", in_odd_lines(BLOB),
         b"Content-Disposition: attachment; filename*=utf-8''%C3%BCber.bin\r\n"),
    part(b"text/plain; charset=iso-8859-1", b"8bit", LATIN),
    part(b"message/rfc822", None, INNER),
    part(b"application/x", b"x-what", b"as it is: =41\r\n"),
    part(b"application/x", b"base64", b""),
    part(b"text/plain; charset=x-nobody-knows", b"quoted-printable", b"caf=C3=A9"),
)  # fmt: skip
SINGLE = [
    b"Subject: one\r\nMIME-Version: 1.0\r\n" + part(b"text/plain", b"base64", in_odd_lines(b"hello\r\n" * 99)),
    b"Subject: two\r\n" + part(b"text/plain; charset=utf-8", b"Quoted-Printable", SOFT),
    b"Subject: three\r\n" + part(b"text/plain; charset=iso-8859-1", b"8bit", LATIN),
    b"Subject: four\r\n\r\nno MIME at all: =41\r\n",
    b"Subject: five\r\n" + part(b"message/rfc822", None, INNER),
]


def their_leaves(raw: bytes) -> List[bytes]:
    """What the standard library finds, in order."""
    found = []
    for one in email.message_from_bytes(raw).walk():
        if not one.is_multipart():
            payload = one.get_payload(decode=True)
            assert isinstance(payload, bytes)
            found.append(payload)
    return found


def leaves(structure: Any) -> List[mailwire.Part]:
    return [one for one in structure if one.kind == "single"]


def test_the_same_as_the_standard_library(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    messages = [MIXED, *SINGLE]
    dovecot.drop_in(user, messages)
    mail.select()
    for msg in mail.fetch("1:*", "BODYSTRUCTURE"):
        assert msg.uid is not None and msg.body_structure is not None
        raw = messages[msg.uid - 1]
        mine = [mail.download(msg.uid, one).read() for one in leaves(msg.body_structure)]
        assert mine == their_leaves(raw)
        by_number = [mail.download(msg.uid, one.number).read() for one in leaves(msg.body_structure)]
        assert by_number == mine
        assert mail.download(msg.uid).read() == raw
    assert mail.updates() == []


def test_files_and_texts(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    dovecot.drop_in(user, [MIXED, *SINGLE])
    mail.select()
    msg = mail.fetch_one(1, "BODYSTRUCTURE")
    assert msg is not None and msg.body_structure is not None
    parts = {one.number: one for one in reversed(msg.body_structure)}
    attached = [one for one in msg.body_structure if one.is_attachment]
    assert [one.number for one in attached] == ["2"] and attached[0].file_name == "über.bin"
    told: List[Any] = []
    with mail.download(1, attached[0], progress=lambda *it: told.append(it)) as file:
        out = io.BytesIO()
        shutil.copyfileobj(file, out)
    assert out.getvalue() == BLOB and file.closed and file.size is None
    assert told[-1] == (attached[0].size, attached[0].size) and told == sorted(told)
    eight = mail.download(1, parts["3"])
    assert eight.size == len(LATIN) and list(eight) == LATIN.splitlines(True)
    file = mail.download(1, parts["2"])
    room = bytearray(7)
    assert file.readinto(room) == 7 and bytes(room) + file.read(5) + file.peek()[:1] == BLOB[:13]
    assert file.read() == BLOB[12:] and file.read() == b"" and file.read(1) == b"" and file.readinto(room) == 0
    assert mail.download(1, parts["4"]).read() == INNER
    assert mail.download_text(1, parts["1.1"]) == LONG
    assert mail.download_text(1, "1.2") == LATIN.decode("latin-1") == mail.download_text(1, parts["3"])
    assert mail.download_text(1, "7") == "café"
    assert mail.download_text(4, "1") == LATIN.decode("latin-1")
    assert mail.download_text(5, "1") == "no MIME at all: =41\r\n"
    assert mail.fetch_one(1).flags == ("\\Recent",)  # type: ignore[union-attr]
    mail.download(1, parts["1.1"], mark_seen=True).close()
    assert "\\Seen" in mail.fetch_one(1).flags  # type: ignore
    assert mail.download(1, "3", uid=False).read() == LATIN


def test_none_such(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    dovecot.drop_in(user, [MIXED])
    with pytest.raises(mailwire.UsageError):
        mail.download(1, "1")
    mail.select()
    absent = mailwire.Part("99", "single", encoding="base64")
    for args in ((1, "9"), (1, "HEADER"), (7, "1"), (7,), (7, absent)):
        with pytest.raises(mailwire.Refused) as error:
            mail.download(*args)
        assert error.value.code == "NONEXISTENT"
    with pytest.raises(mailwire.Refused):
        mail.download_text(7, "1")
    # Dovecot says that there is nothing in it.
    assert mail.download(1, absent).read() == b""
    for wrong in ((None,), ("1",), (True,), ([1],), (1, 1), (1, b"1")):
        with pytest.raises(TypeError):
            mail.download(*wrong)
    for bad in (0, -1, 1 << 32):
        with pytest.raises(mailwire.UsageError):
            mail.download(bad)
    assert mail.search() == [1]


def test_broken_off(dovecot: Dovecot, mail: mailwire.IMAP, user: str, context: ssl.SSLContext) -> None:
    blob = BLOB * 10
    big = b"Subject: big\r\n" + part(b"application/x", b"base64", base64.encodebytes(blob).replace(b"\n", b"\r\n"))
    dovecot.drop_in(user, [big, MIXED])
    mail.select()
    # Closed, forgotten, and kept while others go on.
    with mail.download(1, "1") as file:
        assert file.read(3) == blob[:3]
    with pytest.raises(ValueError):
        file.read()
    assert mail.search() == [1, 2]
    mail.download(1, "1").read(100_000)
    assert mail.search() == [1, 2]
    one, two = mail.download(1, "1"), mail.download(2, "2")
    assert one.read(10) == blob[:10]
    assert mail.status("INBOX").messages == 2
    assert two.read(5) + two.read() == BLOB
    assert one.read() == blob[10:]
    for msg in mail.fetch("1:*", body=True):
        assert mail.download(2, "2").read() == BLOB
        assert mail.download(1, "1").read(5) == blob[:5]
        assert len(msg.body.read()) in (len(big), len(MIXED))
    # Of an error in the middle nothing is lost.
    calls = iter([None, ZeroDivisionError()])

    def progress(*_: object) -> None:
        error = next(calls, None)
        if error is not None:
            raise error

    file = mail.download(1, "1", progress=progress)
    with pytest.raises(ZeroDivisionError):
        file.read()
    assert file.read() == blob
    assert mail.search() == [1, 2]
    # A goodbye does not wait for the rest.
    with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as other:
        other.login(user, PASSWORD)
        other.select(readonly=True)
        other.download(1, "1").read(1)
    file = mail.download(1, "1")
    mail.close()
    with pytest.raises(mailwire.ConnectionLost):
        file.read()
    file.close()


def test_on_asyncio(dovecot: Dovecot, play: Any, user: str) -> None:
    messages = [MIXED, *SINGLE]
    dovecot.drop_in(user, messages)

    async def scene(mail: mailwire.AsyncIMAP) -> None:
        async for msg in mail.fetch("1:*", "BODYSTRUCTURE"):
            assert msg.uid is not None and msg.body_structure is not None
            mine = []
            for one in leaves(msg.body_structure):
                body = await mail.download(msg.uid, one)
                mine.append(b"".join([chunk async for chunk in body]))
                assert await body.read() == b""
            assert mine == their_leaves(messages[msg.uid - 1])
        assert await mail.download_text(1, "1.1") == LONG
        body = await mail.download(1, "2")
        room = bytearray(7)
        assert await body.readinto(room) == 7 and room + await body.read(3) == BLOB[:10]
        assert await mail.search() == [1, 2, 3, 4, 5, 6]
        assert await body.read(5) == BLOB[10:15]
        body.close()
        with pytest.raises(mailwire.UsageError):
            await body.read()
        told: List[Any] = []

        async def progress(*it: object) -> None:
            await asyncio.sleep(0)
            told.append(it)

        assert await (await mail.download(1, "2", progress=progress)).read() == BLOB and told
        with pytest.raises(mailwire.Refused):
            await mail.download(1, "77")
        both = await asyncio.gather(mail.download_text(1, "1.1"), mail.download_text(1, "3"))
        assert list(both) == [LONG, LATIN.decode("latin-1")]
        # Cancelled anywhere.
        for seed in range(4):
            chance = random.Random(seed)

            async def patiently(make: Any) -> Any:
                while True:
                    try:
                        return await asyncio.wait_for(make(), chance.choice((0, 0.0001, 0.001, 0.003, 1)))
                    except asyncio.TimeoutError:
                        pass

            body = await patiently(lambda: mail.download(1, "2"))
            data = await patiently(lambda: body.read(1000))
            if chance.random() < 0.5:
                assert await patiently(mail.search) == [1, 2, 3, 4, 5, 6]
            assert data + await patiently(body.read) == BLOB

    play(scene)


class Interrupt(BaseException):
    pass


def test_signals_anywhere(dovecot: Dovecot, user: str) -> None:
    """Either the rest comes, whole, or the connection says that it has ended."""
    dovecot.drop_in(user, [MIXED])

    def interrupt(*_: Any) -> None:
        raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    whole = 0
    try:
        for attempt in range(60):
            with mailwire.IMAP("localhost", dovecot.imap, ssl=False, timeout=20) as mail:
                mail.login(user, PASSWORD)
                mail.select()
                file = mail.download(1, "2")
                data = b""
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.0001 * (attempt + 1))
                    data = file.read()
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except Interrupt:
                    pass
                try:
                    # Nothing is left if the signal came just behind the end.
                    assert data + file.read() in (BLOB, b"")
                    assert mail.search() == [1]
                    whole += data == BLOB
                except mailwire.ConnectionLost:
                    assert mail.closed
    finally:
        signal.signal(signal.SIGALRM, before)
    assert whole


def test_memory(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    lines = base64.encodebytes(BLOB).replace(b"\n", b"\r\n")
    dovecot.drop_in(user, [b"Subject: big\r\n" + part(b"application/x", b"base64", lines * 60)])
    mail.select()
    file = mail.download(1, "1")
    tracemalloc.start()
    try:
        size = 0
        while chunk := file.read(65536):
            size += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 60 * len(BLOB) and peak < 1 << 20


# On a server that says what it is told to.

STRUCTURE = b'* 1 FETCH (UID 1 BODYSTRUCTURE ("APPLICATION" "X" NIL NIL NIL "base64 " 12 NIL NIL NIL NIL))\r\n'


def fake_mail(fake: Fake) -> mailwire.IMAP:
    mail = mailwire.IMAP("localhost", fake.port, ssl=False, timeout=5)
    mail.login("a", "b")
    mail.select()
    return mail


def begin(talk: Talk) -> None:
    talk.say(GREETING)
    talk.answer(ok=b"OK [CAPABILITY IMAP4rev1] done")
    talk.answer(SELECTED)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"{6}\r\naGVsbG", b"hell"),  # cut short
        (b"{8}\r\naGVsbG8=", b"hello"),
        (b"{7}\r\naGVsbG8", b"hello"),  # no padding
        (b"{14}\r\na\0G*V s\r\nbG8==", b"hello"),
        (b'"aGVsbG8="', b"hello"),
        (b'""', b""),
        (b"NIL", None),
    ],
)  # fmt: skip
def test_what_comes(sent: bytes, expected: Optional[bytes]) -> None:
    def script(talk: Talk) -> None:
        begin(talk)
        assert b"BODYSTRUCTURE" in talk.answer(STRUCTURE)
        assert b"BODY.PEEK[1]" in talk.answer(b"* 2 EXPUNGE\r\n* 1 FETCH (UID 1 BODY[1] " + sent + b" FLAGS (\\Seen))\r\n* 1 FETCH (FLAGS ())\r\n")
        talk.answer()
        talk.answer()

    with Fake(script) as fake:
        mail = fake_mail(fake)
        if expected is None:
            with pytest.raises(mailwire.Refused):
                mail.download(1, "1")
        else:
            assert mail.download(1, "1").read() == expected
        mail.noop()
        mail.close()


def test_refused_in_the_middle() -> None:
    def script(talk: Talk) -> None:
        begin(talk)
        talk.answer(b"* 1 FETCH (UID 1 BODY[1] {8}\r\naGVsbG8=)\r\n", b"NO [SERVERBUG] disk failed")
        talk.answer(ok=b"NO [EXPUNGEISSUED] gone")
        talk.answer()

    some = mailwire.Part("1", "single", encoding="base64")
    with Fake(script) as fake:
        mail = fake_mail(fake)
        file = mail.download(1, some)
        with pytest.raises(mailwire.Refused) as error:
            file.read()
        assert error.value.code == "SERVERBUG"
        with pytest.raises(mailwire.Refused) as error:
            mail.download(1, some)
        assert error.value.code == "EXPUNGEISSUED"
        mail.noop()
        mail.close()


def test_lost_in_the_middle() -> None:
    def script(talk: Talk) -> None:
        begin(talk)
        talk.line()
        talk.say(b"* 1 FETCH (UID 1 BODY[1] {800}\r\naGVsbG8=")
        talk.sock.shutdown(socket.SHUT_RDWR)

    with Fake(script) as fake:
        mail = fake_mail(fake)
        file = mail.download(1, mailwire.Part("1", "single", encoding="base64"))
        assert file.read(5) == b"hello"
        with pytest.raises(mailwire.ConnectionLost):
            file.read()
        assert mail.closed


# The decoders alone.


def in_pieces(decoder: Any, data: bytes, size: int) -> Any:
    parts = [decoder.decode(data[at : at + size]) for at in range(0, len(data), size)]
    return type(parts[0])().join([*parts, decoder.decode(b"", final=True)])


@pytest.mark.parametrize("size", [1, 2, 3, 77, 70_000, 1 << 30])
def test_pieces(size: int) -> None:
    blob = BLOB[:9999]
    lines = in_odd_lines(blob)
    assert in_pieces(mailwire.TransferDecoder("base64"), lines, size) == blob
    assert in_pieces(mailwire.TransferDecoder("Quoted-Printable "), SOFT, size) == LONG.encode()
    for encoding in (None, "", "7bit", "8BIT", "binary", "x-what", "a\0b", "\ud800", "x" * 9999):
        assert in_pieces(mailwire.TransferDecoder(encoding), lines, size) == lines
    assert in_pieces(mailwire.TransferDecoder("quoted-printable"), b"a=4", size) == b"a=4"
    for charset in ("utf-8", "iso-8859-1", "koi8-r", "shift_jis", "iso-2022-jp", "utf-16le", "gb18030"):
        text = {"koi8-r": "привет ", "shift_jis": "日本語 ", "iso-2022-jp": "日本語 "}.get(charset, "Grüße ") * 999
        assert in_pieces(mailwire.CharsetDecoder(charset), text.encode(charset), size) == text
    assert in_pieces(mailwire.CharsetDecoder("utf-8"), b"ab\xc3", size) == "ab\ufffd"
    for charset in (None, "", "x-what", "a\0b", "\ud800", "us-ascii"):  # type: ignore[assignment]
        assert in_pieces(mailwire.CharsetDecoder(charset), "Grüße".encode(), size) == "Grüße"
        assert in_pieces(mailwire.CharsetDecoder(charset), b"Gr\xfc\xdfe", size) == "Grüße"


def test_decoders_take_bytes() -> None:
    for made in (mailwire.TransferDecoder, mailwire.CharsetDecoder):
        decoder: Union[mailwire.TransferDecoder, mailwire.CharsetDecoder] = made("base64")
        for wrong in ("text", None, 1, [1]):
            with pytest.raises(TypeError):
                decoder.decode(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            made(b"base64")  # type: ignore[arg-type]
    decoder = mailwire.TransferDecoder("base64")
    assert decoder.decode(bytearray(b"aGVs")) + decoder.decode(memoryview(b"bG8=")) == b"hello"


def test_nothing_is_left_open(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    """A download that is forgotten ends at once, without the collector."""
    dovecot.drop_in(user, [MIXED])
    mail.select()
    gc.collect()
    gc.disable()
    try:
        file = mail.download(1, "2")
        assert file.read(1) == BLOB[:1]
        session = mail._link.session
        assert session._open is not None and session._open() is not None
        del file
        assert session._open is not None and session._open() is None
        assert mail.download(1, "2").read() == BLOB
        assert session._open is None
    finally:
        gc.enable()
