//! What the evaluation of a query says about the instances that it gives: their set, as far as it is known before the
//! first of them.

use observation::Via;
use pyo3::intern;
use pyo3::prelude::*;

use crate::active::{Active, State, mark_of};
use crate::lineage::{SetEntry, SetNumber, SetSource};
use crate::mark::Mark;
use crate::registry::ChainNumber;
use crate::{describe, frames, registry, shape};

/// The set that this query's instances belong to, with none yet. None when nothing is known that is worth keeping.
pub(crate) fn set_of(
    active: &Active,
    state: &State,
    query: &Bound<'_, PyAny>,
    model: &Bound<'_, PyAny>,
) -> PyResult<Option<SetEntry>> {
    let mark = mark_of(query)?;
    let load = active.load_behind(state, mark);
    let (source, origin) = match load {
        Some(load) => {
            let Some(parent) = load.set.filter(|_| load.gives_instances) else { return Ok(None) };
            (SetSource::Relation { parent, relation: load.relation, via: Via::Lazy }, load.origin)
        }
        None => built(state, query, mark)?,
    };
    // A to-one relation's own.
    let is_of_one = load.is_some_and(|load| load.base.is_none());
    Ok(Some(SetEntry {
        model: describe::model_label(model)?,
        origin,
        source,
        evaluations: 1,
        instances: 0,
        single: is_of_one || shape::is_single(query)?,
        evaluated: 0,
    }))
}

/// Of a queryset that is no load: what it is part of, and where it was built.
fn built(state: &State, query: &Bound<'_, PyAny>, mark: u64) -> PyResult<(SetSource, ChainNumber)> {
    let Mark::Origin(origin) = Mark::decode(mark) else { return Ok((SetSource::QuerySet, 0)) };
    Ok(match state.prefetching.last() {
        Some(&Some((parent, relation))) => {
            (SetSource::Relation { parent, relation, via: Via::Prefetch }, origin)
        }
        Some(None) => (SetSource::QuerySet, 0),
        // Unpickled: the place where it is put to use is as far back as one can see.
        None if mark == Mark::NONE => (SetSource::QuerySet, current_chain(query.py())?),
        None => (SetSource::QuerySet, origin),
    })
}

pub(crate) fn current_chain(py: Python<'_>) -> PyResult<ChainNumber> {
    let Some(mut registry) = registry::take(py) else { return Ok(0) };
    frames::current_chain(py, &mut registry)
}

/// Whether the query's instances bring others along.
pub(crate) fn has_joins(query: &Bound<'_, PyAny>) -> PyResult<bool> {
    // Raw queries have no such thing.
    query.getattr_opt(intern!(query.py(), "select_related"))?.map_or(Ok(false), |joins| joins.is_truthy())
}

/// Unknown instances that are prefetched for belong to the iterator that prefetches: it gives them only afterwards.
pub(crate) fn adopt(
    state: &mut State,
    first: &Bound<'_, PyAny>,
    instances: &Bound<'_, PyAny>,
) -> PyResult<Option<SetNumber>> {
    let model = describe::model_label(first.get_type().as_any())?;
    let Some(set) = state.lineage.prefetching_stream(model) else { return Ok(None) };
    for instance in instances.try_iter()? {
        state.lineage.stream(set, &instance?);
    }
    Ok(Some(set))
}

/// A copy belongs to its original's set. What was unpickled came from where the app asked its cache for it.
pub(crate) fn restored(
    state: &mut State,
    instance: &Bound<'_, PyAny>,
    original: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    if let Some(original) = original {
        if let Some(set) = state.lineage.find(original)? {
            state.lineage.join(instance, set);
        }
        return Ok(());
    }
    let entry = SetEntry {
        model: describe::model_label(instance.get_type().as_any())?,
        origin: current_chain(instance.py())?,
        source: SetSource::QuerySet,
        evaluations: 1,
        instances: 1,
        single: false,
        evaluated: 0,
    };
    if let Some(set) = state.lineage.set(entry) {
        state.lineage.join(instance, set);
    }
    Ok(())
}
