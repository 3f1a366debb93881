"""What all servers have in common."""

import sys

import processes


class Server:
    """One that runs between a client and an upstream, both on the loopback interface."""

    name: str

    def __init__(self, upstream_port, directory, cpu=None):
        self.upstream_port = upstream_port
        self.port = processes.free_port()
        #: Where HTTP/2 is spoken without TLS, from the first byte; for most it is the same port.
        self.h2c_port = self.port
        self.directory = directory / self.name
        self.directory.mkdir(parents=True)
        self.log = self.directory / "log"
        self.cpu = cpu
        self.process = None

    @classmethod
    def version(cls):
        raise NotImplementedError

    def for_conformance(self):
        """A cache as its own documentation has it, with no freshness but what the origin says."""
        raise NotImplementedError

    def for_speed(self):
        """A cache as fast as it can be made."""
        raise NotImplementedError

    def launch(self, command, ready=None, **options):
        self.process = processes.start(command, cpu=self.cpu, log=self.log, **options)
        ready = ready or (lambda: processes.listens(self.port))
        processes.wait_until(ready, self.process, self.name, self.log)
        return self

    def pids(self):
        return processes.family(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None and (complaint := processes.stop(self.process, self.name)):
            print(f"edge: {complaint}", file=sys.stderr)
