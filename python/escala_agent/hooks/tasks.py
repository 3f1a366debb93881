"""Tasks of ``django.tasks``, and of the package ``django-tasks`` that brings it to older Djangos, as units of work.

Every backend that runs tasks calls ``Task.call``, or ``Task.acall`` where it runs in an event loop: the immediate one
within ``enqueue()``, the others in a worker.
"""

from functools import wraps

from escala_agent.hooks.units import Unit


def _tasks(module):
    task = module.Task
    call, acall = task.call, task.acall

    @wraps(call)
    def _call(self, *arguments, **keywords):
        with Unit("task", self.module_path, in_place=_runs_in_place(self)):
            return call(self, *arguments, **keywords)

    @wraps(acall)
    async def _acall(self, *arguments, **keywords):
        with Unit("task", self.module_path, in_place=_runs_in_place(self)):
            return await acall(self, *arguments, **keywords)

    task.call = _call
    task.acall = _acall


def _runs_in_place(task):
    """Whether the task's backend runs it within ``enqueue()``."""
    backend = type(task.get_backend())
    return any(base.__module__.endswith("tasks.backends.immediate") for base in backend.__mro__)


HOOKS = {"django.tasks.base": _tasks, "django_tasks.base": _tasks}
