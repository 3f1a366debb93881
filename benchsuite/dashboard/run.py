"""How long the dashboard's answers and its pages take over 100,000 requests that ran 5,000,000 queries.

Fills a store with ``fill`` (crates/store/examples/fill.rs), opens it with the real binary, and asks every path many
times, each time something else, so that no answer is one that was remembered; then a browser draws every page. Then
the same beside a recorder that is at work. Prints one JSON line per path and keeps all of them in ``results/``. See
README.md.
"""

import argparse
import concurrent.futures
import http.client
import itertools
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

import browser

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
P95_MS_MAX = 100
PAGE_MS_MAX = 1000
FRAMES_PER_S_MIN = 59
PATIENCE_S = 60
PAGE_ROUNDS = 10
LIVE_S = 20


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--transactions", type=int, default=100_000)
    parser.add_argument("--hours", type=int, default=6)
    parser.add_argument("--requests", type=int, default=100, help="per path")
    parser.add_argument("--rate", type=int, default=20_000, help="query events per second beside the dashboard")
    parser.add_argument("--out", default=None, help="a file beside results/ to write to; default: by date")
    options = parser.parse_args()
    binary = os.environ["ESCALA_BIN"]
    fill, flood = build("fill"), build("flood")
    lines = [machine(binary)]
    with tempfile.TemporaryDirectory() as project:
        filled = subprocess.run(
            [fill, project, str(options.transactions), str(options.hours)], check=True, capture_output=True, text=True
        )
        size = sum(path.stat().st_size for path in Path(project, ".escala").glob("escala.db*"))
        say(lines, {"store": json.loads(filled.stdout), "bytes": size})
        command = [binary, "dashboard", "--listen", "127.0.0.1:0"]
        lines += measure("alone", command, project, options.requests, options.transactions)
        senders = [flood, "2", "3600", str(options.rate), "mix"]
        command = [binary, "run", "--dashboard", "127.0.0.1:0", "--", *senders]
        lines += measure("recording", command, project, options.requests, None)
    out = HERE / "results" / (options.out or time.strftime("%Y-%m-%d.jsonl"))
    out.write_text("".join(json.dumps(line) + "\n" for line in lines))
    slow = [line for line in lines if is_slow(line)]
    for line in slow:
        print(f"too slow: {json.dumps(line)}", file=sys.stderr)
    return 1 if slow else 0


def is_slow(line):
    if "page" in line:
        return line["max_ms"] > PAGE_MS_MAX
    if "frames_per_s" in line:
        return line["frames_per_s"] < FRAMES_PER_S_MIN
    return line.get("p95_ms", 0) > P95_MS_MAX


def build(example):
    command = ["cargo", "build", "--release", "--quiet", "-p", "store", "--example", example]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")
    return str(Path(target) / "release" / "examples" / example)


def machine(binary):
    model = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    version = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return {"cpus": os.cpu_count(), "model": model.split(":", 1)[1].strip(), "escala": version}


def measure(when, command, project, requests, transactions):
    process = subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        port = port_of(process)
        threading.Thread(target=process.stderr.read, daemon=True).start()
        if transactions is None:
            time.sleep(20)
        lines = ask_all(when, Dashboard(port), requests)
        say(lines, {"when": when, "path": "parallel", **in_parallel(port, requests)})
        memory = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
        say(lines, {"when": when, "peak_memory_mb": round(int(memory[1]) / 1024, 1)})
        look(when, port, lines)
        return lines
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def port_of(process):
    for line in process.stderr:
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        if found:
            return int(found[1])
    raise SystemExit("the dashboard did not say where it is")


