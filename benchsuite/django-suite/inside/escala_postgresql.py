"""Django's settings for its tests on PostgreSQL, as its documentation gives them, with the recording runner."""

import os

from test_sqlite import *  # noqa: F403

DATABASES = {
    alias: {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": os.environ["DJANGO_SUITE_PG_USER"],
        "HOST": os.environ["DJANGO_SUITE_PG_SOCKETS"],
    }
    for alias, name in [("default", "django"), ("other", "django_other")]
}

TEST_RUNNER = "escala_outcomes.RecordingRunner"
