"""HTTP requests as units of work: every handler and the test client come through ``BaseHandler.get_response``."""

from functools import wraps
from uuid import UUID

from escala_agent import _native
from escala_agent.hooks.streams import keep_current_while_streaming
from escala_agent.hooks.units import begin, make_current

_HEADERS = _native.captured_headers()
_PLAIN = (str, int, UUID)


def _handlers(module):
    handler = module.BaseHandler
    get_response = handler.get_response
    get_response_async = handler.get_response_async

    @wraps(get_response)
    def _get_response(self, request):
        active, outer = _begin()
        if active is None:
            return get_response(self, request)
        response = None
        try:
            response = get_response(self, request)
            return response
        finally:
            _end(active, outer, request, response)

    @wraps(get_response_async)
    async def _get_response_async(self, request):
        active, outer = _begin()
        if active is None:
            return await get_response_async(self, request)
        response = None
        try:
            response = await get_response_async(self, request)
            return response
        finally:
            _end(active, outer, request, response)

    handler.get_response = _get_response
    handler.get_response_async = _get_response_async


def _begin():
    try:
        return begin("http")
    except Exception as error:
        _native.disarm(f"begin: {type(error).__name__}: {error}")
        return None, None


def _end(active, outer, request, response):
    make_current(outer)
    try:
        if getattr(response, "streaming", False) is True:
            # The queries of a streamed body belong to the request; it ends when the server closes the response.
            keep_current_while_streaming(response, active)
            response._resource_closers.append(lambda: _finish(active, request, response))
            return
        _finish(active, request, response)
    except Exception as error:
        _native.disarm(f"end: {type(error).__name__}: {error}")


def _finish(active, request, response):
    try:
        method = request.method or ""
        match = request.resolver_match
        if match is None:
            route, view, arguments = "", "", {}
        else:
            route, view, arguments = f"/{match.route or ''}", match._func_path, match.kwargs
        captured = None
        # A request inside a test asks a database that will be gone; the test is its replay.
        wanted = active.parent_serial is None and _native.wants_capture(route, method)
        if wanted and _is_replayable(request, response):
            captured = _capture(request, route, method, arguments)
        length = 0 if response is None or response.streaming else len(response.content)
        _native.finish(active, method, route, view, getattr(response, "status_code", 0), length, captured)
    except Exception as error:
        _native.disarm(f"finish: {type(error).__name__}: {error}")


def _capture(request, route, method, arguments):
    meta = request.META
    path, _, query_string = request.get_full_path().partition("?")
    return _native.capture_request(
        route,
        method,
        path,
        [(name, _text(value)) for name, value in arguments.items()],
        query_string,
        request.is_secure(),
        [(name, meta[key]) for key, name in _HEADERS if isinstance(meta.get(key), str)],
        meta.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in meta,
        _user_pk(request),
    )


def _is_replayable(request, response):
    """A path that no pattern took apart may hold what a pattern would have named a token: one that leads nowhere is
    not kept."""
    if response is None:
        return False
    return request.resolver_match is not None or 200 <= response.status_code < 300


def _text(value):
    """What stands in the path for an argument; none for a converter's own type, whose methods are not ours to call."""
    return str(value) if value.__class__ in _PLAIN else None


def _user_pk(request):
    """The user's primary key, when the request has looked at its user; looking ourselves would run queries."""
    from django.utils.functional import LazyObject, empty

    user = request.__dict__.get("user")
    if isinstance(user, LazyObject):
        user = user.__dict__.get("_wrapped", empty)
        if user is empty:
            return None
    if user is None or not getattr(user, "is_authenticated", False) or user.pk is None:
        return None
    return str(user.pk)


HOOKS = {"django.core.handlers.base": _handlers}
