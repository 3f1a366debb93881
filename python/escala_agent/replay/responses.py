"""Every response that Django's test clients get, and the queries behind it.

Django REST framework's client rests on Django's. Nothing is read that the test would miss: a streamed body is noted
as far as the test itself reads it.
"""

import hashlib
from functools import wraps

from .isolation import describe, is_savepoint
from .observer import REASON_CHARACTERS_MAX

# Responses of one test that are noted.
RESPONSES_MAX = 10_000


def hooks(observer):
    """What to do after which module was imported."""
    return {
        "django.test.client": lambda module: _watch_clients(module, observer),
        "django.db.backends.utils": lambda module: _watch_queries(module.CursorWrapper, observer),
    }


class Response:
    """One request that a test made, and what came of it."""

    def __init__(self, environ):
        self._environ = environ
        self.queries = 0
        self._wall_ns = 0
        self._route = ""
        self._status = 0
        self._headers = []
        self._exception = None
        self._offset = None
        self._body_bytes = 0
        self._digest = hashlib.sha256()
        self._chunks = None

    def take(self, response, journal):
        """Notes the response."""
        request = getattr(response, "wsgi_request", None) or getattr(response, "asgi_request", None)
        match = getattr(request, "resolver_match", None)
        self._route = "" if match is None else f"/{match.route or ''}"
        self._status = response.status_code
        self._headers = [[name, str(value)] for name, value in response.items()]
        self._headers += [["Set-Cookie", morsel.OutputString()] for morsel in response.cookies.values()]
        if not response.streaming:
            self._add(response.content)
            self._offset = journal.keep(response.content)

    def fail(self, error):
        """Notes the exception that the test gets instead of a response."""
        self._exception = describe(error)[:REASON_CHARACTERS_MAX]

    def took(self, wall_ns):
        """Adds to the time."""
        self._wall_ns += wall_ns

    def stream(self):
        """A body begins that is read piece by piece."""
        self._chunks = []

    def add_chunk(self, chunk, journal):
        """A piece of it."""
        self._add(chunk)
        if self._chunks is not None and journal.has_room_for(self._body_bytes):
            self._chunks.append(chunk)
        else:
            self._chunks = None

    def _add(self, body):
        self._body_bytes += len(body)
        self._digest.update(body)

    def record(self, journal):
        """All of it, as it is written down."""
        if self._chunks is not None:
            self._offset = journal.keep(b"".join(self._chunks))
            self._chunks = None
        method, path, query_string = _address(self._environ)
        return {
            "method": method,
            "path": path,
            "query_string": query_string,
            "route": self._route,
            "status": self._status,
            "headers": self._headers,
            "exception": self._exception,
            "body_offset": self._offset,
            "body_bytes": self._body_bytes,
            "body_sha256": self._digest.hexdigest(),
            "queries": self.queries,
            "wall_ns": self._wall_ns,
        }


def _address(environ):
    """Method, path and query string, from what the client makes of a request: a WSGI environment or an ASGI scope."""
    method = environ.get("REQUEST_METHOD") or environ.get("method") or "GET"
    query_string = environ.get("QUERY_STRING") or environ.get("query_string") or ""
    if "PATH_INFO" in environ:
        path = environ["PATH_INFO"].encode("latin-1", "replace").decode("utf-8", "replace")
    else:
        path = environ.get("path", "/")
    return [part.decode("latin-1") if isinstance(part, bytes) else str(part) for part in (method, path, query_string)]


def _watch_clients(module, observer):
    request = module.Client.request
    async_request = module.AsyncClient.request

    @wraps(request)
    def _request(self, **environ):
        noted = _begin(observer, environ)
        if noted is None:
            return request(self, **environ)
        try:
            with observer.answering(noted):
                response = request(self, **environ)
        except Exception as error:
            noted.fail(error)
            raise
        _take(observer, noted, response)
        return response

    @wraps(async_request)
    async def _async_request(self, **environ):
        noted = _begin(observer, environ)
        if noted is None:
            return await async_request(self, **environ)
        try:
            with observer.answering(noted):
                response = await async_request(self, **environ)
        except Exception as error:
            noted.fail(error)
            raise
        _take(observer, noted, response)
        return response

    module.Client.request = _request
    module.AsyncClient.request = _async_request


def _begin(observer, environ):
    """Notes that a request is made; none outside of a test."""
    case = observer.case
    if case is None:
        return None
    with observer.journal.guard():
        if len(case.responses) == RESPONSES_MAX:
            raise OverflowError(f"{case.name} makes more than {RESPONSES_MAX} requests")
        noted = Response(environ)
        # In the order in which they begin: that of their ends is chance when they overlap.
        case.responses.append(noted)
        return noted
    return None


def _take(observer, noted, response):
    with observer.journal.guard():
        noted.take(response, observer.journal)
        if response.streaming:
            noted.stream()
            read = _read_async if response.is_async else _read
            response.streaming_content = read(response.streaming_content, noted, observer)


def _read(chunks, noted, observer):
    """The same pieces, noted as they are read; what a piece costs belongs to the response."""
    iterator = iter(chunks)
    while True:
        try:
            with observer.answering(noted):
                chunk = next(iterator)
        except StopIteration:
            return
        with observer.journal.guard():
            noted.add_chunk(chunk, observer.journal)
        yield chunk


async def _read_async(chunks, noted, observer):
    iterator = aiter(chunks)
    while True:
        try:
            with observer.answering(noted):
                chunk = await anext(iterator)
        except StopAsyncIteration:
            return
        with observer.journal.guard():
            noted.add_chunk(chunk, observer.journal)
        yield chunk


def _watch_queries(cursor_wrapper, observer):
    execute, execute_many = cursor_wrapper.execute, cursor_wrapper.executemany

    @wraps(execute)
    def _execute(self, sql, params=None):
        # Django's nested transactions: in production the outermost of them is not a statement of its own.
        if not is_savepoint(sql):
            observer.count_query()
        return execute(self, sql, params)

    @wraps(execute_many)
    def _execute_many(self, sql, param_list):
        observer.count_query()
        return execute_many(self, sql, param_list)

    cursor_wrapper.execute = _execute
    cursor_wrapper.executemany = _execute_many
