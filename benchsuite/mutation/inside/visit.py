"""Visits a site's pages through its WSGI application, in this process, and counts queries. Knows nothing of Escala.

    visit.py URLS [--count FILE] [--reached FILE] [--ran FILE] [--under PATH:FIRST-LAST FILE] [--rounds N]

Run in the directory of ``manage.py`` by the project's interpreter. URLS has one path a line; those after ``login:`` are
asked for by the first superuser. Every page is visited once to warm up and once more; with ``--count``, the second
answer is written down: queries by their SQL, status, body. ``--reached`` keeps the lines that asked for an eager load,
page by page, each with the lines that had built the queryset; those that ran at import stand under the empty name.
``--ran`` keeps the functions that each page ran. ``--under`` keeps where querysets were built while one statement ran.
Django's caches are emptied before each page, so that no page depends on the one before it; with ``--rounds``, the pages
are visited that often instead, as people do: with the caches as they are.
"""

import argparse
import collections
import hashlib
import io
import json
import os
import re
import sys
from contextlib import ExitStack

MARK = "login:"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("urls")
    parser.add_argument("--count")
    parser.add_argument("--reached")
    parser.add_argument("--ran")
    parser.add_argument("--under", nargs=2, metavar=("PATH:FIRST-LAST", "FILE"))
    parser.add_argument("--rounds", type=int)
    arguments = parser.parse_args()
    sys.path[0] = os.getcwd()
    reached = watch_eager_loads() if arguments.reached else {}
    under = watch_statement(arguments.under[0]) if arguments.under else set()
    ran = watch_functions() if arguments.ran else set()

    import django

    django.setup()
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    with open(arguments.urls, encoding="utf-8") as lines:
        pages = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    cookie = session_cookie() if any(page.startswith(MARK) for page in pages) else ""
    if arguments.rounds:
        for _ in range(arguments.rounds):
            for page in pages:
                answer(application, page, cookie)
        return
    reached_by = {"": listed(reached)}
    ran_by = {}
    for page in pages:
        reached.clear()
        ran.clear()
        if arguments.ran:
            sys.monitoring.restart_events()
        visit(application, page, cookie)
        reached_by[page] = listed(reached)
        ran_by[page] = sorted(ran)
    if arguments.ran:
        sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, 0)
    visits = {page: visit(application, page, cookie) for page in pages}
    if arguments.count:
        write(arguments.count, visits)
    if arguments.reached:
        write(arguments.reached, reached_by)
    if arguments.ran:
        write(arguments.ran, ran_by)
    if arguments.under:
        write(arguments.under[1], sorted(under))


def visit(application, page, cookie):
    from django.core.cache import caches
    from django.db import connections

    for cache in caches:
        caches[cache].clear()
    statements = collections.Counter()

    def count(execute, sql, params, many, context):
        statements[str(sql)] += 1
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(count))
        status, body = answer(application, page, cookie)
    return {
        "endpoint": endpoint(page),
        "status": status,
        "queries": statements.total(),
        "statements": {short(sql): number for sql, number in statements.items()},
        "body": body.decode("utf-8", "backslashreplace"),
    }


def answer(application, page, cookie):
    status = []
    response = application(environ(page, cookie), lambda line, headers, *_: status.append(line))
    body = b"".join(response)
    if hasattr(response, "close"):
        response.close()
    return int(status[0].split()[0]), body


def short(sql):
    """Stands for a statement; a star says that it asks by a list of keys, as a prefetch does and a lazy load never.

    Columns and joins count for nothing: without its eager load, the same queryset has fewer of them.
    """
    several = "*" if re.search(r" IN \((?:%s|\?)", sql) else ""
    table = re.search(r" FROM (\S+)", sql)
    if table and sql.startswith("SELECT"):
        sql = table[1] + sql[sql.find(" WHERE ", table.end()) :] if " WHERE " in sql[table.end() :] else table[1]
    return hashlib.sha256(sql.encode()).hexdigest()[:16] + several


def environ(page, cookie):
    path, _, query = page.removeprefix(MARK).partition("?")
    values = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "*/*",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if cookie and page.startswith(MARK):
        values["HTTP_COOKIE"] = cookie
    return values


def endpoint(page):
    """The URL pattern behind a page, without the punctuation of regular expressions, as `escala report` shows it."""
    from django.urls import Resolver404, resolve

    try:
        route = resolve(page.removeprefix(MARK).partition("?")[0]).route
    except Resolver404:
        return ""
    return "GET /" + plain(route).removeprefix("/")


