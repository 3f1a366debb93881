"""A test runner that writes down how each test ended. It knows nothing of Escala: both sides run under it.

It stands in the process that started the suite: Django's parallel runner replays there what its workers saw.
"""

import json
import os
import unittest

from django.test.runner import DiscoverRunner

#: Where the outcomes go, one JSON object a line. Tests start runners too, in this process and in others: only the
#: first, which runs the suite, may write.
_unclaimed = [os.environ.pop("DJANGO_SUITE_OUTCOMES")] if "DJANGO_SUITE_OUTCOMES" in os.environ else []


class RecordingResult(unittest.TextTestResult):
    """What unittest's own result does, and a line for each outcome."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self._outcomes = open(_unclaimed.pop(), "w", encoding="utf-8")

    def _record(self, test, outcome, detail=""):
        self._outcomes.write(json.dumps({"id": test.id(), "outcome": outcome, "detail": detail}) + "\n")

    def stopTestRun(self):
        super().stopTestRun()
        self._outcomes.close()

    def addSuccess(self, test):
        super().addSuccess(test)
        self._record(test, "passed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._record(test, "skipped", reason)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._record(test, "failed", err[0].__qualname__)

    def addError(self, test, err):
        super().addError(test, err)
        self._record(test, "error", err[0].__qualname__)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._record(test, "expected failure", err[0].__qualname__)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._record(test, "unexpected success")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        # Successful ones are not told by the workers of a parallel run, nor counted by unittest.
        if err is not None:
            failed = issubclass(err[0], test.failureException)
            self._record(subtest, "failed" if failed else "error", err[0].__qualname__)


class RecordingRunner(DiscoverRunner):
    """Django's runner with that result."""

    def get_resultclass(self):
        return RecordingResult if _unclaimed else super().get_resultclass()
