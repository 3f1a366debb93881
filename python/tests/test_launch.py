"""``escala_agent.launch``: who may start the agent, where, and what is said where it cannot run."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import escala_agent
from escala_agent import launch

#: The package as it is laid out beside the binary, with the extension.
HOME = Path(escala_agent.__file__).resolve().parent.parent


class Interpreter(unittest.TestCase):
    def reason(self, **values):
        with mock.patch.multiple(sys, create=True, **values):
            return launch.unsupported()

    def test_this_one_will_do(self):
        self.assertIsNone(launch.unsupported())

    def test_an_old_python(self):
        for version in ((2, 7, 18), (3, 9, 20)):
            reason = self.reason(version_info=version)
            self.assertEqual(
                reason, f"Python {version[0]}.{version[1]} is too old, the agent needs 3.10 or newer"
            )

    def test_another_python(self):
        self.assertEqual(self.reason(implementation=SimpleNamespace(name="pypy")), "pypy is not CPython")

    def test_a_free_threaded_python_with_its_lock_on_or_off(self):
        expected = "this is a free-threaded build of CPython"
        self.assertEqual(self.reason(abiflags="t", _is_gil_enabled=lambda: True), expected)
        self.assertEqual(self.reason(abiflags="td", _is_gil_enabled=lambda: False), expected)
        self.assertEqual(self.reason(_is_gil_enabled=lambda: False), expected)


class Store:
    """A store with a live file, as a running ``escala run`` leaves it."""

    def __init__(self, test):
        directory = tempfile.TemporaryDirectory()
        test.addCleanup(directory.cleanup)
        self.root = Path(directory.name).resolve()
        self.directory = self.root / ".escala"
        self.directory.mkdir(mode=0o700)
        self.journal = self.directory / "journal"
        self.journal.touch()
        self.live = self.directory / "live"
        self.variables = {
            "ESCALA_SOCKET": str(self.directory / "agent.sock"),
            "ESCALA_JOURNAL": str(self.journal),
            "ESCALA_PROJECT_ROOT": str(self.root),
        }
        self.live.write_text("".join(f"{name}={value}\0" for name, value in self.variables.items()))
        self.live.chmod(0o600)

    def run(self, code, cwd=None, **variables):
        """Run Python with a clean environment; what it wrote, and the journal's lines without their pids."""
        environment = {"PYTHONPATH": str(HOME), "PYTHONDONTWRITEBYTECODE": "1", **variables}
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=cwd or self.root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        lines = [line.split(" ", 1)[1] for line in self.journal.read_text().splitlines()]
        return ran.returncode, ran.stdout, ran.stderr, lines


class Live(unittest.TestCase):
    def setUp(self):
        self.store = Store(self)

    def test_what_a_run_wrote_is_read(self):
        self.assertEqual(launch.read_live(str(self.store.live)), self.store.variables)

    def test_only_escalas_own_variables_are_taken(self):
        self.store.live.write_text("LD_PRELOAD=/tmp/x\0ESCALA_SOCKET=/s\0nonsense\0")
        self.assertEqual(launch.read_live(str(self.store.live)), {"ESCALA_SOCKET": "/s"})

    def test_a_file_that_others_may_write_is_not_believed(self):
        self.store.live.chmod(0o620)
        self.assertEqual(launch.read_live(str(self.store.live)), {})

    def test_a_file_of_somebody_else_is_not_believed(self):
        with mock.patch("os.geteuid", return_value=os.geteuid() + 1):
            self.assertEqual(launch.read_live(str(self.store.live)), {})

    def test_a_link_is_not_followed_and_a_pipe_not_waited_for(self):
        link = self.store.directory / "link"
        link.symlink_to(self.store.live)
        pipe = self.store.directory / "pipe"
        os.mkfifo(pipe, 0o600)
        for path in (link, pipe, self.store.directory, self.store.directory / "absent"):
            self.assertEqual(launch.read_live(str(path)), {}, path)


