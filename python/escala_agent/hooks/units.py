"""The unit of work that is running here, in whatever thread, task or greenlet this is.

A unit inside another is the request that a test or a view makes, or the task that a request runs in place: what would
be a unit of its own in production. Each query belongs to the innermost. A thread that is started without a copy of
its parent's context (``contextvars.copy_context()``) has no unit: its queries belong to none.
"""

import os
from contextvars import ContextVar

from escala_agent import _native, arm

_current = ContextVar("escala_unit_of_work", default=None)

#: The running unit of work, or none.
current = _current.get
#: Makes one current and gives nothing back: leaving sets the outer one, because a streamed response may be closed
#: in another context than the one that began it.
make_current = _current.set

_awaiting = ContextVar("escala_awaiting", default=0)

#: Number of the chain of calls that awaits what a thread runs; zero for none.
awaiting = _awaiting.get
make_awaiting = _awaiting.set

_announced = False

#: The management command that runs in this process, while nothing says that it is a server.
_command = None


def begin(kind, in_place=False):
    """Start a unit of work inside the current one; none when the agent is off.

    ``in_place``: a task that runs where it was enqueued, not in a worker.
    """
    global _announced
    if not _announced:
        # Several threads may come here at once; none goes on before it is done.
        arm.announce(_native)
        _announced = True
        _native.set_plain(_command is None)
    outer = _current.get()
    if _command is not None:
        outer = _inside_command(kind == "http" or in_place, outer)
    active = _native.begin(kind, outer.serial if outer is not None else None)
    if active is not None:
        _current.set(active)
    return active, outer


def _inside_command(is_its_own, outer):
    """The unit around one that begins while a command runs.

    A command that serves requests in threads of its own, takes tasks from a queue or runs tests is a server: what it
    serves are the units. Its own time is its life, and its own queries are those of waiting for work.
    """
    global _command
    if is_its_own and outer is not None:
        return outer
    _native.abandon(_command)
    outer = None if outer is _command else outer
    _command = None
    _native.set_plain(True)
    return outer


class Unit:
    """A unit of work as a context manager, for the kinds that do not come by the thousand a second.

    ``status`` is the exit status of a command; for tests and tasks 1 when an exception came out. Nothing that goes
    wrong here reaches the app.
    """

    __slots__ = ("_active", "_in_place", "_kind", "_name", "_outer", "_view", "status")

    def __init__(self, kind, name, view="", in_place=False):
        self._kind = kind
        self._name = name
        self._view = view
        self._in_place = in_place
        self._active = None
        self._outer = None
        self.status = 0

    def __enter__(self):
        global _command
        if not _native.is_armed():
            return self
        try:
            self._active, self._outer = begin(self._kind, self._in_place)
            if self._kind == "command":
                _command = self._active
                _native.set_plain(_command is None)
        except Exception as error:
            _native.disarm(f"begin: {type(error).__name__}: {error}")
        return self

    def __exit__(self, exception_type, exception, traceback):
        global _command
        active = self._active
        if active is None:
            return
        if _command is active:
            _command = None
            _native.set_plain(True)
        if _current.get() is active:
            make_current(self._outer)
        try:
            if exception is not None and self.status == 0:
                self.status = _exit_status(exception)
            _native.finish(active, self._name, self._view, self.status)
        except Exception as error:
            _native.disarm(f"finish: {type(error).__name__}: {error}")


def _exit_status(exception):
    """The exit status that Python gives a process which ends by this exception."""
    if not isinstance(exception, SystemExit):
        return 1
    code = exception.code
    return code & 0xFF if isinstance(code, int) else int(code is not None)


def _after_fork_in_child():
    """The units that ran belong to the parent, which will finish them; what the child does belongs to none."""
    global _command
    _command = None
    _native.set_plain(_announced)
    _current.set(None)
    _native.forget_units()


os.register_at_fork(after_in_child=_after_fork_in_child)
