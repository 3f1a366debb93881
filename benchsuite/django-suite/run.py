"""Django's own test suite, without the agent and with it: every test must end alike.

    cargo xtask bench django-suite [--django 6.1] [--database postgresql] [--labels queries async] [--parallel 4]

Both sides run the same source distribution in the same environment, one after the other, through a runner that writes
down how each test ended. The agent gets in as it does for a user: that side is ``escala run -- python runtests.py``,
with the recorder beside it. What differs is run again on both sides, alone and with its application, to
tell what the agent changed from what changes by itself. Exit status 1: the agent changed something, or was not there.
"""

import argparse
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import comparison
import results
import sources
import suite

# What campaigns share lies beside them. A path in the environment would reach the sites that they run, too.
sys.path.append(str(Path(__file__).resolve().parents[1] / "shared"))
import postgres  # noqa: E402

#: How often a test that differed is run again on each side: alone, and then with all of its application.
ALONE_TIMES = 3
TOGETHER_TIMES = 2

#: More differences than these are no flicker; running them all alone would take longer than the suite.
RUN_AGAIN_MAX = 25


def main():
    arguments = parse()
    work = Path(required("ESCALA_BENCH_WORK"))
    checkouts = [sources.prepare(series, work) for series in arguments.django]
    if arguments.prepare:
        return 0
    escala = suite.Escala(required("ESCALA_BIN"), required("ESCALA_AGENT_HOME"))
    problems = []
    for checkout in checkouts:
        with database(arguments.database) as environment:
            settings = f"escala_{arguments.database}"
            plan = suite.Plan(tuple(arguments.labels), settings, arguments.parallel, environment)
            campaign = compare(checkout, arguments.database, plan, escala)
        print(results.markdown(campaign), flush=True)
        results.write(campaign, arguments.results)
        problems += campaign.problems()
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


def parse():
    parser = argparse.ArgumentParser(prog="cargo xtask bench django-suite", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--django", nargs="+", choices=sources.VERSIONS, default=sources.VERSIONS)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--labels", nargs="+", default=[], help="test applications, classes or tests; all by default")
    parser.add_argument("--parallel", type=int, default=os.cpu_count(), help="processes that run tests")
    parser.add_argument("--results", type=Path, default=sources.HERE / "results", help="where the summaries go")
    parser.add_argument("--prepare", action="store_true", help="only make what needs a network")
    return parser.parse_args()


def required(variable):
    value = os.environ.get(variable)
    if not value:
        sys.exit(f"{variable} is not set: run this with `cargo xtask bench django-suite`")
    return value


@contextmanager
def database(name):
    """What the settings for it want from the environment, for as long as it is there."""
    if name == "postgresql":
        with postgres.cluster(required("ESCALA_TEST_PG_BIN")) as cluster:
            yield {"DJANGO_SUITE_PG_USER": postgres.USER, "DJANGO_SUITE_PG_SOCKETS": str(cluster.directory)}
    else:
        yield {}


def compare(checkout, name, plan, escala):
    say(f"Django {checkout.version} on {name}, with the agent")
    injected = suite.run(checkout, plan, escala)
    say(f"Django {checkout.version} on {name}, without the agent; with it took {injected.seconds:.0f} s")
    bare = suite.run(checkout, plan)
    found = comparison.differences(bare.outcomes, injected.outcomes)
    for difference in found[:RUN_AGAIN_MAX]:
        run_again(difference, checkout, plan, escala)
    for difference in found[RUN_AGAIN_MAX:]:
        difference.verdict = comparison.REAL
    return results.Campaign(checkout.version, name, plan, bare, injected, found)


def run_again(difference, checkout, plan, escala):
    """Alone first. One that then ends alike may need its neighbours to differ."""
    test = difference.test
    for label, times in ((comparison.label(test), ALONE_TIMES), (comparison.application(test), TOGETHER_TIMES)):
        say(f"again: {label}")
        again = suite.Plan((label,), plan.settings, 1, plan.environment)
        bare, injected = [], []
        for _ in range(times):
            bare.append(comparison.described(suite.run(checkout, again).outcomes, test))
            injected.append(comparison.described(suite.run(checkout, again, escala).outcomes, test))
        difference.attempts.append({"label": label, "bare": bare, "injected": injected})
        difference.verdict = comparison.verdict(bare, injected)
        if difference.verdict != comparison.NOT_REPRODUCED:
            return


def say(what):
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
