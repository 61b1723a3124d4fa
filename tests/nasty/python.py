#!/usr/bin/env python3
"""What Python's imaplib and email say, for tests/nasty.rs to compare with.

Standard input: requests, each a line `VERB LENGTH...` and as many arguments of those lengths.
Standard output: for each a line `LENGTH...` and as many answers.

open HOST PORT USER PASSWORD MAILBOX   logs in, opens the mailbox; no answers
fetch NUMBER ITEMS                     each FETCH response from its number on, raw; none after NO
describe MESSAGE                       what email says: Subject, Date, In-Reply-To, Message-ID; of
                                       From, To, Cc and Bcc the number of addresses, and each
                                       one's name and address; then of each part its number, type,
                                       Content-ID, -Description, -MD5, -Language, -Location, the
                                       subject of the message in it, file name, body (the last two
                                       "-" for none, "=" before others)
name PARAMETER VALUE ...               the file name that these parameters give (RFC 2231)
"""
import email
import email.header
import email.message
import email.policy
import email.utils
import imaplib
import re
import sys

imaplib._MAXLINE = 1 << 30
connection = None


class Raw(email.policy.Compat32):
    """Header values as they stand, 8-bit bytes as surrogates; only folds are undone."""

    def header_fetch_parse(self, name, value):
        return value.replace("\r\n", "").replace("\n", "")


def open_(host, port, user, password, mailbox):
    global connection
    connection = imaplib.IMAP4(host.decode(), int(port))
    connection.login(user.decode(), password.decode())
    status, answer = connection.select(mailbox.decode(), readonly=True)
    assert status == "OK", answer
    return []


def fetch(number, items):
    status, pieces = connection.fetch(number.decode(), items.decode())
    if status == "NO":
        connection.untagged_responses.pop("FETCH", None)
        return []
    responses = [b""]
    for piece in pieces:
        if isinstance(piece, tuple):
            line, literal = piece
            responses[-1] += line + b"\r\n" + literal
        elif piece is not None:
            responses[-1] += piece
            responses.append(b"")
    return responses[:-1]


def raw(value):
    return value.encode("utf-8", "surrogateescape")


def unlabelled(text):
    """8-bit as mailwire reads it: UTF-8, or else windows-1252. Control characters are blanks."""
    try:
        text = raw(text).decode()
    except UnicodeDecodeError:
        text = raw(text).decode("cp1252", "replace")
    return re.sub("[\0-\x1f\x7f]", " ", text)


def words(text):
    """RFC 2047 decoded."""
    out = ""
    for word, charset in email.header.decode_header(text):
        if isinstance(word, str):
            out += unlabelled(word)
        elif charset is None:
            # decode_header's own: ASCII and escapes.
            out += unlabelled(word.decode("raw-unicode-escape"))
        else:
            try:
                out += word.decode(charset.split("*")[0], "replace")
            except LookupError:
                out += word.decode("latin-1")
    return raw(out)


def own(part):
    """What a part's header says."""
    fields = ["content-id", "content-description", "content-md5", "content-language"]
    answers = [raw(part.get(name, "")) for name in fields + ["content-location"]]
    inner = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(inner, list):
        answers.append(words(inner[0].get("subject", "")))
    else:
        answers.append(b"")
    name = part.get_filename()
    return [part.get_content_type().encode()] + answers + [b"-" if name is None else b"=" + raw(name)]


def parts(part, number, message):
    """`part` and those in it, with their numbers of IMAP; `message`: its own header is one's."""
    inner = part.get_payload()
    if isinstance(inner, list) and part.get_content_maintype() == "multipart":
        out = [number, *own(part), b"-"]
        for index, child in enumerate(inner, 1):
            out += parts(child, number + (b"." if number else b"") + b"%d" % index, False)
        return out
    if message:
        number = number + (b"." if number else b"") + b"1"
    if isinstance(inner, list):
        out = [number, *own(part), b"-"]
        if part.get_content_type() == "message/rfc822":
            out += parts(inner[0], number, True)
        return out
    return [number, *own(part), b"=" + part.get_payload(decode=True)]


def describe(bytes_):
    sys.setrecursionlimit(100_000)
    message = email.message_from_bytes(bytes_, policy=Raw())
    out = [words(message.get("subject", ""))]
    out += [raw(message.get(name, "")) for name in ("date", "in-reply-to", "message-id")]
    for name in "from", "to", "cc", "bcc":
        pairs = email.utils.getaddresses(message.get_all(name, []))
        # What it makes of a group without members.
        pairs = [pair for pair in pairs if pair != ("", "")]
        out.append(b"%d" % len(pairs))
        for name, address in pairs:
            out += [words(name), raw(address)]
    return out + parts(message, b"", True)


def name(*params):
    """As if they were a Content-Disposition's."""
    pairs = [value.decode("utf-8", "surrogateescape") for value in params]
    pairs = [("", "")] + list(zip(pairs[::2], pairs[1::2]))
    # decode_params wants the values quoted, as they stand in the header.
    quoted = [(key, '"%s"' % email.utils.quote(value)) for key, value in pairs]
    for key, value in email.utils.decode_params(quoted):
        if key.lower() in ("filename", "name"):
            if isinstance(value, str):
                value = email.utils.unquote(value)
            else:
                value = value[:2] + (email.utils.unquote(value[2]),)
            return [raw(email.utils.collapse_rfc2231_value(value))]
    return []


VERBS = {
    "open": open_,
    "fetch": fetch,
    "describe": describe,
    "name": name,
}

for line in sys.stdin.buffer:
    verb, *lengths = line.decode().split()
    answers = VERBS[verb](*[sys.stdin.buffer.read(int(length)) for length in lengths])
    sys.stdout.buffer.write(" ".join(str(len(answer)) for answer in answers).encode() + b"\n")
    sys.stdout.buffer.writelines(answers)
    sys.stdout.buffer.flush()
