"""The conversation: `prepare`, then `load` for the project, then `replay` per request; end of file ends the process.

Every message but the first gets one answer: what was asked for, or `{"type": "error", "error": kind, "detail": …}`. Kinds:

- `settings`: the settings module, or what it imports, raised; an environment variable may be missing
- `setup`: `django.setup()`, the URL configuration or a middleware raised
- `database`, `no-transactions`: a configured database cannot be reached, or cannot be rolled back
- `login`: the user who made the request cannot be logged in
- `internal`: this program's own fault
"""

import importlib
import os
import signal
import sys
from contextlib import suppress

from .channel import Closed, take_standard_input
from .isolation import Unusable, after_setup, before_setup, databases, describe
from .overlay import Overlay

PROTOCOL = 2

# What every project imports in the end and what needs no settings: imported while nobody waits for it.
IMPORTED_AHEAD = (
    "django.contrib.auth.hashers",
    "django.core.handlers.wsgi",
    "django.core.management",
    "django.core.paginator",
    "django.db.models",
    "django.forms",
    "django.template.backends.django",
    "django.template.loader",
    "django.test.client",
    "django.urls",
    "django.views.generic",
)

# Written to standard error where a message begins: what stands before it says nothing about this message.
MESSAGE_MARK = b"\x1e\n"


def main():
    """Serves until the other side closes. An interrupt from the terminal ends the process at once, without a trace."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.argv = ["escala-replay"]
    serve(take_standard_input())
    return 0


def serve(channel):
    """Answers messages in order."""
    worker = Worker()
    while True:
        try:
            message, attachment = channel.receive()
        except Closed:
            return
        os.write(2, MESSAGE_MARK)
        try:
            answer, body = worker.answer(message, attachment)
        except Unusable as reason:
            answer, body = {"type": "error", "error": reason.kind, "detail": reason.detail}, b""
        except Exception as error:
            answer, body = {"type": "error", "error": "internal", "detail": describe(error)}, b""
        if answer is not None:
            channel.send(answer, body)


class Worker:
    """One loaded project."""

    def __init__(self):
        self._protocol = None
        self._overlay = None
        self._client = None

    def answer(self, message, attachment):
        """The answer to a message and its attachment; none to `prepare`."""
        if message["type"] == "prepare":
            self._prepare(message)
            return None, b""
        if message["type"] == "load":
            return self._load(message), b""
        return self._replay(message, attachment)

    def _prepare(self, message):
        self._protocol = message["protocol"]
        sys.path[:] = message["sys_path"]
        for module in IMPORTED_AHEAD:
            # What is missing or fails here is said when the project is loaded.
            with suppress(Exception):
                importlib.import_module(module)

    def _load(self, message):
        if self._protocol != PROTOCOL:
            raise Unusable("internal", f"protocol {self._protocol}, and this worker speaks {PROTOCOL}")
        self._overlay = Overlay(message["overlay"])
        self._overlay.install()
        django_version = _load_project(message["settings"])
        connections = databases()
        self._client = _load_handlers(connections, message)
        return {
            "type": "ready",
            "python": ".".join(map(str, sys.version_info[:3])),
            "django": django_version,
            "databases": [[connection.alias, connection.vendor] for connection in connections],
        }

    def _replay(self, message, attachment):
        reply = self._client.send(message, attachment)
        answer = {
            "type": "response",
            "status": reply.status,
            "reason": reply.reason,
            "headers": reply.headers,
            "body_bytes": reply.body_bytes,
            "body_sha256": reply.body_digest.hexdigest(),
            "truncated": reply.truncated,
            "queries": reply.queries.count,
            "db_ns": reply.queries.db_ns,
            "wall_ns": reply.wall_ns,
            "most_repeated": reply.queries.most_repeated(),
            "exception": reply.exception,
            "not_imported": self._overlay.not_imported(),
        }
        return answer, reply.body


def _load_project(settings_module):
    """Imports Django and the settings, and sets the project up in isolation; returns Django's version."""
    os.environ["DJANGO_SETTINGS_MODULE"] = settings_module
    try:
        import django
        from django.conf import settings

        before_setup(settings)
    except BaseException as error:
        raise Unusable("settings", describe(error)) from error
    try:
        django.setup()
        after_setup()
    except BaseException as error:
        raise Unusable("setup", describe(error)) from error
    return django.get_version()


def _load_handlers(connections, message):
    """Loads middleware and URL configuration now: their faults are the project's, not one request's."""
    from .client import Client

    try:
        client = Client(connections, message["body_limit_bytes"], message["stream_limit_bytes"])
        from django.urls import get_resolver

        get_resolver().url_patterns  # noqa: B018 - evaluated for its imports
    except BaseException as error:
        raise Unusable("setup", describe(error)) from error
    return client
