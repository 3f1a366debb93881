"""Connections that are opened, used for one request each, and then kept."""

import socket
import time
from contextlib import ExitStack

from problems import Problem

#: How long opening all of them may take.
PATIENCE_S = 120


class Idle:
    """As many as wanted, each answered once."""

    def __init__(self, port, path, wanted):
        self.stack = ExitStack()
        self.sockets = []
        deadline = time.monotonic() + PATIENCE_S
        try:
            while len(self.sockets) < wanted:
                if time.monotonic() > deadline:
                    raise Problem(f"only {len(self.sockets)} of {wanted} connections were answered in {PATIENCE_S} s")
                self.sockets.append(self.stack.enter_context(answered(port, path)))
        except BaseException:
            self.stack.close()
            raise

    def open(self):
        """How many the server has not closed since."""
        return sum(not closed(one) for one in self.sockets)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()


def answered(port, path):
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    got = b""
    while not complete(got):
        part = connection.recv(65_536)
        if not part:
            raise Problem(f"a connection was closed in its first answer: {got[:60]!r}")
        got += part
    return connection


def complete(answer):
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return len(body) >= int(value)
    raise Problem("an answer does not say its length, so that nobody can tell where it ends")


def closed(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
