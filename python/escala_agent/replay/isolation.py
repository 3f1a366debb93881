"""What keeps a replayed request from being noticed outside this process.

`before_setup` changes settings, so it runs before `django.setup()`; `after_setup` needs the app registry; `Rollback` is
one request's transaction on every database.
"""

import inspect
import re
import threading
import warnings
from contextlib import ExitStack

# Middleware that reports queries and timings in the page or records them in the database: the very thing that a
# candidate changes, so no candidate could ever answer with the same bytes.
PROFILING_MIDDLEWARE = ("debug_toolbar.", "silk.", "nplusone.", "querycount.", "zeal.", "pyinstrument.")

SAVEPOINT = re.compile(r"\s*(?:SAVEPOINT|RELEASE|ROLLBACK\s+(?:WORK\s+|TRANSACTION\s+)?TO)\b", re.IGNORECASE)

# Statements that would end the transaction that we roll back. `BEGIN` alone may also open a PL/SQL block.
TRANSACTION_CONTROL = re.compile(
    r"\s*(?:(?:COMMIT|ROLLBACK|ABORT|END|START\s+TRANSACTION)\b"
    r"|BEGIN\s*(?:;|$|TRANSACTION|WORK|ISOLATION|READ|IMMEDIATE|DEFERRED|EXCLUSIVE))",
    re.IGNORECASE,
)


class Unusable(Exception):
    """The project cannot be replayed; `kind` is one of the words that `verify` knows."""

    def __init__(self, kind, detail):
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def before_setup(settings):
    """Private caches, mail into memory, no logging to files or services, no profiling middleware."""
    settings.CACHES = {
        alias: {
            **{key: value for key, value in options.items() if key in ("KEY_PREFIX", "VERSION", "KEY_FUNCTION", "TIMEOUT")},
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": f"escala-replay-{alias}",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
        for alias, options in settings.CACHES.items()
    }
    settings.LOGGING_CONFIG = None
    settings.MIDDLEWARE = [
        path for path in settings.MIDDLEWARE if not path.startswith(PROFILING_MIDDLEWARE)
    ]
    locmem = "django.core.mail.backends.locmem.EmailBackend"
    if hasattr(settings, "MAILERS"):
        settings.MAILERS = {alias: {"BACKEND": locmem} for alias in settings.MAILERS}
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecated in Django 6.1, and still what an older project has
            settings.EMAIL_BACKEND = locmem
    if hasattr(settings, "TASKS"):
        settings.TASKS = {alias: _task_backend(options) for alias, options in settings.TASKS.items()}
    _hash_models_by_name()


def _task_backend(options):
    """A task that would run elsewhere is dropped; one that runs within the request still does."""
    immediate = "django.tasks.backends.immediate.ImmediateBackend"
    if options.get("BACKEND") == immediate:
        return options
    return {**options, "BACKEND": "django.tasks.backends.dummy.DummyBackend", "OPTIONS": {}}


def _hash_models_by_name():
    """Makes a set of model classes iterate in the same order in every process.

    A class hashes by its address, so a page that shows such a set would differ between two processes of the same code.
    """
    from django.db.models.base import ModelBase

    ModelBase.__hash__ = lambda model: hash((model.__module__, model.__qualname__))


def after_setup():
    """Connections stay open between requests, and only the thread whose transaction we hold may have one."""
    from django.core import signals
    from django.db import close_old_connections
    from django.db.backends.signals import connection_created

    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    connection_created.connect(_refuse_other_threads, weak=False, dispatch_uid="escala-replay")


def _refuse_other_threads(connection, **_):
    if threading.current_thread() is not threading.main_thread():
        connection.close()
        raise RuntimeError(
            "a thread started by the project opened a database connection during Escala's replay, "
            "where what it writes could not be rolled back"
        )


def databases():
    """Every configured connection that can be rolled back; raises `Unusable` when one cannot."""
    from django.db import connections

    usable = []
    for alias in connections:
        if connections.settings[alias]["ENGINE"] == "django.db.backends.dummy":
            continue
        connection = connections[alias]
        try:
            connection.ensure_connection()
            transactional = _has_transactions(connection)
        except Exception as error:
            raise Unusable("database", f'database "{alias}": {describe(error)}') from error
        if not transactional:
            raise Unusable("no-transactions", f'database "{alias}" has no transactions')
        usable.append(connection)
    return usable


def _has_transactions(connection):
    """What the backend says; Django's own way to find out makes a table, so a backend that leaves it at that has them."""
    from django.db.backends.base.features import BaseDatabaseFeatures

    inherited = inspect.getattr_static(BaseDatabaseFeatures, "supports_transactions")
    declared = inspect.getattr_static(connection.features, "supports_transactions")
    return declared is inherited or connection.features.supports_transactions


class Rollback:
    """A transaction on every database that ends in a rollback, whatever happened inside."""

    def __init__(self, connections):
        self._connections = connections
        self._transactions = ExitStack()

    def __enter__(self):
        from django.db import transaction

        try:
            for connection in self._connections:
                atomic = transaction.atomic(using=connection.alias)
                # As Django's TestCase does: the view's own atomic(durable=True) must not notice this one.
                atomic._from_testcase = True
                self._transactions.enter_context(atomic)
        except Exception as error:
            self._transactions.close()
            raise Unusable("database", describe(error)) from error
        return self

    def __exit__(self, *_):
        for connection in self._connections:
            if connection.in_atomic_block:
                connection.needs_rollback = True
        try:
            self._transactions.close()
        except Exception as error:
            raise Unusable("database", describe(error)) from error
        finally:
            for connection in self._connections:
                if connection.in_atomic_block:  # the view left a transaction of its own open
                    connection.close()
        return False


def is_savepoint(sql):
    """Django's nested transactions: in production the outermost of them is not a statement of its own."""
    return isinstance(sql, str) and SAVEPOINT.match(sql) is not None


def refuse_to_end_transaction(sql):
    """Raises for a statement by which a view would commit what we are going to roll back."""
    if isinstance(sql, str) and TRANSACTION_CONTROL.match(sql):
        from django.db.transaction import TransactionManagementError

        raise TransactionManagementError("a replayed view may not begin or end a transaction by hand")


def describe(error):
    """An exception as the last line of its traceback, in one line."""
    text = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {text}" if text else name
