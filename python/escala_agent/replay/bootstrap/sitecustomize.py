"""Runs at the start of every Python below a test run of `escala fix --prove-with`: its directory stands first on
PYTHONPATH then.

It starts the observer of tests and makes room for the user's own ``sitecustomize``. Nothing else. The syntax is that
of Python 2.7, so that an old interpreter gets a clear line instead of a traceback.
"""

import os
import sys


def _start(directory):
    """Import the observer as part of the package that replays, whose name no project uses."""
    import importlib.util

    program = os.path.join(os.path.dirname(directory), "__main__.py")
    spec = importlib.util.spec_from_file_location("_escala_replay_program", program)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.load_package(os.path.dirname(directory))
    from _escala_replay import testrun

    testrun.start(os.environ["ESCALA_TEST_RUN"])


def _run_users_sitecustomize(directory):
    """Import the module that this one hides, as Python would have done without Escala."""
    here = [entry for entry in sys.path if os.path.abspath(entry) == directory]
    for entry in here:
        sys.path.remove(entry)
    ours = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401
    except ImportError as error:
        if getattr(error, "name", "sitecustomize") != "sitecustomize":
            raise
        if ours is not None:
            sys.modules["sitecustomize"] = ours


def _main():
    directory = os.path.dirname(os.path.abspath(__file__))
    if os.environ.get("ESCALA_TEST_RUN"):
        try:
            _start(directory)
        except Exception as error:
            if sys.stderr is not None:
                sys.stderr.write("escala: these tests cannot be observed (%s)\n" % error)
    _run_users_sitecustomize(directory)


_main()
