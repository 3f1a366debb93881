"""``escala edge``, as a person starts it."""

import os
import subprocess
from pathlib import Path

from problems import Problem
from servers.base import Server

#: What ``escala.toml`` in its working directory says, for each use. Nothing: its defaults are what is measured.
SETTINGS = {"conformance": "", "speed": "", "overload": ""}


class Escala(Server):
    name = "escala"

    @classmethod
    def version(cls):
        said = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=False)
        return said.stdout.strip().rpartition(" ")[2] or "unknown"

    def for_conformance(self):
        return self.run("conformance", "rfc")

    def for_speed(self):
        return self.run("speed", "django")

    def for_overload(self, limit=None):
        """The limit is for those who must be told."""
        return self.run("overload", "django")

    def run(self, use, profile):
        if SETTINGS[use]:
            (self.directory / "escala.toml").write_text(SETTINGS[use])
        command = [
            binary(), "edge", "--listen", f"127.0.0.1:{self.port}", "--upstream", f"127.0.0.1:{self.upstream_port}",
            "--profile", profile, "--threads", "1",
        ]  # fmt: skip
        said = f"edge: http://127.0.0.1:{self.port}/"
        return self.launch(command, lambda: said in self.log.read_text(errors="replace"), cwd=self.directory)


def binary():
    path = os.environ.get("ESCALA_BIN", "")
    if not path or not Path(path).is_file():
        raise Problem(
            "ESCALA_BIN does not name the binary: run `cargo xtask bench edge`, or leave escala out with "
            "`--servers nginx varnish`"
        )
    return path