def plain(route):
    """`^orders/(?P<pk>[^/.]+)/$` as `orders/<pk>/`; what `path()` was given stays as it is."""
    if not re.search(r"[$^(\\\\]", route):
        return route
    shown = ""
    while route:
        if route[0] == "(":
            length = group_length(route)
            named = re.match(r"\(\?P<(\w+)>", route)
            shown += f"<{named[1] if named else 'var'}>"
        elif route[0] == "\\":
            length = 2
            shown += "" if route[1:2].isalnum() else route[1:2]
        else:
            length = 1
            shown += "" if route[0] in "^$?" else route[0]
        route = route[length:]
    return shown


def group_length(pattern):
    """Length of the group that a pattern begins with."""
    depth, in_class, escaped = 0, False, False
    for at, character in enumerate(pattern):
        if escaped or character == "\\":
            escaped = not escaped
        elif in_class or character == "[":
            in_class = character != "]"
        else:
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return at + 1
    return len(pattern)


def session_cookie():
    """Logs the first superuser in, as the login page would."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from importlib import import_module

    user = get_user_model()._default_manager.filter(**superuser()).order_by("pk").first()
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = os.environ.get("SITE_AUTH_BACKEND", "django.contrib.auth.backends.ModelBackend")
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def superuser():
    """What tells a superuser in the site's own model of users; pretalx has another word for it."""
    from django.contrib.auth import get_user_model

    fields = {field.name for field in get_user_model()._meta.get_fields()}
    return {"is_administrator": True} if "is_administrator" in fields else {"is_superuser": True}


def watch_eager_loads():
    """Notes each line of the project that asks for an eager load, and where the queryset was built that it asks.

    Called before the project is imported.
    """
    from django.db.models import query
    from django.db.models.sql import Query

    reached = {}
    construct = Query.__init__

    def constructed(self, *arguments, **keywords):
        construct(self, *arguments, **keywords)
        self.built_in_benchmark = project_line()  # clones copy it

    def watched(method):
        def call(self, *arguments, **keywords):
            line = project_line()
            if line:
                built = getattr(self.query, "built_in_benchmark", None)
                reached.setdefault(line, set()).add((built or "", self.model._meta.label))
            return method(self, *arguments, **keywords)

        call.__name__ = method.__name__
        call.__doc__ = method.__doc__
        for attribute in ("queryset_only", "alters_data"):
            if hasattr(method, attribute):
                setattr(call, attribute, getattr(method, attribute))
        return call

    Query.__init__ = constructed
    for name in ("select_related", "prefetch_related"):
        setattr(query.QuerySet, name, watched(getattr(query.QuerySet, name)))
    return reached


def watch_statement(place):
    """Notes what is built while a statement runs: the line, and the model. Called before the project is imported."""
    from django.db.models.sql import Query

    path, _, lines = place.rpartition(":")
    path = os.path.join(os.getcwd(), path)
    first, last = map(int, lines.split("-"))
    under = set()
    construct = Query.__init__

    def constructed(self, *arguments, **keywords):
        construct(self, *arguments, **keywords)
        frame = sys._getframe(1)
        while frame is not None and self.model is not None:
            if frame.f_code.co_filename == path and first <= frame.f_lineno <= last:
                under.add((project_line(), self.model._meta.label))
                return
            frame = frame.f_back

    Query.__init__ = constructed
    return under


def watch_functions():
    """Notes the functions of the project that run: the file, the first line and the last."""
    monitoring = sys.monitoring
    root = os.getcwd() + os.sep
    ran = set()

    def started(code, _offset):
        if code.co_filename.startswith(root) and code.co_name != "<module>":
            lines = [line for _, _, line in code.co_lines() if line]
            ran.add((code.co_filename.removeprefix(root), code.co_firstlineno, max(lines, default=0)))
        return monitoring.DISABLE  # until the next page

    monitoring.use_tool_id(monitoring.COVERAGE_ID, "benchmark")
    monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.PY_START, started)
    monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.PY_START)
    return ran


def project_line():
    """The innermost line of the project that is under way."""
    root = os.getcwd() + os.sep
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith(root):
            return f"{frame.f_code.co_filename.removeprefix(root)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def listed(reached):
    return {line: sorted(built) for line, built in reached.items()}


def write(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


if __name__ == "__main__":
    main()
