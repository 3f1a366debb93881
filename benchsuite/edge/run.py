"""``escala edge`` beside nginx and Varnish.

    cargo xtask bench edge [conformance] [speed] [overload]
                           [--servers nginx varnish escala] [--quick] [--suite DIRECTORY] [--results DIRECTORY]

Each of the three is a campaign of its own and writes a file of its own into ``results/``. See README.md.
"""

import argparse
import os
import resource
import signal
import sys
from pathlib import Path

import conformance
import overload
import servers
import speed
from problems import Problem
from records import Record

HERE = Path(__file__).resolve().parent

CAMPAIGNS = {"conformance": conformance.run, "speed": speed.run, "overload": overload.run}

#: 10,000 idle connections, or a rush, on either side.
FILES = 65_536


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    raise_limits()
    complaints = []
    try:
        options = parse()
        for name in options.campaigns:
            complaints += CAMPAIGNS[name](options, Record(options.results, name))
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    for complaint in complaints:
        print(f"below the bar: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


def parse():
    parser = argparse.ArgumentParser(prog="cargo xtask bench edge", description=__doc__.split("\n", 1)[0])
    parser.add_argument("campaigns", nargs="*", metavar="campaign", help=f"of {', '.join(CAMPAIGNS)}; all by default")
    parser.add_argument("--servers", nargs="+", choices=servers.ALL, default=list(servers.ALL))
    parser.add_argument("--quick", action="store_true", help="speed and overload: a first look, of no use as a result")
    parser.add_argument("--suite", type=Path, help="conformance: a checkout of http-tests/cache-tests instead of npm's")
    parser.add_argument("--results", type=Path, default=HERE / "results", help="where the results are kept")
    options = parser.parse_args()
    for name in options.campaigns:
        if name not in CAMPAIGNS:
            raise Problem(f"there is no campaign `{name}`; there are: {', '.join(CAMPAIGNS)}")
    options.campaigns = options.campaigns or list(CAMPAIGNS)
    if "ESCALA_BENCH_WORK" not in os.environ:
        raise Problem("ESCALA_BENCH_WORK does not say where to work: run `cargo xtask bench edge`")
    options.work = Path(os.environ["ESCALA_BENCH_WORK"]).resolve()
    return options


def raise_limits():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (FILES, most):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, max(limit, most)))
            return
        except (ValueError, OSError):
            continue


if __name__ == "__main__":
    sys.exit(main())
