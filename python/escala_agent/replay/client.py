"""One recorded request through the project's whole middleware chain, as Django's test client sends it."""

import hashlib
import io
import sys
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from . import clock
from .isolation import Rollback, Unusable, describe
from .measure import Queries, observed

# Not replayed although recorded: compression makes the body random (Django pads it against BREACH), conditions and
# ranges hide it, and who asks is said by the session that we make.
HEADERS_IGNORED = frozenset(
    {
        "accept-encoding",
        "authorization",
        "content-length",
        "cookie",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "range",
    }
)

# Requests remembered as needing Django REST framework's own way of logging in.
TOKEN_REQUESTS_MAX = 1_024


class Reply:
    """What a request was answered with, and what that took."""

    def __init__(self):
        self.status = 0
        self.reason = ""
        self.headers = []
        self.body = b""
        self.body_bytes = 0
        self.body_digest = hashlib.sha256()
        self.truncated = False
        self.exception = None
        self.wall_ns = 0
        self.queries = Queries()


class Client:
    """Sends requests, each in a transaction that is rolled back."""

    def __init__(self, connections, body_limit_bytes, stream_limit_bytes):
        from django.core.handlers.base import BaseHandler
        from django.core.signals import got_request_exception

        self._connections = connections
        self._body_limit_bytes = body_limit_bytes
        self._stream_limit_bytes = stream_limit_bytes
        self._exception = None
        self._token_requests = set()
        self._handler = BaseHandler()
        self._handler.load_middleware()
        got_request_exception.connect(self._note_exception, weak=False)

    def _note_exception(self, **_):
        error = sys.exc_info()[1]
        if error is not None and self._exception is None:
            self._exception = describe(error)

    def send(self, recorded, body):
        """Answers a request. Raises `Unusable` when it cannot be asked at all."""
        name = (recorded["method"], recorded["path"])
        with_token = name in self._token_requests
        reply = self._send_once(recorded, body, with_token)
        # Sessions did not let this user in, so the request was authenticated by a token, which is not recorded.
        refused = reply.status in (401, 403) and recorded.get("user_pk") is not None
        if refused and not with_token and "rest_framework" in sys.modules:
            second = self._send_once(recorded, body, with_token=True)
            if second.status not in (401, 403):
                if len(self._token_requests) < TOKEN_REQUESTS_MAX:
                    self._token_requests.add(name)
                return second
        return reply

    def _send_once(self, recorded, body, with_token):
        from django.core.cache import caches

        for cache in caches:
            caches[cache].clear()
        _empty_outbox()
        self._exception = None
        with Rollback(self._connections):
            user = session = None
            if recorded.get("user_pk") is not None:
                user = _user(recorded["user_pk"])
                session = _session(user)
            environ = _environ(recorded, body, session)
            try:
                return self._answer(environ, user if with_token else None)
            finally:
                _forget(session)

    def _answer(self, environ, token_user):
        from django.core.handlers.wsgi import WSGIRequest, get_script_name
        from django.core.signals import request_started
        from django.urls import set_script_prefix

        reply = Reply()
        response = None
        with observed(self._connections, reply.queries):
            start_ns = clock.now_ns()
            try:
                set_script_prefix(get_script_name(environ))
                request_started.send(sender=type(self._handler), environ=environ)
                request = WSGIRequest(environ)
                request._dont_enforce_csrf_checks = True
                if token_user is not None:
                    request._force_auth_user = token_user
                response = self._handler.get_response(request)
                self._read(response, reply, with_body=_has_body(request, response))
            except BaseException as error:  # noqa: B902 - a view's SystemExit must not end the worker
                reply.exception = describe(error)
            reply.wall_ns = clock.now_ns() - start_ns
        if response is None or reply.exception is not None:
            reply.status, reply.reason = 500, HTTPStatus(500).phrase
        else:
            reply.status, reply.reason = response.status_code, response.reason_phrase
        reply.exception = reply.exception or self._exception
        if response is not None:
            reply.headers = [[name, value] for name, value in response.items()]
            reply.headers += [["Set-Cookie", morsel.OutputString()] for morsel in response.cookies.values()]
            _close(response)
        return reply

    def _read(self, response, reply, with_body):
        """Reads the body to its end, or to the limit of a stream; what does not fit the reply is only hashed."""
        if not with_body:
            return
        kept = []
        for chunk in response.streaming_content if response.streaming else [response.content]:
            chunk = response.make_bytes(chunk)
            reply.body_bytes += len(chunk)
            reply.body_digest.update(chunk)
            if reply.body_bytes <= self._body_limit_bytes:
                kept.append(chunk)
            if response.streaming and reply.body_bytes > self._stream_limit_bytes:
                reply.truncated = True
                break
        if reply.body_bytes <= self._body_limit_bytes:
            reply.body = b"".join(kept)


def _has_body(request, response):
    """Web servers send none to these (RFC 9112, section 6.3)."""
    status = response.status_code
    return request.method != "HEAD" and not 100 <= status < 200 and status not in (204, 304)


def _close(response):
    """Runs what the project does when a response has been sent, still inside the transaction."""
    try:
        response.close()
    except Exception as error:
        print(f"escala: closing the response: {describe(error)}", file=sys.stderr)


def _environ(recorded, body, session):
    from django.conf import settings

    path = recorded["path"]
    prefix = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
    if prefix and path.startswith(prefix + "/"):
        path = path[len(prefix) :]
    environ = {
        "REQUEST_METHOD": recorded["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": recorded["query_string"],
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_NAME": _host(settings.ALLOWED_HOSTS),
        "SERVER_PORT": "443" if recorded["secure"] else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "https" if recorded["secure"] else "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multiprocess": True,
        "wsgi.multithread": False,
        "wsgi.run_once": False,
    }
    for name, value in recorded["headers"]:
        if name.lower() in HEADERS_IGNORED:
            continue
        key = name.upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    if session is not None:
        environ["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return environ


def _host(allowed):
    """A host that the project answers to, for a request that was recorded without one."""
    for host in allowed:
        if host != "*":
            return host.lstrip(".")
    return "localhost"


def _user(pk):
    """The user who asked."""
    from django.apps import apps

    for app in ("django.contrib.auth", "django.contrib.sessions"):
        if not apps.is_installed(app):
            raise Unusable("login", f"the request was made by a user, and {app} is not installed")
    from django.contrib.auth import get_user_model

    model = get_user_model()
    try:
        return model._default_manager.get(pk=pk)
    except Exception as error:
        raise Unusable("login", f"user {pk}: {describe(error)}") from error


def _session(user):
    """A session like the one that the user had. No login happens: its signals and `last_login` would be new effects."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, load_backend

    backend = next(
        (path for path in settings.AUTHENTICATION_BACKENDS if hasattr(load_backend(path), "get_user")), None
    )
    if backend is None:
        raise Unusable("login", "no authentication backend can load a user")
    try:
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = user._meta.pk.value_to_string(user)
        session[BACKEND_SESSION_KEY] = backend
        session[HASH_SESSION_KEY] = user.get_session_auth_hash() if hasattr(user, "get_session_auth_hash") else ""
        session.save()
    except Exception as error:
        raise Unusable("login", f"session of user {user.pk}: {describe(error)}") from error
    return session


def _forget(session):
    """Deletes the session where no rollback reaches it: in files, or in a store of its own."""
    if session is None:
        return
    try:
        session.delete(session.session_key)
    except Exception as error:
        print(f"escala: deleting the replay's session: {describe(error)}", file=sys.stderr)


def _empty_outbox():
    from django.core import mail

    mail.outbox = []
