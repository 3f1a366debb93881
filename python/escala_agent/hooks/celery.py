"""Celery's tasks as units of work, with what their result backend asks of the database.

Workers of every pool and eager calls get their tasks traced by what ``build_tracer`` returns. Calling a task like a
function is no unit, as it is none for Celery.
"""

from functools import wraps

from escala_agent.hooks.units import Unit

#: States of which Celery says that the task has to be looked at.
_FAILED = frozenset(("FAILURE", "REJECTED"))


def _tracers(module):
    original = module.build_tracer
    if hasattr(original, "escala_original"):
        return

    @wraps(original)
    def build_tracer(name, *arguments, **keywords):
        trace = original(name, *arguments, **keywords)
        is_eager = bool(keywords.get("eager"))

        @wraps(trace)
        def trace_task(*arguments, **keywords):
            with Unit("task", name, in_place=is_eager) as unit:
                traced = trace(*arguments, **keywords)
                info = getattr(traced, "info", None)
                unit.status = int(getattr(info, "state", None) in _FAILED)
                return traced

        return trace_task

    build_tracer.escala_original = original
    module.build_tracer = build_tracer


# The worker's consumer took the function by name, perhaps before Django was there.
HOOKS = {"celery.app.trace": _tracers, "celery.worker.consumer.consumer": _tracers}
