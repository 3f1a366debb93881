"""The load generators: wrk for HTTP/1.1, h2load for HTTP/2. Each runs for a time and then ends."""

import json
import os
import re
import resource
import subprocess
from pathlib import Path

import programs
from problems import Problem

HERE = Path(__file__).resolve().parent

#: How much longer than its time one may take.
PATIENCE_S = 30


def wrk(url, cpu, seconds, connections, headers=()):
    command = [
        programs.find("wrk"), "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s",
        "--timeout", "5s", "--latency", "--script", str(HERE / "wrk.lua"),
        *[word for header in headers for word in ("--header", header)],
        url,
    ]  # fmt: skip
    said, cpu_s = run(command, cpu, seconds)
    lines = [line for line in said.splitlines() if line.startswith("{")]
    if not lines:
        raise Problem(f"wrk said nothing of {url}")
    return json.loads(lines[-1]) | {"generator_cpu_s": cpu_s}


def h2load(url, cpu, seconds, connections, streams):
    """Knows the mean and the longest time of a request, but no percentiles."""
    command = [
        programs.find("h2load"), "--threads", "1", "--clients", str(connections), "--max-concurrent-streams",
        str(streams), "--duration", str(seconds), "--connection-inactivity-timeout", "5", url,
    ]  # fmt: skip
    said, cpu_s = run(command, cpu, seconds)
    counts = re.search(r"(\d+) total, .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", said)
    codes = re.search(r"status codes: (\d+) 2xx", said)
    finished = re.search(r"finished in ([\d.]+)(us|ms|s),", said)
    traffic = re.search(r"\((\d+)\) total", said)
    times = re.search(r"time for request:\s+\S+\s+(\S+)\s+(\S+)", said)
    if not (counts and codes and finished and traffic and times):
        raise Problem(f"h2load said nothing of {url}: {said.strip().splitlines()[-1] if said.strip() else 'no line'}")
    succeeded = int(codes[1])
    return {
        "requests": succeeded,
        "seconds": in_us(finished[1] + finished[2]) / 1e6,
        "bytes": int(traffic[1]),
        # What was under way when the time was over counts as neither.
        "errors": int(counts[4]) + int(counts[5]),
        "refused": int(counts[3]) - int(counts[4]) - int(counts[5]),
        "mean_us": round(in_us(times[2])),
        "max_us": round(in_us(times[1])),
        "generator_cpu_s": cpu_s,
    }


def in_us(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def run(command, cpu, seconds):
    """What it printed, and the CPU time that it took: nothing else of ours ends meanwhile."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        ran = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds + PATIENCE_S,
            check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
        )
    except subprocess.TimeoutExpired:
        raise Problem(f"{Path(command[0]).name} did not end {PATIENCE_S} s after its time was over") from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ran.returncode != 0:
        said = (ran.stderr or ran.stdout).strip().splitlines()
        raise Problem(f"{Path(command[0]).name} failed: {said[-1] if said else f'exit code {ran.returncode}'}")
    return ran.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
