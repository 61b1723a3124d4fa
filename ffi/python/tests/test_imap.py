"""The blocking client on a real server."""

from __future__ import annotations

import email
import hashlib
import imaplib
import io
import logging
import shutil
import ssl
import threading
from datetime import date, datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Any, List

import pytest

import mailwire
from dovecot import PASSWORD, Dovecot, token_of
from mailwire import Query
from mailwire import events as ev

LETTER = b"Subject: number %d\r\nFrom: Ann <ann@example.org>\r\nMessage-ID: <%d@x>\r\n\r\nHello %d.\r\n"


def letters(count: int) -> List[bytes]:
    return [LETTER % (number, number, number) for number in range(1, count + 1)]


NASTY = [
    b"",
    b"\r\n",
    b"no header\r\n",
    b"Subject: \xe9\xff raw\r\n\r\n\x80\x81\r\n",
    b"Subject: =?utf-8?b?w7w=?= =?utf-8?q?=C3=BC?=\r\n\r\n* 1 FETCH (UID 99)\r\n",
    b"Subject: a\r\n b\r\n\tc \"q\\\" {3}\r\n\r\nA1 OK done\r\n.\r\n",
    b"From: =?iso-8859-1?q?J=FCrgen?= <j@x>, \"a, b\" <c@d>\r\nSubject: x\r\n\r\n" + b"x" * 70000,
    b"Subject: long\r\n\r\n" + b"0123456789abcdef" * 20000 + b"\r\n",
]


def test_the_same_bytes_as_imaplib(
    dovecot: Dovecot, mail: mailwire.IMAP, user: str, context: ssl.SSLContext
) -> None:
    dovecot.drop_in(user, NASTY)
    other = imaplib.IMAP4_SSL("localhost", dovecot.imaps, ssl_context=context)
    other.login(user, PASSWORD)
    other.select(readonly=True)
    mail.examine()
    uids = mail.search()
    assert uids == [int(uid) for uid in other.uid("SEARCH", "ALL")[1][0].split()]
    assert len(uids) == len(NASTY)
    for items, section in (("BODY.PEEK[]", True), ("BODY.PEEK[HEADER]", "HEADER"), ("BODY.PEEK[TEXT]", "TEXT")):
        seen = []
        for msg in mail.fetch(uids, "FLAGS RFC822.SIZE", body=section):
            theirs: Any = other.uid("FETCH", str(msg.uid), f"({items} RFC822.SIZE)")[1][0]
            expected = theirs[1] if isinstance(theirs, tuple) else b""
            assert msg.body.read() == expected
            if section is True:
                assert msg.rfc822_size == len(expected)
            seen.append(msg.uid)
        assert seen == uids
    for msg in mail.fetch(uids, "BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[TEXT]<2.5>"):
        theirs = other.uid("FETCH", str(msg.uid), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0]
        assert msg.sections["HEADER.FIELDS (SUBJECT)"] == theirs[1]
    assert mail.fetch_one(uids[4]).envelope.subject == "üü"  # type: ignore[union-attr]
    assert mail.fetch_one(uids[3]).envelope.subject == "éÿ raw"  # type: ignore[union-attr]
    assert [str(a) for a in mail.fetch_one(uids[6]).envelope.from_] == ["Jürgen <j@x>", "a, b <c@d>"]  # type: ignore[union-attr]
    other.logout()


