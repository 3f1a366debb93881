from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.test import SimpleTestCase

from bookstore.database import database_from_url

BASE_DIR = Path("/srv/bookstore")


class DatabaseUrlTests(SimpleTestCase):
    def assertReads(self, url, **expected):
        database = database_from_url(url, BASE_DIR)
        self.assertEqual({key: database.get(key) for key in expected}, expected)

    def test_server(self):
        self.assertReads(
            "postgresql://ana:p%40ss@db.example:5433/shop?sslmode=require",
            ENGINE="django.db.backends.postgresql",
            NAME="shop",
            USER="ana",
            PASSWORD="p@ss",
            HOST="db.example",
            PORT="5433",
            OPTIONS={"sslmode": "require"},
        )

    def test_unix_socket(self):
        self.assertReads(
            "postgresql:///shop?host=/run/postgresql&port=5433",
            NAME="shop",
            USER="",
            HOST="/run/postgresql",
            PORT="5433",
            OPTIONS=None,
        )
        self.assertReads(
            "postgres://ana@%2Frun%2Fpostgresql/shop",
            USER="ana",
            HOST="/run/postgresql",
        )

    def test_sqlite(self):
        self.assertReads(
            "sqlite:///shop.sqlite3",
            ENGINE="django.db.backends.sqlite3",
            NAME=BASE_DIR / "shop.sqlite3",
        )
        self.assertReads("sqlite:////srv/shop.sqlite3", NAME=Path("/srv/shop.sqlite3"))

    def test_unusable(self):
        for url in ("mysql://db/shop", "postgresql://db", "shop.sqlite3"):
            with self.subTest(url=url), self.assertRaises(ImproperlyConfigured):
                database_from_url(url, BASE_DIR)

    def test_the_password_is_not_repeated(self):
        with self.assertRaises(ImproperlyConfigured) as caught:
            database_from_url("mysql://ana:secret@db/shop", BASE_DIR)
        self.assertNotIn("secret", str(caught.exception))
