"""``escala_agent.fit``: the list of what the hooks wrap is complete, and true of the Django at hand."""

import importlib
import types
import unittest

import django
from django.conf import settings

if not settings.configured:
    settings.configure(INSTALLED_APPS=["django.contrib.contenttypes"])
    django.setup()

from escala_agent import arm, fit


class Fit(unittest.TestCase):
    def test_every_hooked_module_is_listed(self):
        hooked = {name for part in arm.hook_parts() for name in part.HOOKS}
        self.assertEqual(hooked, set(fit.WRAPPED))

    def test_this_django_fits(self):
        optional = ("django.tasks.", "django_tasks.", "celery.", "_pytest.")
        for name in fit.WRAPPED:
            with self.subTest(name):
                try:
                    module = importlib.import_module(name)
                except ModuleNotFoundError:
                    self.assertTrue(name.startswith(optional))
                    continue
                fit.check(module)

    def test_what_is_gone_or_changed_is_named(self):
        module = types.ModuleType("django.db.backends.utils")
        module.CursorWrapper = type("CursorWrapper", (), {"execute": lambda self, sql, params, timeout: None})
        with self.assertRaisesRegex(TypeError, r"^CursorWrapper.execute takes \(self, sql, params, timeout\)$"):
            fit.check(module)
        module.CursorWrapper.execute = lambda self, sql, params=None: None
        with self.assertRaisesRegex(TypeError, r"^there is no CursorWrapper.executemany$"):
            fit.check(module)


if __name__ == "__main__":
    unittest.main()
