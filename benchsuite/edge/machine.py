"""The first line of every results file: with what it was measured, but not where."""

import os
import platform
import time
from pathlib import Path

import programs


def line(campaign, servers, tools):
    return {
        "campaign": campaign,
        "date": time.strftime("%Y-%m-%d"),
        "cpus": os.cpu_count(),
        "model": model(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "linux": platform.release(),
        "python": platform.python_version(),
        "versions": {server.name: server.version() for server in servers}
        | {tool: programs.version(tool) for tool in tools},
    }


def model():
    for text in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = text.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
