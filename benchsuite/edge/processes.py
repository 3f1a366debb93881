"""Starts processes that do not outlive us, and asks Linux what they take."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from problems import Problem

PROC = Path("/proc")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

#: How long a server may take until it listens, and to end.
START_PATIENCE_S = 30
STOP_PATIENCE_S = 15

#: Lines of a log that are looked through for the one that says what went wrong.
LOG_LINES = 200

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(command, *, cpu=None, log, cwd=None, env=None):
    """Its output goes to the file ``log``. It is told to end when we are gone, however that comes."""

    def before_it_begins():
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if cpu is not None:
            os.sched_setaffinity(0, {cpu})

    with log.open("wb") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=env,
            preexec_fn=before_it_begins,
        )


def wait_until(ready, process, name, log):
    """``ready`` is asked again and again; a process that ends before is a problem, with the last line it said."""
    deadline = time.monotonic() + START_PATIENCE_S
    while not ready():
        if process.poll() is not None:
            raise Problem(f"{name} ended before it listened: {last_words(log)}")
        if time.monotonic() > deadline:
            raise Problem(f"{name} did not listen within {START_PATIENCE_S} s: {last_words(log)}")
        time.sleep(0.02)


def listens(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def last_words(log):
    lines = [line for line in log.read_text(errors="replace").splitlines()[-LOG_LINES:] if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def stop(process, name):
    """As a service manager would; the second way is a problem of the server, and said."""
    if process.poll() is not None:
        return None
    process.terminate()
    try:
        process.wait(STOP_PATIENCE_S)
        return None
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return f"{name} did not end within {STOP_PATIENCE_S} s after SIGTERM and was killed"


def family(pid):
    """A process and all below it."""
    found = [pid]
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def cpu_s(pids):
    """User and system time of all threads, those that have ended, too."""
    user = system = 0
    for pid in pids:
        try:
            # The name in parentheses may have spaces in it.
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        user += int(fields[11])
        system += int(fields[12])
    return user / TICKS_PER_S, system / TICKS_PER_S


def resident_kb(pids):
    total = 0
    for pid in pids:
        for line in (PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total


def cores_busy_s(cpus):
    """What all processes together took of some CPUs, and what the machine below took from them."""
    total = 0
    for line in (PROC / "stat").read_text().splitlines():
        name, *ticks = line.split()
        if name in {f"cpu{cpu}" for cpu in cpus}:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, ticks[:8])
            total += user + nice + system + irq + softirq + steal
    return total / TICKS_PER_S
