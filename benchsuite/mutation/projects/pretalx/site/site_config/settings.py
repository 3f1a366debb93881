import os
from pathlib import Path

SITE_DB = Path(os.environ.get("SITE_DB", "data/site.sqlite3")).resolve()
SITE_DB.parent.mkdir(parents=True, exist_ok=True)
os.environ.setdefault("PRETALX_DATA_DIR", str(SITE_DB.parent))
os.environ.setdefault("PRETALX_FILESYSTEM_DATA", str(SITE_DB.parent))
os.environ.setdefault("PRETALX_FILESYSTEM_STATIC", str(SITE_DB.parent / "static"))
os.environ.setdefault("PRETALX_SITE_URL", "http://localhost")

from pretalx.settings import *  # noqa: E402, F403
from pretalx.settings import DATABASES, INSTALLED_APPS, STORAGES  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "content"]
DATABASES["default"]["NAME"] = SITE_DB
SECRET_KEY = "not-a-secret-local-conference"
DEBUG = False
ALLOWED_HOSTS = ["*"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CELERY_TASK_ALWAYS_EAGER = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOGGING = {"version": 1, "disable_existing_loggers": False}