def test_bodies(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    large = b"Subject: large\r\n\r\n" + bytes(range(32, 127)) * 50000
    dovecot.drop_in(user, [large, *letters(2)])
    mail.select()
    told = []
    for msg in mail.fetch("1", body=True, progress=lambda got, size: told.append((got, size))):
        assert msg.body.size == len(large)
        out = io.BytesIO()
        shutil.copyfileobj(msg.body, out)
        assert hashlib.sha256(out.getvalue()).digest() == hashlib.sha256(large).digest()
        assert msg.body.read() == b"" and msg.body.read(3) == b""
    assert told[-1] == (len(large), len(large)) and told == sorted(told)
    for msg in mail.fetch("1", body=True):
        assert msg.body.read(7) == large[:7]
        assert io.BufferedReader(msg.body, 100).readline() == b": large\r\n"
        room = bytearray(5)
        assert msg.body.readinto(room) == 5
    texts = [msg.to_email()["Subject"] for msg in mail.fetch("2:*", body=True)]
    assert texts == ["number 1", "number 2"]
    for msg in mail.fetch("1:*", body=True):
        pass
    with pytest.raises(mailwire.UsageError):
        msg.body.read()
    for msg in mail.fetch("1:*"):
        with pytest.raises(mailwire.UsageError):
            msg.body.read()
    assert [msg.flags for msg in mail.fetch("2", "FLAGS")] == [("\\Recent",)]
    list(mail.fetch("2", body=True, mark_seen=True))
    assert "\\Seen" in mail.fetch_one(2).flags  # type: ignore


def test_commands_within_a_loop(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    dovecot.drop_in(user, letters(30))
    mail.select()
    bodies = {}
    for msg in mail.fetch("1:*", body=True):
        assert msg.uid is not None
        if msg.uid % 3 == 0:
            mail.add_flags(msg.uid, "\\Flagged")
        start = msg.body.read(5)
        if msg.uid % 4 == 0:
            mail.noop()
            # A loop in a loop.
            assert [inner.uid for inner in mail.fetch([1, msg.uid])] == sorted({1, msg.uid})
        bodies[msg.uid] = start + msg.body.read()
    assert bodies == dict(enumerate(letters(30), 1))
    assert mail.search(Query(flagged=True)) == list(range(3, 31, 3))
    # Loops that take turns.
    one, two = mail.fetch("1:*", body=True), mail.fetch("1:*", body="TEXT")
    for number, (a, b) in enumerate(zip(one, two), 1):
        assert a.uid == b.uid == number
        assert b.body.read() == b"Hello %d.\r\n" % number
        assert a.body.read() == letters(number)[-1]


def test_loops_that_are_left(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    dovecot.drop_in(user, [*letters(20), b"Subject: large\r\n\r\n" + b"x" * 3_000_000])
    mail.select()
    for msg in mail.fetch("1:*", body=True):
        if msg.uid == 3:
            msg.body.read(3)
            break
    assert len(mail.search()) == 21
    loop = mail.fetch("1:*", body=True)
    next(loop)
    mail.noop()
    loop.close()
    assert list(loop) == []
    with mail.fetch("1:*", body=True) as loop:
        next(loop)
    mail.fetch("1:*")  # never begun
    assert mail.status("INBOX").messages == 21
    assert mail.updates() == []


def test_long_sets(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    dovecot.drop_in(user, letters(3000))
    mail.select()
    odd = range(1, 3001, 2)
    assert [msg.uid for msg in mail.fetch(odd, "FLAGS")] == list(odd)
    mail.create("Odd")
    copied = mail.copy(odd, "Odd")
    assert dict(copied.uids) == dict(zip(odd, range(1, 1501)))
    mail.add_flags(odd, "\\Deleted")
    mail.expunge(range(1, 1001, 2))
    assert len(mail.search()) == 2500


def test_mailboxes(mail: mailwire.IMAP) -> None:
    assert {"INBOX", "Sent"} <= {box.mailbox for box in mail.list()}
    (sent,) = (box for box in mail.list(returns="SPECIAL-USE") if box.mailbox == "Sent")
    assert "\\Sent" in sent.attributes and sent.selectable and sent.delimiter == "/"
    mail.create("Grüße & Küsse")
    mail.subscribe("Grüße & Küsse")
    assert {box.mailbox for box in mail.lsub()} == {"Grüße & Küsse", "Drafts"}
    assert {box.mailbox for box in mail.list(selection="SUBSCRIBED")} == {"Grüße & Küsse", "Drafts"}
    mail.unsubscribe("Grüße & Küsse")
    mail.rename("Grüße & Küsse", "Work")
    mail.create("Work/2026")
    assert sorted(box.mailbox for box in mail.list(["Work", "Work/*"])) == ["Work", "Work/2026"]
    with pytest.raises(mailwire.Refused) as error:
        mail.create("Work")
    assert error.value.code == "ALREADYEXISTS" and error.value.status == "no" and error.value.command == "CREATE"
    with pytest.raises(mailwire.Refused):
        mail.select("nowhere")
    status = mail.status("Work", "MESSAGES UIDNEXT UIDVALIDITY")
    assert (status.messages, status.uid_next, status.unseen) == (0, 1, None)
    mail.delete("Work/2026")
    assert mail.namespace().personal[0].delimiter == "/"
    assert mail.id({"name": "test", "version": None}).get("name") == "Dovecot"
    assert mail.has("IDLE") and "IDLE" in mail.capabilities and mail.capability() == mail.capabilities
    assert mail.protected and mail.greeting.startswith("mailwire tests")


def test_append(mail: mailwire.IMAP) -> None:
    raw = letters(1)[0]
    when = datetime(2026, 11, 1, 12, 30, 5, tzinfo=timezone(timedelta(hours=2)))
    done = mail.append("INBOX", raw, flags=["\\Seen", "$Junk"], date=when)
    assert done.uid == 1 and done.uid_validity is not None
    told = []
    mail.append("INBOX", io.BytesIO(raw), progress=lambda *it: told.append(it))
    assert told[-1] == (len(raw), len(raw))

    class Pipe(io.RawIOBase):
        """A file of which nobody knows how long it is."""

        inner = io.BytesIO(raw * 1000)

        def readable(self) -> bool:
            return True

        def readinto(self, room: Any) -> int:
            return self.inner.readinto(room)

    mail.append("INBOX", Pipe())
    message = EmailMessage()
    message["Subject"] = "Über"
    message.set_content("Hello.\nÄ\n")
    mail.append("INBOX", message)
    with pytest.raises(mailwire.Refused):
        mail.append("INBOX", b"")
    mail.select(readonly=True)
    found = list(mail.fetch("1:*", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE"))
    assert found[0].flags is not None and {"\\Seen", "$Junk"} <= set(found[0].flags)
    assert found[0].internal_date == when
    assert [msg.rfc822_size for msg in found[:3]] == [len(raw), len(raw), 1000 * len(raw)]
    assert found[3].envelope is not None and found[3].envelope.subject == "Über"
    (msg,) = (msg.to_email() for msg in mail.fetch(4, body=True))
    assert msg.get_content().splitlines() == ["Hello.", "Ä"]
    with pytest.raises(mailwire.Refused) as error:
        mail.append("nowhere", raw)
    assert error.value.code == "TRYCREATE"


def test_append_that_fails_in_the_middle(mail: mailwire.IMAP) -> None:
    class Broken(io.BytesIO):
        def read(self, size: Any = -1) -> bytes:
            if self.tell() > 100_000:
                raise ZeroDivisionError
            return super().read(size)

    with pytest.raises(ZeroDivisionError):
        mail.append("INBOX", Broken(b"x" * 1_000_000))
    with pytest.raises(mailwire.UsageError):
        mail.append("INBOX", io.BytesIO(b"short"), size=50_000)
    with pytest.raises(TypeError):
        mail.append("INBOX", io.StringIO("text"))
    for bad in ("text", 3, None):
        with pytest.raises(TypeError):
            mail.append("INBOX", bad)
    assert mail.select().exists == 0


def test_search_sort_thread(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    answer = b"Subject: Re: number 1\r\nFrom: Bob \"B\" <bob@example.org>\r\nMessage-ID: <9@x>\r\nReferences: <1@x>\r\n\r\nYes.\r\n"
    dovecot.drop_in(user, [*letters(3), answer])
    mail.select()
    assert mail.search() == [1, 2, 3, 4]
    assert mail.search(Query(from_="bob")) == mail.search('FROM "bob"') == [4]
    assert mail.search(Query(from_="ann") & ~Query(subject="number 2")) == [1, 3]
    assert mail.search(Query(subject="number 3") | Query(uid=[1, 4])) == [1, 3, 4]
    assert mail.search(Query(subject='with "quotes" \\ and ü')) == []
    assert mail.search(Query(since=date(2020, 1, 1), larger=10, header={"Message-ID": "9@x"})) == [4]
    assert mail.search(Query(seen=True)) == [] and mail.search(Query(seen=False), uid=False) == [1, 2, 3, 4]
    found = mail.search_return("ALL", "MIN MAX COUNT ALL")
    assert (found.min, found.max, found.count, found.all) == (1, 4, 4, "1:4")
    assert mail.sort("REVERSE SUBJECT") == [3, 2, 4, 1] or mail.sort("REVERSE SUBJECT")[0] == 3
    (thread,) = (thread for thread in mail.thread() if thread.number == 1)
    assert [child.number for child in thread.children] == [4]
    for bad in ("FROM", "(((", 'FROM "', "ALL)", "NOSUCHKEY", "ALL\0"):
        with pytest.raises((mailwire.UsageError, mailwire.Refused)):
            mail.search(bad)
    for odd in ("SUBJECT {3}", "SUBJECT x\r\nA1", 'SUBJECT "x\r\nA1 LOGOUT"'):
        assert mail.search(odd) == []
    assert mail.search() == [1, 2, 3, 4]


def test_structure(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    message = EmailMessage()
    message["Subject"] = "parts"
    message.set_content("text")
    message.add_attachment(b"\0\1\2" * 100, maintype="image", subtype="png", filename="Größe.png")
    inner = EmailMessage()
    inner["Subject"] = "inner ü"
    inner.set_content("inner")
    message.add_attachment(inner)
    mail.append("INBOX", message)
    mail.select()
    msg = mail.fetch_one(1, "BODYSTRUCTURE")
    assert msg is not None and msg.body_structure is not None
    parts = {part.number: part for part in msg.body_structure}
    assert parts["1"].content_type == "text/plain"
    assert parts["2"].file_name == "Größe.png" and parts["2"].encoding == "base64"
    assert parts["3"].envelope is not None and parts["3"].envelope.subject == "inner ü"
    for msg in mail.fetch(1, "", body="2"):
        import base64

        assert base64.b64decode(msg.body.read()) == b"\0\1\2" * 100
    for msg in mail.fetch(1, "BINARY.SIZE[2] BINARY.PEEK[2]"):
        assert msg.sections["2"] == b"\0\1\2" * 100


def test_flags_copy_move_expunge(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    dovecot.drop_in(user, letters(6))
    mail.select()
    mail.add_flags([1, 2], "\\Seen", "$Work")
    mail.remove_flags(2, "$Work")
    mail.set_flags("3", "\\Flagged")
    flags = {msg.uid: set(msg.flags or ()) - {"\\Recent"} for msg in mail.fetch("1:3", "FLAGS")}
    assert flags == {1: {"\\Seen", "$Work"}, 2: {"\\Seen"}, 3: {"\\Flagged"}}
    mail.create("Other")
    assert dict(mail.copy([1, 3], "Other").uids) == {1: 1, 3: 2}
    assert dict(mail.move([4, 5], "Other").uids) == {4: 3, 5: 4}
    mail.store(6, "+FLAGS", "\\Deleted", silent=False)
    mail.expunge()
    assert mail.search() == [1, 2, 3]
    with pytest.raises(mailwire.Refused) as error:
        mail.copy(1, "nowhere")
    assert error.value.code == "TRYCREATE"
    assert mail.copy([], "nowhere").uids == {}
    mail.unselect()
    with pytest.raises(mailwire.UsageError) as usage:
        mail.search()
    assert usage.value.name == "WRONG_STATE"
    mail.select("Other")
    mail.close_mailbox()


def test_quota_acl_metadata(mail: mailwire.IMAP, user: str) -> None:
    quotas = mail.get_quota_root("INBOX")
    assert quotas[0].resources[0].name == "STORAGE" and quotas[0].resources[0].limit == 2 * 1024 * 1024
    assert mail.get_quota(quotas[0].root).root == quotas[0].root
    mail.create("Shared")
    mail.set_acl("Shared", "bob", "lr")
    assert mail.get_acl("Shared")["bob"] == "lr"
    mail.delete_acl("Shared", "bob")
    assert "bob" not in mail.get_acl("Shared")
    assert "l" in mail.my_rights("Shared")
    rights = mail.list_rights("Shared", "bob")
    assert rights is not None and rights.mailbox == "Shared"
    mail.set_metadata("Shared", {"/private/comment": "ü", "/private/x": None})
    assert mail.get_metadata("Shared", "/private/comment") == {"/private/comment": "ü"}
    assert mail.enable("CONDSTORE") == ("CONDSTORE",)
    selected = mail.select("Shared", condstore=True)
    assert selected.highest_mod_seq is not None


def test_idle(dovecot: Dovecot, mail: mailwire.IMAP, user: str, context: ssl.SSLContext) -> None:
    mail.select()
    assert list(mail.idle(0.2)) == []
    threading.Timer(0.2, dovecot.deliver, (user, letters(1)[0])).start()
    seen = []
    for event in mail.idle(20):
        seen.append(event)
        if isinstance(event, ev.Exists):
            # A command ends it for a moment.
            assert mail.search() == [1]
            break
    with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as other:
        other.login(user, PASSWORD)
        other.select()
        threading.Timer(0.3, other.add_flags, (1, "\\Flagged")).start()
        for change in mail.idle(20):
            if isinstance(change, mailwire.MessageData):
                assert change.seq == 1 and change.flags is not None and "\\Flagged" in change.flags
                break
        other.add_flags(1, "\\Deleted")
        other.expunge()
    for event in mail.idle(20):
        if isinstance(event, ev.Expunge):
            break
    assert mail.search() == []


@pytest.mark.parametrize("starttls", [False, True])
def test_ways_in(dovecot: Dovecot, user: str, context: ssl.SSLContext, starttls: bool) -> None:
    port = dovecot.imap if starttls else dovecot.imaps

    def connect() -> mailwire.IMAP:
        return mailwire.IMAP("localhost", port, ssl=context, starttls=starttls, timeout=20)

    with connect() as mail:
        assert mail.protected
        mail.authenticate(user, PASSWORD)
        assert mail.state == "authenticated"
    for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"):
        with connect() as mail:
            mail.authenticate(user, PASSWORD, mechanism=mechanism)
    for name in ("XOAUTH2", "OAUTHBEARER", None):
        with connect() as mail:
            mail.authenticate(user, token=lambda: token_of(user), mechanism=name)
    for how in ({"password": "wrong"}, {"token": "bad"}, {"password": "wrong", "mechanism": "SCRAM-SHA-256"}):
        with connect() as mail:
            with pytest.raises(mailwire.AuthenticationFailed):
                mail.authenticate(user, **how)
            with pytest.raises(mailwire.AuthenticationFailed) as error:
                mail.login(user, "wrong")
            assert error.value.code == "AUTHENTICATIONFAILED"
            mail.login(user, PASSWORD)
    for mechanism in ("GSSAPI", "NO-SUCH"):
        with connect() as mail, pytest.raises(mailwire.MailError):
            mail.authenticate(user, PASSWORD, mechanism=mechanism)


def test_in_clear(dovecot: Dovecot, user: str, context: ssl.SSLContext) -> None:
    with mailwire.IMAP("localhost", dovecot.imap, ssl=False, timeout=20) as mail:
        assert not mail.protected
        # Not by PLAIN.
        mail.authenticate(user, PASSWORD)
        with pytest.raises(mailwire.UsageError):
            mail.start_tls()
    with mailwire.IMAP("localhost", dovecot.imap, ssl=False, timeout=20) as mail:
        with pytest.raises(mailwire.AuthenticationFailed) as error:
            mail.authenticate(user, token=token_of(user))
        assert error.value.code == "LINK_IN_CLEAR"
    # A certificate that nobody trusts.
    with pytest.raises(ssl.SSLCertVerificationError):
        mailwire.IMAP("localhost", dovecot.imaps, timeout=20)
    with pytest.raises(ssl.SSLCertVerificationError):
        mailwire.IMAP("localhost", dovecot.imap, starttls=True, timeout=20)


def test_secrets_are_not_told(
    dovecot: Dovecot, user: str, context: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
            mail.login(user, PASSWORD)
        with mailwire.IMAP("localhost", dovecot.imaps, ssl=context, timeout=20) as mail:
            mail.authenticate(user, token=token_of(user))
            everything = repr(mail) + repr(vars(mail)) + repr(vars(mail._link.session.conn))
    assert "LOGIN" in caplog.text and PASSWORD not in caplog.text and token_of(user) not in caplog.text
    assert PASSWORD not in everything and token_of(user) not in everything
    assert email.message_from_bytes(b"") is not None


def test_as_elsewhere(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    """What people are used to from other packages."""
    dovecot.drop_in(user, letters(3))
    for call in (mail.search, mail.expunge, lambda: list(mail.fetch("1:*")), lambda: mail.add_flags(1, "x")):
        with pytest.raises(mailwire.UsageError, match="select a mailbox first"):
            call()
    mail.select()
    for items in ("(FLAGS ENVELOPE)", ["(FLAGS ENVELOPE)"], "ALL", ["full"], ["FLAGS", "ENVELOPE"]):
        (msg,) = mail.fetch(2, items)
        assert msg.uid == 2 and msg.flags is not None and msg.envelope is not None
        assert (msg.rfc822_size is None) == ("ENVELOPE" in str(items))
    for msg in mail.fetch(2, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])", body="TEXT"):
        assert msg.sections["HEADER.FIELDS (SUBJECT)"] == b"Subject: number 2\r\n\r\n"
        assert msg.body.read() == b"Hello 2.\r\n"
    for bad in ("(FLAGS", "FLAGS)", "FLAGS) A (FLAGS", "(FLAGS)(UID)"):
        with pytest.raises(mailwire.UsageError):
            list(mail.fetch(2, bad))
    assert mail.status("INBOX", ["MESSAGES", "UNSEEN"]).values == {"messages": 3, "unseen": 3}
    assert sorted(mail.sort(["REVERSE", "DATE"], "UNSEEN")) == [1, 2, 3]
    assert mail.search(Query(uid=[])) == mail.search(Query(sequence=[])) == []
    assert mail.search(~Query(uid=[])) == [1, 2, 3]
