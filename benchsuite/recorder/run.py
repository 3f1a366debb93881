"""How many query events the recorder takes on one core, and what it costs.

Runs the real binary, pinned to one CPU, with ``flood`` (crates/store/examples/flood.rs) on the others as the site's
processes. Prints one JSON line per run and keeps all of them in ``results/``. See README.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=100_000, help="query events per second of the paced runs")
    parser.add_argument("--out", default=None, help="a file beside results/ to write to; default: by date")
    options = parser.parse_args()
    binary = os.environ["ESCALA_BIN"]
    flood = build_flood()
    lines = [machine(binary)]
    runs = [(connections, options.rate, "mix") for connections in (1, 2, 4, 8)]
    runs += [(4, options.rate, "distinct"), (4, 0, "mix"), (4, 0, "distinct"), (4, 0, "single")]
    for connections, rate, mix in runs:
        result = run(binary, flood, connections, options.seconds, rate, mix)
        print(json.dumps(result), flush=True)
        lines.append(result)
    out = HERE / "results" / (options.out or time.strftime("%Y-%m-%d.jsonl"))
    out.write_text("".join(json.dumps(line) + "\n" for line in lines))
    wrong = [line for line in lines[1:] if not as_promised(line)]
    for line in wrong:
        print(f"not as promised: {json.dumps(line)}", file=sys.stderr)
    return 1 if wrong else 0


def as_promised(line):
    """Every loss is shown; at the asked rate, a site with usual pages has none."""
    counted = line["reported_dropped"] == line["lost_transactions"]
    complete = line["reported_transactions"] == line["sent_transactions"]
    usual = line["mix"] == "mix" and line["asked_events_per_s"] > 0
    return counted and complete and (line["lost_events"] == 0 or not usual)


def build_flood():
    """The sender, built as the binary was."""
    command = ["cargo", "build", "--release", "--package", "store", "--example", "flood", "--message-format", "json"]
    built = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)
    messages = (json.loads(line) for line in built.stdout.splitlines())
    return next(message["executable"] for message in messages if message.get("executable"))


def machine(binary):
    with open("/proc/cpuinfo") as cpuinfo:
        models = [line.split(":", 1)[1].strip() for line in cpuinfo if line.startswith("model name")]
    version = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return {"machine": models[:1], "cpus": os.cpu_count(), "binary": version}


def run(binary, flood, connections, seconds, rate, mix):
    """One run; the recorder on the last CPU, the senders on the others."""
    cpus = sorted(os.sched_getaffinity(0))
    theirs = ",".join(map(str, cpus[:-1] or cpus))
    with tempfile.TemporaryDirectory(prefix="escala-recorder-") as directory:
        sender = ["taskset", "-c", theirs, flood, str(connections), str(seconds), str(rate), mix]
        command = ["taskset", "-c", str(cpus[-1]), binary, "run", "--", *sender]
        child = subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        usage = {}
        watcher = threading.Thread(target=watch, args=(child, Path(directory), usage), daemon=True)
        watcher.start()
        out, err = child.communicate()
        watcher.join()
        sent = next((json.loads(line) for line in out.splitlines() if line.startswith("{")), None)
        if sent is None:
            sys.exit(f"flood gave no result: {out}{err}")
        report = subprocess.run(
            [binary, "report", "--format", "json"], cwd=directory, check=True, capture_output=True, text=True
        )
        report = json.loads(report.stdout)
        size = sum(file.stat().st_size for file in (Path(directory) / ".escala").glob("escala.db*"))
    cpu = usage["cpu_s"]
    return {
        "connections": connections,
        "mix": mix,
        "asked_events_per_s": rate,
        "seconds": sent["seconds"],
        "sent_events": sent["events"],
        "sent_transactions": sent["transactions"],
        "sent_mb": round(sent["bytes"] / 1e6, 1),
        "events_per_s": round(sent["events"] / sent["seconds"]),
        "lost_events": sent["dropped_events"],
        "lost_transactions": sent["dropped_transactions"],
        "reported_transactions": report["transactions"],
        "reported_dropped": report["dropped"],
        "recorder_cpu_s": round(cpu, 2),
        "events_per_cpu_s": round(sent["events"] / cpu) if cpu else None,
        "peak_rss_mb": round(usage["rss_kb"] / 1024, 1),
        "peak_store_mb": round(usage["store_bytes"] / 1e6, 1),
        "store_mb": round(size / 1e6, 1),
    }


def watch(child, directory, usage):
    """The recorder's own use of CPU and memory; it is the process that ``taskset`` became."""
    usage.update(cpu_s=0.0, rss_kb=0, store_bytes=0)
    while child.poll() is None:
        try:
            fields = Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()
            usage["cpu_s"] = max(usage["cpu_s"], (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND)
            for line in Path(f"/proc/{child.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    usage["rss_kb"] = max(usage["rss_kb"], int(line.split()[1]))
            store = (directory / ".escala").glob("escala.db*")
            usage["store_bytes"] = max(usage["store_bytes"], sum(file.stat().st_size for file in store))
        except (OSError, IndexError):
            pass
        time.sleep(0.05)


if __name__ == "__main__":
    if shutil.which("taskset") is None:
        sys.exit("taskset is missing: it is part of util-linux")
    sys.exit(main())
