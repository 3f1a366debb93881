"""One run of the suite, bare or with the agent inside."""

import json
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from comparison import Outcomes

#: Longest run, in seconds: a suite that hangs is a difference too.
LIMIT_S = 2 * 60 * 60

#: What the agent says on standard error when it switches itself off.
DISARMED = "the app goes on without it"

#: Variables that would reach the tests and make them see the caller instead of Django's own surroundings.
FOREIGN = ("PYTHON", "DJANGO", "ESCALA", "VIRTUAL_ENV", "DATABASE_URL")


class SuiteError(Exception):
    """The suite could not be run to its end."""


@dataclass(frozen=True)
class Escala:
    """The binary, and where its agent is."""

    binary: str
    agent_home: str


@dataclass(frozen=True)
class Plan:
    """What both sides have in common."""

    labels: tuple
    settings: str
    parallel: int
    environment: dict


@dataclass(frozen=True)
class Run:
    """What one run gave."""

    outcomes: Outcomes
    status: int
    seconds: float
    #: Units of work in the store, and those lost on the way; none for a bare run.
    recorded: int | None = None
    dropped: int | None = None
    disarmed: bool = False


def run(checkout, plan, escala=None):
    """Run the tests under ``escala run`` when there is one, else as they are."""
    with tempfile.TemporaryDirectory(prefix="django-suite-") as scratch:
        scratch = Path(scratch)
        outcomes, log, store = scratch / "outcomes.jsonl", scratch / "log", scratch / "store"
        environment = _environment(plan, outcomes)
        command = [checkout.python, "runtests.py", "--noinput", f"--settings={plan.settings}"]
        command += [f"--parallel={plan.parallel}", *plan.labels]
        if escala is not None:
            environment["ESCALA_AGENT_HOME"] = escala.agent_home
            command = [escala.binary, "run", "--store", store, "--", *command]
        started = time.monotonic()
        status = _to_its_end(command, checkout.tests, environment, log)
        seconds = time.monotonic() - started
        text = log.read_text(encoding="utf-8", errors="replace")
        # 1 is what the suite ends with when tests failed.
        if status not in (0, 1) or not outcomes.is_file():
            raise SuiteError(f"the suite ended with status {status}:\n{text[-4000:]}")
        if escala is None:
            return Run(Outcomes.read(outcomes), status, seconds)
        report = _report(escala, store)
        return Run(
            Outcomes.read(outcomes), status, seconds, report["transactions"], report["dropped"], DISARMED in text
        )


def _environment(plan, outcomes):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    # The same order of sets on both sides.
    return kept | plan.environment | {"PYTHONHASHSEED": "0", "DJANGO_SUITE_OUTCOMES": str(outcomes)}


def _to_its_end(command, directory, environment, log):
    """Run in a session of its own, of which nothing is left behind."""
    with open(log, "wb") as output:
        child = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return child.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        raise SuiteError(f"the suite still ran after {LIMIT_S} s: {' '.join(map(str, command))}") from None
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()


def _report(escala, store):
    command = [escala.binary, "report", "--store", store, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SuiteError(f"the recorded run cannot be read: {done.stderr.strip()}")
    return json.loads(done.stdout)
