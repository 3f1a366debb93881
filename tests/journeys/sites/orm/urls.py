"""Every construct is a page of its own, at its name with dashes."""

import django
from django.http import HttpResponse
from django.urls import path

from library import admin
from library.models import Book, Cover, Loan
from library.views import (
    asynchronous,
    copies,
    databases,
    deferred,
    forms,
    generic,
    glances,
    inheritance,
    iterators,
    lines,
    managers,
    prefetches,
    raw,
    repeats,
    shapes,
    statements,
    writes,
)

modules = [asynchronous, copies, databases, deferred, forms, generic, glances, inheritance, iterators, lines, managers]
modules += [prefetches, raw, repeats, shapes, statements, writes]
if django.VERSION >= (6, 1):
    from library.views import fetch_modes

    modules.append(fetch_modes)


def views():
    for module in modules:
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") == module.__name__ and "request" in variable_names(value):
                yield name.replace("_", "-"), value
    yield "generic-view", lines.BookList.as_view()
    yield "serializer-nested", lines.BookListApi.as_view()
    yield "serializer-method", lines.BookAuthorsApi.as_view()
    for name, model in (("admin-callable", Book), ("admin-field", Loan), ("admin-queryset", Cover)):
        yield name, changelist(model)


def variable_names(value):
    code = getattr(value, "__code__", None)
    return code.co_varnames[: code.co_argcount] if code else ()


def changelist(model):
    return lambda request: admin.site._registry[model].changelist_view(request)


urlpatterns = [path(f"{name}/", view) for name, view in views()]
urlpatterns += [path("", lambda request: HttpResponse("ready")), path("admin/", admin.site.urls)]
