"""How many answers a core gives, from the cache and from the origin, and what a connection costs that nobody uses.

All servers are up all the time and one is loaded at a time, in short blocks whose order rotates. The server has CPU 0;
the load generator and the origin have CPU 1.
"""

import http.client
import os
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import connections
import generators
import machine
import origin
import processes
import servers
import speed_report
from problems import Problem

CPUS = SERVER_CPU, OTHER_CPU = 0, 1

#: What a browser sends beside ``Host``, from a person whom three trackers follow.
BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Referer: https://search.example/results?q=second+hand+books",
    "Upgrade-Insecure-Requests: 1",
    "Sec-Fetch-Mode: navigate",
    "Cookie: _ga=GA1.2.1836501938.1763020800; _ga_7XQ2M4E1PZ=GS2.1.s1763020800$o3$g1$t1763021455$j60$l0$h0; "
    "_gid=GA1.2.940316275.1763020800; _fbp=fb.1.1763020801337.482915566; "
    "_hjSessionUser_3301556=eyJpZCI6IjVjZjY3ZTRhIiwiY3JlYXRlZCI6MTc2MzAyMDgwMTQ0NH0=",
)


#: The number of the process that made it follows.
ROOM = "escala-bench-edge-speed-"


@dataclass(frozen=True)
class Case:
    name: str
    path: str
    cached: bool = True
    headers: tuple = ()
    #: Connections; over HTTP/2 so many streams on each.
    connections: int = 64
    streams: int = 0


def cases():
    sizes = list(origin.PAGES.items())
    names = {path: f"{size >> 10}k" for path, size in sizes}
    yield from (Case(f"hit-{names[path]}", path) for path, _ in sizes)
    yield from (Case(f"hit-{names[path]}-browser", path, headers=BROWSER) for path, _ in sizes)
    first = sizes[0][0]
    yield Case("hit-1k-alone", first, connections=1)
    yield Case("proxied-1k", origin.UNCACHEABLE, cached=False)
    yield Case("proxied-1k-browser", origin.UNCACHEABLE, cached=False, headers=BROWSER)
    yield Case("proxied-1k-alone", origin.UNCACHEABLE, cached=False, connections=1)
    yield Case("hit-1k-h2", first, connections=8, streams=8)
    yield Case("hit-10k-h2", sizes[1][0], connections=8, streams=8)


#: Of a case, and what of its server's ratio to every other one the design asks for.
BARS = {"hit-1k": 2.0, "hit-10k": 2.0, "hit-100k": 2.0, "proxied-1k": 1.2}

#: In whole seconds, like every time that is given to wrk.
WARM_UP_S = 1
#: A server that refuses is fast. So great a part of the requests is too much.
FAILED_MAX = 0.001

IDLE_CONNECTIONS = 10_000
#: Until what served a connection has been given back.
SETTLE_S = 2


@dataclass
class Length:
    rounds: int
    block_s: int
    idle: int


FULL, QUICK = Length(rounds=7, block_s=4, idle=IDLE_CONNECTIONS), Length(rounds=2, block_s=1, idle=1_000)


def run(options, record):
    if not set(CPUS) <= os.sched_getaffinity(0):
        raise Problem("this needs CPUs 0 and 1: one for the server, one for everything else")
    os.sched_setaffinity(0, {OTHER_CPU})
    length = QUICK if options.quick else FULL
    compared = [servers.ALL[name] for name in options.servers]
    record.say(machine.line("speed", compared, ["wrk", "h2load"]) | vars(length))
    for server in compared:
        record.say(idle(server, length))
    blocks = []
    with room() as directory, origin.Origin(directory, OTHER_CPU) as pages, ExitStack() as stack:
        up = [stack.enter_context(server(pages.port, directory, SERVER_CPU).for_speed()) for server in compared]
        for case in cases():
            able = [server for server in up if is_able(server, case, pages, record)]
            for number in range(length.rounds):
                for server in in_turn(able, number):
                    blocks.append(block(server, case, number, pages, length))
                    record.say(blocks[-1])
            for server in able:
                check(server, case, pages)
    summary = speed_report.summarise(blocks)
    for line in summary:
        record.say(line)
    record.keep()
    print(speed_report.tables(record.lines))
    return speed_report.below(summary, BARS)


