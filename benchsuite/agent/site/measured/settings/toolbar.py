"""django-debug-toolbar. It shows itself to everybody instead of only with DEBUG, which would cost by itself."""

from measured.settings.bare import *  # noqa: F403
from measured.settings.bare import INSTALLED_APPS, MIDDLEWARE

INSTALLED_APPS = [*INSTALLED_APPS, "debug_toolbar"]
MIDDLEWARE = ["debug_toolbar.middleware.DebugToolbarMiddleware", *MIDDLEWARE]
DEBUG_TOOLBAR_CONFIG = {"SHOW_TOOLBAR_CALLBACK": lambda request: True}
