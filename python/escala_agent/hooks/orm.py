"""Querysets, relations, compilers and cursors.

These wrappers run for every query of the app, so they are as short as they can be: look whether a unit of work is
running, hand the objects to the native half, call the original. The native half neither raises nor waits.
"""

from functools import wraps
from time import perf_counter_ns
from types import FunctionType

from escala_agent import _native
from escala_agent.hooks import relations
from escala_agent.hooks.units import current


def _queries(module):
    query_class = module.Query
    original = query_class.__init__

    # A queryset makes a new Query when it is constructed and clones it from then on: by whatever manager, or none.
    def mark(query):
        # Those that write have no instances to trace; somebody's own class of query has.
        if query.__class__ is not query_class and query.__class__.__module__ == "django.db.models.sql.subqueries":
            return
        active = current()
        if active is None:
            _native.mark_origin(query)
        else:
            active.mark_origin(query)

    if _parameters(original) == ("self", "model", "alias_cols"):

        @wraps(original)
        def __init__(self, model, alias_cols=True):
            original(self, model, alias_cols)
            mark(self)

    else:

        @wraps(original)
        def __init__(self, *arguments, **keywords):
            original(self, *arguments, **keywords)
            mark(self)

    # Read on every query, so that a missing mark costs no exception.
    query_class._escala_mark = _native.NO_MARK
    query_class.__init__ = __init__
    _keep_out_of_pickles(query_class)
    _raw_queries(module.RawQuery)


def _raw_queries(query_class):
    original = query_class.__init__

    @wraps(original)
    def __init__(self, *arguments, **keywords):
        original(self, *arguments, **keywords)
        active = current()
        if active is None:
            _native.mark_origin(self)
        else:
            active.mark_origin(self)

    query_class._escala_mark = _native.NO_MARK
    query_class.__init__ = __init__
    _keep_out_of_pickles(query_class)


def _keep_out_of_pickles(query_class):
    """The mark says nothing in another process, and a pickle is the same bytes with the agent and without."""
    original = getattr(query_class, "__getstate__", None)

    def __getstate__(self):
        # Before Python 3.11 a class need not have one.
        state = self.__dict__.copy() if original is None else original(self)
        if isinstance(state, dict):
            if state is self.__dict__:
                state = state.copy()
            state.pop("_escala_mark", None)
        return state

    query_class.__getstate__ = __getstate__


def _querysets(module):
    queryset_class = module.QuerySet
    fetch_all = queryset_class._fetch_all
    prefetch_related_objects = queryset_class._prefetch_related_objects
    prefetch_one_level = module.prefetch_one_level

    @wraps(fetch_all)
    def _fetch_all(self):
        # Asked again and again for what is already there: by len(), by iteration, by each index.
        if self._result_cache is not None:
            return fetch_all(self)
        active = current()
        fetch_all(self)
        if active is None:
            return
        if not self._prefetch_related_lookups:
            active.result_set(self, self._result_cache)

    @wraps(prefetch_related_objects)
    def _prefetch_related_objects(self):
        active = current()
        if active is not None:
            active.result_set(self, self._result_cache)
        return prefetch_related_objects(self)

    @wraps(prefetch_one_level)
    def _prefetch_one_level(instances, prefetcher, lookup, level):
        active = current()
        if active is None:
            return prefetch_one_level(instances, prefetcher, lookup, level)
        active.enter_prefetch(instances, _prefetched_relation(prefetcher))
        try:
            return prefetch_one_level(instances, prefetcher, lookup, level)
        finally:
            active.leave_prefetch()

    queryset_class._fetch_all = _fetch_all
    queryset_class._prefetch_related_objects = _prefetch_related_objects
    module.prefetch_one_level = _prefetch_one_level


def _prefetched_relation(prefetcher):
    """The relation that a descriptor or related manager prefetches; none for a prefetcher of somebody's own."""
    try:
        manager = getattr(type(prefetcher), "_apply_rel_filters", None)
        if manager is not None:
            return getattr(manager, "escala_relation", None)
        # A GenericForeignKey prefetches itself; from Django 6.1 on its descriptor does.
        field = getattr(prefetcher, "field", prefetcher)
        if getattr(field, "ct_field", None) is not None:
            return relations.generic_foreign_key(field)
        if getattr(field, "concrete", False):
            return relations.forward(field)
        return relations.reverse_one_to_one(prefetcher.related)
    except Exception:
        return None


def _descriptors(module):
    for descriptor_class, relation_of in (
        (module.ForwardManyToOneDescriptor, lambda descriptor: relations.forward(descriptor.field)),
        (module.ReverseOneToOneDescriptor, lambda descriptor: relations.reverse_one_to_one(descriptor.related)),
    ):
        _wrap_to_one(descriptor_class, relation_of)
        _wrap_subclasses_to_come(descriptor_class, relation_of)
    module.create_reverse_many_to_one_manager = _wrap_factory(
        module.create_reverse_many_to_one_manager, lambda relation: relations.reverse_foreign_key(relation)
    )
    module.create_forward_many_to_many_manager = _wrap_factory(
        module.create_forward_many_to_many_manager,
        lambda relation, reverse: relations.many_to_many(relation, reverse),
    )


def _generic_managers(module):
    module.create_generic_related_manager = _wrap_factory(
        module.create_generic_related_manager, lambda relation: relations.generic_relation(relation)
    )


