"""A PostgreSQL cluster that lives as long as a ``with`` block, on a Unix socket of its own."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

USER = "escala"

#: The suite commits all the time and loses nothing that is needed again.
OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -k "


@contextmanager
def cluster(programs):
    """Gives what Django's settings ask the environment for."""
    with tempfile.TemporaryDirectory(prefix="django-suite-pg-") as directory:
        if os.geteuid() == 0:
            # The server refuses to run as root.
            shutil.chown(directory, "postgres")
        data = Path(directory) / "data"
        _run(programs, directory, "initdb", f"--username={USER}", "--auth=trust", "--no-sync", "-D", data)
        log = Path(directory) / "log"
        _run(programs, directory, "pg_ctl", "start", "-w", "-s", "-o", OPTIONS + directory, "-l", log, "-D", data)
        try:
            yield {"DJANGO_SUITE_PG_USER": USER, "DJANGO_SUITE_PG_SOCKETS": directory}
        finally:
            _run(programs, directory, "pg_ctl", "stop", "-m", "immediate", "-s", "-D", data)


def _run(programs, directory, program, *arguments):
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_postgres, Path(programs) / program, *arguments]
    subprocess.run(command, cwd=directory, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
