"""How long `manage.py check` takes with the agent and without: what starting a process costs."""

import os
import resource
import statistics
import subprocess
import sys
import time

import servers
from variants import VARIANTS

PAIRS = 15


def measure(site, options, sink_port):
    """Median wall and CPU milliseconds, bare and with the agent injected; the recorder is not part of it."""
    url = "sqlite:///db.sqlite3"
    bare = servers.environment(VARIANTS["bare"], url, options, sink_port)
    home = os.environ["ESCALA_AGENT_HOME"]
    injected = bare | {
        "PYTHONPATH": os.path.join(home, "escala_agent", "bootstrap"),
        "ESCALA_PROJECT_ROOT": str(site),
        # Nobody listens, and a check has no unit of work to send.
        "ESCALA_SOCKET": str(site / "nobody"),
    }
    runs = {"bare": [], "escala": []}
    for pair in range(PAIRS + 1):
        for name, environment in (("bare", bare), ("escala", injected)):
            wall_ms, cpu_ms = _check(site, environment)
            # The first compiles the modules.
            if pair > 0:
                runs[name].append((wall_ms, cpu_ms))
    return {
        name: {
            "wall_ms": round(statistics.median(wall for wall, _ in times), 2),
            "cpu_ms": round(statistics.median(cpu for _, cpu in times), 2),
        }
        for name, times in runs.items()
    }


def _check(site, environment):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=site, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wall_ms = (time.perf_counter() - started) * 1_000
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_ms, (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1_000
