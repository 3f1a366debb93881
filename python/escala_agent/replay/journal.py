"""What one process of a test run writes down, for Escala's `verify` to read when the run is over.

Every process has two files of its own in the run's directory: `<name>.records`, one JSON object a line, and
`<name>.bodies`, the bodies of responses one after the other, which the records point into. Bodies lie apart because
they are only read where two runs differ.
"""

import json
import os
import sys
import threading
import time
from contextlib import contextmanager

from .isolation import describe


class Journal:
    """The files of this process; of a forked one, its own again."""

    def __init__(self, directory, limits):
        self._directory = directory
        self._body_limit_bytes = limits["body_limit_bytes"]
        self._bodies_limit_bytes = limits["bodies_limit_bytes"]
        self._records_limit_bytes = limits["records_limit_bytes"]
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self):
        # Also the lock: another thread may have held it when this process was forked.
        self._lock = threading.RLock()
        self._records = self._bodies = None
        self._records_bytes = self._bodies_bytes = 0
        self._is_broken = False

    def write(self, record):
        """Writes a record down at once: a process may end without a word."""
        line = json.dumps(record, ensure_ascii=True).encode("ascii") + b"\n"
        with self._lock:
            if self._is_broken:
                return
            if self._records_bytes + len(line) > self._records_limit_bytes:
                raise OverflowError(f"one process noted more than {self._records_limit_bytes >> 20} MiB")
            if self._records is None:
                self._open()
            self._records.write(line)
            self._records.flush()
            self._records_bytes += len(line)

    def keep(self, body):
        """Keeps a body; gives where it lies, or none when there is no room for it: then its hash has to do."""
        with self._lock:
            is_over = self._bodies_bytes + len(body) > self._bodies_limit_bytes
            if self._is_broken or is_over or not self.has_room_for(len(body)):
                return None
            if self._bodies is None:
                self._open()
            offset = self._bodies_bytes
            self._bodies.write(body)
            self._bodies.flush()
            self._bodies_bytes += len(body)
            return offset

    def has_room_for(self, body_bytes):
        """Whether a single body of this length may be kept."""
        return body_bytes <= self._body_limit_bytes

    @contextmanager
    def guard(self):
        """Around everything that observes: an error in it ends the observation, never the test, and it is said."""
        try:
            yield
        except Exception as error:
            self._break(describe(error))

    def _open(self):
        name = os.path.join(self._directory, f"{os.getpid()}-{time.monotonic_ns()}")
        self._records = open(f"{name}.records", "xb")
        self._bodies = open(f"{name}.bodies", "xb")

    def _break(self, reason):
        with self._lock:
            if self._is_broken:
                return
            self._is_broken = True
            try:
                if self._records is None:
                    self._open()
                self._records.write(json.dumps({"type": "fault", "reason": reason}).encode("ascii") + b"\n")
                self._records.flush()
            except Exception:
                # Nobody will read of these tests, so no proof can rest on them.
                if sys.stderr is not None:
                    print(f"escala: these tests cannot be observed ({reason})", file=sys.stderr)
