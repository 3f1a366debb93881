"""Querysets, relations, compilers and cursors.

What runs for every query of the app is native: ``crates/agent/src/hooks/orm.rs`` is what happens around the
functions that have a stand-in here. The others are as short as they can be.
"""

from functools import wraps
from types import FunctionType

from escala_agent import _native
from escala_agent.hooks import relations
from escala_agent.hooks.units import current


def _queries(module):
    for query_class in (module.Query, module.RawQuery):
        # Read on every query, so that a missing mark costs no exception.
        query_class._escala_mark = _native.NO_MARK
        query_class.__init__ = _native.stand_in("Query.__init__", query_class.__init__, query_class)
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
    prefetch_related_objects = queryset_class._prefetch_related_objects
    prefetch_one_level = module.prefetch_one_level

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

    # Who asks only for the number of rows, or whether there are any.
    glances = queryset_class.__len__.__code__, queryset_class.__bool__.__code__
    queryset_class._fetch_all = _native.stand_in("QuerySet._fetch_all", queryset_class._fetch_all, glances)
    for name in ("__getitem__", "contains"):
        setattr(queryset_class, name, _native.stand_in("QuerySet.__getitem__", getattr(queryset_class, name)))
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
            _wrap_to_one(cls, relation_of)

    descriptor_class.__init_subclass__ = classmethod(__init_subclass__)


def _wrap_to_one(descriptor_class, relation_of):
    descriptor_class.get_queryset = _native.stand_in(
        "ForwardManyToOneDescriptor.get_queryset", descriptor_class.get_queryset, relation_of
    )


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
    _wrap_prefetched(manager_class, relation)

    # Django ≥ 5.0 answers a many-to-many's count() and exists() from the through table.
    constrained_target = getattr(manager_class, "constrained_target", None)
    if isinstance(constrained_target, property):
        manager_class.constrained_target = _wrap_through_table(constrained_target, relation)


def _wrap_prefetched(manager_class, relation):
    """What goes on from a prefetched relation, as ``.filter()`` does, is a queryset that is built there and then."""
    get_queryset = manager_class.get_queryset

    @wraps(get_queryset)
    def _get_queryset(self):
        queryset = get_queryset(self)
        if getattr(queryset, "_result_cache", None) is not None:
            active = current()
            if active is not None:
                active.mark_load(queryset, relation, self.instance, len(self.core_filters))
        return queryset

    manager_class.get_queryset = _get_queryset

    # The rows themselves, which is all that most code wants of a prefetch: no queryset begins here.
    every = manager_class.all
    if every.__module__ == "django.db.models.manager":

        @wraps(every)
        def _all(self):
            # A class derived from this one may have a queryset of its own.
            return get_queryset(self) if type(self).get_queryset is _get_queryset else every(self)

        manager_class.all = _all


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
    compiler_class = module.SQLCompiler
    compiler_class.execute_sql = _native.stand_in("SQLCompiler.execute_sql", compiler_class.execute_sql)


def _cursors(module):
    wrapper_class = module.CursorWrapper
    for name in ("execute", "executemany"):
        setattr(wrapper_class, name, _native.stand_in("CursorWrapper.execute", getattr(wrapper_class, name)))


HOOKS = {
    "django.db.models.sql.query": _queries,
    "django.db.models.query": _querysets,
    "django.db.models.fields.related_descriptors": _descriptors,
    "django.contrib.contenttypes.fields": _generic_managers,
    "django.db.models.sql.compiler": _compilers,
    "django.db.backends.utils": _cursors,
}
