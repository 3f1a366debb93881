"""Entry point: makes this directory importable as a package whose name no project uses, and serves."""

import importlib.util
import os
import sys

PACKAGE = "_escala_replay"


def load_package(directory):
    """Imports the directory as `PACKAGE`: its modules must not shadow the project's `worker`, `client` and the like."""
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(directory, "__init__.py"), submodule_search_locations=[directory]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    load_package(os.path.dirname(os.path.abspath(__file__)))
    from _escala_replay.worker import main

    sys.exit(main())
