//! Names of models and relations, asked of Django once and remembered.

use std::sync::Mutex;

use observation::{RelationKind, StringId};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::registry::{self, RelationEntry, RelationNumber};

/// Models, and relations behind caches, remembered by address.
const REMEMBERED_MAX: usize = 10_000;

/// Databases remembered.
const ALIASES_MAX: usize = 64;

/// Python's `describe_joined(instance, cache_name)`: a relation number or none.
static DESCRIBE_JOINED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Sets the callable that names a relation by its cache.
pub(crate) fn install(py: Python<'_>, describe_joined: Py<PyAny>) {
    let _ = DESCRIBE_JOINED.set(py, describe_joined);
}

/// `app.Model` of a model class; empty for what is none.
pub(crate) fn model_label(model: &Bound<'_, PyAny>) -> PyResult<StringId> {
    let py = model.py();
    let address = model.as_ptr() as usize;
    let Some(registry) = registry::take(py) else { return Ok(StringId(0)) };
    if let Some(&label) = registry.model_labels.get(&address) {
        return Ok(label);
    }
    // A property, and where Python code runs another thread may take over: it must not find the tables held.
    drop(registry);
    let Some(meta) = model.getattr_opt(intern!(py, "_meta"))? else { return Ok(StringId(0)) };
    let label: String = meta.getattr(intern!(py, "label"))?.extract()?;
    let Some(mut registry) = registry::take(py) else { return Ok(StringId(0)) };
    let label = registry.string(&label);
    if registry.model_labels.len() < REMEMBERED_MAX {
        registry.model_labels.insert(address, label);
    }
    Ok(label)
}

/// Whether the database behind a name takes double quotes for strings; none when it cannot be told now.
pub(crate) fn quotes_are_literals(py: Python<'_>, alias: &str) -> Option<bool> {
    static KNOWN: Mutex<Vec<(String, bool)>> = Mutex::new(Vec::new());
    let known = KNOWN.try_lock().ok()?.iter().find(|(name, _)| name == alias).map(|(_, answer)| *answer);
    if known.is_some() {
        return known;
    }
    // Not held meanwhile: this runs Django's code.
    let vendor = py
        .import(intern!(py, "django.db"))
        .and_then(|module| module.getattr(intern!(py, "connections")))
        .and_then(|connections| connections.get_item(alias)?.getattr(intern!(py, "vendor")))
        .and_then(|vendor| vendor.extract::<String>())
        .ok()?;
    let answer = vendor == "mysql";
    let mut known = KNOWN.try_lock().ok()?;
    if known.len() < ALIASES_MAX {
        known.push((alias.to_owned(), answer));
    }
    Some(answer)
}

/// Gives a relation its number.
pub(crate) fn relation(
    py: Python<'_>,
    model: &str,
    field: &str,
    kind: &str,
    target: &str,
    target_module: &str,
) -> PyResult<Option<RelationNumber>> {
    let kind = match kind {
        "foreign-key" => RelationKind::ForeignKey,
        "one-to-one" => RelationKind::OneToOne,
        "reverse-one-to-one" => RelationKind::ReverseOneToOne,
        "reverse-foreign-key" => RelationKind::ReverseForeignKey,
        "many-to-many" => RelationKind::ManyToMany,
        "generic-foreign-key" => RelationKind::GenericForeignKey,
        "deferred" => RelationKind::Deferred,
        "generic-relation" => RelationKind::GenericRelation,
        other => return Err(PyValueError::new_err(format!("unknown kind of relation: {other}"))),
    };
    let Some(mut registry) = registry::take(py) else { return Ok(None) };
    let entry = RelationEntry {
        model: registry.string(model),
        field: registry.string(field),
        kind,
        target: registry.string(target),
        target_module: registry.string(target_module),
    };
    Ok(registry.relations.intern(entry))
}

/// The relation behind a name in an instance's `_state.fields_cache`, and the label of the model it leads to.
pub(crate) fn joined_relation(
    instance: &Bound<'_, PyAny>,
    cache_name: &str,
) -> PyResult<Option<(RelationNumber, StringId)>> {
    let py = instance.py();
    let address = instance.get_type().as_ptr() as usize;
    let Some(mut registry) = registry::take(py) else { return Ok(None) };
    let key = (address, registry.string(cache_name));
    let known = registry.joined.get(&key).copied();
    drop(registry);
    let relation = if let Some(relation) = known {
        relation
    } else {
        let Some(describe) = DESCRIBE_JOINED.get(py) else { return Ok(None) };
        let relation: Option<RelationNumber> = describe.bind(py).call1((instance, cache_name))?.extract()?;
        let Some(mut registry) = registry::take(py) else { return Ok(None) };
        if registry.joined.len() < REMEMBERED_MAX {
            registry.joined.insert(key, relation);
        }
        relation
    };
    let Some(registry) = registry::take(py) else { return Ok(None) };
    Ok(relation.and_then(|number| Some((number, registry.relations.get(number)?.target))))
}
