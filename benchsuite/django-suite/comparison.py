"""What differs between two runs, and whether it is real. Nothing here runs anything."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field

#: In the order of the table.
OUTCOMES = ("passed", "failed", "error", "skipped", "expected failure", "unexpected success")

#: What a run makes up anew each time.
_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


@dataclass(frozen=True)
class Outcomes:
    """How each test of a run ended: its id → the outcomes told for it, each with its detail."""

    by_test: dict

    @classmethod
    def read(cls, path):
        """From the lines that the recording runner wrote."""
        by_test = {}
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                told = (row["outcome"], _ADDRESS.sub("0x…", row["detail"]))
                by_test.setdefault(_ADDRESS.sub("0x…", row["id"]), []).append(told)
        return cls({test: tuple(sorted(told)) for test, told in by_test.items()})

    def counts(self):
        """Number of tests by outcome, in the order of the table."""
        counted = Counter(outcome for told in self.by_test.values() for outcome, _ in told)
        return {outcome: counted[outcome] for outcome in OUTCOMES}

    def broken(self):
        """The tests that failed, in order."""
        bad = ("failed", "error", "unexpected success")
        return sorted(test for test, told in self.by_test.items() if any(outcome in bad for outcome, _ in told))

    def digest(self):
        """Equal for two runs exactly when every test ended alike."""
        rows = [(test, *told) for test, outcomes in self.by_test.items() for told in outcomes]
        return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()


@dataclass
class Difference:
    """A test that ended differently, and what running it again said."""

    test: str
    bare: str
    injected: str
    verdict: str = "not run again"
    attempts: list = field(default_factory=list)


def differences(bare, injected):
    """Every test that did not end alike on both sides, in order."""
    tests = sorted(bare.by_test.keys() | injected.by_test.keys())
    sides = ((test, described(bare, test), described(injected, test)) for test in tests)
    return [Difference(test, before, after) for test, before, after in sides if before != after]


def described(outcomes, test):
    """How a test ended, in words."""
    told = outcomes.by_test.get(test)
    if told is None:
        return "not run"
    return "; ".join(f"{outcome} ({detail})" if detail else outcome for outcome, detail in told)


#: Verdicts. Only the first one says that the agent changes something.
REAL = "real"
FLAKY = "flaky"
NOT_REPRODUCED = "not reproduced"


def verdict(bare, injected):
    """Of how one test ended in some runs of each side."""
    if len(set(bare)) > 1 or len(set(injected)) > 1:
        return FLAKY
    return NOT_REPRODUCED if set(bare) == set(injected) else REAL


def label(test):
    """What to tell the suite to run this test alone: a fixture is run by its class, a subtest by its test."""
    fixture = re.match(r"\w+ \(([\w.]+)\)$", test)
    if fixture:
        return fixture.group(1)
    name = test.split(" ", 1)[0]
    # The loader's name for a module that cannot be imported.
    return name.removeprefix("unittest.loader._FailedTest.")


def application(test):
    """The test application, with all that runs beside this test."""
    return label(test).split(".", 1)[0]
