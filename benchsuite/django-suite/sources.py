"""Django's source distribution, unpacked, with an environment to run its tests in. The only part that needs a network."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PINS = HERE / "pins"
#: Copied beside Django's own tests: the recording runner, and settings that name it.
INSIDE = HERE / "inside"

#: The versions that have pins, oldest first.
VERSIONS = tuple(sorted(path.stem.removeprefix("django-") for path in PINS.glob("django-*.txt")))


@dataclass(frozen=True)
class Checkout:
    """One Django, ready to be tested."""

    version: str
    tests: Path
    python: Path


def prepare(series, work):
    """The checkout of ``series``, such as ``6.1``, below ``work``; made when it is not there yet."""
    directory = work / f"django-{series}-{_key(series)}"
    finished = directory / "finished"
    if not finished.is_file():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        _make(series, directory)
        finished.touch()
    (source,) = (path.parent for path in directory.glob("django-*/pyproject.toml"))
    for path in INSIDE.glob("*.py"):
        shutil.copy(path, source / "tests")
    return Checkout(source.name.removeprefix("django-"), source / "tests", _interpreter(directory))


def _make(series, directory):
    print(f"preparing Django {series}", file=sys.stderr)
    _run([sys.executable, "-m", "venv", directory / "env"])
    pip = [_interpreter(directory), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
    _run([*pip, "install", "--requirement", PINS / "tests.txt"])
    download = ["download", "--no-binary", ":all:", "--no-deps", "--require-hashes", "--dest", directory]
    _run([*pip, *download, "--requirement", _pin(series)])
    (archive,) = directory.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(directory, filter="data")
    archive.unlink()
    # As Django's documentation says: the tests look for files beside the package.
    (source,) = (path.parent for path in directory.glob("django-*/pyproject.toml"))
    _run([*pip, "install", "--no-deps", "--editable", source])


def _run(command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)


def _pin(series):
    return PINS / f"django-{series}.txt"


def _interpreter(directory):
    return directory / "env/bin/python"


def _key(series):
    """Another interpreter or another pin makes another checkout."""
    key = hashlib.sha256(f"{sys.executable} {sys.version}".encode())
    for path in (_pin(series), PINS / "tests.txt"):
        key.update(path.read_bytes())
    return key.hexdigest()[:16]
