"""Deferred fields and generic foreign keys: loads whose querysets Django makes out of sight, in code that the app may
have overridden; and instances that come from a copy or a pickle.
"""

import copy
import sys
from functools import wraps

from escala_agent import _native
from escala_agent.hooks import relations
from escala_agent.hooks.units import current


def _deferred_fields(module):
    attribute = module.DeferredAttribute
    attribute.__get__ = _native.stand_in(
        "DeferredAttribute.__get__", attribute.__get__, lambda descriptor: relations.deferred(descriptor.field)
    )


def _generic_foreign_keys(module):
    # The descriptor is a class of its own from Django 6.1 on; before, the field is its own descriptor.
    attribute = getattr(module, "GenericForeignKeyDescriptor", module.GenericForeignKey)
    content_type = module.ContentType
    original = attribute.__get__

    @wraps(original)
    def __get__(self, instance, cls=None):
        active = current() if instance is not None else None
        if active is None:
            return original(self, instance, cls)
        active.enter_load(relations.generic_foreign_key(getattr(self, "field", self)), instance, True, None, content_type)
        try:
            return original(self, instance, cls)
        finally:
            active.leave_load()

    attribute.__get__ = __get__


def _models(module):
    original = module.model_unpickle
    reconstruct = getattr(getattr(copy, "_reconstruct", None), "__code__", None)

    @wraps(original)
    def model_unpickle(model_id):
        instance = original(model_id)
        active = current()
        if active is not None:
            # copy() and deepcopy() take an instance apart as a pickle does, and hold the original meanwhile.
            caller = sys._getframe(1)
            if caller.f_code is reconstruct:
                active.restored(instance, caller.f_locals.get("x"))
            else:
                active.restored(instance, None)
        return instance

    module.model_unpickle = model_unpickle


HOOKS = {
    "django.db.models.query_utils": _deferred_fields,
    "django.contrib.contenttypes.fields": _generic_foreign_keys,
    "django.db.models.base": _models,
}
