"""Connections that are opened again and again, and transactions that stay open.

Neither runs for a query: a connection's first opening in its thread is none of ours, and of nested ``atomic()`` blocks
only the outermost begins a transaction.
"""

from functools import wraps
from time import perf_counter_ns
from weakref import WeakSet

from escala_agent import _native
from escala_agent.hooks.units import current

#: Connections that were open once. Each belongs to one thread.
_opened = WeakSet()


def _wrappers(module):
    wrapper_class = module.BaseDatabaseWrapper
    connect = wrapper_class.connect
    set_autocommit = wrapper_class.set_autocommit

    @wraps(connect)
    def _connect(self):
        started_ns = perf_counter_ns()
        connect(self)
        _connected(self, perf_counter_ns() - started_ns)

    @wraps(set_autocommit)
    def _set_autocommit(self, autocommit, *arguments, **keywords):
        _autocommits(self, autocommit)
        return set_autocommit(self, autocommit, *arguments, **keywords)

    wrapper_class.connect = _connect
    wrapper_class.set_autocommit = _set_autocommit


def _connected(wrapper, duration_ns):
    try:
        if wrapper not in _opened:
            _opened.add(wrapper)
            return
        active = current()
        if active is not None and _is_server(wrapper):
            active.reopened(wrapper.alias, duration_ns)
    except Exception as error:
        # A database backend of somebody's own may be of any kind.
        _native.disarm(f"connect: {type(error).__name__}: {error}")


def _autocommits(wrapper, autocommit):
    """A transaction begins when a connection no longer commits by itself, and ends when it does again."""
    try:
        active = current()
        if active is None or not _is_server(wrapper):
            return
        if autocommit:
            active.leave_block(wrapper)
        elif wrapper.autocommit:
            active.enter_block(wrapper, wrapper.alias, bool(wrapper.settings_dict.get("ATOMIC_REQUESTS")))
    except Exception as error:
        _native.disarm(f"set_autocommit: {type(error).__name__}: {error}")


def _is_server(wrapper):
    """A file is opened in no time, and nobody waits for a transaction that has not written to it."""
    return wrapper.vendor != "sqlite"


HOOKS = {"django.db.backends.base.base": _wrappers}
