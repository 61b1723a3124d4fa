"""The same jobs by Python's imaplib: python3 imaplib-client.py HOST:PORT JOB …"""

import imaplib
import sys

address, job, *arguments = sys.argv[1:]
host, port = address.split(":")
imaplib._MAXLINE = 100_000_000
mail = imaplib.IMAP4(host, int(port))
mail.login("alice", "password")
mail.select("INBOX", readonly=True)


def answers(data):
    return sum(1 for it in data if isinstance(it, tuple) or (it and it[:1].isdigit()))


if job == "list":
    # It gives the text of the response; who wants the fields reads them himself.
    count = answers(mail.fetch("1:*", "(UID FLAGS ENVELOPE RFC822.SIZE)")[1])
elif job == "download":
    count = 0
    # All at once would hold all of it in memory.
    for first in range(1, int(arguments[0]), 500):
        last = min(first + 499, int(arguments[0]))
        count += answers(mail.uid("FETCH", f"{first}:{last}", "(BODY.PEEK[])")[1])
elif job == "sync":
    count = answers(mail.uid("FETCH", "1:*", f"(FLAGS) (CHANGEDSINCE {arguments[1]})")[1])
else:
    sys.exit(f"{job}?")
mail.logout()
print(count)
