"""Counts and times the queries of one request on all databases."""

import time
from collections import Counter
from contextlib import ExitStack, contextmanager

from .isolation import is_savepoint, refuse_to_end_transaction

# Distinct SQL templates counted per request, how many of them are reported, and how much of each.
TEMPLATES_MAX = 2_000
TEMPLATES_REPORTED = 5
TEMPLATE_CHARACTERS_MAX = 4_000


class Queries:
    """What one request asked of its databases."""

    def __init__(self):
        self.count = 0
        self.db_ns = 0
        self._templates = Counter()

    def observe(self, execute, sql, params, many, context):
        """Wraps one execution, in the shape of `connection.execute_wrapper`."""
        if is_savepoint(sql):
            return execute(sql, params, many, context)
        refuse_to_end_transaction(sql)
        start_ns = time.perf_counter_ns()
        try:
            return execute(sql, params, many, context)
        finally:
            self.db_ns += time.perf_counter_ns() - start_ns
            self.count += 1
            template = str(sql)
            if template in self._templates or len(self._templates) < TEMPLATES_MAX:
                self._templates[template] += 1

    def most_repeated(self):
        """The templates executed most often, as `[sql, count]`."""
        return [
            [sql[:TEMPLATE_CHARACTERS_MAX], count]
            for sql, count in self._templates.most_common(TEMPLATES_REPORTED)
        ]


@contextmanager
def observed(connections, queries):
    """Feeds `queries` with everything executed on the connections within the block."""
    with ExitStack() as wrappers:
        for connection in connections:
            wrappers.enter_context(connection.execute_wrapper(queries.observe))
        yield
