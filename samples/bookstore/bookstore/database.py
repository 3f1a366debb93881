"""Reads ``DATABASE_URL`` into an entry of Django's ``DATABASES``."""

from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ENGINES = {
    "postgres": "django.db.backends.postgresql",
    "postgresql": "django.db.backends.postgresql",
    "sqlite": "django.db.backends.sqlite3",
}


def database_from_url(url, base_dir):
    """
    Accepts ``postgresql://user:password@host:port/name?sslmode=require``,
    ``postgresql:///name?host=/socket/directory`` and ``sqlite:///path``.

    A relative SQLite path starts at ``base_dir``; an absolute one takes a
    fourth slash, ``sqlite:////var/lib/shop.sqlite3``.
    """
    parts = urlsplit(url)
    engine = ENGINES.get(parts.scheme)
    if engine is None:
        # The URL may hold a password, so only its scheme is repeated.
        raise ImproperlyConfigured(
            f"DATABASE_URL has the scheme {parts.scheme!r}; use postgresql or sqlite."
        )
    name = unquote(parts.path[1:])
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database.")
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "sqlite":
        database = {"ENGINE": engine, "NAME": base_dir / name}
    else:
        database = {
            "ENGINE": engine,
            "NAME": name,
            "USER": options.pop("user", None) or unquote(parts.username or ""),
            "PASSWORD": options.pop("password", None) or unquote(parts.password or ""),
            "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
            "PORT": options.pop("port", None) or str(parts.port or ""),
        }
    if options:
        database["OPTIONS"] = options
    return database
