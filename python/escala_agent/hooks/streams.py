"""Streamed responses: the request's unit of work is current while the body is made, and only then.

The server iterates over the body when the handler has returned, perhaps in another thread, task or context; a test
looks at it whenever it likes.
"""

from escala_agent.hooks.units import current, make_current


def keep_current_while_streaming(response, active):
    """Wrap the iterator behind ``response.streaming_content``. A file is left alone: it asks no database."""
    if getattr(response, "file_to_stream", None) is not None:
        return
    wrapper = _AsyncBody if response.is_async else _Body
    response._iterator = wrapper(response._iterator, active)


class _Body:
    __slots__ = ("_active", "_iterator")

    def __init__(self, iterator, active):
        self._iterator = iterator
        self._active = active

    def __iter__(self):
        return self

    def __next__(self):
        outer = current()
        make_current(self._active)
        try:
            return next(self._iterator)
        finally:
            make_current(outer)


class _AsyncBody:
    __slots__ = ("_active", "_iterator")

    def __init__(self, iterator, active):
        self._iterator = iterator
        self._active = active

    def __aiter__(self):
        return self

    async def __anext__(self):
        outer = current()
        make_current(self._active)
        try:
            return await anext(self._iterator)
        finally:
            make_current(outer)
