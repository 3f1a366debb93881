"""Tests as units of work; the requests that they make are units inside them.

The runner's own id names them. For pytest a test is its call: what fixtures do belongs to no test, since one fixture
serves many.
"""

from functools import wraps

from escala_agent.hooks.units import Unit, current


def _testcases(module):
    original = module.SimpleTestCase.__call__

    @wraps(original)
    def __call__(self, result=None):
        if _in_test():
            return original(self, result)
        with Unit("test", self.id()):
            return original(self, result)

    module.SimpleTestCase.__call__ = __call__


def _wrap_runtest(item_class):
    original = item_class.runtest

    @wraps(original)
    def runtest(self):
        # Not shown in the reports of failures.
        __tracebackhide__ = True
        if _in_test():
            return original(self)
        with Unit("test", self.nodeid):
            return original(self)

    item_class.runtest = runtest


def _in_test():
    """Whether a test is running already: pytest runs Django's test cases, too."""
    active = current()
    return active is not None and active.kind == "test"


HOOKS = {
    "django.test.testcases": _testcases,
    "_pytest.python": lambda module: _wrap_runtest(module.Function),
    "_pytest.unittest": lambda module: _wrap_runtest(module.TestCaseFunction),
}
