"""The bookstore under every supported Python, Django and database: the same pages, queries and findings everywhere.

    cargo xtask bench matrix [-- --python 3.12 --django 5.2 --database sqlite]

Makes a virtual environment for each pair of Python and Django, serves the site with gunicorn under `escala run`, visits
its pages, and compares the report with what is planted in them. Writes `results/matrix.md`. Exits with 1 when a cell
that could run is not as expected.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

# What campaigns share lies beside them. A path in the environment would reach the sites that they run, too.
sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))
import postgres  # noqa: E402

HERE = Path(__file__).resolve().parent
SITE = HERE.parent.parent / "samples" / "bookstore"
ENVIRONMENTS = Path(sys.prefix).parent

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
#: The Pythons of each Django, as its release notes have them.
DJANGOS = {
    "4.2": ("3.10", "3.11", "3.12"),
    "5.2": ("3.10", "3.11", "3.12", "3.13", "3.14"),
    "6.0": ("3.12", "3.13", "3.14"),
    "6.1": ("3.12", "3.13", "3.14"),
}
DRIVERS = {"sqlite": "sqlite3", "psycopg 3": "psycopg", "psycopg2": "psycopg2", "MariaDB": "pymysql"}
PACKAGES = ("djangorestframework", "gunicorn", "psycopg[binary]", "psycopg2-binary", "PyMySQL")

#: What is planted: queries by page.
QUERIES = {"/books/": 101, "/stores/": 11, "/stores/offers/": 12, "/": 1292}
#: And the relations behind them.
FINDINGS = {
    ("n-plus-one", "shop.Book.publisher"),
    ("n-plus-one", "shop.Publisher.country"),
    ("n-plus-one", "shop.Review.book"),
    ("n-plus-one", "shop.Review.user"),
    ("n-plus-one-filtered", "shop.Store.books"),
    ("n-plus-one-many", "shop.Book.authors"),
    ("n-plus-one-many", "shop.Book.reviews"),
    ("n-plus-one-many", "shop.Store.books"),
}

#: Visited first: with MariaDB, Django asks a new connection for its settings.
WARM_UP = "/health/"

STARTUP_SECONDS = 60


class Failure(Exception):
    """A cell that is not as expected, with what it showed."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", action="append", choices=PYTHONS)
    parser.add_argument("--django", action="append", choices=DJANGOS)
    parser.add_argument("--database", action="append", choices=DRIVERS)
    options = parser.parse_args()
    whole = not (options.python or options.django or options.database)
    rows = []
    # Leaves through the end of the blocks below, which take the servers down.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        servers = Servers(stack)
        for django, pythons in DJANGOS.items():
            for version in PYTHONS:
                if options.django and django not in options.django or options.python and version not in options.python:
                    continue
                rows.append(row(servers, version, django, pythons, options.database or list(DRIVERS)))
                print(*rows[-1], sep=" | ", flush=True)
    if whole:
        (HERE / "results" / "matrix.md").write_text(table(rows))
    failed = [cell for cells in rows for cell in cells if cell.startswith("FAILED")]
    sys.exit(bool(failed))


def row(servers, version, django, pythons, databases):
    """One line of the table: the versions, then a cell for each database."""
    cells = dict.fromkeys(DRIVERS, "")
    interpreter = find_python(version)
    if version not in pythons or interpreter is None:
        reason = "no such Python here" if version in pythons else "not supported by Django"
        return [version, django, *(reason for _ in DRIVERS)]
    try:
        python = environment(interpreter, version, django)
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().splitlines()[-1:] or ["pip failed"]
        return [version, django, *(f"FAILED: {last[0]}" for _ in DRIVERS)]
    full = output([python, "-c", "import platform, django; print(platform.python_version(), django.get_version())"])
    for name in databases:
        database = servers.database(name)
        if isinstance(database, str):
            cells[name] = database
            continue
        try:
            cells[name] = observe(python, DRIVERS[name], database)
        except (Failure, subprocess.SubprocessError, OSError) as error:
            cells[name] = f"FAILED: {error}"
    return [*full.split(), *cells.values()]


def find_python(version):
    found = shutil.which(f"python{version}")
    if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
        return found
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = sorted((root / "versions").glob(f"{version}.*/bin/python"))
    return str(kept[-1]) if kept else None


def environment(interpreter, version, django):
    directory = ENVIRONMENTS / f"matrix-{version}-{django}"
    python = directory / "bin" / "python"
    finished = directory / "finished"
    if not finished.is_file():
        shutil.rmtree(directory, ignore_errors=True)
        check([interpreter, "-m", "venv", directory])
        check([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"Django~={django}.0", *PACKAGES])
        finished.touch()
    return python