def _wrap_subclasses_to_come(descriptor_class, relation_of):
    """A descriptor of somebody's own may make its queryset without asking Django's."""

    def __init_subclass__(cls, **keywords):
        super(descriptor_class, cls).__init_subclass__(**keywords)
        own = cls.__dict__.get("get_queryset")
        if isinstance(own, FunctionType):
            cls.get_queryset = _own_get_queryset(own, relation_of)

    descriptor_class.__init_subclass__ = classmethod(__init_subclass__)


def _own_get_queryset(original, relation_of):
    @wraps(original)
    def get_queryset(self, *arguments, **hints):
        if arguments or len(hints) != 1 or "instance" not in hints:
            return original(self, *arguments, **hints)
        return _load(original, relation_of, self, hints["instance"])

    return get_queryset


def _load(original, relation_of, descriptor, instance):
    active = current()
    if active is None:
        return original(descriptor, instance=instance)
    active.enter_descriptor()
    try:
        queryset = original(descriptor, instance=instance)
    finally:
        active.leave_descriptor()
    active.mark_load(queryset, relation_of(descriptor), instance, 0)
    return queryset


def _wrap_to_one(descriptor_class, relation_of):
    original = descriptor_class.get_queryset

    if _parameters(original) == ("self", "instance"):

        @wraps(original)
        def get_queryset(self, *, instance):
            return _load(original, relation_of, self, instance)

    else:
        # Django < 6.1 takes any hints; without an instance it is a prefetch.
        @wraps(original)
        def get_queryset(self, **hints):
            if len(hints) == 1 and "instance" in hints:
                return _load(original, relation_of, self, hints["instance"])
            return original(self, **hints)

    descriptor_class.get_queryset = get_queryset


def _parameters(function):
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _wrap_factory(factory, relation_of):
    @wraps(factory)
    def create_manager(superclass, *arguments, **keywords):
        manager_class = factory(superclass, *arguments, **keywords)
        try:
            _wrap_manager(manager_class, relation_of(*arguments, **keywords))
        except Exception as error:
            _native.disarm(f"{factory.__name__}: {type(error).__name__}: {error}")
        return manager_class

    return create_manager


def _wrap_manager(manager_class, relation):
    if relation is None:
        return
    apply_rel_filters = manager_class._apply_rel_filters

    @wraps(apply_rel_filters)
    def _apply_rel_filters(self, queryset):
        queryset = apply_rel_filters(self, queryset)
        active = current()
        if active is not None:
            active.mark_load(queryset, relation, self.instance, len(self.core_filters))
        return queryset

    _apply_rel_filters.escala_relation = relation
    manager_class._apply_rel_filters = _apply_rel_filters

    # Django ≥ 5.0 answers a many-to-many's count() and exists() from the through table.
    constrained_target = getattr(manager_class, "constrained_target", None)
    if isinstance(constrained_target, property):
        manager_class.constrained_target = _wrap_through_table(constrained_target, relation)


def _wrap_through_table(constrained_target, relation):
    @wraps(constrained_target.fget)
    def _constrained_target(self):
        queryset = constrained_target.fget(self)
        active = current()
        if active is not None and queryset is not None:
            active.mark_load(queryset, relation, self.instance, 1)
        return queryset

    return property(_constrained_target)


def _compilers(module):
    original = module.SQLCompiler.execute_sql
    if _parameters(original) == ("self", "result_type", "chunked_fetch", "chunk_size"):
        # Spelled out, because passing on whatever comes costs more than all else here.
        @wraps(original)
        def execute_sql(
            self, result_type=module.MULTI, chunked_fetch=False, chunk_size=module.GET_ITERATOR_CHUNK_SIZE
        ):
            active = current()
            if active is not None:
                active.enter_compiler(self.query)
            return original(self, result_type, chunked_fetch, chunk_size)

    else:

        @wraps(original)
        def execute_sql(self, *arguments, **keywords):
            active = current()
            if active is not None:
                active.enter_compiler(self.query)
            return original(self, *arguments, **keywords)

    module.SQLCompiler.execute_sql = execute_sql


def _cursors(module):
    execute = module.CursorWrapper.execute
    executemany = module.CursorWrapper.executemany

    # The recording stands in both, because a function of its own would be one more frame on every query's stack.
    @wraps(execute)
    def _execute(self, sql, params=None):
        active = current()
        if active is None:
            return execute(self, sql, params)
        started = perf_counter_ns()
        try:
            return execute(self, sql, params)
        finally:
            try:
                active.query(sql, self.db.alias, started, self.cursor.rowcount)
            except Exception as error:
                _disarm(error)

    @wraps(executemany)
    def _executemany(self, sql, param_list):
        active = current()
        if active is None:
            return executemany(self, sql, param_list)
        started = perf_counter_ns()
        try:
            return executemany(self, sql, param_list)
        finally:
            try:
                active.query(sql, self.db.alias, started, self.cursor.rowcount)
            except Exception as error:
                _disarm(error)

    module.CursorWrapper.execute = _execute
    module.CursorWrapper.executemany = _executemany


def _disarm(error):
    _native.disarm(f"cursor: {type(error).__name__}: {error}")


HOOKS = {
    "django.db.models.sql.query": _queries,
    "django.db.models.query": _querysets,
    "django.db.models.fields.related_descriptors": _descriptors,
    "django.contrib.contenttypes.fields": _generic_managers,
    "django.db.models.sql.compiler": _compilers,
    "django.db.backends.utils": _cursors,
}