class Start(unittest.TestCase):
    VERSION = ".".join(map(str, sys.version_info[:3]))

    def setUp(self):
        self.store = Store(self)

    def test_the_import_alone_does_nothing_without_the_environment(self):
        code, out, err, lines = self.store.run("import escala_agent, sys; print('escala_agent.arm' in sys.modules)")
        self.assertEqual((code, out, err, lines), (0, "False\n", "", []))

    def test_the_import_alone_starts_where_the_environment_tells(self):
        code, _, err, lines = self.store.run("import escala_agent", **self.store.variables)
        self.assertEqual((code, err, lines), (0, "", [f"python {self.VERSION} started"]))

    def test_a_start_finds_the_run_from_a_directory_below_and_counts_once(self):
        below = self.store.root / "src" / "shop"
        below.mkdir(parents=True)
        program = "import escala_agent; escala_agent.start(); escala_agent.start(); import django"
        code, _, err, lines = self.store.run(program, cwd=below)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(lines[0], f"python {self.VERSION} started")
        self.assertRegex(lines[1], r"^django [\d.]+ armed$")
        self.assertEqual(len(lines), 2)

    def test_a_start_finds_a_store_by_name(self):
        program = f"import escala_agent; escala_agent.start({str(self.store.directory)!r})"
        code, _, err, lines = self.store.run(program, cwd="/")
        self.assertEqual((code, err, lines), (0, "", [f"python {self.VERSION} started"]))

    def test_a_start_with_django_there_already_is_not_too_late(self):
        code, _, err, lines = self.store.run("import django, escala_agent; escala_agent.start()")
        self.assertEqual((code, err, len(lines)), (0, "", 2))

    def test_nobody_recording_is_no_error(self):
        self.store.live.unlink()
        code, _, err, lines = self.store.run("import escala_agent; escala_agent.start()")
        self.assertEqual((code, err, lines), (0, "", []))

    def test_an_interpreter_that_cannot_says_so_once_and_goes_on(self):
        program = (
            "import sys; sys.abiflags = 't'; import escala_agent; escala_agent.start(); escala_agent.start(); "
            "import django; print('on')"
        )
        code, out, err, lines = self.store.run(program)
        reason = "this is a free-threaded build of CPython"
        self.assertEqual((code, out), (0, "on\n"))
        self.assertEqual(err, f"escala: this process is not observed: {reason}\n")
        self.assertEqual(lines[1:], [f"unsupported {reason}"])

    def test_an_old_django_is_left_alone(self):
        (self.store.root / "django.py").write_text("VERSION = (3, 2, 25, 'final', 0)\n")
        code, _, err, lines = self.store.run("import escala_agent, django", **self.store.variables)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(lines[1:], ["unsupported Django 3.2.25 is too old, the agent needs 4.2 or newer"])

    def test_a_django_newer_than_known_loses_only_what_does_not_fit(self):
        program = (
            "import django; django.VERSION = (99, 0, 0, 'final', 0)\n"
            "from django.db.models import query\n"
            "query.prefetch_one_level = lambda instances, everything_new: None\n"
            "import escala_agent; escala_agent.start()\n"
            "from django.core.handlers.base import BaseHandler\n"
            "print(hasattr(BaseHandler.get_response, '__wrapped__'), hasattr(query.QuerySet._fetch_all, '__wrapped__'))"
        )
        code, out, err, lines = self.store.run(program)
        self.assertEqual((code, out), (0, "True False\n"), err)
        self.assertEqual(
            err,
            "escala: django.db.models.query is not observed: this Django is newer than Escala knows (TypeError: "
            "prefetch_one_level takes (instances, everything_new))\n",
        )
        self.assertEqual(lines[1:], ["django 99.0.0 armed"])

    def test_a_sub_interpreter_is_left_alone(self):
        program = (
            "try:\n"
            "    import _interpreters as interpreters\n"
            "except ImportError:\n"
            "    import _xxsubinterpreters as interpreters\n"
            "inner = interpreters.create()\n"
            "run = getattr(interpreters, 'run_string', None) or interpreters.exec\n"
            "print(run(inner, 'import escala_agent, django.db.models', {}))\n"
        )
        if sys.version_info < (3, 13):
            program = program.replace(", {})", ")")
        code, out, err, lines = self.store.run(program, **self.store.variables)
        self.assertEqual((code, out, err), (0, "None\n", ""))
        self.assertEqual(len(lines), 2, lines)
        self.assertTrue(lines[1].startswith("unsupported this is a sub-interpreter"), lines)


if __name__ == "__main__":
    unittest.main()
