"""The projects: what `projects/NAME/project.toml` says, and the tree, environment and database made from it."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from pathlib import Path

import mutants

HERE = Path(__file__).resolve().parent

#: The program that asks a site for its pages.
VISIT = HERE / "inside" / "visit.py"

#: Not of the site that its pages run: neither mutated nor searched.
SKIPPED_DIRECTORIES = frozenset({"tests", "test", "testing", "migrations", "commands", "conftest", "fixtures"})

PREPARE_TIME_MAX_S = 900


@dataclass(frozen=True)
class Project:
    """A public package and the small site around it."""

    name: str
    style: str
    #: The site: `manage.py`, settings, seed.
    site: Path
    #: Top-level packages that are copied beside `manage.py`, and mutated there.
    packages: tuple
    settings: str
    commands: tuple
    environment: dict
    #: Where everything is made.
    work: Path

    @property
    def urls(self):
        return self.site / "urls.txt" if not self.own("urls.txt").is_file() else self.own("urls.txt")

    @property
    def requirements(self):
        own = self.own("requirements.txt")
        return own if own.is_file() else self.site / "requirements.txt"

    @property
    def python(self):
        return self.work / "environment" / "bin" / "python"

    @property
    def tree(self):
        """The unmutated files."""
        return self.work / "tree"

    @property
    def data(self):
        """The seeded database, and what is beside it."""
        return self.work / "data"

    def own(self, name):
        return HERE / "projects" / self.name / name

    def variables(self, data):
        """The environment of every process of the site, with its database below `data`."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "PYTHON"))}
        return kept | {
            "DJANGO_SETTINGS_MODULE": self.settings,
            "SITE_DB": str(data / "site.sqlite3"),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        } | self.environment

    def mutations(self):
        """All eager loads of the packages, file by file."""
        found = []
        for package in self.packages:
            for file in sorted((self.tree / package).rglob("*.py")):
                path = file.relative_to(self.tree)
                if SKIPPED_DIRECTORIES.isdisjoint(path.parts[:-1]) and not path.stem.startswith("test"):
                    found += mutants.find(str(path), file.read_bytes())
        return found

    def copy_tree(self, target):
        """A tree of its own. Files are linked: whoever changes one replaces it."""
        shutil.copytree(self.tree, target, copy_function=os.link, symlinks=True)


def names():
    return sorted(path.parent.name for path in HERE.glob("projects/*/project.toml"))


def load(name, work):
    with (HERE / "projects" / name / "project.toml").open("rb") as file:
        told = tomllib.load(file)
    return Project(
        name=name,
        style=told["style"],
        site=(HERE / "projects" / name / told.get("site", "site")).resolve(),
        packages=tuple(told["packages"]),
        settings=told["settings"],
        commands=tuple(told.get("prepare", ["migrate", "seed"])),
        environment=told.get("environment", {}),
        work=work / name,
    )


def prepare(project):
    """Makes the environment, the tree and the seeded database, each once."""
    project.work.mkdir(parents=True, exist_ok=True)
    _once(project, "environment", _make_environment)
    _once(project, "tree", _make_tree)
    _once(project, "data", _make_data)


def _once(project, name, make):
    """What was not finished is made anew."""
    finished = project.work / f"{name}.finished"
    if finished.is_file():
        return
    print(f"{project.name}: making the {name}", flush=True)
    shutil.rmtree(project.work / name, ignore_errors=True)
    make(project)
    finished.touch()


def _make_environment(project):
    _run(project, [sys.executable, "-m", "venv", project.work / "environment"])
    _run(project, [project.python, "-m", "pip", "install", "--quiet", "-r", project.requirements])


def _make_tree(project):
    ignored = shutil.ignore_patterns("__pycache__", "data", "*.sqlite3")
    shutil.copytree(project.site, project.tree, ignore=ignored)
    purelib = sysconfig.get_path("purelib", "venv", {"base": str(project.work / "environment")})
    for package in project.packages:
        shutil.copytree(Path(purelib) / package, project.tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    # Bytecode once, for all the copies: whether it fits is told by the source's time and size.
    _run(project, [project.python, "-m", "compileall", "-q", "."], cwd=project.tree, tolerant=True)


def _make_data(project):
    project.data.mkdir()
    for command in project.commands:
        _run(project, [project.python, "manage.py", *command.split()], cwd=project.tree)
    # What a site writes when it is first visited is there on any site that people use: an identifier of its own,
    # thumbnails. Without it, every process that replays a request would make another one.
    _run(project, [project.python, VISIT, project.urls, "--rounds", "1"], cwd=project.tree)


def _run(project, command, cwd=None, tolerant=False):
    log = project.work / "prepare.log"
    with log.open("ab") as output:
        output.write(f"$ {' '.join(map(str, command))}\n".encode())
        output.flush()
        ended = subprocess.run(
            list(map(str, command)),
            cwd=cwd,
            env=project.variables(project.data),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            timeout=PREPARE_TIME_MAX_S,
            check=False,
        )
    if ended.returncode and not tolerant:
        raise SystemExit(f"error: {project.name}: `{' '.join(map(str, command))}` failed; see {log}")
