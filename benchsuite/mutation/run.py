"""How good `escala report` and `escala fix` are on code that other people wrote.

    cargo xtask bench mutation [--project NAME]… [--only MUTATION] [--jobs N] [--retry] [--table]

Removes each eager load of some public Django projects, one at a time. For each removal that gives a page an N+1, Escala
must detect it, locate the queryset, and restore it by a proved fix. See README.md.
"""

import argparse
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import projects
import results
import trials


def main():
    arguments = parse()
    if sys.version_info < (3, 12):
        sys.exit("error: the campaign notes what runs by sys.monitoring: Python 3.12 or later is needed")
    work = Path(required("ESCALA_BENCH_WORK"))
    if not arguments.table:
        required("ESCALA_BIN"), required("ESCALA_AGENT_HOME")
        for name in arguments.project or projects.names():
            run(projects.load(name, work), arguments)
    print(results.table(arguments.results))
    return 0


def parse():
    parser = argparse.ArgumentParser(prog="cargo xtask bench mutation", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--project", action="append", choices=projects.names(), help="all by default")
    parser.add_argument("--only", action="append", default=[], help="mutations whose name contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="mutations at the same time")
    parser.add_argument("--retry", action="store_true", help="try again what was not restored")
    parser.add_argument("--again", action="store_true", help="let Escala try every mutation again")
    parser.add_argument("--screen", action="store_true", help="only find out which mutations count")
    parser.add_argument("--natural", action="store_true", help="only find and fix what the unmutated projects have")
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--results", type=Path, default=projects.HERE / "results", help="where the summaries go")
    return parser.parse_args()


def run(project, arguments):
    projects.prepare(project)
    baseline = trials.Baseline(project)
    for page, reason in baseline.original.left_out.items():
        say(project, f"left out: {page}: {reason}")
    if arguments.natural:
        baseline.natural()
        return
    if not arguments.screen:
        baseline.trace()
    mutations = project.mutations()
    screened = results.Journal(project.work / "screened.jsonl")
    judged = results.Journal(project.work / "judged.jsonl")
    writing = threading.Lock()

    def keep():
        """What is known so far: an interrupted campaign leaves its table too."""
        with writing:
            results.write(arguments.results, results.summary(project, baseline, mutations, screened, judged))

    def one(mutation):
        try:
            if screened.get(mutation) is None:
                screened.add(mutation, trials.screen(baseline, mutation))
            effect = screened.get(mutation)
            if effect["effect"] != "n+1" or arguments.screen:
                return
            if wanted_again(judged.get(mutation), arguments):
                judged.add(mutation, trials.attempt(baseline, mutation, effect))
                say(project, f"{mutation.name}: {told(effect, judged.get(mutation))}")
                keep()
        except Exception as error:
            say(project, f"{mutation.name}: the benchmark failed: {error!r}")
            raise

    chosen = [mutation for mutation in mutations if is_chosen(mutation, arguments.only)]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        list(pool.map(one, chosen))
    keep()


def is_chosen(mutation, only):
    return not only or any(part in mutation.name for part in only)


def wanted_again(verdict, arguments):
    return verdict is None or arguments.again or (arguments.retry and not verdict["restored"])


def told(effect, verdict):
    words = [effect["effect"]]
    words += [word for word in ("detected", "restored", "wrong") if verdict[word]]
    words += [f"located: {verdict['located']}"] if verdict["located"] else []
    return ", ".join([*words, *([verdict["reason"]] if verdict["reason"] else [])])


def say(project, line):
    print(f"{project.name}: {line}", flush=True)


def required(variable):
    if not os.environ.get(variable):
        sys.exit(f"error: {variable} is not set: run this as `cargo xtask bench mutation`")
    return os.environ[variable]


if __name__ == "__main__":
    sys.exit(main())
