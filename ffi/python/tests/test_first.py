from __future__ import annotations

import mailwire
from dovecot import Dovecot


def test_first(dovecot: Dovecot, mail: mailwire.IMAP, user: str) -> None:
    dovecot.drop_in(user, [b"Subject: one\r\nFrom: Ann <ann@example.org>\r\n\r\nHello.\r\n"] * 3)
    print(mail.select())
    print(mail.search("ALL"))
    for msg in mail.fetch("1:*", body=True):
        print(msg, msg.flags, msg.envelope)
        print(msg.to_email())
        mail.noop()
    print(mail.list())
    print(mail)