def observe(python, driver, database):
    """Serves and visits the site; returns what a good cell says."""
    with tempfile.TemporaryDirectory(prefix="escala-matrix-") as directory:
        site = Path(directory) / "bookstore"
        shutil.copytree(SITE, site, ignore=shutil.ignore_patterns("__pycache__", "db.sqlite3", ".escala"))
        shutil.copy(HERE / "matrix_settings.py", site)
        if driver == "sqlite3":
            database = {**database, "NAME": str(site / "db.sqlite3")}
        variables = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "matrix_settings",
            "MATRIX_DATABASE": json.dumps({"driver": driver, "settings": database}),
        }
        for arguments in (["migrate", "--verbosity", "0"], ["seed", "--scale", "1"]):
            check([python, "manage.py", *arguments], cwd=site, env=variables)
        log = visit(python, site, variables)
        report = json.loads(output([os.environ["ESCALA_BIN"], "report", "--format", "json"], cwd=site))
        return judge(report, log)


def visit(python, site, variables):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "bookstore.wsgi"]
    command = [os.environ["ESCALA_BIN"], "run", "--", *server]
    with open(site.parent / "log", "w+") as log:
        process = subprocess.Popen(command, cwd=site, env=variables, stdout=log, stderr=log)
        try:
            wait_for(port, process)
            for page in (WARM_UP, *QUERIES):
                request = urllib.request.Request(f"http://127.0.0.1:{port}{page}", headers={"Host": "localhost"})
                with urllib.request.urlopen(request, timeout=60) as answer:
                    answer.read()
            process.send_signal(signal.SIGTERM)
            status = process.wait(timeout=60)
        finally:
            process.kill()
        log.seek(0)
        text = log.read()
    if status != 0:
        raise Failure(f"the server ended with {status}: {text[-500:]}")
    return text


def wait_for(port, process):
    until = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise Failure("the server does not listen")


def judge(report, log):
    if "the app goes on without it" in log:
        raise Failure(re.search(r"escala: .*", log).group())
    queries = {row["route"]: row["queries"]["max"] for row in report["endpoints"] if row["route"] != WARM_UP}
    if queries != QUERIES:
        raise Failure(f"queries {queries}")
    if report["dropped"]:
        raise Failure(f"{report['dropped']} dropped")
    findings = {(finding["rule"], finding["relation"]) for finding in report["findings"]}
    if findings != FINDINGS:
        raise Failure(f"findings differ by {sorted(findings ^ FINDINGS)}")
    if not all(finding["fixable"] for finding in report["findings"]):
        raise Failure("a finding without an origin")
    return "as expected"


class Servers:
    """Database servers of this run alone, started when first asked for; a reason where one cannot be had."""

    def __init__(self, stack):
        self.stack = stack
        self.started = {}
        self.databases = 0

    def database(self, name):
        """Settings of a fresh database, or why there is none."""
        if name == "sqlite":
            return {"ENGINE": "django.db.backends.sqlite3"}
        kind = "mariadb" if name == "MariaDB" else "postgresql"
        if kind not in self.started:
            self.started[kind] = getattr(self, f"start_{kind}")()
        server = self.started[kind]
        if isinstance(server, str):
            return server
        self.databases += 1
        return getattr(self, f"create_{kind}")(server, f"cell{self.databases}")

    def start_postgresql(self):
        return self.stack.enter_context(postgres.cluster(os.environ["ESCALA_TEST_PG_BIN"]))

    def create_postgresql(self, cluster, name):
        cluster.create(name)
        host = str(cluster.directory)
        return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": postgres.USER, "HOST": host}

    def start_mariadb(self):
        if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
            return "no server here"
        directory = Path(self.stack.enter_context(tempfile.TemporaryDirectory(prefix="escala-db-")))
        if os.getuid() == 0:
            shutil.chown(directory, "mysql")
        user = ["--user=mysql"] if os.getuid() == 0 else []
        data, path = f"--datadir={directory}/data", f"--socket={directory}/socket"
        check(["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", data, *user])
        server = subprocess.Popen(
            ["mariadbd", "--no-defaults", "--skip-networking", data, path, f"--pid-file={directory}/pid", *user],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.stack.callback(server.wait)
        self.stack.callback(server.terminate)
        until = time.monotonic() + STARTUP_SECONDS
        while not (directory / "socket").exists():
            if time.monotonic() > until or server.poll() is not None:
                return "the server does not start"
            time.sleep(0.1)
        return directory

    def create_mariadb(self, directory, name):
        create = f"CREATE DATABASE {name} CHARACTER SET utf8mb4"
        check(["mariadb", "--no-defaults", f"--socket={directory}/socket", "--user=root", "--execute", create])
        return {
            "ENGINE": "django.db.backends.mysql",
            "NAME": name,
            "USER": "root",
            "OPTIONS": {"unix_socket": f"{directory}/socket", "charset": "utf8mb4"},
        }


def check(command, **options):
    subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, **options)


def output(command, **options):
    command = list(map(str, command))
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def table(rows):
    head = ["Python", "Django", *DRIVERS]
    lines = [head, ["---"] * len(head), *rows]
    text = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    counts = ", ".join(f"`{page}` {count}" for page, count in QUERIES.items())
    return f"""# The matrix

`cargo xtask bench matrix`, on {time.strftime("%Y-%m-%d")}. As expected: every page answers, its queries are counted exactly
({counts}), the {len(FINDINGS)} planted relations are found and no other, nothing is dropped, and the agent stays armed.

{text}
"""


if __name__ == "__main__":
    main()
