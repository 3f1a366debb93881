"""The replay's clock, on a processor that is shared."""

import os
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

import escala_agent

REPLAY = Path(escala_agent.__file__).resolve().parent / "replay"

BUSY = "print(flush=True)\nwhile True: pass"


@unittest.skipUnless(os.path.exists("/proc/thread-self/schedstat"), "the kernel does not count what a thread waits")
class Clock(unittest.TestCase):
    def setUp(self):
        sys.path.insert(0, str(REPLAY))
        self.addCleanup(sys.path.remove, str(REPLAY))
        import clock

        self.now_ns = clock.now_ns

    def share_the_processor(self):
        here = os.sched_getaffinity(0)
        self.addCleanup(os.sched_setaffinity, 0, here)
        os.sched_setaffinity(0, {min(here)})
        rivals = [subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE) for _ in range(3)]
        for rival in rivals:
            self.addCleanup(rival.stdout.close)
            self.addCleanup(rival.wait)
            self.addCleanup(rival.kill)
        # However long they take to start.
        for rival in rivals:
            rival.stdout.readline()

    def test_the_wait_for_a_processor_does_not_count(self):
        self.share_the_processor()
        start_ns, wall_start_ns = self.now_ns(), time.perf_counter_ns()
        while time.perf_counter_ns() - wall_start_ns < 500_000_000:
            pass
        self.assertLess((self.now_ns() - start_ns) / (time.perf_counter_ns() - wall_start_ns), 0.7)

    def test_it_never_goes_back(self):
        self.share_the_processor()
        readings = [self.now_ns() for _ in range(10_000)]
        self.assertEqual(readings, sorted(readings))

    def test_the_wait_for_anything_else_does(self):
        start_ns = self.now_ns()
        threading.Event().wait(0.1)
        self.assertGreater(self.now_ns() - start_ns, 90_000_000)

    def test_a_clock_that_a_test_puts_into_time_is_not_asked(self):
        real, time.perf_counter_ns = time.perf_counter_ns, lambda: 0
        self.addCleanup(setattr, time, "perf_counter_ns", real)
        start_ns = self.now_ns()
        threading.Event().wait(0.01)
        self.assertGreater(self.now_ns() - start_ns, 0)


if __name__ == "__main__":
    unittest.main()
