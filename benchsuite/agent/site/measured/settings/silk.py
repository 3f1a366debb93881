"""django-silk as its README installs it; what it records goes to the site's own database."""

from measured.settings.bare import *  # noqa: F403
from measured.settings.bare import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "silk"]
MIDDLEWARE = ["silk.middleware.SilkyMiddleware", *MIDDLEWARE]
