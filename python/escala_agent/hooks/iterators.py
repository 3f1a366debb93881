"""Instances that come one by one: ``iterator()``, ``aiterator()``, raw querysets.

A generator around Django's own sees each instance before the app does. Everything else, exceptions and early ends
included, passes through.
"""

from functools import wraps

from escala_agent.hooks.units import current


def _querysets(module):
    queryset_class = module.QuerySet
    iterator = queryset_class._iterator
    aiterator = queryset_class.aiterator
    raw_iterator = module.RawQuerySet.iterator

    @wraps(iterator)
    def _iterator(self, *arguments, **keywords):
        instances = iterator(self, *arguments, **keywords)
        active = current()
        if active is None:
            return instances
        return _observed(active, self._query, self.model, bool(self._prefetch_related_lookups), instances)

    @wraps(aiterator)
    def _aiterator(self, *arguments, **keywords):
        instances = aiterator(self, *arguments, **keywords)
        active = current()
        if active is None:
            return instances
        return _observed_async(active, self._query, self.model, bool(self._prefetch_related_lookups), instances)

    @wraps(raw_iterator)
    def _raw_iterator(self):
        instances = raw_iterator(self)
        active = current()
        if active is None:
            return instances
        # A raw queryset prefetches when it has all its instances.
        return _observed(active, self.query, self.model, False, instances)

    queryset_class._iterator = _iterator
    queryset_class.aiterator = _aiterator
    module.RawQuerySet.iterator = _raw_iterator


def _observed(active, query, model, prefetches, instances):
    stream = active.open_stream(query, model, prefetches)
    try:
        if stream is None:
            yield from instances
            return
        for instance in instances:
            active.streamed(stream, instance)
            yield instance
    finally:
        instances.close()
        if stream is not None:
            active.close_stream(stream)


async def _observed_async(active, query, model, prefetches, instances):
    stream = active.open_stream(query, model, prefetches)
    try:
        async for instance in instances:
            if stream is not None:
                active.streamed(stream, instance)
            yield instance
    finally:
        await instances.aclose()
        if stream is not None:
            active.close_stream(stream)


HOOKS = {"django.db.models.query": _querysets}
