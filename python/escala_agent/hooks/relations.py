"""Names for relations, made once each.

Fields and relations hash in Python and slowly, so the tables go by address; each entry keeps its object alive, which
keeps the address its own.
"""

from escala_agent import _native

#: Fields live as long as their models; tests that make models by the thousand stop being named here.
REMEMBERED_MAX = 10_000

_numbers = {}


def _remember(key, describe):
    known = _numbers.get(id(key))
    if known is not None:
        return known[0]
    number = _numbered(describe, key)
    if len(_numbers) < REMEMBERED_MAX:
        _numbers[id(key)] = (number, key)
    return number


def _numbered(describe, key):
    """The relation's number; none for somebody's own kind of field that lacks what Django's have."""
    try:
        return _native.relation(*describe(key))
    except Exception:
        return None


def forward(field):
    """A ``ForeignKey`` or ``OneToOneField``, seen from the model that has the column."""
    return _remember(field, _describe_forward)


def reverse_one_to_one(relation):
    """A ``OneToOneRel``, seen from the model without the column."""
    return _remember(relation, _describe_reverse_one_to_one)


def deferred(field):
    """A column that ``only()`` or ``defer()`` left out. Asked once per descriptor, so that nothing is remembered here."""
    return _numbered(_describe_deferred, field)


def generic_foreign_key(field):
    """A ``GenericForeignKey``; the model on the other side varies."""
    return _remember(field, _describe_generic_foreign_key)


def _describe_forward(field):
    kind = "one-to-one" if field.one_to_one else "foreign-key"
    return _row(field.model, field.name, kind, field.remote_field.model)


def _describe_reverse_one_to_one(relation):
    return _row(relation.model, relation.get_accessor_name(), "reverse-one-to-one", relation.related_model)


def _describe_deferred(field):
    return field.model._meta.label, field.name, "deferred", "", ""


def _describe_generic_foreign_key(field):
    return field.model._meta.label, field.name, "generic-foreign-key", "", ""


def reverse_foreign_key(relation):
    """The manager of a ``ManyToOneRel``."""
    return _numbered(_describe_reverse_foreign_key, relation)


def _describe_reverse_foreign_key(relation):
    return _row(relation.model, relation.get_accessor_name(), "reverse-foreign-key", relation.related_model)


def many_to_many(relation, reverse):
    """The manager of a ``ManyToManyRel``, from either side."""
    return _numbered(_describe_many_to_many_reverse if reverse else _describe_many_to_many, relation)


def _describe_many_to_many_reverse(relation):
    return _row(relation.model, relation.get_accessor_name(), "many-to-many", relation.related_model)


def _describe_many_to_many(relation):
    return _row(relation.related_model, relation.field.name, "many-to-many", relation.model)


def generic_relation(relation):
    """The manager of a ``GenericRelation``."""
    return _numbered(_describe_generic_relation, relation)


def _describe_generic_relation(relation):
    return _row(relation.field.model, relation.field.name, "generic-relation", relation.model)


def describe_joined(instance, cache_name):
    """The relation behind a name in ``instance._state.fields_cache``; none for one that is not to-one."""
    for field in instance._meta.get_fields():
        if not field.is_relation or not hasattr(field, "get_cached_value"):
            continue
        if _cache_name(field) != cache_name:
            continue
        if field.concrete and (field.many_to_one or field.one_to_one) and field.related_model is not None:
            return forward(field)
        if field.auto_created and field.one_to_one:
            return reverse_one_to_one(field)
    return None


def _cache_name(field):
    # A property from Django 5.1 on.
    name = getattr(field, "cache_name", None)
    return name if name is not None else field.get_cache_name()


def _row(model, name, kind, target):
    return model._meta.label, name, kind, target._meta.label, target.__module__
