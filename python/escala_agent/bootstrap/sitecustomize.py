"""Runs at the start of every Python below ``escala run``, because its directory stands first on PYTHONPATH.

It makes room for the user's own ``sitecustomize``, checks that this interpreter can carry the agent, and registers
import hooks. Nothing else: no thread, no socket, no import of Django. The syntax is that of Python 2.7, so that an
old interpreter gets a clear line instead of a traceback.
"""

import os
import sys


def _journal(event):
    path = os.environ.get("ESCALA_JOURNAL")
    if not path:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, ("%d %s\n" % (os.getpid(), event.replace("\n", " "))).encode("utf-8"))
        finally:
            os.close(descriptor)
    except OSError:
        pass


def _unsupported():
    if sys.version_info < (3, 10):
        return "Python %d.%d is too old, the agent needs 3.10 or newer" % sys.version_info[:2]
    if sys.implementation.name != "cpython":
        return "%s is not CPython" % sys.implementation.name
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return "this is a free-threaded build of CPython"
    return None


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


def _arm(directory):
    import importlib.util

    home = os.path.dirname(directory)
    spec = importlib.util.spec_from_file_location(
        "escala_agent", os.path.join(home, "__init__.py"), submodule_search_locations=[home]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["escala_agent"] = package
    spec.loader.exec_module(package)
    from escala_agent import arm

    arm.on_import_of_django()


def _main():
    directory = os.path.dirname(os.path.abspath(__file__))
    if os.environ.get("ESCALA_SOCKET"):
        _journal("python %d.%d.%d started" % sys.version_info[:3])
        reason = _unsupported()
        if reason is not None:
            _journal("unsupported " + reason)
        else:
            try:
                _arm(directory)
            except Exception as error:
                _journal("disarmed %s: %s" % (type(error).__name__, error))
    _run_users_sitecustomize(directory)


_main()
