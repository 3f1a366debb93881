"""Does a Django that is newer than the hooks still have what they wrap?

A hook replaces a function by one with the same parameters. Where a new Django renames or changes it, leaving the hook
out loses an observation; wrapping it all the same would break the app.
"""

import inspect

#: By module: what its hook wraps, with the parameters that the replacement takes; none where any will do.
WRAPPED = {
    "django.core.handlers.base": {
        "BaseHandler.get_response": ["self", "request"],
        "BaseHandler.get_response_async": ["self", "request"],
    },
    "django.test.testcases": {"SimpleTestCase.__call__": ["self", "result"]},
    "django.db.models.sql.query": {
        "Query.__init__": None,
        "Query.__getstate__": ["self"],
        "RawQuery.__init__": None,
    },
    "django.db.models.query": {
        "QuerySet._fetch_all": ["self"],
        "QuerySet.__getitem__": ["self", "k"],
        "QuerySet.contains": ["self", "obj"],
        "QuerySet.__len__": ["self"],
        "QuerySet.__bool__": ["self"],
        "QuerySet._prefetch_related_objects": ["self"],
        "QuerySet._iterator": None,
        "QuerySet.aiterator": None,
        "RawQuerySet.iterator": ["self"],
        "prefetch_one_level": ["instances", "prefetcher", "lookup", "level"],
    },
    "django.db.models.fields.related_descriptors": {
        "ForwardManyToOneDescriptor.get_queryset": None,
        "ReverseOneToOneDescriptor.get_queryset": None,
        "create_reverse_many_to_one_manager": ["superclass", "rel"],
        "create_forward_many_to_many_manager": ["superclass", "rel", "reverse"],
    },
    "django.contrib.contenttypes.fields": {"create_generic_related_manager": ["superclass", "rel"]},
    "django.db.models.query_utils": {"DeferredAttribute.__get__": ["self", "instance", "cls"]},
    "django.db.models.base": {"model_unpickle": ["model_id"]},
    "asgiref.sync": {"SyncToAsync.__call__": None},
    "django.db.models.sql.compiler": {"SQLCompiler.execute_sql": None},
    "django.db.backends.utils": {
        "CursorWrapper.execute": ["self", "sql", "params"],
        "CursorWrapper.executemany": ["self", "sql", "param_list"],
    },
    "django.db.backends.base.base": {
        "BaseDatabaseWrapper.connect": ["self"],
        "BaseDatabaseWrapper.set_autocommit": [
            "self",
            "autocommit",
            "force_begin_transaction_with_broken_autocommit",
        ],
    },
    "django.core.management.base": {"BaseCommand.execute": None},
    "django.tasks.base": {"Task.call": None, "Task.acall": None},
    "django_tasks.base": {"Task.call": None, "Task.acall": None},
    "celery.app.trace": {"build_tracer": None},
    "celery.worker.consumer.consumer": {"build_tracer": None},
    "_pytest.python": {"Function.runtest": ["self"]},
    "_pytest.unittest": {"TestCaseFunction.runtest": ["self"]},
}


def check(module):
    """Raise for the first function that is not as its hook needs it."""
    for path, expected in WRAPPED.get(module.__name__, {}).items():
        function = module
        for name in path.split("."):
            function = getattr(function, name, None)
        if not callable(function):
            raise TypeError(f"there is no {path}")
        parameters = list(inspect.signature(function).parameters)
        if expected is not None and parameters != expected:
            raise TypeError(f"{path} takes ({', '.join(parameters)})")
