"""Many short-lived processes, each with one unit of work: `swarm.py FORKS STARTS`."""

import os
import subprocess
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contexts.settings")
django.setup()

from django.db import connection  # noqa: E402

from contexts import tasks  # noqa: E402

AT_ONCE = 16

forks, starts = map(int, sys.argv[1:])
tasks.own_count.call(1)
# SQLite does not want its connections carried into a child.
connection.close()
running = failed = 0
for number in range(forks):
    if os.fork() == 0:
        tasks.own_count.call(1)
        if number % 10 == 0:
            sys.exit(0)
        # Without its last words.
        os._exit(0)
    running += 1
    if running == AT_ONCE:
        failed += os.wait()[1] != 0
        running -= 1
for _ in range(running):
    failed += os.wait()[1] != 0
tally = [sys.executable, "manage.py", "tally", "1"]
for _ in range(starts):
    failed += subprocess.run(tally, stdout=subprocess.DEVNULL).returncode != 0
print(f"{forks + starts} processes, {failed} failed")
