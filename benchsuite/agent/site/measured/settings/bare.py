"""The bookstore as a site in production has it. Every other variant starts from here."""

import os

from bookstore.settings import *  # noqa: F403
from bookstore.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE

DEBUG = False
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "measured.urls"
WSGI_APPLICATION = "measured.wsgi.application"
INSTALLED_APPS = [*INSTALLED_APPS, "measured"]
MIDDLEWARE = [*MIDDLEWARE]

# A site under load keeps its connections. It is also the harder case: opening one costs each request the same with
# and without a peer, and so hides what the peer costs.
_max_age = os.environ["MEASURED_CONN_MAX_AGE"]
DATABASES["default"]["CONN_MAX_AGE"] = None if _max_age == "none" else int(_max_age)
