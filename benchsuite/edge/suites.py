"""Where http-tests/cache-tests comes from: npm's package by default, a checkout of its repository with ``--suite``.

Nothing of it is kept here.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import processes
import programs
from problems import Problem

HERE = Path(__file__).resolve().parent

#: What npm installs. The second is what the newer suite's tests of interim responses need.
PACKAGE, VERSION = "http-cache-tests", "0.4.5"
UNDICI = "7.30.2"

#: Of a checkout, what takes part in a run.
PARTS = ("package.json", "test-engine", "tests")

INSTALL_PATIENCE_S = 300
LIST_PATIENCE_S = 60

#: A run takes about a minute; an answer that never comes must not make it an hour.
RUN_PATIENCE_S = 600


class Suite:
    def __init__(self, root, source):
        self.root = root
        listed = json.loads(self._client(LIST_PATIENCE_S))
        self.about = {
            "suite": source,
            "version": json.loads((root / "package.json").read_text())["version"],
            "sha256": digest(root),
            "suites": listed["suites"],
            "tests": len(listed["tests"]),
            "browsers_only": listed["skipped"],
            "kinds": {
                kind: sum(test["kind"] == kind for test in listed["tests"]) for kind in ("required", "optimal", "check")
            },
        }

    @contextmanager
    def origin(self, directory):
        """The port of the suite's own server. It remembers each test by an identifier of its own, so one serves all."""
        port = processes.free_port()
        server = self.root / "test-engine" / "server" / "server.mjs"
        if not server.is_file():
            server = self.root / "server" / "server.mjs"
        log = directory / "suite-origin.log"
        process = processes.start(
            [programs.find("node"), HERE / "suite_origin.mjs", server],
            log=log,
            cwd=self.root,
            env=os.environ
            | {
                "npm_config_protocol": "http",
                "npm_config_port": str(port),
                "npm_config_pidfile": str(directory / "suite-origin.pid"),
            },
        )
        try:
            processes.wait_until(lambda: processes.listens(port), process, "the suite's origin", log)
            yield port
        finally:
            processes.stop(process, "the suite's origin")

    def run(self, port):
        """What became of each test: its suite, id, kind, outcome, and what was said of it."""
        return json.loads(self._client(RUN_PATIENCE_S, f"http://127.0.0.1:{port}"))["tests"]

    def _client(self, patience_s, *arguments):
        command = [programs.find("node"), "--no-warnings", HERE / "suite_client.mjs", self.root, *arguments]
        try:
            ran = subprocess.run(
                command, cwd=self.root, capture_output=True, text=True, timeout=patience_s, check=False
            )
        except subprocess.TimeoutExpired:
            raise Problem(f"the suite did not end within {patience_s} s") from None
        if ran.returncode != 0:
            said = [line for line in ran.stderr.splitlines() if line.startswith(("Error", "TypeError", "    throw"))]
            raise Problem(f"the suite in {self.root} cannot be run: {' '.join(said) or ran.stderr.strip()[-300:]}")
        # The suite may print lines of its own before.
        return ran.stdout.splitlines()[-1]


def prepare(work, checkout):
    return from_checkout(work, checkout) if checkout else from_npm(work)


def from_npm(work):
    directory = work / "npm"
    root = directory / "node_modules" / PACKAGE
    install(directory, {PACKAGE: VERSION, "undici": UNDICI}, root)
    return Suite(root, f"npm {PACKAGE}")


def from_checkout(work, checkout):
    """A copy, so that undici can lie above it and the checkout stays as it is."""
    missing = [part for part in PARTS if not (checkout / part).exists()]
    if missing:
        raise Problem(f"{checkout} is no checkout of http-tests/cache-tests: it has no {missing[0]}")
    directory = work / "checkout"
    install(directory, {"undici": UNDICI}, directory / "node_modules" / "undici")
    root = directory / "cache-tests"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for part in PARTS:
        if (checkout / part).is_dir():
            shutil.copytree(checkout / part, root / part)
        else:
            shutil.copy(checkout / part, root / part)
    return Suite(root, f"http-tests/cache-tests {commit(checkout)}")


def commit(checkout):
    """Of a checkout made with git; the digest names any other."""
    if not (checkout / ".git").exists():
        return "of an unknown commit"
    git = ["git", "-C", str(checkout)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "of an unknown commit"
    return f"{head}, changed" if changed.strip() else head


def install(directory, packages, sign):
    """Whatever is there already at these versions is not installed again."""
    directory.mkdir(parents=True, exist_ok=True)
    manifest = directory / "package.json"
    wanted = json.dumps({"private": True, "dependencies": packages}, indent=1)
    if sign.is_dir() and manifest.is_file() and manifest.read_text() == wanted:
        return
    manifest.write_text(wanted)
    print(f"edge: installing {', '.join(packages)} with npm", file=sys.stderr)
    command = [programs.find("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
    try:
        ran = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, timeout=INSTALL_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        manifest.unlink()
        raise Problem(f"npm did not install the suite within {INSTALL_PATIENCE_S} s") from None
    if ran.returncode != 0:
        manifest.unlink()
        raise Problem(f"npm cannot install the suite: {ran.stderr.strip().splitlines()[-1]}")


def digest(root):
    """Of all that takes part in a run, by name and content."""
    total = hashlib.sha256()
    for path in sorted(root.rglob("*.mjs")):
        name = path.relative_to(root).as_posix()
        if not name.startswith(("node_modules/", "results/")):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{name} {content}\n".encode())
    return total.hexdigest()
