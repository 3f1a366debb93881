"""A worker with two processes, five tasks for it, and its end as an operator would bring it about."""

import os
import signal
import subprocess
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contexts.settings")
django.setup()

from contexts import tasks  # noqa: E402

worker = subprocess.Popen(
    [sys.executable, "-m", "celery", "-A", "contexts", "worker", "--concurrency", "2", "--loglevel", "ERROR"]
)
results = [tasks.count.delay(number) for number in (2, 3, 4, 5)]
failed = tasks.fail.delay()
try:
    assert [result.get(timeout=60) for result in results] == [2, 3, 4, 5]
    assert isinstance(failed.get(timeout=60, propagate=False), ValueError)
finally:
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
