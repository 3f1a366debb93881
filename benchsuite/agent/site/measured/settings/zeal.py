"""django-zeal as its README installs it. It warns instead of raising: the page has to be answered."""

from measured.settings.bare import *  # noqa: F403
from measured.settings.bare import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = False
