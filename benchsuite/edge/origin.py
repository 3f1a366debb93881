"""The origin of the speed campaign: an nginx of its own, beside the load generator, the same for all.

Cached pages are asked of it once. What may not be cached it makes from its memory (``return 200``), over connections
that stay open, which is as cheap as an HTTP server does it: about half of what passing it on costs the servers between.
"""

import random
from pathlib import Path

import processes
import programs
from servers.nginx import FOR_EVER, wrap

#: Bytes of the pages, by path.
PAGES = {"/page/1k": 1_024, "/page/10k": 10_240, "/page/100k": 102_400}
UNCACHEABLE = "/uncacheable"
UNCACHEABLE_BYTES = 1_024

#: Another one in each answer that the origin makes: two answers with the same one are one answer.
MARK = "X-Answer"

#: What Django and its security middleware say of a page, besides what nginx says by itself. No server may compress it:
#: bytes would not be comparable.
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    MARK: "$request_id",
}
CACHED = {"Cache-Control": "public, max-age=86400, no-transform"}
NOT_CACHED = {"Cache-Control": "private, no-store, no-transform"}


class Origin:
    name = "origin"

    def __init__(self, directory, cpu):
        self.port = processes.free_port()
        directory = directory / self.name
        (directory / "root" / "page").mkdir(parents=True)
        for path, size in PAGES.items():
            Path(directory, "root", *path.split("/")).write_text(text(size))
        configuration = directory / "nginx.conf"
        configuration.write_text(wrap(self._http(directory), directory))
        log = directory / "log"
        command = [programs.find("nginx"), "-e", directory / "error.log", "-p", directory, "-c", configuration]
        self.process = processes.start(command, cpu=cpu, log=log)
        processes.wait_until(lambda: processes.listens(self.port), self.process, "the origin", log)

    def _http(self, directory):
        return f"""
            {FOR_EVER}
            sendfile on;
            default_type "text/html; charset=utf-8";
            server {{
                listen 127.0.0.1:{self.port} backlog=4096;
                {add(HEADERS)}
                location /page/ {{
                    root "{directory}/root";
                    {add(HEADERS | CACHED)}
                }}
                location = {UNCACHEABLE} {{
                    {add(HEADERS | NOT_CACHED)}
                    return 200 '{text(UNCACHEABLE_BYTES)}';
                }}
            }}
        """

    def pids(self):
        return processes.family(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        processes.stop(self.process, "the origin")


def add(headers):
    return " ".join(f'add_header {name} "{value}";' for name, value in headers.items())


def text(size):
    """Looks like a page, and has nothing in it that a configuration file would read."""
    chance = random.Random(size)
    words = ("book", "shelf", "the", "of", "paper", "reader", "and", "story", "press", "edition")
    page = "<!doctype html><title>Books</title><p>"
    while len(page) < size:
        page += chance.choice(words) + " "
    return page[:size]
