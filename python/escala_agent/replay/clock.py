"""The clock that the replay is timed by: it stands still while the thread waits for a processor.

So a machine that does other work, too, does not make one version of the code seem slower than the other. Waiting for a
database, a lock or the network is time like any other.
"""

import os
import time

#: `CPU time, time waited on the run queue, slices`, in nanoseconds (Linux, Documentation/scheduler/sched-stats.rst).
_SCHEDULED = "/proc/thread-self/schedstat"

#: Times that the clock is read until it is sure of its reading.
_READINGS_MAX = 10


def now_ns(perf_counter_ns=time.perf_counter_ns):
    """Nanoseconds, of which the difference to another call of the same thread means something.

    The function is taken now, since tests may put a clock of their own into `time` later.
    """
    waited_ns = _waited_ns()
    for _ in range(_READINGS_MAX):
        read_ns, before_ns = perf_counter_ns(), waited_ns
        waited_ns = _waited_ns()
        # Else the thread had to wait between the two readings, which do not belong together.
        if waited_ns == before_ns:
            break
    return read_ns - waited_ns


def _waited_ns():
    try:
        file = os.open(_SCHEDULED, os.O_RDONLY)
    except OSError:
        # Not on Linux, or a kernel that does not count.
        return 0
    try:
        return int(os.read(file, 100).split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    finally:
        os.close(file)
