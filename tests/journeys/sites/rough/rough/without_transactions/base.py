"""A database of another make, which has no transactions."""

from django.db.backends.sqlite3 import base, features


class DatabaseFeatures(features.DatabaseFeatures):
    supports_transactions = False


class DatabaseWrapper(base.DatabaseWrapper):
    vendor = "another"
    features_class = DatabaseFeatures
