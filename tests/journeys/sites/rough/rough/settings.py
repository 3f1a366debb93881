import os
from pathlib import Path

SECRET_KEY = "not-a-secret"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "rough.urls"
INSTALLED_APPS = ["rough"]
MIDDLEWARE = []
DATABASES = {
    "default": {
        "ENGINE": os.environ.get("ROUGH_ENGINE", "django.db.backends.sqlite3"),
        "NAME": Path(__file__).resolve().parent.parent / "db.sqlite3",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
