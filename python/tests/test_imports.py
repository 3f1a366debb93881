"""``escala_agent.imports``: callbacks after an import, and a module that looks untouched."""

import importlib
import sys
import tempfile
import unittest
from pathlib import Path

from escala_agent import imports


class WhenImported(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        sys.path.insert(0, directory.name)
        self.addCleanup(sys.path.remove, directory.name)
        self.addCleanup(setattr, sys, "meta_path", list(sys.meta_path))
        importlib.invalidate_caches()

    def module(self, name, source):
        (self.directory / f"{name}.py").write_text(source)
        self.addCleanup(sys.modules.pop, name, None)

    def test_the_callback_comes_after_the_module_has_run(self):
        self.module("escala_subject", "VALUE = 1\n")
        seen = []
        imports.when_imported({"escala_subject": lambda module: seen.append(module.VALUE)})
        self.assertEqual(seen, [])
        import escala_subject

        self.assertEqual(seen, [1])
        self.assertEqual(type(escala_subject.__loader__).__name__, "SourceFileLoader")
        self.assertIs(escala_subject.__spec__.loader, escala_subject.__loader__)

    def test_a_module_that_is_there_is_told_at_once(self):
        seen = []
        imports.when_imported({"sys": seen.append})
        self.assertEqual(seen, [sys])

    def test_a_module_that_fails_fails_as_before_and_may_be_tried_again(self):
        self.module("escala_failing", "raise ValueError('its own')\n")
        seen = []
        imports.when_imported({"escala_failing": seen.append})
        with self.assertRaisesRegex(ValueError, "its own"):
            importlib.import_module("escala_failing")
        self.assertEqual(seen, [])
        with self.assertRaisesRegex(ValueError, "its own"):
            importlib.import_module("escala_failing")

    def test_a_module_that_does_not_exist_is_not_found(self):
        imports.when_imported({"escala_nowhere": print})
        with self.assertRaises(ModuleNotFoundError):
            importlib.import_module("escala_nowhere")


if __name__ == "__main__":
    unittest.main()
