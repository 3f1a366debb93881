"""Sentry with tracing of every request, as its guide for Django has it."""

import os

import sentry_sdk

from measured.settings.bare import *  # noqa: F403

sentry_sdk.init(dsn=f"http://key@127.0.0.1:{os.environ['MEASURED_SINK_PORT']}/1", traces_sample_rate=1.0)
