"""HTTP requests as units of work: every handler and the test client come through ``BaseHandler.get_response``."""

from functools import wraps

from escala_agent import _native
from escala_agent.hooks.units import begin, make_current

_HEADERS = _native.captured_headers()


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
    if not _native.is_armed():
        return None, None
    try:
        return begin("http")
    except Exception as error:
        _native.disarm(f"begin: {type(error).__name__}: {error}")
        return None, None


def _end(active, outer, request, response):
    if getattr(response, "streaming", False):
        # The queries of a streamed body belong to the request; it ends when the server closes the response.
        def close():
            _finish(active, request, response)
            make_current(outer)

        response._resource_closers.append(close)
        return
    _finish(active, request, response)
    make_current(outer)


def _finish(active, request, response):
    try:
        route, view, arguments = _resolved(request)
        method = request.method or ""
        streaming = response is None or response.streaming
        _native.finish(
            active,
            method,
            route,
            view,
            response.status_code if response is not None else 0,
            0 if streaming else len(response.content),
            _capture(request, route, method, arguments) if response is not None else None,
        )
    except Exception as error:
        _native.disarm(f"finish: {type(error).__name__}: {error}")


def _resolved(request):
    match = request.resolver_match
    if match is None:
        return "", "", {}
    return "/" + (match.route or ""), match._func_path, match.kwargs


def _capture(request, route, method, arguments):
    meta = request.META
    path, _, query_string = request.get_full_path().partition("?")
    return _native.capture_request(
        route,
        method,
        path,
        [(name, str(value)) for name, value in arguments.items()],
        query_string,
        request.is_secure(),
        [(name, meta[key]) for key, name in _HEADERS if isinstance(meta.get(key), str)],
        _user_pk(request),
    )


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
