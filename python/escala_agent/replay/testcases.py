"""Which test runs, and how it ends, as its runner is told: `unittest`, and with it Django's, and pytest.

The ids are the runner's own, as the agent has them.
"""

from contextlib import contextmanager
from functools import wraps

from .isolation import describe

# What a test calls on its result, and the word for it.
ADDED = {
    "addSuccess": "passed",
    "addFailure": "failed",
    "addError": "error",
    "addSkip": "skipped",
    "addExpectedFailure": "failed as expected",
    "addUnexpectedSuccess": "passed unexpectedly",
}


def hooks(observer):
    """What to do after which module was imported."""
    return {
        "unittest.case": lambda module: _watch_unittest(module.TestCase, observer),
        "_pytest.runner": lambda module: _watch_pytest(module, observer),
    }


def _watch_unittest(test_case, observer):
    original = test_case.run

    @wraps(original)
    def run(self, result=None):
        # Below pytest the item is the test. Without a result nobody is told.
        if result is None or observer.case is not None:
            return original(self, result)
        with observer.journal.guard():
            observer.begin_case(self.id())
        if observer.case is None:
            return original(self, result)
        try:
            with _listening(result, observer), observer.measured():
                return original(self, result)
        finally:
            with observer.journal.guard():
                observer.end_case()

    test_case.run = run


@contextmanager
def _listening(result, observer):
    """Hears what the result is told, whatever its class makes of it."""
    case = observer.case
    heard = {}

    def listen(name, note):
        tell = getattr(result, name)

        @wraps(tell)
        def told(*arguments):
            with observer.journal.guard():
                note(*arguments)
            return tell(*arguments)

        heard[name] = vars(result).get(name)
        setattr(result, name, told)

    with observer.journal.guard():
        for name, outcome in ADDED.items():
            listen(name, lambda _, told=None, outcome=outcome: case.end(outcome, _reason(told)))
        if hasattr(result, "addSubTest"):
            listen("addSubTest", lambda _, subtest, error: error and case.end("failed", _reason(error)))
    try:
        yield
    finally:
        # As it was: results of parallel runs are pickled.
        for name, own in heard.items():
            if own is None:
                delattr(result, name)
            else:
                setattr(result, name, own)


def _reason(told):
    """An error as one line; what else a result is told (why a test is skipped) says nothing about failing."""
    return describe(told[1]) if isinstance(told, tuple) else None


def _watch_pytest(module, observer):
    original = module.call_and_report

    @wraps(original)
    def call_and_report(item, when, *arguments, **options):
        if when == "setup":
            with observer.journal.guard():
                observer.begin_case(item.nodeid)
        case = observer.case
        if case is None:
            return original(item, when, *arguments, **options)
        if when == "call":
            with observer.measured():
                report = original(item, when, *arguments, **options)
        else:
            report = original(item, when, *arguments, **options)
        with observer.journal.guard():
            _note_report(case, report, when)
            if when == "teardown":
                observer.end_case()
        return report

    module.call_and_report = call_and_report


def _note_report(case, report, when):
    if hasattr(report, "wasxfail"):
        case.end("failed as expected" if report.outcome == "skipped" else "passed unexpectedly")
    elif report.outcome == "failed":
        crash = getattr(report.longrepr, "reprcrash", None)
        reason = " ".join(str(getattr(crash, "message", None) or report.longrepr).split())
        case.end("failed" if when == "call" else "error", reason)
    elif report.outcome == "skipped" or when == "call":
        case.end(report.outcome)
