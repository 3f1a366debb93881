"""The bootstrap must load in interpreters that the agent refuses, to say so."""

import ast
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import escala_agent

#: The package as it is laid out beside the binary, with the extension.
PACKAGE = Path(escala_agent.__file__).resolve().parent
BOOTSTRAP = PACKAGE / "bootstrap"


class Bootstrap(unittest.TestCase):
    def run_python(self, code, **variables):
        environment = {**os.environ, "PYTHONPATH": str(BOOTSTRAP), **variables}
        return subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
        )

    def test_its_syntax_is_old(self):
        newer = (ast.JoinedStr, ast.AnnAssign, ast.AsyncFunctionDef, ast.NamedExpr, ast.YieldFrom)
        for path in (BOOTSTRAP / "sitecustomize.py", PACKAGE / "__init__.py", PACKAGE / "launch.py"):
            tree = ast.parse(path.read_text(), feature_version=(3, 4))
            found = [node.lineno for node in ast.walk(tree) if isinstance(node, newer)]
            self.assertEqual(found, [], path.name)

    def test_without_a_socket_it_does_nothing(self):
        ran = self.run_python("import sys; print('escala_agent' in sys.modules)", ESCALA_SOCKET="")
        self.assertEqual((ran.stdout, ran.stderr), ("False\n", ""))

    def test_it_leaves_the_module_search_path_as_it_was(self):
        bare = subprocess.run(
            [sys.executable, "-c", "import sys; print(sys.path)"],
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        ran = self.run_python("import sys; print(sys.path)", ESCALA_SOCKET="/nowhere")
        self.assertEqual((ran.stdout, ran.stderr), (bare.stdout, ""))

    def test_it_says_that_it_started(self):
        with tempfile.NamedTemporaryFile() as journal:
            self.run_python("pass", ESCALA_SOCKET="/nowhere", ESCALA_JOURNAL=journal.name)
            line = journal.read().decode()
        version = ".".join(map(str, sys.version_info[:3]))
        self.assertRegex(line, rf"^\d+ python {version} started\n$")

    def test_django_without_a_recorder_is_django(self):
        ran = self.run_python("import django; print(django.VERSION[0] >= 4)", ESCALA_SOCKET="/nowhere")
        self.assertEqual((ran.stdout, ran.stderr), ("True\n", ""))


if __name__ == "__main__":
    unittest.main()
