"""A real server: Dovecot on loopback. Any user may log in, with the password "password"; so each
test has a user, and a mailbox, of its own."""

from __future__ import annotations

import http.server
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Iterable, List, Optional
from urllib.parse import parse_qs, urlparse

PASSWORD = "password"
TOKEN = "a-good-token"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
instance_name = mailwire-python-{imap}
log_path = {folder}/log
protocols = imap pop3 lmtp
listen = 127.0.0.1
login_greeting = mailwire python {imap}
mail_max_userip_connections = 1000
mail_fsync = never
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-256 apop xoauth2 oauthbearer
auth_failure_delay = 0
auth_username_chars =
login_trusted_networks = 127.0.0.0/8
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
first_valid_uid = 1
mail_home = {folder}/mail/%u
mail_location = maildir:~/Maildir:LAYOUT=fs
mail_attribute_dict = file:%h/dovecot-attributes
mail_plugins = acl quota
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
plugin {{
  acl = vfile
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=2G
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_acl imap_quota
  imap_metadata = yes
}}
protocol pop3 {{
  pop3_uidl_format = %08Xu%08Xv
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
  chroot =
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
  service_count = 0
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

_OAUTH = """
introspection_mode = get
introspection_url = http://127.0.0.1:{port}/?token=
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
"""


class _Introspection(http.server.BaseHTTPRequestHandler):
    """Says of whom a token is."""

    def do_GET(self) -> None:
        token = parse_qs(urlparse(self.path).query).get("token", [""])[0]
        good, _, user = token.partition(":")
        answer = json.dumps({"active": "true", "username": user} if good == TOKEN else {"active": "false"})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_: object) -> None:
        pass


def _program(name: str) -> Optional[str]:
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin")


def is_there() -> bool:
    return bool(_program("dovecot") and _program("openssl")) and os.getuid() == 0


def _free_ports(count: int) -> List[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports


class Dovecot:
    host = "localhost"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mailwire-dovecot-"))
        self.folder.chmod(0o755)
        owner = pwd.getpwnam("mail")
        self.uid, self.gid = owner.pw_uid, owner.pw_gid
        self.imap, self.imaps, self.pop3, self.pop3s, self.lmtp = ports = _free_ports(5)
        self.oauth = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Introspection)
        threading.Thread(target=self.oauth.serve_forever, daemon=True).start()
        names = ("imap", "imaps", "pop3", "pop3s", "lmtp")
        config = _CONFIG.format(
            folder=self.folder, password=PASSWORD, uid=self.uid, gid=self.gid, **dict(zip(names, ports))
        )
        (self.folder / "dovecot.conf").write_text(config)
        (self.folder / "oauth2.conf").write_text(_OAUTH.format(port=self.oauth.server_address[1]))
        self.mail = self.folder / "mail"
        self.mail.mkdir()
        os.chown(self.mail, self.uid, self.gid)
        self.ca = self.folder / "server.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", str(self.folder / "server.key"), "-out", str(self.ca)],
            check=True, capture_output=True,
        )  # fmt: skip
        program = _program("dovecot")
        assert program is not None
        self.process = subprocess.Popen([program, "-F", "-c", str(self.folder / "dovecot.conf")])
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.imap), 1) as sock:
                    if f"mailwire python {self.imap}".encode() in sock.recv(1000):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        self.stop()
        raise RuntimeError("Dovecot does not start")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.oauth.shutdown()
        self.oauth.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def drop_in(self, user: str, messages: Iterable[bytes]) -> None:
        """Puts messages into a user's INBOX, in this order, without asking the server."""
        maildir = self.mail / user / "Maildir"
        for name in ("cur", "tmp", "new"):
            (maildir / name).mkdir(parents=True, exist_ok=True)
        for folder in (maildir.parent, maildir, *maildir.iterdir()):
            if folder.is_dir():
                os.chown(folder, self.uid, self.gid)
        for count, message in enumerate(messages):
            file = maildir / "new" / f"{time.time_ns()}.M{count:09}.localhost"
            file.write_bytes(message)
            os.chown(file, self.uid, self.gid)

    def deliver(self, user: str, message: bytes) -> None:
        """Delivers a message by LMTP: who idles is told."""
        with socket.create_connection(("127.0.0.1", self.lmtp), 10) as sock, sock.makefile("rb") as file:

            def ask(data: bytes, expected: bytes) -> None:
                sock.sendall(data)
                while True:
                    line = file.readline()
                    assert line.startswith(expected), line
                    if line[3:4] != b"-":
                        break

            ask(b"", b"220")
            ask(b"LHLO localhost\r\n", b"250")
            ask(b"MAIL FROM:<tests@localhost>\r\n", b"250")
            ask(f"RCPT TO:<{user}>\r\n".encode(), b"250")
            ask(b"DATA\r\n", b"354")
            ask(message.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n", b"250")
            ask(b"QUIT\r\n", b"221")
