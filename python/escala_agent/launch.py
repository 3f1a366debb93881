"""Starting in this interpreter: is somebody recording, and can this interpreter carry the agent?

No thread, no socket, no import of Django. Whatever happens here, nothing is raised.
"""

import os
import stat
import sys

#: File in the store by which a running ``escala run`` is found where the environment does not tell.
LIVE = "live"

#: Far more than the few paths in it.
LIVE_BYTES_MAX = 1 << 16

_started = False


def start(store=None, asked_for=False):
    """Start the agent, once; nobody recording is no error. What was ``asked_for`` and cannot be is said aloud."""
    global _started
    if _started:
        return
    try:
        if not os.environ.get("ESCALA_SOCKET"):
            live = read_live(find_live() if store is None else os.path.join(store, LIVE))
            if not live.get("ESCALA_SOCKET"):
                return
            # As `escala run` would have done: the workers that this process starts are of the same run.
            os.environ.update(live)
        _started = True
        journal("python %d.%d.%d started" % sys.version_info[:3])
        reason = unsupported()
        if reason is None:
            from escala_agent import arm

            arm.on_import_of_django()
        else:
            journal("unsupported " + reason)
            if asked_for:
                say("this process is not observed: " + reason)
    except Exception as error:
        journal("disarmed %s: %s" % (type(error).__name__, error))
        say("the agent could not start; the app goes on without it (%s: %s)" % (type(error).__name__, error))


def unsupported():
    """Why this interpreter cannot carry the agent; none when it can."""
    if sys.version_info < (3, 10):
        return "Python %d.%d is too old, the agent needs 3.10 or newer" % tuple(sys.version_info[:2])
    if sys.implementation.name != "cpython":
        return "%s is not CPython" % sys.implementation.name
    # Also with its lock switched on: the extension is built for the other layout of objects.
    if "t" in getattr(sys, "abiflags", "") or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return "this is a free-threaded build of CPython"
    return None


def find_live():
    """The nearest live file, in the current directory or above it; none when there is none."""
    directory = os.getcwd()
    while True:
        path = os.path.join(directory, ".escala", LIVE)
        if os.path.lexists(path):
            return path
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def read_live(path):
    """The variables that ``escala run`` wrote for this user; empty when it did not.

    The file says where this process sends what it sees, so it must be nobody else's: a stranger can put a file into
    some directory above this one.
    """
    if path is None:
        return {}
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return {}
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
            return {}
        text = os.read(descriptor, LIVE_BYTES_MAX).decode(sys.getfilesystemencoding(), "surrogateescape")
    finally:
        os.close(descriptor)
    pairs = [entry.split("=", 1) for entry in text.split("\0") if "=" in entry]
    return dict(pair for pair in pairs if pair[0].startswith("ESCALA_"))


def journal(event):
    """One line for ``escala run``; see its ``ESCALA_JOURNAL``."""
    path = os.environ.get("ESCALA_JOURNAL")
    if not path:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            line = "%d %s\n" % (os.getpid(), event.replace("\n", " "))
            os.write(descriptor, line.encode("utf-8", "replace"))
        finally:
            os.close(descriptor)
    except OSError:
        pass


def say(line):
    """One line on standard error; where that is closed, nobody is told."""
    try:
        sys.stderr.write("escala: %s\n" % line.replace("\n", " "))
    except Exception:
        pass
