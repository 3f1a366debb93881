import os
import sys
from pathlib import Path
from types import ModuleType

os.environ.setdefault("SECRET_KEY", "not-a-secret-local-quality-site")
os.environ.setdefault("ENV", "production")
os.environ.setdefault("SQUAD_HOSTNAME", "localhost")

# Where static files are missing, importing the frontend downloads them; no page of ours serves one.
sys.modules["squad.frontend.setup"] = ModuleType("squad.frontend.setup")
sys.modules["squad.frontend.setup"].setup_staticfiles = lambda: None

from squad.settings import *  # noqa: E402, F403
from squad.settings import INSTALLED_APPS  # noqa: E402

SITE_DB = Path(os.environ.get("SITE_DB", "data/site.sqlite3")).resolve()
SITE_DB.parent.mkdir(parents=True, exist_ok=True)
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": SITE_DB}}
MEDIA_ROOT = str(SITE_DB.parent / "storage")
STATIC_ROOT = str(SITE_DB.parent / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
del STATICFILES_STORAGE  # noqa: F821 - superseded by STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "results"]
SECURE_SSL_REDIRECT = False
# It would show on each page what the page took.
DEBUG_TOOLBAR_CONFIG = {"SHOW_TOOLBAR_CALLBACK": lambda request: False}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_STORE_EAGER_RESULT = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOGGING = {"version": 1, "disable_existing_loggers": False}
