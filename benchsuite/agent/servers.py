"""Servers of one site under every variant, all up at the same time, each with a database of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import processes
from client import Client
from variants import BIN

HERE = Path(__file__).resolve().parent
BOOKSTORE = HERE.parents[1] / "samples" / "bookstore"

#: How long a server may take until it answers.
START_PATIENCE_S = 120
#: How long one may take to end.
STOP_PATIENCE_S = 30

#: Of the person's environment, what must not reach the sites.
FOREIGN = ("DATABASE_URL", "DEBUG", "PYTHONPATH", "DJANGO_SETTINGS_MODULE", "GUNICORN_CMD_ARGS", "SECRET_KEY")


class Server:
    def __init__(self, variant, port, process, log):
        self.variant = variant
        self.port = port
        self.process = process
        self.log = log
        self.worker = None

    def wait(self):
        started = time.monotonic()
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.variant.name} ended before it answered:\n{self.log.read_text()}")
            try:
                Client(self.port, "/health/", keep_alive=False).get()
                break
            except OSError:
                if time.monotonic() - started > START_PATIENCE_S:
                    raise RuntimeError(f"{self.variant.name} does not answer:\n{self.log.read_text()}") from None
                time.sleep(0.1)
        self.worker = processes.innermost(self.process.pid)

    def pin(self, server_cpu, other_cpu):
        """The recorder of Escala stands where the sink of the peers stands: beside the client."""
        processes.pin(self.process.pid, other_cpu)
        (arbiter,) = processes.children(self.process.pid) if self.variant.name == "escala" else (self.process.pid,)
        for pid in (arbiter, self.worker):
            processes.pin(pid, server_cpu)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def make_site(parent):
    """A copy of the bookstore with what the benchmark adds, so that Escala sees both as the project."""
    site = Path(parent) / "site"
    shutil.copytree(BOOKSTORE, site, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3", ".escala"))
    shutil.copytree(HERE / "site", site, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return site


@contextmanager
def sink():
    """The port of a collector that swallows everything."""
    port = free_port()
    process = subprocess.Popen([sys.executable, HERE / "sink.py", str(port)])
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def running(variants, site, urls, options, sink_port):
    """Servers by name of variant, each started, answering, and stopped in the end."""
    with ExitStack() as stack:
        servers = {}
        for variant in variants:
            server = _start(variant, site, urls[variant.name], options, sink_port)
            stack.callback(server.stop)
            servers[variant.name] = server
        for server in servers.values():
            server.wait()
        yield servers


def _start(variant, site, url, options, sink_port):
    port = free_port()
    gunicorn = [
        str(BIN / "gunicorn"), "--no-control-socket", "--workers=1", f"--bind=127.0.0.1:{port}",
        f"--worker-class={'gthread' if options.keep_alive else 'sync'}", "--threads=1", "--timeout=300",
        "measured.wsgi",
    ]  # fmt: skip
    # Of its own, because Escala's lock and store lie in the project.
    own = site.parent / f"{variant.name}-{url.partition(':')[0]}"
    if not own.exists():
        shutil.copytree(site, own)
    log = own.with_suffix(".log")
    process = subprocess.Popen(
        variant.command(gunicorn, sink_port),
        cwd=own,
        env=environment(variant, url, options, sink_port) | variant.environment(sink_port),
        stdin=subprocess.DEVNULL,
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
    )
    return Server(variant, port, process, log)


def environment(variant, url, options, sink_port):
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": f"measured.settings.{variant.settings}",
        "MEASURED_CONN_MAX_AGE": options.conn_max_age,
        "MEASURED_SINK_PORT": str(sink_port),
    }


def manage(site, environment, *arguments):
    subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=site, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
