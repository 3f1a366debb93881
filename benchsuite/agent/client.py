"""One client that asks for one page after the other: the next request leaves when the last answer is there."""

import socket
import time


class Client:
    """Speaks as much HTTP as the servers here answer, and costs less than they do."""

    def __init__(self, port, path, keep_alive):
        connection = "keep-alive" if keep_alive else "close"
        self._address = ("127.0.0.1", port)
        self._keep_alive = keep_alive
        self._socket = None
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nAccept-Language: en\r\n"
            f"User-Agent: bench\r\nConnection: {connection}\r\n\r\n"
        ).encode()

    def get(self):
        """The body of one answer."""
        connection = self._socket or self._connect()
        connection.sendall(self._request)
        head, body = _head(connection)
        status = head.split(b" ", 2)[1]
        if status != b"200":
            raise RuntimeError(f"{self._request.split()[1].decode()} is answered with {status.decode()}")
        body = _rest(connection, head, body)
        if self._keep_alive and b"\r\nconnection: close" not in head.lower():
            self._socket = connection
        else:
            connection.close()
            self._socket = None
        return body

    def load(self, seconds):
        """Requests made in that time, and the time that they really took."""
        started = time.perf_counter()
        requests = 0
        while True:
            self.get()
            requests += 1
            elapsed = time.perf_counter() - started
            if elapsed >= seconds:
                return requests, elapsed

    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connect(self):
        connection = socket.create_connection(self._address, timeout=60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _head(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body


def _rest(connection, head, body):
    lower = head.lower()
    if b"\r\ntransfer-encoding: chunked" in lower:
        # Nothing here streams, but what did would end so.
        while not body.endswith(b"0\r\n\r\n"):
            body += _some(connection)
        return body
    length = int(lower.partition(b"\r\ncontent-length:")[2].split(b"\r\n", 1)[0])
    parts = [body]
    missing = length - len(body)
    while missing > 0:
        parts.append(_some(connection))
        missing -= len(parts[-1])
    return b"".join(parts)


def _some(connection):
    received = connection.recv(1 << 18)
    if not received:
        raise ConnectionError("the server closed the connection in the middle of an answer")
    return received
