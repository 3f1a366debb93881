"""Arming: what happens when Django is imported, and how the agent goes quiet when something is wrong."""

import os
import sys
import time

from escala_agent import imports

STARTED_AT_US = int(time.time() * 1_000_000)

#: Oldest and first unsupported Django, as ``django.VERSION[:2]``; newer ones are tried.
DJANGO_MINIMUM = (4, 2)


def journal(event):
    """One line for ``escala run``; see its ``ESCALA_JOURNAL``."""
    path = os.environ.get("ESCALA_JOURNAL")
    if not path:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, "{} {}\n".format(os.getpid(), event.replace("\n", " ")).encode())
        finally:
            os.close(descriptor)
    except OSError:
        pass


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
        from escala_agent.hooks import relations, units

        roots, excluded = _project_roots()
        native.install(roots, excluded, relations.describe_joined, units.awaiting)
        imports.when_imported(_hooks(native))
        _finish_at_exit(native)
    except Exception as error:
        journal(f"disarmed {type(error).__name__}: {error}")
        return
    journal(f"django {version} armed")


def _load_native():
    from escala_agent import _native

    return _native


def _hooks(native):
    """What to do after which module. A hook that fails switches the whole agent off."""
    from escala_agent.hooks import celery, commands, fields, iterators, orm, requests, tasks, tests, threads

    def guarded(hook):
        def run(module):
            try:
                hook(module)
            except Exception as error:
                native.disarm(f"{hook.__module__}.{hook.__name__}: {type(error).__name__}: {error}")

        return run

    def all_of(hooks):
        def run(module):
            for hook in hooks:
                hook(module)

        return run

    by_module = {}
    for part in (orm, iterators, fields, threads, requests, tests, commands, tasks, celery):
        for name, hook in part.HOOKS.items():
            by_module.setdefault(name, []).append(guarded(hook))
    return {name: all_of(hooks) for name, hooks in by_module.items()}


def _project_roots():
    """Directories of the user's code, and those inside them that are not."""
    root = os.environ.get("ESCALA_PROJECT_ROOT") or os.getcwd()
    roots = {root.rstrip("/"), os.path.realpath(root).rstrip("/")}
    # A shell that came through a link keeps the link's name in PWD, and so may the modules' file names.
    logical = os.environ.get("PWD")
    if logical and os.path.realpath(logical) == os.path.realpath(root):
        roots.add(logical.rstrip("/"))
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    excluded = {sys.prefix, sys.exec_prefix, sys.base_prefix, os.path.dirname(os.__file__), home}
    excluded |= {os.path.realpath(directory) for directory in excluded}
    # Only those inside: with Python in /usr, a project in /usr/src/app is still the user's own.
    inside = [directory for directory in excluded if any(directory.startswith(root + "/") for root in roots)]
    return sorted(roots, key=len, reverse=True), sorted(inside)


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
