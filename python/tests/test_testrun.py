"""The observer of a test run: what it writes down, and that the tests see nothing of it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import escala_agent

BOOTSTRAP = Path(escala_agent.__file__).resolve().parent / "bootstrap"

LIMITS = {"body_limit_bytes": 1 << 20, "bodies_limit_bytes": 1 << 20, "records_limit_bytes": 1 << 20}

TESTS = """
import unittest

class Outcomes(unittest.TestCase):
    def test_passes(self):
        pass

    def test_fails(self):
        self.assertEqual(1, 2)

    def test_breaks(self):
        raise ValueError("out of\\npaper")

    @unittest.skip("not today")
    def test_skips(self):
        pass

    @unittest.expectedFailure
    def test_fails_as_expected(self):
        self.fail()

    @unittest.expectedFailure
    def test_passes_unexpectedly(self):
        pass

    def test_with_parts(self):
        for part in (1, 2):
            with self.subTest(part=part):
                self.assertEqual(part, 1)

    def test_fails_and_breaks(self):
        self.addCleanup(lambda: 1 / 0)
        self.fail("first")
"""

# A result that keeps to itself what it is told.
RUN = """
import sys, unittest
sys.path.insert(0, sys.argv[1])
import outcomes

class Result(unittest.TestResult):
    def addSuccess(self, test):
        pass

result = Result()
unittest.defaultTestLoader.loadTestsFromModule(outcomes).run(result)
print(len(result.failures), len(result.errors), [name for name in vars(result) if name.startswith("add")])
"""

# Three failures, one of them of a part of a test, and two errors; and nothing of the observer stays on the result.
RAN = "3 2 []\n"

OUTCOMES = {
    "test_passes": "passed",
    "test_fails": "failed",
    "test_breaks": "error",
    "test_skips": "skipped",
    "test_fails_as_expected": "failed as expected",
    "test_passes_unexpectedly": "passed unexpectedly",
    "test_with_parts": "failed",
    "test_fails_and_breaks": "failed, error",
}


class TestRun(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.run_directory = self.directory / "run"
        self.run_directory.mkdir()
        self.module = self.directory / "outcomes.py"
        self.module.write_text(TESTS)

    def run_python(self, code, overlay=None, limits=LIMITS, **variables):
        (self.run_directory / "plan.json").write_text(json.dumps({"overlay": overlay or {}, "limits": limits}))
        environment = {
            **os.environ,
            "PYTHONPATH": f"{BOOTSTRAP}{os.pathsep}{variables.pop('PYTHONPATH', '')}".rstrip(os.pathsep),
            "PYTHONDONTWRITEBYTECODE": "1",
            "ESCALA_TEST_RUN": str(self.run_directory),
        }
        return subprocess.run(
            [sys.executable, "-c", code, str(self.directory)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def records(self):
        lines = [line for path in sorted(self.run_directory.glob("*.records")) for line in path.read_text().splitlines()]
        return [json.loads(line) for line in lines]

    def test_outcomes_are_those_that_the_runner_is_told(self):
        ran = self.run_python(RUN)
        self.assertEqual((ran.stdout, ran.stderr), (RAN, ""))
        tests = {record["test"]: record for record in self.records()}
        self.assertEqual(
            {name: record["outcome"] for name, record in tests.items()},
            {f"outcomes.Outcomes.{name}": outcome for name, outcome in OUTCOMES.items()},
        )
        self.assertEqual(tests["outcomes.Outcomes.test_breaks"]["reason"], "ValueError: out of paper")
        self.assertIn("first", tests["outcomes.Outcomes.test_fails_and_breaks"]["reason"])
        self.assertIsNone(tests["outcomes.Outcomes.test_skips"]["reason"])

    def test_a_candidate_is_imported_in_place_of_the_file(self):
        passing = TESTS.replace("self.assertEqual(1, 2)", "self.assertEqual(2, 2)")
        self.run_python(RUN, overlay={str(self.module): passing})
        records = self.records()
        self.assertEqual(records[0], {"type": "imported", "path": str(self.module.resolve())})
        outcomes = {record["test"]: record["outcome"] for record in records[1:]}
        self.assertEqual(outcomes["outcomes.Outcomes.test_fails"], "passed")
        self.assertEqual(self.module.read_text(), TESTS)

    def test_a_forked_process_has_files_of_its_own(self):
        code = "import os, sys; sys.path.insert(0, sys.argv[1]); import unittest, outcomes\n"
        code += "run = lambda: outcomes.Outcomes('test_passes').run(unittest.TestResult())\n"
        code += "run()\nif not os.fork():\n    run()\n    os._exit(0)\nos.wait()\nrun()\n"
        self.run_python(code)
        lengths = sorted(len(path.read_text().splitlines()) for path in self.run_directory.glob("*.records"))
        self.assertEqual(lengths, [1, 2])

    def test_where_nothing_can_be_noted_the_tests_go_on(self):
        ran = self.run_python(RUN, limits={**LIMITS, "records_limit_bytes": 300})
        self.assertEqual((ran.stdout, ran.stderr), (RAN, ""))
        self.assertEqual([record["type"] for record in self.records()], ["test", "fault"])
        self.setUp()
        ran = self.run_python("import shutil, os; shutil.rmtree(os.environ['ESCALA_TEST_RUN'])\n" + RUN)
        self.assertEqual(ran.stdout, RAN)
        self.assertEqual(len(ran.stderr.splitlines()), 1, ran.stderr)
        self.assertTrue(ran.stderr.startswith("escala: these tests cannot be observed (FileNotFoundError"))

    def test_the_users_own_sitecustomize_runs(self):
        (self.directory / "sitecustomize.py").write_text("print('own')")
        ran = self.run_python("import sys; print(sys.modules['sitecustomize'].__file__)", PYTHONPATH=str(self.directory))
        self.assertEqual(ran.stdout, f"own\n{self.directory / 'sitecustomize.py'}\n")

    def test_without_a_plan_the_tests_go_on(self):
        (self.run_directory / "plan.json").mkdir()
        environment = {**os.environ, "PYTHONPATH": str(BOOTSTRAP), "ESCALA_TEST_RUN": str(self.run_directory)}
        ran = subprocess.run(
            [sys.executable, "-c", "print('fine')"], env=environment, capture_output=True, text=True, timeout=60
        )
        self.assertEqual(ran.stdout, "fine\n")
        self.assertTrue(ran.stderr.startswith("escala: these tests cannot be observed ("), ran.stderr)


if __name__ == "__main__":
    unittest.main()
