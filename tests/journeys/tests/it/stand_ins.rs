//! What stands in for Django's functions is to everybody else the function itself.

use journeys::{Site, pythons};

/// Compares what the app sees of each function with the function behind it, calls it in every way that Python has, and
/// does what other tools do to such functions.
const SCRIPT: &str = r#"
import functools, inspect, os
from unittest import mock
os.environ["DJANGO_SETTINGS_MODULE"] = "contexts.settings"
import django
django.setup()
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.db.models.query_utils import DeferredAttribute
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query
from django.contrib.contenttypes.models import ContentType

stand_ins = 0
for owner, name in [
    (BaseHandler, "get_response"), (CursorWrapper, "execute"), (CursorWrapper, "executemany"),
    (QuerySet, "_fetch_all"), (ForwardManyToOneDescriptor, "get_queryset"), (DeferredAttribute, "__get__"),
    (SQLCompiler, "execute_sql"), (Query, "__init__"),
]:
    seen = owner.__dict__[name]
    original = inspect.unwrap(seen)
    assert inspect.isfunction(original), seen
    stand_ins += seen is not original
    assert seen.__name__ == name and seen.__qualname__ == original.__qualname__
    assert seen.__module__ == original.__module__ and seen.__doc__ == original.__doc__
    assert seen.__code__ is original.__code__ and seen.__defaults__ == original.__defaults__
    assert inspect.signature(seen) == inspect.signature(original)
    assert inspect.isfunction(seen) and inspect.isroutine(seen) and callable(seen)
    assert repr(seen) == repr(original)
    assert getattr(owner, name) is seen
    seen.mark = 1
    assert original.mark == 1
    del seen.mark
    assert not hasattr(seen, "mark") and not hasattr(original, "mark")
assert stand_ins == 8, stand_ins

with connection.cursor() as cursor:
    assert cursor.execute.__self__ is cursor and cursor.execute.__name__ == "execute"
    for call in [
        lambda: cursor.execute("SELECT 1"),
        lambda: cursor.execute("SELECT %s", [1]),
        lambda: cursor.execute("SELECT %s", params=[1]),
        lambda: cursor.execute(params=[1], sql="SELECT %s"),
        lambda: cursor.execute(*["SELECT %s"], **{"params": [1]}),
        lambda: CursorWrapper.execute(cursor, "SELECT 1"),
        lambda: functools.partial(cursor.execute, "SELECT 1")(),
    ]:
        call()
        assert cursor.fetchone() == (1,)
    for call, error in [
        (lambda: cursor.execute(), "missing 1 required positional argument: 'sql'"),
        (lambda: cursor.execute("SELECT 1", nothing=1), "unexpected keyword argument 'nothing'"),
        (lambda: CursorWrapper.execute(), "missing 2 required positional arguments"),
    ]:
        try:
            call()
        except TypeError as raised:
            assert error in str(raised), raised
        else:
            raise AssertionError(error)
    try:
        cursor.execute("SELEC")
    except django.db.DatabaseError as raised:
        assert raised.__cause__ is not None and "SELEC" in str(raised)
    else:
        raise AssertionError("no error")

# As a tool that wraps the function once more would do it.
wrapped = CursorWrapper.execute
@functools.wraps(wrapped)
def execute(self, sql, params=None):
    return wrapped(self, sql, params)
CursorWrapper.execute = execute
with connection.cursor() as cursor:
    cursor.execute("SELECT 2")
    assert cursor.fetchone() == (2,)
CursorWrapper.execute = wrapped
with mock.patch.object(CursorWrapper, "execute", autospec=True) as execute, connection.cursor() as cursor:
    cursor.execute("SELECT 3")
    execute.assert_called_once_with(cursor, "SELECT 3")
with connection.cursor() as cursor:
    cursor.execute("SELECT 4")
    assert cursor.fetchone() == (4,)

class Mine(QuerySet):
    def _fetch_all(self):
        super()._fetch_all()
        self.fetched = True

query = Query(ContentType)
assert query.model is ContentType and Query(model=ContentType, alias_cols=False).alias_cols is False
assert Mine(ContentType).query.__class__ is Query
assert isinstance(DeferredAttribute.__get__(ContentType.__dict__["model"], None, ContentType), DeferredAttribute)
instance = ContentType(app_label="a", model="b")
assert instance.model == "b" and ContentType.model.__get__(instance) == "b"
print("the same")
"#;

#[test]
fn what_stands_in_for_a_function_is_to_others_the_function() {
    for (_, python) in pythons() {
        let site = Site::contexts(&python);
        let run = site.escala(&["run", "--", &python, "-c", SCRIPT]).ok();
        assert_eq!(run.stdout, "the same\n");
    }
}
