"""Connections that are opened again and again, and transactions that stay open.

Neither runs for a query: a connection's first opening in its thread is none of ours, and of nested ``atomic()`` blocks
only the outermost begins a transaction.
"""

from functools import wraps
from time import perf_counter_ns
from weakref import WeakSet

from escala_agent.hooks.units import current

#: Connections that were open once. Each belongs to one thread.
_opened = WeakSet()


def _wrappers(module):
    wrapper_class = module.BaseDatabaseWrapper
    connect = wrapper_class.connect
    set_autocommit = wrapper_class.set_autocommit

    @wraps(connect)
    def _connect(self):
        if self not in _opened:
            connect(self)
            _opened.add(self)
            return
        started_ns = perf_counter_ns()
        connect(self)
        duration_ns = perf_counter_ns() - started_ns
        active = current()
        if active is not None and _is_server(self):
            active.reopened(self.alias, duration_ns)

    @wraps(set_autocommit)
    def _set_autocommit(self, autocommit, force_begin_transaction_with_broken_autocommit=False):
        active = current()
        if active is not None and _is_server(self):
            if autocommit:
                active.leave_block(self)
            elif self.autocommit:
                active.enter_block(self, self.alias, bool(self.settings_dict.get("ATOMIC_REQUESTS")))
        return set_autocommit(self, autocommit, force_begin_transaction_with_broken_autocommit)

    wrapper_class.connect = _connect
    wrapper_class.set_autocommit = _set_autocommit


def _is_server(wrapper):
    """A file is opened in no time, and nobody waits for a transaction that has not written to it."""
    return wrapper.vendor != "sqlite"


HOOKS = {"django.db.backends.base.base": _wrappers}
