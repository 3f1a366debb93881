"""How much of HTTP's caching each server gets right: http-tests/cache-tests through it."""

import tempfile
from pathlib import Path

import machine
import records
import servers
import suites

#: Of the 160 and 105 that the suite has today; the best proxy of those published has 132 and 70.
BARS = {"required": (160, 155), "optimal": (105, 90)}

#: The suite's judgements as they are counted. The last ones are problems of the harness, and should be none.
REQUIRED = {
    "passed": ("pass",),
    "failed": ("fail",),
    "dependency": ("dependency_fail",),
    "setup": ("setup_fail", "retry", "harness_fail", "untested"),
}
OPTIMAL = REQUIRED | {"failed": ("optional_fail",)}
CHECK = {"yes": ("yes",), "no": ("no",), "dependency": REQUIRED["dependency"], "setup": REQUIRED["setup"]}

#: Instead of a server: how a proxy without a cache would fare.
NOTHING = "nothing"


def run(options, record):
    suite = suites.prepare(options.work, options.suite)
    compared = [servers.ALL[name] for name in options.servers]
    record.say(machine.line("conformance", compared, ["node"]))
    record.say(suite.about)
    scores = {}
    with tempfile.TemporaryDirectory(prefix="escala-bench-edge-") as directory:
        directory = Path(directory)
        with suite.origin(directory) as origin_port:
            for name in [NOTHING, *options.servers]:
                tests = run_through(name, suite, origin_port, directory)
                scores[name] = score(tests)
                record.say({"server": name, **scores[name]})
                record.keep_beside(name, tests)
    record.keep()
    print(table(scores))
    return below_the_bar(scores)


def run_through(name, suite, origin_port, directory):
    if name == NOTHING:
        return suite.run(origin_port)
    with servers.ALL[name](origin_port, directory).for_conformance() as server:
        return suite.run(server.port)


def score(tests):
    def count(kind, names):
        outcomes = [test["outcome"] for test in tests if test["kind"] == kind]
        counts = {name: sum(outcome in of for outcome in outcomes) for name, of in names.items()}
        if sum(counts.values()) != len(outcomes):
            raise AssertionError(f"an outcome of {kind} is not counted: {sorted(set(outcomes))}")
        return counts

    kinds = {"required": REQUIRED, "optimal": OPTIMAL, "check": CHECK}
    return {kind: count(kind, names) for kind, names in kinds.items()}


def table(scores):
    headings = [
        "server", "required: passed", "failed", "dependency", "setup", "optimal: passed", "check: yes",
    ]  # fmt: skip
    rows = [
        [name, *(one["required"][column] for column in REQUIRED), one["optimal"]["passed"], one["check"]["yes"]]
        for name, one in scores.items()
    ]
    return records.table(headings, rows)


def below_the_bar(scores):
    """For Escala, and only when the suite is the one that the bars are of."""
    complaints = []
    for kind, (of, bar) in BARS.items():
        counts = scores.get("escala", {}).get(kind)
        if counts and sum(counts.values()) == of and counts["passed"] < bar:
            complaints.append(f"{counts['passed']} of {of} {kind} tests passed, fewer than {bar}")
    return complaints
