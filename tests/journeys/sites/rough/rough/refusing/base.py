"""A database that is up and lets nobody begin a transaction."""

from django.db import OperationalError
from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self):
        raise OperationalError("transactions are not allowed here")
