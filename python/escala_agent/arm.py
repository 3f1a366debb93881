"""Arming: what happens when Django is imported, and how the agent goes quiet when something is wrong."""

import importlib
import os
import sys
import time

from escala_agent import fit, imports
from escala_agent.launch import journal, say

STARTED_AT_US = int(time.time() * 1_000_000)

#: Oldest Django, as ``django.VERSION[:2]``.
DJANGO_MINIMUM = (4, 2)

#: Newest Django that the hooks were written for. With a newer one, those that do not fit are left out.
DJANGO_NEWEST_KNOWN = (6, 1)

#: Where many interpreters live in one process, the extension's tables would be shared between them.
SUB_INTERPRETER = (
    "this is a sub-interpreter, where the agent's extension cannot run; under mod_wsgi, "
    "`WSGIApplicationGroup %{GLOBAL}` runs the site in the main one"
)


class Unsupported(Exception):
    """This process cannot be observed, by nobody's fault."""


def on_import_of_django():
    """Wait for Django. Until then nothing of the agent runs."""
    imports.when_imported({"django": _django_imported})


def _django_imported(django):
    version = ".".join(str(part) for part in django.VERSION[:3])
    if django.VERSION[:2] < DJANGO_MINIMUM:
        minimum = ".".join(map(str, DJANGO_MINIMUM))
        journal(f"unsupported Django {version} is too old, the agent needs {minimum} or newer")
        return
    try:
        native = _load_native()
        from escala_agent.hooks import relations, requests, units

        roots, sources, excluded = _places()
        native.install(
            roots,
            sources,
            excluded,
            [name for name in os.environ.get("ESCALA_NOT_SECRET", "").split(",") if name],
            relations.describe_joined,
            units.awaiting,
            (units.current, units.make_current),
            (requests.begin_request, requests.stream, requests.capture),
        )
        imports.when_imported(_hooks(native, django.VERSION[:2] > DJANGO_NEWEST_KNOWN))
        _finish_at_exit(native)
    except Unsupported as reason:
        journal(f"unsupported {reason}")
        return
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        journal(f"disarmed {reason}")
        say(f"the agent met an internal error and switched itself off; the app goes on without it ({reason})")
        return
    journal(f"django {version} armed")


def _load_native():
    # Asked first: an extension that was once refused in a sub-interpreter is refused in the main one, too.
    if _is_sub_interpreter():
        raise Unsupported(SUB_INTERPRETER)
    try:
        from escala_agent import _native
    except ImportError as error:
        if "subinterpreters" in str(error):
            raise Unsupported(SUB_INTERPRETER) from error
        raise
    return _native


def _is_sub_interpreter():
    """Whether Python says so; before 3.13 it has no public word for it, and none at all on some builds."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            interpreters = importlib.import_module(name)
            return interpreters.get_current() != interpreters.get_main()
        except (ImportError, AttributeError):
            pass
    return False


def hook_parts():
    """The modules of hooks, in the order in which those of one Django module wrap each other."""
    from escala_agent.hooks import celery, commands, connections, fields, iterators, orm, requests, tasks, tests, threads

    return orm, iterators, fields, connections, threads, requests, tests, commands, tasks, celery


def _hooks(native, django_is_newer):
    """What to do after which module. A hook that fails switches the whole agent off, but for an unknown Django."""

    def left_out(module, error):
        reason = f"{type(error).__name__}: {error}"
        say(f"{module.__name__} is not observed: this Django is newer than Escala knows ({reason})")

    def guarded(hook):
        def run(module):
            try:
                hook(module)
            except Exception as error:
                if django_is_newer:
                    left_out(module, error)
                else:
                    native.disarm(f"{hook.__module__}.{hook.__name__}: {type(error).__name__}: {error}")

        return run

    def all_of(hooks):
        def run(module):
            if django_is_newer:
                try:
                    fit.check(module)
                except Exception as error:
                    left_out(module, error)
                    return
            for hook in hooks:
                hook(module)

        return run

    by_module = {}
    for part in hook_parts():
        for name, hook in part.HOOKS.items():
            by_module.setdefault(name, []).append(guarded(hook))
    return {name: all_of(hooks) for name, hooks in by_module.items()}


def _places():
    """Directories: those that recorded paths are relative to, those of the user's code, those whose code is not."""
    root = os.environ.get("ESCALA_PROJECT_ROOT") or os.getcwd()
    resolved = os.path.realpath(root).rstrip("/")
    roots = {root.rstrip("/"), resolved}
    # A shell that came through a link keeps the link's name in PWD, and so may the modules' file names.
    logical = os.environ.get("PWD")
    if logical and os.path.realpath(logical) == resolved:
        roots.add(logical.rstrip("/"))

    def configured(variable):
        for directory in filter(None, os.environ.get(variable, "").split(os.pathsep)):
            yield directory
            if directory == resolved or directory.startswith(resolved + "/"):
                yield from (alias + directory[len(resolved) :] for alias in roots)

    sources = set(configured("ESCALA_SOURCE")) or roots
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    excluded = {sys.prefix, sys.exec_prefix, sys.base_prefix, os.path.dirname(os.__file__), home}
    excluded |= {os.path.realpath(directory) for directory in excluded}
    # Only those inside: with Python in /usr, a project in /usr/src/app is still the user's own.
    inside = {directory for directory in excluded if any(directory.startswith(source + "/") for source in sources)}
    inside |= set(configured("ESCALA_EXCLUDE"))
    return sorted(roots, key=len, reverse=True), sorted(sources), sorted(inside)


def _finish_at_exit(native):
    import atexit

    atexit.register(native.finish_process)


def announce(native):
    """Tell the native half who this process is, at the first unit of work: by then Django is configured."""
    import django
    from django.conf import settings

    # Asking settings that are not configured yet would configure them.
    configured = getattr(settings, "SETTINGS_MODULE", None) if settings.configured else None
    settings_module = configured or os.environ.get("DJANGO_SETTINGS_MODULE", "")
    native.announce(
        socket=os.environ.get("ESCALA_SOCKET", ""),
        python_version=".".join(map(str, sys.version_info[:3])),
        django_version=django.get_version(),
        executable=sys.executable or "",
        settings_module=settings_module,
        working_directory=os.getcwd(),
        module_search_path=[entry for entry in sys.path if isinstance(entry, str)],
        started_at_us=STARTED_AT_US,
    )
