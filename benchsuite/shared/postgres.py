"""A PostgreSQL cluster that lives as long as a ``with`` block, on a Unix socket of its own."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

USER = "escala"

#: Nothing in it is needed again.
OPTIONS = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -k "


@contextmanager
def cluster(programs):
    """Gives a :class:`Cluster` of these server programs."""
    with tempfile.TemporaryDirectory(prefix="escala-bench-pg-") as directory:
        if os.geteuid() == 0:
            # The server refuses to run as root.
            shutil.chown(directory, "postgres")
        running = Cluster(Path(programs), Path(directory))
        data = running.directory / "data"
        running.run("initdb", f"--username={USER}", "--auth=trust", "--no-sync", "-D", data)
        log = running.directory / "log"
        running.run("pg_ctl", "start", "-w", "-s", "-o", OPTIONS + directory, "-l", log, "-D", data)
        try:
            yield running
        finally:
            running.run("pg_ctl", "stop", "-m", "immediate", "-s", "-D", data)


class Cluster:
    def __init__(self, programs, directory):
        self._programs = programs
        self.directory = directory

    def url(self, database):
        return f"postgresql://{USER}@/{database}?host={self.directory}"

    def postmaster(self):
        """The pid of the server that starts all others."""
        return int((self.directory / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def create(self, database, template="template1"):
        statement = f'CREATE DATABASE "{database}" TEMPLATE "{template}"'
        self.run("psql", "-q", "-h", self.directory, "-U", USER, "-d", "postgres", "-c", statement)

    def run(self, program, *arguments):
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_postgres, self._programs / program, *arguments]
        subprocess.run(command, cwd=self.directory, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