class Dashboard:
    """One connection that stays open, as a browser's does."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        started = time.perf_counter()
        self.connection.request("GET", f"/api/{path}?{query}" if query else f"/api/{path}")
        response = self.connection.getresponse()
        body = response.read()
        took_ms = (time.perf_counter() - started) * 1000
        if response.status != 200:
            raise SystemExit(f"{path}?{query}: {response.status} {body[:200]}")
        return json.loads(body), took_ms, len(body)


def questions(dashboard, seed=1):
    """For each path, something that asks a new question each time."""
    chance = random.Random(seed)
    overview = dashboard.get("overview")[0]
    begin_us, end_us = overview["range"]["from_us"], overview["range"]["to_us"]
    endpoints = dashboard.get("endpoints", limit=500)[0]["endpoints"]
    newest = dashboard.get("health")[0]["run"]["transactions"]
    findings = wait_for_findings(dashboard)

    def since():
        # Long enough that every endpoint has something in it.
        return {"from_us": chance.randrange(begin_us, end_us - (end_us - begin_us) // 20)}

    # In turn: there are more of them than answers that are remembered.
    chance.shuffle(endpoints)
    in_turn = itertools.cycle(endpoints)

    def of_endpoint():
        one = next(in_turn)
        return {name: one[name] for name in ("kind", "method", "route")}

    return {
        "health": lambda: ("health", {}),
        "overview, whole run": lambda: ("overview", {"to_us": end_us + chance.randrange(1 << 40)}),
        "overview, a part": lambda: ("overview", since()),
        "endpoints, whole run": lambda: ("endpoints", {"limit": chance.randrange(50, 500)}),
        "endpoints, a part": lambda: ("endpoints", since()),
        "endpoint, whole run": lambda: ("endpoint", of_endpoint()),
        "endpoint, a part": lambda: ("endpoint", {**of_endpoint(), **since()}),
        "requests, slowest": lambda: ("requests", {**of_endpoint(), "order": "slowest", "limit": 200}),
        "requests, newest": lambda: ("requests", {**of_endpoint(), "order": "newest", "limit": 200}),
        "request": lambda: ("request", {"ordinal": chance.randint(1, newest)}),
        "findings": lambda: ("findings", {}),
        "finding": lambda: ("finding", {"id": chance.choice(findings)["id"]}),
    }


def wait_for_findings(dashboard):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        answer = dashboard.get("findings")[0]
        if answer["ready"]:
            return answer["findings"]
        time.sleep(0.1)
    raise SystemExit("no findings")


def ask_all(when, dashboard, requests):
    lines = []
    for name, question in questions(dashboard).items():
        times_ms, sizes = [], []
        for _ in range(requests):
            path, parameters = question()
            _, took_ms, size = dashboard.get(path, **parameters)
            times_ms.append(took_ms)
            sizes.append(size)
        say(lines, {"when": when, "path": name, **summary(times_ms), "bytes": round(statistics.mean(sizes))})
    return lines


def in_parallel(port, requests):
    """Four pages that ask for something at the same time."""

    def client(seed):
        dashboard = Dashboard(port)
        asked = list(questions(dashboard, seed).values())
        chance = random.Random(seed)
        return [ask(dashboard, chance.choice(asked)) for _ in range(requests)]

    def ask(dashboard, question):
        path, parameters = question()
        return dashboard.get(path, **parameters)[1]

    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        return summary([took_ms for times_ms in clients.map(client, range(4)) for took_ms in times_ms])


def look(when, port, lines):
    """Every page in a browser, and how smoothly the live one moves."""
    program = browser.find()
    if not program:
        raise SystemExit("no Chromium was found: install it (Debian: apt install chromium) and run this again")
    window = browser.Browser(program)
    try:
        for name, sign, places in pages(Dashboard(port)):
            times_ms = [window.drawn_ms(f"http://127.0.0.1:{port}/{next(places)}", sign) for _ in range(PAGE_ROUNDS)]
            say(lines, {"when": when, "page": name, **summary(times_ms)})
        window.drawn_ms(f"http://127.0.0.1:{port}/#/", ".heat-scale")
        frames_ms = window.frames_ms(LIVE_S)
        per_s = round(len(frames_ms) * 1000 / sum(frames_ms), 1)
        late = sum(1 for gap in frames_ms if gap > 20)
        say(lines, {"when": when, "frames_per_s": per_s, "late": late, **summary(frames_ms)})
    finally:
        window.close()


def pages(dashboard, seed=1):
    """Each page: its name, what it shows when it is drawn, and places where it stands, each time another one."""
    chance = random.Random(seed)
    endpoints = dashboard.get("endpoints", limit=500)[0]["endpoints"]
    findings = wait_for_findings(dashboard)
    newest = dashboard.get("health")[0]["run"]["transactions"]
    chance.shuffle(endpoints)

    def endpoint(one):
        return f"#/endpoint/{one['kind']}/{one['method']}/{urllib.parse.quote(one['route'], safe='')}"

    # The one with the most queries is the hardest to draw.
    slowest = [
        dashboard.get("requests", **{name: one[name] for name in ("kind", "method", "route")}, order="slowest", limit=1)[0]
        for one in endpoints[:PAGE_ROUNDS]
    ]
    return [
        ("overview", ".heat-scale", itertools.repeat("#/")),
        ("endpoint", ".histogram", itertools.cycle(map(endpoint, endpoints))),
        ("request", ".waterfall .row", (f"#/request/{chance.randint(1, newest)}" for _ in itertools.count())),
        (
            "request, slowest",
            ".waterfall .row",
            itertools.cycle(f"#/request/{answer['requests'][0]['ordinal']}" for answer in slowest),
        ),
        ("finding", "main .card", itertools.cycle(f"#/finding/{one['id']}" for one in findings)),
        ("findings", ".finding-list", itertools.repeat("#/findings")),
        ("tests", "main .card", itertools.repeat("#/tests")),
        ("runs", "tr[data-row]", itertools.repeat("#/runs")),
    ]


def summary(times_ms):
    times_ms = sorted(times_ms)
    at = lambda percent: round(times_ms[min(len(times_ms) - 1, len(times_ms) * percent // 100)], 2)  # noqa: E731
    return {"requests": len(times_ms), "p50_ms": at(50), "p95_ms": at(95), "max_ms": round(times_ms[-1], 2)}


def say(lines, line):
    print(json.dumps(line), flush=True)
    lines.append(line)


if __name__ == "__main__":
    sys.exit(main())
