#!/usr/bin/env python3
"""A server that ends IDLE by itself, or refuses it. What waits for mail must not wait for ever.
idle_ends.py INBOX: the program of examples/c."""
import socket
import subprocess
import sys
import threading

# What is said to IDLE; what the program ends with, and what it says.
CASES = [
    (b"+ idling\r\n* 4 EXISTS\r\n", 0, b"4 messages\n"),
    (b"* 4 EXISTS\r\n+ idling\r\n", 0, b"4 messages\n"),
    (b"TAG OK enough\r\n", 0, b"3 messages\n"),
    (b"+ idling\r\nTAG OK enough\r\n", 0, b"waiting\n"),
    (b"TAG NO not now\r\n", 1, b"idle: the server says: not now\n"),
    (b"* BYE away\r\n", 1, b"connection: MW_ERR_BYE\n"),
]


def serve(listener, idle):
    sock, _ = listener.accept()
    with sock, sock.makefile("rb") as lines:
        sock.sendall(b"* OK [CAPABILITY IMAP4rev1 IDLE] hello\r\n")
        for line in lines:
            if line != b"DONE\r\n":
                tag, command = line.split()[:2]
            if command == b"IDLE" and line != b"DONE\r\n":
                sock.sendall(idle.replace(b"TAG", tag))
                if b"BYE" in idle:
                    return
                continue
            said = {b"EXAMINE": b"* 3 EXISTS\r\n", b"LOGOUT": b"* BYE x\r\n"}.get(command, b"")
            sock.sendall(said + tag + b" OK done\r\n")


for idle, status, words in CASES:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener, idle), daemon=True).start()
        command = [sys.argv[1], "127.0.0.1", str(listener.getsockname()[1]), "alice", "password", "-i"]
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    assert ran.returncode == status and words in ran.stdout, (idle, ran)
