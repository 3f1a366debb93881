"""Runs at the start of every Python below ``escala run``, because its directory stands first on PYTHONPATH.

It starts the agent and makes room for the user's own ``sitecustomize``. Nothing else: no thread, no socket, no import
of Django. The syntax is that of Python 2.7, so that an old interpreter gets a clear line instead of a traceback.
"""

import os
import sys


def _start(directory):
    """Import the agent from its own home, which stays off the search path: other packages may lie there."""
    home = os.path.dirname(os.path.dirname(directory))
    sys.path.insert(0, home)
    try:
        import escala_agent  # noqa: F401 - starts by itself
    except Exception as error:
        if sys.stderr is not None:
            sys.stderr.write("escala: the agent could not start; the app goes on without it (%s)\n" % error)
    finally:
        sys.path.remove(home)


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
    if os.environ.get("ESCALA_SOCKET"):
        _start(directory)
    _run_users_sitecustomize(directory)


_main()
