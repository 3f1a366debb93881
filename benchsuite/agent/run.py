"""What watching a site costs it: Escala and its peers against the bare site, in interleaved blocks.

    cargo xtask bench agent [--quick] [--variants bare escala zeal …] [--pages books one health]
                            [--database sqlite postgresql] [--rounds 20] [--keep-alive] [--conn-max-age 0]

Every server is up all the time and only one is loaded at a time, by one client that waits for each answer. See
README.md.
"""

import argparse
import datetime
import gc
import os
import platform
import sys
import tempfile
import time
from contextlib import nullcontext
from importlib import metadata
from pathlib import Path

import processes
import report
import servers
import startup
from client import Client
from variants import VARIANTS

# What campaigns share lies beside them. A path in the environment would reach the sites that they run, too.
sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))
import postgres  # noqa: E402

#: Pages by name.
PAGES = {"books": "/books/", "one": "/one/", "health": "/health/"}

#: Requests before anything is measured: caches fill, and Escala has captured what it keeps of an endpoint.
WARM_UP_REQUESTS = 60

#: Requests of the memory run, and after how many of them the first reading is taken.
MEMORY_REQUESTS = 5_000
MEMORY_FIRST_REQUESTS = 500


def main():
    options = parse()
    if not {0, 1} <= os.sched_getaffinity(0):
        raise SystemExit("error: this needs CPUs 0 and 1: one for the server, one for everything else")
    os.sched_setaffinity(0, {1})
    runs = {"about": about(options), "blocks": [], "memory": [], "answers": {}, "startup": None}
    with tempfile.TemporaryDirectory(prefix="escala-bench-agent-") as directory, servers.sink() as (sink_port, _):
        for database in options.database:
            work = Path(directory) / database
            work.mkdir()
            measure(database, work, options, sink_port, runs)
        if not options.quick:
            runs["startup"] = startup.measure(servers.make_site(Path(directory)), options, sink_port)
    print(report.markdown(runs), flush=True)
    if options.results is not None:
        report.write(runs, options.results)
    return 0


