"""The test that is running in this process, and what is seen of it.

One test runs at a time in a process; the responses in it may overlap (`asyncio.gather`), so the response that a query
belongs to travels in a context variable, which threads of `sync_to_async` inherit.
"""

import threading
from contextlib import contextmanager
from contextvars import ContextVar

from . import clock

# Of a failed test's reason, and of an exception that came out of the test client, in characters.
REASON_CHARACTERS_MAX = 600


class Case:
    """One execution of a test."""

    def __init__(self, name):
        self.name = name
        self.outcomes = []
        self.reason = None
        self.queries = 0
        self.wall_ns = 0
        self.responses = []

    def end(self, outcome, reason=None):
        """One thing that the runner was told of it; a test that fails while it is taken down is told of twice."""
        self.outcomes.append(outcome)
        if reason is not None and self.reason is None:
            self.reason = reason[:REASON_CHARACTERS_MAX]

    def outcome(self):
        """The one word for them all."""
        telling = [outcome for outcome in self.outcomes if outcome != "passed"]
        return ", ".join(telling) or (self.outcomes[0] if self.outcomes else "nothing")


class Observer:
    """What the hooks share."""

    def __init__(self, journal):
        self.journal = journal
        self.case = None
        self._is_counting = False
        self._active = ContextVar("escala_response", default=None)
        self._lock = threading.Lock()

    def begin_case(self, name):
        """A test begins."""
        self.case = Case(name)

    def end_case(self):
        """It is over: everything known of it is written down."""
        case, self.case = self.case, None
        if case is None:
            return
        self.journal.write(
            {
                "type": "test",
                "test": case.name,
                "outcome": case.outcome(),
                "reason": case.reason,
                "queries": case.queries,
                "wall_ns": case.wall_ns,
                "responses": [response.record(self.journal) for response in case.responses],
            }
        )

    @contextmanager
    def measured(self):
        """Around the test itself: what fixtures do that serve several tests is no test's own."""
        case = self.case
        self._is_counting = True
        start_ns = clock.now_ns()
        try:
            yield
        finally:
            self._is_counting = False
            case.wall_ns += clock.now_ns() - start_ns

    @contextmanager
    def answering(self, response):
        """Around the answering of a request, or of a piece of it: its queries and its time are those of the response."""
        token = self._active.set(response)
        start_ns = clock.now_ns()
        try:
            yield
        finally:
            response.took(clock.now_ns() - start_ns)
            self._active.reset(token)

    def count_query(self):
        """Counts a query where it belongs."""
        response, case = self._active.get(), self.case
        with self._lock:
            if response is not None:
                response.queries += 1
            elif case is not None and self._is_counting:
                case.queries += 1

    def imported(self, path):
        """A file of the overlay was imported."""
        with self.journal.guard():
            self.journal.write({"type": "imported", "path": path})
