"""Test methods as units of work; the requests that they make are units inside them."""

from functools import wraps

from escala_agent import _native
from escala_agent.hooks.units import begin, make_current


def _testcases(module):
    original = module.SimpleTestCase.__call__

    @wraps(original)
    def __call__(self, result=None):
        active, outer = None, None
        if _native.is_armed():
            try:
                active, outer = begin("test")
            except Exception as error:
                _native.disarm(f"begin: {type(error).__name__}: {error}")
        if active is None:
            return original(self, result)
        try:
            return original(self, result)
        finally:
            make_current(outer)
            try:
                _native.finish(active, "", self.id(), "", 0, 0)
            except Exception as error:
                _native.disarm(f"finish: {type(error).__name__}: {error}")

    module.SimpleTestCase.__call__ = __call__


HOOKS = {"django.test.testcases": _testcases}