def parse():
    parser = argparse.ArgumentParser(prog="cargo xtask bench agent", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="a few short rounds, no memory and start-up runs")
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--pages", nargs="+", choices=PAGES, default=list(PAGES))
    parser.add_argument("--database", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    parser.add_argument("--rounds", type=int, help="rounds per page and database; 20, or 4 with --quick")
    parser.add_argument("--block-seconds", type=float, help="length of a block; 1.5, or 0.5 with --quick")
    parser.add_argument("--keep-alive", action="store_true", help="keep connections, with gunicorn's gthread worker")
    parser.add_argument("--conn-max-age", default="none", help="Django's CONN_MAX_AGE: seconds, or `none` for ever")
    parser.add_argument("--results", type=Path, help="directory for the raw runs and the table; none by default")
    options = parser.parse_args()
    if "bare" not in options.variants:
        options.variants.insert(0, "bare")
    options.rounds = options.rounds or (4 if options.quick else 20)
    options.block_seconds = options.block_seconds or (0.5 if options.quick else 1.5)
    return options


def about(options):
    packages = {name: VARIANTS[name].package for name in options.variants if VARIANTS[name].package}
    versions = {name: metadata.version(package) for name, package in packages.items()}
    plain = ("Django", "gunicorn", "psycopg")
    return {
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "packages": {package: metadata.version(package) for package in plain},
        "peers": versions,
        "worker": "gthread, 1 thread, keep-alive" if options.keep_alive else "sync, no keep-alive",
        "conn_max_age": options.conn_max_age,
        "rounds": options.rounds,
        "block_seconds": options.block_seconds,
        "variants": options.variants,
        "pages": options.pages,
        "databases": options.database,
    }


def measure(database, work, options, sink_port, runs):
    variants = [VARIANTS[name] for name in options.variants]
    postgresql = postgres.cluster(os.environ["ESCALA_TEST_PG_BIN"]) if database == "postgresql" else nullcontext()
    with postgresql as running_cluster:
        if running_cluster is not None:
            processes.pin(running_cluster.postmaster(), 1)
        site = servers.make_site(work)
        urls = databases(site, variants, running_cluster, options, sink_port)
        with servers.running(variants, site, urls, options, sink_port) as up:
            for server in up.values():
                server.pin(0, 1)
            for page in options.pages:
                progress(f"{database}, {page}")
                warm_up(database, page, up, options, runs)
                for number in range(options.rounds):
                    one_round(database, page, number, up, options, runs)
            peaks(database, up, runs)
            if not options.quick and options.pages:
                for name in ("bare", "escala"):
                    if name in up:
                        memory(database, up[name], options, runs)


def databases(site, variants, running_cluster, options, sink_port):
    """A seeded database for each variant, by its URL."""
    urls = {}
    for variant in variants:
        if running_cluster is None:
            urls[variant.name] = "sqlite:///db.sqlite3"
        else:
            if not urls:
                prepare(site, VARIANTS["bare"], running_cluster.url("postgres"), options, sink_port)
            name = f"bookstore_{variant.name}"
            running_cluster.create(name, "postgres" if not urls else "bookstore_bare")
            urls[variant.name] = running_cluster.url(name)
    if running_cluster is None:
        # Copied with the site.
        prepare(site, VARIANTS["bare"], urls["bare"], options, sink_port)
    for variant in variants:
        if variant.name == "silk":
            migrate_silk(site, variant, urls, options, sink_port)
    return urls


def prepare(site, variant, url, options, sink_port):
    environment = servers.environment(variant, url, options, sink_port)
    servers.manage(site, environment, "migrate", "--verbosity=0")
    servers.manage(site, environment, "seed", "--scale=1")


def migrate_silk(site, variant, urls, options, sink_port):
    """Silk has tables of its own; on SQLite they lie unused in the others' copies of the file."""
    servers.manage(
        site, servers.environment(variant, urls["silk"], options, sink_port), "migrate", "--verbosity=0"
    )


def warm_up(database, page, up, options, runs):
    """Also looks whether the answers are the bare site's."""
    lengths = {}
    for name, server in up.items():
        client = Client(server.port, PAGES[page], options.keep_alive)
        for _ in range(WARM_UP_REQUESTS):
            body = client.get()
        client.close()
        lengths[name] = len(body)
        if not server.variant.changes_answers and lengths[name] != lengths["bare"]:
            raise RuntimeError(f"{name} answers {page} with {lengths[name]} bytes instead of {lengths['bare']}")
    runs["answers"][f"{database} {page}"] = lengths


def one_round(database, page, number, up, options, runs):
    names = list(up)
    # Every variant comes first, and behind every other one, equally often.
    turn = number % len(names)
    order = names[turn:] + names[:turn]
    if number // len(names) % 2:
        order.reverse()
    for name in order:
        server = up[name]
        client = Client(server.port, PAGES[page], options.keep_alive)
        client.get()
        gc.collect()
        before = processes.cpu_ns(server.worker)
        requests, seconds = client.load(options.block_seconds)
        cpu_ns = processes.cpu_ns(server.worker) - before
        client.close()
        runs["blocks"].append(
            {
                "database": database,
                "page": page,
                "round": number,
                "variant": name,
                "requests": requests,
                "seconds": round(seconds, 6),
                "cpu_ns": cpu_ns,
            }
        )


def peaks(database, up, runs):
    for name, server in up.items():
        peak = processes.memory_kb(server.worker, "VmHWM")
        runs["memory"].append({"database": database, "variant": name, "peak_kb": peak})


def memory(database, server, options, runs):
    """Whether a worker grows: resident memory early and late in a long run of the 101-query page."""
    path = PAGES["books" if "books" in options.pages else options.pages[0]]
    client = Client(server.port, path, options.keep_alive)
    readings = {}
    for number in range(1, MEMORY_REQUESTS + 1):
        client.get()
        if number in (MEMORY_FIRST_REQUESTS, MEMORY_REQUESTS):
            readings[number] = processes.memory_kb(server.worker, "VmRSS")
    client.close()
    row = {"database": database, "variant": server.variant.name, "path": path, "resident_kb": readings}
    runs["memory"].append(row)


def progress(line):
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
