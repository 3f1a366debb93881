"""The programs that the campaign runs and does not bring along."""

import os
import re
import shutil
import subprocess

from problems import Problem

#: The Debian package of each.
PACKAGES = {
    "nginx": "nginx",
    "varnishd": "varnish",
    "wrk": "wrk",
    "h2load": "nghttp2-client",
    "node": "nodejs",
    "npm": "npm",
}

#: What prints a program's version, and how to find it there.
VERSIONS = {
    "nginx": (["-v"], r"nginx/([\w.]+)"),
    "varnishd": (["-V"], r"varnish-([\w.]+)"),
    "wrk": (["-v"], r"wrk (?:debian/)?(\S+)"),
    "h2load": (["--version"], r"nghttp2/([\w.]+)"),
    "node": (["--version"], r"v([\w.]+)"),
}


def find(name):
    # Debian keeps servers where a person's PATH does not lead.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise Problem(f"{name} was not found: install it (Debian: apt-get install {PACKAGES[name]}) and run this again")
    return found


def version(name):
    arguments, pattern = VERSIONS[name]
    said = subprocess.run([find(name), *arguments], capture_output=True, text=True, check=False)
    found = re.search(pattern, said.stdout + said.stderr)
    return found[1] if found else "unknown"
