"""Runs at the start of every Python below ``escala run``, and below a test run of ``escala fix --prove-with``, because
its directory stands first on PYTHONPATH.

It starts the agent, or the observer of tests, and makes room for the user's own ``sitecustomize``. Nothing else: no
thread, no socket, no import of Django. The syntax is that of Python 2.7, so that an old interpreter gets a clear line
instead of a traceback.
"""

import os
import sys


def _start_agent(directory):
    """Import the agent from its own home, which stays off the search path: other packages may lie there."""
    home = os.path.dirname(os.path.dirname(directory))
    sys.path.insert(0, home)
    try:
        import escala_agent  # noqa: F401 - starts by itself
    except Exception as error:
        _say("the agent could not start; the app goes on without it (%s)" % error)
    finally:
        sys.path.remove(home)


def _observe_tests(directory):
    """Import the observer as part of the package that replays, whose name no project uses."""
    try:
        import importlib.util

        replay = os.path.join(os.path.dirname(directory), "replay")
        spec = importlib.util.spec_from_file_location("_escala_replay_program", os.path.join(replay, "__main__.py"))
        program = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(program)
        program.load_package(replay)
        from _escala_replay import testrun

        testrun.start(os.environ["ESCALA_TEST_RUN"])
    except Exception as error:
        _say("these tests cannot be observed (%s)" % error)


def _say(line):
    if sys.stderr is not None:
        sys.stderr.write("escala: %s\n" % line)


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
        _observe_tests(directory)
    if os.environ.get("ESCALA_SOCKET"):
        _start_agent(directory)
    _run_users_sitecustomize(directory)


_main()
