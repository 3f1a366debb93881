"""What is left of a site when ten times as many come as it can serve: alone, and behind each server.

The site has CPU 0, with the server that stands before it; the generator has CPU 1.
"""

import asyncio
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import bookstore
import machine
import openloop
import processes
import records
import servers
from problems import Problem

SITE_CPU, GENERATOR_CPU = 0, 1

#: 101 queries for somebody who is logged in, so that nobody may keep it for others.
PATH = "/books/"

TIMES_CAPACITY = 10

#: An answer after this is no good to anybody; after that, nobody waits for it any more.
DEADLINE_S = 2
PATIENCE_S = 10

#: How many requests at once the peers let through who have to be told: eight for each worker.
LIMIT = 8 * bookstore.WORKERS

UNLOADED_REQUESTS = 30
#: Of the unloaded latency; a probe within it means that the rush is over for the site, too.
RECOVERED_WITHIN = 2

SHED = ("503", "429")

#: The generator is no witness when its own slots were this late.
LAG_MAX_S = 0.05


@dataclass
class Length:
    capacity_s: int
    rush_s: int
    recovery_s: int


FULL, QUICK = Length(capacity_s=15, rush_s=60, recovery_s=180), Length(capacity_s=4, rush_s=8, recovery_s=60)


@dataclass(frozen=True)
class Variant:
    name: str
    #: The server before the site, and how it is told.
    server: str | None = None
    limit: int | None = None


VARIANTS = (
    Variant("alone"),
    Variant("nginx", "nginx"),
    Variant("nginx, limited", "nginx", LIMIT),
    Variant("varnish, limited", "varnish", LIMIT),
    Variant("escala", "escala"),
)


def run(options, record):
    if not {SITE_CPU, GENERATOR_CPU} <= os.sched_getaffinity(0):
        raise Problem("this needs CPUs 0 and 1: one for the site, one for the generator")
    os.sched_setaffinity(0, {GENERATOR_CPU})
    length = QUICK if options.quick else FULL
    variants = [variant for variant in VARIANTS if variant.server in (None, *options.servers)]
    used = [servers.ALL[name] for name in options.servers]
    with tempfile.TemporaryDirectory(prefix="escala-bench-edge-") as directory:
        directory = Path(directory)
        record.say(machine.line("overload", used, []) | vars(length) | about())
        site = bookstore.Bookstore(directory)
        capacity_per_s = capacity(site, length)
        record.say({"capacity_per_s": round(capacity_per_s, 1)})
        for number, variant in enumerate(variants):
            record.say(rush(variant, site, capacity_per_s, length, directory / str(number)))
        # Much less or more than before: the machine did something else meanwhile.
        record.say({"capacity_afterwards_per_s": round(capacity(site, length), 1)})
    record.keep()
    print(table([line for line in record.lines if "variant" in line]))
    return []


def about():
    return {
        "path": PATH, "workers": bookstore.WORKERS, "times_capacity": TIMES_CAPACITY, "deadline_s": DEADLINE_S,
        "patience_s": PATIENCE_S, "limit": LIMIT,
        "packages": packages(),
    }  # fmt: skip


def packages():
    try:
        return {package: metadata.version(package) for package in ("Django", "gunicorn")}
    except metadata.PackageNotFoundError as error:
        raise Problem(
            f"this Python has no {error.name}: run `cargo xtask bench edge`, or install requirements.txt for it"
        ) from None


def capacity(site, length):
    """Of the site alone, with enough clients that no worker waits for one."""
    with site.serve(SITE_CPU) as gunicorn:
        asyncio.run(openloop.one_by_one(gunicorn.port, PATH, site.sessions, UNLOADED_REQUESTS, pause_s=0))
        clients = 2 * bookstore.WORKERS
        per_s, statuses = asyncio.run(
            openloop.closed_loop(gunicorn.port, PATH, site.sessions, clients, length.capacity_s)
        )
    if not per_s or statuses.count("200") != len(statuses):
        raise Problem(f"the bookstore does not answer {PATH} with 200 when it is not overloaded")
    return per_s