@contextmanager
def room():
    """Where servers keep what they write: in memory, when the machine has such a place."""
    memory = Path("/dev/shm")
    parent = memory if memory.is_dir() and os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    for left in parent.glob(f"{ROOM}*"):
        # A campaign that was killed could not clean up, and memory is dear.
        if not Path("/proc", left.name.removeprefix(ROOM).partition("-")[0]).exists():
            shutil.rmtree(left, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=f"{ROOM}{os.getpid()}-", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def in_turn(up, number):
    """Every server comes first, and behind every other one, equally often."""
    turn = number % len(up) if up else 0
    order = up[turn:] + up[:turn]
    return reversed(order) if up and number // len(up) % 2 else order


def block(server, case, number, pages, length):
    load(server, case, WARM_UP_S)
    before = taken(server, pages)
    began = time.perf_counter()
    seen = load(server, case, length.block_s)
    took_s = time.perf_counter() - began
    user_s, system_s, origin_s, busy_s = (
        later - earlier for earlier, later in zip(before, taken(server, pages), strict=True)
    )
    failed = seen["errors"] + seen["refused"]
    if failed >= FAILED_MAX * max(seen["requests"], 1):
        raise Problem(f"{server.name} did not answer {failed} of {seen['requests'] + failed} requests in {case.name}")
    server_s = user_s + system_s
    generator_s = seen.pop("generator_cpu_s")
    shares = {
        "server": server_s / took_s,
        "generator": generator_s / took_s,
        "origin": origin_s / took_s,
        # What neither of the three took, but somebody did: then only the time per request means anything.
        "others": max(0.0, busy_s - server_s - generator_s - origin_s) / took_s,
    }
    return {
        "case": case.name,
        "round": number,
        "server": server.name,
        **seen,
        "requests_per_s": round(seen["requests"] / seen["seconds"], 1),
        "cpu_us": round(server_s / seen["requests"] * 1e6, 2),
        # The rest is the kernel's, and much the same for every server that asks as little of it as can be.
        "user_us": round(user_s / seen["requests"] * 1e6, 2),
        "busy": {name: round(share, 3) for name, share in shares.items()},
        # CPU 1 has nothing left, CPU 0 has: more requests per second were in the server than were asked of it.
        "generator_saturated": shares["generator"] + shares["origin"] > 0.97 and shares["server"] < 0.95,
    }


def taken(server, pages):
    """CPU seconds until now: of the server, in user and system mode, of the origin, and of both CPUs by anybody."""
    return *processes.cpu_s(server.pids()), sum(processes.cpu_s(pages.pids())), processes.cores_busy_s(CPUS)


def load(server, case, seconds):
    if case.streams:
        url = f"http://127.0.0.1:{server.h2c_port}{case.path}"
        return generators.h2load(url, OTHER_CPU, seconds, case.connections, case.streams)
    url = f"http://127.0.0.1:{server.port}{case.path}"
    return generators.wrk(url, OTHER_CPU, seconds, case.connections, case.headers)


def is_able(server, case, pages, record):
    """Fills the cache and checks it. HTTP/2 is tried for a moment, since not everybody speaks it."""
    check(server, case, pages)
    if case.streams:
        try:
            seen = load(server, case, 1)
        except Problem as problem:
            seen = {"requests": 0, "why": str(problem)}
        if not seen["requests"]:
            record.say({"case": case.name, "server": server.name, "missing": "no HTTP/2 without TLS", **seen})
            return False
    return True


def check(server, case, pages):
    """That the server answers with the origin's bytes, and from its cache when it should, and only then."""
    wanted, first, second = (ask(port, case) for port in (pages.port, server.port, server.port))
    name = f"{server.name} in {case.name}"
    for answer in (first, second):
        if answer.status != 200:
            raise Problem(f"{name} answers with {answer.status}")
        if answer.body != wanted.body:
            raise Problem(f"{name} answers with {len(answer.body)} bytes that are not the origin's {len(wanted.body)}")
    if (first.mark == second.mark) != case.cached:
        raise Problem(f"{name} answers {'not ' if case.cached else ''}from its cache")


@dataclass
class Answer:
    status: int
    body: bytes
    mark: str


def ask(port, case):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", case.path, headers=dict(header.split(": ", 1) for header in case.headers))
        response = connection.getresponse()
        return Answer(response.status, response.read(), response.headers.get(origin.MARK))
    except OSError as error:
        raise Problem(f"{case.name}: no answer at port {port}: {error}") from None
    finally:
        connection.close()


def idle(server, length):
    """Resident memory of a server that was just started, before and after many connections that it keeps."""
    print(f"edge: {length.idle} idle connections to {server.name}", file=sys.stderr)
    with room() as directory, origin.Origin(directory, OTHER_CPU) as pages:
        with server(pages.port, directory, SERVER_CPU).for_speed() as one:
            path = next(iter(origin.PAGES))
            # Whatever it allocates once it has allocated then.
            load(one, Case("", path), 1)
            time.sleep(SETTLE_S)
            before_kb = processes.resident_kb(one.pids())
            with connections.Idle(one.port, path, length.idle) as kept:
                time.sleep(SETTLE_S)
                after_kb = processes.resident_kb(one.pids())
                still_open = kept.open()
    return {
        "idle_connections": length.idle,
        "server": server.name,
        "open": still_open,
        "before_kb": before_kb,
        "after_kb": after_kb,
        "kb_each": round((after_kb - before_kb) / length.idle, 2),
    }
