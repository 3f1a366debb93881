"""The unit of work that is running here, in whatever thread, task or greenlet this is."""

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


def begin(kind):
    """Start a unit of work inside the current one; none when the agent is off."""
    global _announced
    if not _announced:
        _announced = True
        arm.announce(_native)
    outer = _current.get()
    active = _native.begin(kind, outer.serial if outer is not None else None)
    if active is not None:
        _current.set(active)
    return active, outer