def rush(variant, site, capacity_per_s, length, directory):
    with ExitStack() as stack:
        gunicorn = stack.enter_context(site.serve(SITE_CPU))
        front = before(variant, gunicorn.port, directory)
        if front is not None:
            stack.enter_context(front)
        port = front.port if front is not None else gunicorn.port
        unloaded = asyncio.run(openloop.one_by_one(port, PATH, site.sessions, 2 * UNLOADED_REQUESTS))
        # The first ones warm the workers up.
        unloaded = [one for one in unloaded[UNLOADED_REQUESTS:] if one.what == "200"]
        if len(unloaded) != UNLOADED_REQUESTS:
            raise Problem(f"{variant.name} does not answer {PATH} with 200 when it is not overloaded")
        unloaded_s = statistics.median(one.latency_s for one in unloaded)
        pids = front.pids() if front is not None else []
        seen = asyncio.run(
            rush_and_recovery(port, site.sessions, TIMES_CAPACITY * capacity_per_s, unloaded_s, length, pids)
        )
    return {"variant": variant.name, "unloaded_ms": ms(unloaded_s), **seen}


def before(variant, upstream_port, directory):
    if variant.server is None:
        return None
    return servers.ALL[variant.server](upstream_port, directory, SITE_CPU).for_overload(variant.limit)


async def rush_and_recovery(port, sessions, rate_per_s, unloaded_s, length, pids):
    generator = openloop.Generator(port, PATH, sessions, PATIENCE_S)
    cpu_s, own_s = sum(processes.cpu_s(pids)), time.process_time()
    asked = await generator.planned(rate_per_s, length.rush_s)
    cpu_s, own_s = sum(processes.cpu_s(pids)) - cpu_s, time.process_time() - own_s
    limit_s = RECOVERED_WITHIN * unloaded_s
    recovery_s, _ = await generator.probed(limit_s, length.recovery_s)
    outcomes = await asyncio.gather(*asked)
    return summary(outcomes, rate_per_s, length.rush_s) | {
        "recovery_s": recovery_s,
        "front_cpu_share": round(cpu_s / length.rush_s, 3),
        "generator": {
            "cpu_share": round(own_s / length.rush_s, 3),
            "lag_p99_ms": ms(percentile([one.lag_s for one in outcomes], 99)),
            "late": percentile([one.lag_s for one in outcomes], 99) > LAG_MAX_S,
        },
    }


def summary(outcomes, rate_per_s, seconds):
    admitted = [one for one in outcomes if one.what == "200"]
    good = [one for one in admitted if one.latency_s <= DEADLINE_S]
    shed = [one for one in outcomes if one.what in SHED]
    failed = [one for one in outcomes if one.what != "200" and one.what not in SHED]
    late = [one for one in admitted if one.latency_s > DEADLINE_S]
    groups = {"good": good, "late": late, "shed": shed, "failed": failed}
    return {
        "offered_per_s": round(rate_per_s, 1),
        "requests": len(outcomes),
        "goodput_per_s": round(len(good) / seconds, 1),
        "admitted": times(admitted, len(outcomes)),
        "shed": times(shed, len(outcomes)),
        "failed": {what: sum(one.what == what for one in failed) for what in sorted({one.what for one in failed})},
        # By the second of their slots.
        "per_second": {name: per_second(group, seconds) for name, group in groups.items()},
    }


def times(outcomes, of):
    latencies = [one.latency_s for one in outcomes]
    both = {"p50_ms": ms(percentile(latencies, 50)), "p99_ms": ms(percentile(latencies, 99))} if latencies else {}
    return {"count": len(outcomes), "share": round(len(outcomes) / of, 4), **both}


def per_second(outcomes, seconds):
    counts = [0] * seconds
    for one in outcomes:
        counts[min(int(one.slot_s), seconds - 1)] += 1
    return counts


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)]


def ms(seconds):
    return round(seconds * 1000, 1)


def table(lines):
    headings = [
        "site", "unloaded", "good answers/s", "answered with 200", "p50", "p99", "turned away", "p50", "p99", "failed",
        "recovered after",
    ]  # fmt: skip
    rows = [
        [
            line["variant"], f"{line['unloaded_ms']:.0f} ms", line["goodput_per_s"],
            *cells(line["admitted"]), *cells(line["shed"]), sum(line["failed"].values()),
            "not" if line["recovery_s"] is None else f"{line['recovery_s']} s",
        ]
        for line in lines
    ]  # fmt: skip
    return records.table(headings, rows)


def cells(one):
    if not one["count"]:
        return ["–"] * 3
    return [f"{one['share']:.1%}", f"{one['p50_ms']:.0f} ms", f"{one['p99_ms']:.0f} ms"]
