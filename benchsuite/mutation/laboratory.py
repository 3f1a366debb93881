"""A directory with a copy of a project, and the programs that are run in it."""

import json
import os
import shutil
import subprocess

from pages import load
from projects import VISIT

VISIT_TIME_MAX_S = 600
REPORT_TIME_MAX_S = 120
FIX_TIME_MAX_S = 1_800


class Failed(Exception):
    """A program ended as it should not; the text says which, and where its output is."""


class Laboratory:
    """One copy of a project, at most one version of its source at a time."""

    def __init__(self, project, directory):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        self.project = project
        self.directory = directory
        self.tree = directory / "tree"
        self._data = directory / "data"
        project.copy_tree(self.tree)

    def mutate(self, mutation):
        """Replaces the file, so that the linked one stays as it is."""
        path = self.tree / mutation.path
        mutated = mutation.apply(path.read_bytes())
        path.unlink()
        path.write_bytes(mutated)

    def count(self, name, pages=None, options=()):
        """Visits these pages, or all, without Escala, and returns what they took."""
        output = self.directory / f"{name}.json"
        command = self._visit(pages, "--count", str(output), *map(str, options))
        self._run(name, command, VISIT_TIME_MAX_S, fresh_data=True)
        visits = load(output)
        for visit in visits.values():
            # A page may show where the site is.
            visit["body"] = visit["body"].replace(str(self.directory), "/site")
        return visits

    def trace(self, pages=None, options=()):
        """Visits these pages, or all, under `escala run`."""
        shutil.rmtree(self.tree / ".escala", ignore_errors=True)
        command = [os.environ["ESCALA_BIN"], "run", "--", *self._visit(pages, *options)]
        self._run("run", command, VISIT_TIME_MAX_S, fresh_data=True)

    def report(self):
        return self._escala("report", REPORT_TIME_MAX_S)

    def fix(self, findings, *, write):
        """What `escala fix` says of these findings, and the working tree changed when it is to be."""
        options = ["--write", "--no-vcs"] if write else []
        return self._escala("fix", FIX_TIME_MAX_S, *options, *findings, fresh_data=True)

    def discard(self):
        """Removes what can be made again; logs and JSON stay."""
        shutil.rmtree(self.tree, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)

    def _visit(self, pages, *options):
        urls = self.project.urls
        if pages is not None:
            urls = self.directory / "urls.txt"
            urls.write_text("".join(f"{page}\n" for page in pages), encoding="utf-8")
        return [str(self.project.python), str(VISIT), str(urls), *options]

    def _escala(self, verb, time_max_s, *options, fresh_data=False):
        command = [os.environ["ESCALA_BIN"], verb, "--format", "json", *options]
        output = self._run(verb, command, time_max_s, fresh_data=fresh_data)
        (self.directory / f"{verb}.json").write_bytes(output)
        return json.loads(output)

    def _run(self, name, command, time_max_s, *, fresh_data):
        if fresh_data:
            shutil.rmtree(self._data, ignore_errors=True)
            shutil.copytree(self.project.data, self._data)
        log = self.directory / f"{name}.log"
        with log.open("wb") as errors:
            try:
                ended = subprocess.run(
                    command,
                    cwd=self.tree,
                    env=self.project.variables(self._data),
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    stdin=subprocess.DEVNULL,
                    timeout=time_max_s,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise Failed(f"{name} took longer than {time_max_s} s") from error
        if ended.returncode:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["no output"]
            raise Failed(f"{name} ended with {ended.returncode}: {lines[-1][:300]}")
        return ended.stdout
