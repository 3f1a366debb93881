import os
from pathlib import Path

SITE_DB = Path(os.environ.get("SITE_DB", "data/site.sqlite3")).resolve()
SITE_DB.parent.mkdir(parents=True, exist_ok=True)

SECRET_KEY = "not-a-secret-local-graphql-site"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "content",
    "grapple",
    "graphene_django",
    "wagtail.contrib.redirects",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"]
ROOT_URLCONF = "site_config.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": SITE_DB}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
STATIC_URL = "/static/"
MEDIA_ROOT = str(SITE_DB.parent / "media")
WAGTAIL_SITE_NAME = "Redirects"
WAGTAILADMIN_BASE_URL = "http://localhost"
GRAPHENE = {"SCHEMA": "grapple.schema.schema"}
GRAPPLE = {"APPS": []}
