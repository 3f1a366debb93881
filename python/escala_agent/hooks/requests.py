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
    get_response_async = handler.get_response_async

    @wraps(get_response_async)
    async def _get_response_async(self, request):
        active, outer = begin_request()
        if active is None:
            return await get_response_async(self, request)
        response = None
        try:
            response = await get_response_async(self, request)
            return response
        finally:
            _end(active, outer, request, response)

    handler.get_response = _native.stand_in("BaseHandler.get_response", handler.get_response)
    handler.get_response_async = _get_response_async


def begin_request():
    """The new unit of work, none when the agent is off, and the one around it."""
    try:
        return begin("http")
    except Exception as error:
        _native.disarm(f"begin: {type(error).__name__}: {error}")
        return None, None


def _end(active, outer, request, response):
    make_current(outer)
    if getattr(response, "streaming", False) is True:
        stream(active, request, response)
    else:
        _native.finish_request(active, request, response)


def stream(active, request, response):
    """The queries of a streamed body belong to the request; it ends when the server closes the response."""
    try:
        keep_current_while_streaming(response, active)
        response._resource_closers.append(lambda: _native.finish_request(active, request, response))
    except Exception as error:
        _native.disarm(f"end: {type(error).__name__}: {error}")


def capture(request, route, method):
    """The request as it is kept for replay; none when enough of its endpoint's are."""
    match = request.resolver_match
    arguments = {} if match is None else match.kwargs
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
