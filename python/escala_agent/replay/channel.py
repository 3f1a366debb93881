"""Messages over the socket that the worker was started with.

A message is a JSON object and an attachment of raw bytes (a request's or a response's body, often empty):
`u32 length of the JSON, u32 length of the attachment, JSON in UTF-8, attachment`, lengths in network byte order.
"""

import json
import os
import select
import socket
import struct
import threading

HEADER = struct.Struct("!II")


class Closed(Exception):
    """The other side is gone."""


class Channel:
    """One end of the conversation."""

    def __init__(self, stream):
        self._stream = stream

    def receive(self):
        """Waits for a message: `(object, attachment)`."""
        json_bytes, attachment_bytes = HEADER.unpack(self._read(HEADER.size))
        return json.loads(self._read(json_bytes)), self._read(attachment_bytes)

    def send(self, message, attachment=b""):
        """Sends a message. Characters that no encoding can carry (lone surrogates) arrive as `?`."""
        encoded = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
        self._stream.sendall(HEADER.pack(len(encoded), len(attachment)) + encoded + attachment)

    def _read(self, length):
        parts = []
        while length:
            part = self._stream.recv(min(length, 1 << 20))
            if not part:
                raise Closed
            parts.append(part)
            length -= len(part)
        return b"".join(parts)


def take_standard_input():
    """The channel behind file descriptor 0, which becomes `/dev/null` so that user code cannot read from it."""
    stream = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    _die_with_the_other_side(stream)
    return Channel(stream)


def _die_with_the_other_side(stream):
    """Ends this process when the other side is gone, even while a view hangs: nobody else would."""
    watch = select.poll()
    watch.register(stream.fileno(), 0)  # hang-up and errors are reported without being asked for

    def wait():
        watch.poll()
        os._exit(1)

    threading.Thread(target=wait, name="escala-parent-watch", daemon=True).start()
