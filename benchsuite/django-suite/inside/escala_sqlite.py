"""Django's own settings for SQLite, with the recording runner."""

from test_sqlite import *  # noqa: F403

TEST_RUNNER = "escala_outcomes.RecordingRunner"
