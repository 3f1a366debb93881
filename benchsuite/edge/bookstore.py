"""The site of the overload campaign: samples/bookstore under gunicorn, with people who are logged in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import processes
from problems import Problem

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "bookstore"
WORKERS = 2

#: Of the person's environment, what must not reach the site.
FOREIGN = ("DATABASE_URL", "DEBUG", "PYTHONPATH", "DJANGO_SETTINGS_MODULE", "GUNICORN_CMD_ARGS", "SECRET_KEY")

PEOPLE = 50

#: Logs the reader of the sample in, as often as there are people.
LOG_IN = f"""
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
user = User.objects.get(username="demo")
for _ in range({PEOPLE}):
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    print("session", session.session_key)
"""


class Bookstore:
    """A copy with a database of its own, filled."""

    def __init__(self, directory):
        self.directory = directory / "bookstore"
        left_out = shutil.ignore_patterns("__pycache__", "*.sqlite3", ".escala")
        shutil.copytree(SAMPLE, self.directory, ignore=left_out)
        self.manage("migrate", "--verbosity=0")
        self.manage("seed", "--scale=1")
        said = self.manage("shell", "--verbosity=0", "--command", LOG_IN)
        self.sessions = [line.split()[1] for line in said.splitlines() if line.startswith("session ")]
        if len(self.sessions) != PEOPLE:
            raise Problem("the bookstore logged nobody in")

    def manage(self, *arguments):
        ran = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=self.directory, env=environment(), capture_output=True,
            text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if ran.returncode != 0:
            said = ran.stderr.strip().splitlines()
            raise Problem(f"the bookstore cannot be made: {said[-1] if said else arguments[0]}")
        return ran.stdout

    def serve(self, cpu):
        return Gunicorn(self.directory, cpu)


class Gunicorn:
    def __init__(self, directory, cpu):
        self.port = processes.free_port()
        log = directory / "gunicorn.log"
        self.process = processes.start(
            [
                sys.executable, "-m", "gunicorn", "--no-control-socket", f"--workers={WORKERS}",
                f"--bind=127.0.0.1:{self.port}", "bookstore.wsgi",
            ],
            cpu=cpu, log=log, cwd=directory, env=environment(),
        )  # fmt: skip
        processes.wait_until(lambda: processes.listens(self.port), self.process, "gunicorn", log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        processes.stop(self.process, "gunicorn")


def environment():
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | {"DEBUG": "0", "SECRET_KEY": "only-for-a-benchmark-on-the-loopback-interface"}
