"""What Linux knows about a process: its children, the CPU time of all its threads, its memory."""

import os
from pathlib import Path

PROC = Path("/proc")


def children(pid):
    found = []
    for task in (PROC / str(pid) / "task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def innermost(pid):
    """The worker: below ``escala run`` stands gunicorn's arbiter, and below that its one worker."""
    while below := children(pid):
        (pid,) = below
    return pid


def cpu_ns(pid):
    """CPU time of all threads that live, user and system: exporters of the peers have threads of their own."""
    total = 0
    for task in (PROC / str(pid) / "task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def memory_kb(pid, name):
    """``VmHWM`` is the most that was ever resident, ``VmRSS`` what is now."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise LookupError(name)


def pin(pid, cpu):
    """All threads that a process has; those that it starts later inherit from the one that starts them."""
    for task in (PROC / str(pid) / "task").iterdir():
        try:
            os.sched_setaffinity(int(task.name), {cpu})
        except ProcessLookupError:
            continue
