"""Every call of the standard library and of large Django projects as the place of an eager load.

Runs ``sweep`` (crates/project/examples/sweep.rs) over each tree, with this interpreter as the judge of what an edit
means. Writes `results/edits.json` and exits with 1 when a promise is broken. See README.md.
"""

import argparse
import json
import os
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
PINS = HERE / "pins.txt"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=40, help="calls of each file at most, evenly spread")
    parser.add_argument("--only", action="append", help="a tree: `python`, or a package of pins.txt")
    options = parser.parse_args()
    sweep = build_sweep()
    wanted = [tree for tree in trees() if not options.only or tree[0].partition("==")[0] in options.only]
    results = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(lambda tree: swept(sweep, *tree, options.calls), wanted):
            print(row(result), flush=True)
            for broken in result["broken"]:
                print(f"broken: {broken}", file=sys.stderr)
            results.append(result)
    if not options.only:
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / "edits.json").write_text(json.dumps(results, indent=1) + "\n")
    return 1 if any(result["broken"] for result in results) else 0


def swept(sweep, name, directory, calls):
    """What a sweep over one tree met."""
    command = [sweep, sys.executable, directory, str(calls)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {"tree": name, "calls": calls, **json.loads(output)}


def row(result):
    refused = sum(result["refused"].values())
    figures = (result["files"], len(result["unread"]), result["places"], result["edits"], refused, len(result["broken"]))
    return f"| {result['tree']} | " + " | ".join(f"{figure:,}" for figure in figures) + " |"


def trees():
    """What is swept over: the interpreter's own library, then each package in a directory of its own."""
    yield f"python=={sys.version.split()[0]}", sysconfig.get_path("stdlib")
    work = Path(os.environ["ESCALA_BENCH_WORK"])
    for pin in PINS.read_text().split():
        directory = work / pin
        if not directory.is_dir():
            pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
            # Only read, never run: their dependencies are not needed.
            subprocess.run([*pip, "install", "--no-deps", "--no-compile", "--target", directory, pin], check=True)
        yield pin, directory


def build_sweep():
    command = ["cargo", "build", "--release", "--package", "project", "--example", "sweep", "--message-format", "json"]
    built = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)
    messages = (json.loads(line) for line in built.stdout.splitlines())
    return next(message["executable"] for message in messages if message.get("executable"))


if __name__ == "__main__":
    sys.exit(main())
