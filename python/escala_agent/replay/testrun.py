"""One process of a test run: the candidate's source laid over the files, and an observer beside the tests.

The run's directory, which `verify` made, holds `plan.json` with the overlay and the limits; what the processes of the
run see goes there as well (`journal`). Nothing is sent anywhere, no thread is started, and the tests see nothing of it.
"""

import importlib.util
import json
import os

from . import responses, testcases
from .journal import Journal
from .observer import Observer
from .overlay import Overlay


def start(directory):
    """Prepares this process, before anything of the project is imported."""
    with open(os.path.join(directory, "plan.json"), encoding="utf-8") as file:
        plan = json.load(file)
    observer = Observer(Journal(directory, plan["limits"]))
    Overlay(plan["overlay"], observer.imported).install()
    _imports().when_imported({**testcases.hooks(observer), **responses.hooks(observer)})


def _imports():
    """The agent's way to act after an import; a module of its package that needs nothing of the rest."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    spec = importlib.util.spec_from_file_location("_escala_replay.imports", os.path.join(package, "imports.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
