"""What a coroutine awaits in a thread: the thread's stack does not have the awaiting code on it."""

from functools import wraps

from escala_agent.hooks.units import awaiting, current, make_awaiting


def _sync_to_async(module):
    original = module.SyncToAsync.__call__

    @wraps(original)
    async def __call__(self, *arguments, **keywords):
        active = current()
        if active is None:
            return await original(self, *arguments, **keywords)
        outer = awaiting()
        # The thread runs in a copy of this context.
        make_awaiting(active.place())
        try:
            return await original(self, *arguments, **keywords)
        finally:
            make_awaiting(outer)

    module.SyncToAsync.__call__ = __call__


HOOKS = {"asgiref.sync": _sync_to_async}
