"""Management commands as units of work.

A command called inside another unit, by ``call_command`` in a view, a test or another command, is part of that unit.
"""

from functools import wraps

from escala_agent.hooks.units import Unit, current

#: Commands that last until somebody ends them: what happens inside are the units. Those derived from them, as the
#: ``runserver`` of ``django.contrib.staticfiles`` is, are no units either.
_UNENDING = frozenset(
    f"django.core.management.commands.{name}" for name in ("dbshell", "runserver", "shell", "test", "testserver")
)


def _base(module):
    original = module.BaseCommand.execute

    @wraps(original)
    def execute(self, *arguments, **options):
        if current() is not None or _is_unending(type(self)):
            return original(self, *arguments, **options)
        command = type(self).__module__
        with Unit("command", command.rpartition(".")[2], command) as unit:
            try:
                return original(self, *arguments, **options)
            except module.CommandError as error:
                unit.status = error.returncode & 0xFF if isinstance(error.returncode, int) else 1
                raise

    module.BaseCommand.execute = execute


def _is_unending(command_class):
    return any(base.__module__ in _UNENDING for base in command_class.__mro__)


HOOKS = {"django.core.management.base": _base}
