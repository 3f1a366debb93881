//! Querysets, to-one relations, compilers and cursors.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString};

use super::descriptors::relation_of;
use crate::guard::guard;
use crate::stand_in::{Call, Returned, beside_exception};
use crate::{active, clock, current, glances};

/// A new `Query`, by whatever manager or none: a queryset makes one when it is constructed and clones it from then on.
pub(super) fn query_constructed<'py>(call: &Call<'py>) -> Returned<'py> {
    let returned = call.forward()?;
    guard(|| {
        let py = call.py();
        let Some(query) = call.argument(0, "self") else { return Ok(()) };
        let class = query.get_type();
        // Those that write have no instances to trace; somebody's own class of query has.
        if !class.is(call.helper()) && class.module()?.to_cow()? == "django.db.models.sql.subqueries" {
            return Ok(());
        }
        match current::active(py) {
            Some(active) => {
                active.get().mark_origin(&query);
                Ok(())
            }
            None => active::mark_origin(&query),
        }
    });
    Some(returned)
}

/// A queryset is asked for its instances; again and again, by `len()`, as a condition, by iteration.
pub(super) fn queryset_evaluated<'py>(call: &Call<'py>) -> Returned<'py> {
    let py = call.py();
    let mut evaluating = None;
    guard(|| {
        let Some(queryset) = call.argument(0, "self") else { return Ok(()) };
        if !queryset.getattr(intern!(py, "_result_cache"))?.is_none() {
            if glances::are_open() && glances::asked_by(py, &call.helper())?.is_none() {
                rows_read(&queryset);
            }
            return Ok(());
        }
        evaluating = current::active(py).map(|active| {
            let query = active.get().queries_so_far();
            (active, queryset, query)
        });
        Ok(())
    });
    let returned = call.forward()?;
    if let Some((active, queryset, query)) = evaluating {
        guard(|| {
            let instances = queryset.getattr(intern!(py, "_result_cache"))?;
            // Those with prefetches were told of before these.
            if !queryset.getattr(intern!(py, "_prefetch_related_lookups"))?.is_truthy()? {
                active.get().result_set(&queryset, &instances);
            }
            let rows = instances.cast::<PyList>().map_or(0, PyListMethods::len);
            if rows >= glances::ROWS_MIN
                && let Some(query) = query
                && let Some(ask) = glances::asked_by(py, &call.helper())?
            {
                active.get().with(py, |state| {
                    state.glances.open(&queryset, query, ask, rows);
                    Ok(())
                });
            }
            Ok(())
        });
    }
    Some(returned)
}

/// A queryset is asked for one of its instances, for a slice of them, or whether it has one: those that are there are
/// looked at without an evaluation.
pub(super) fn queryset_indexed<'py>(call: &Call<'py>) -> Returned<'py> {
    if glances::are_open() {
        guard(|| {
            if let Some(queryset) = call.argument(0, "self") {
                rows_read(&queryset);
            }
            Ok(())
        });
    }
    call.forward()
}

fn rows_read(queryset: &Bound<'_, PyAny>) {
    let py = queryset.py();
    if let Some(active) = current::active(py) {
        active.get().with(py, |state| {
            state.glances.read(queryset);
            Ok(())
        });
    }
}

/// A to-one descriptor makes the queryset of one instance's relation. With other arguments it is a prefetch's.
pub(super) fn to_one_loaded<'py>(call: &Call<'py>) -> Returned<'py> {
    let (Some(instance), Some(active)) = (call.only_keyword("instance"), current::active(call.py())) else {
        return call.forward();
    };
    active.get().enter_descriptor(call.py());
    let queryset = call.forward();
    beside_exception(call.py(), || active.get().leave_descriptor(call.py()));
    let queryset = queryset?;
    guard(|| {
        if let Some(descriptor) = call.argument(0, "self") {
            let relation = relation_of(&descriptor, &call.helper())?;
            active.get().mark_load(&queryset, relation, &instance, 0);
        }
        Ok(())
    });
    Some(queryset)
}

/// A compiler is about to run its query.
pub(super) fn compiler_entered<'py>(call: &Call<'py>) -> Returned<'py> {
    if let Some(active) = current::active(call.py()) {
        guard(|| {
            if let Some(compiler) = call.argument(0, "self") {
                active.get().enter_compiler(&compiler.getattr(intern!(call.py(), "query"))?);
            }
            Ok(())
        });
    }
    call.forward()
}

/// A cursor runs a statement, once or for each of many rows. One that fails took its time, too.
pub(super) fn statement_run<'py>(call: &Call<'py>) -> Returned<'py> {
    let Some(active) = current::active(call.py()) else { return call.forward() };
    let started_ns = clock::perf_counter_ns();
    let returned = call.forward();
    let ended_ns = clock::perf_counter_ns();
    let record = || {
        guard(|| {
            let py = call.py();
            let (Some(cursor), Some(sql)) = (call.argument(0, "self"), call.argument(1, "sql")) else {
                return Ok(());
            };
            let alias = cursor.getattr(intern!(py, "db"))?.getattr(intern!(py, "alias"))?;
            let rows = cursor.getattr(intern!(py, "cursor"))?.getattr(intern!(py, "rowcount"))?;
            let parameters = call.argument(2, "params");
            let alias = alias.cast::<PyString>()?;
            active.get().query(&sql, parameters.as_deref(), alias, started_ns..ended_ns, &rows);
            Ok(())
        });
    };
    if returned.is_some() {
        record();
    } else {
        beside_exception(call.py(), record);
    }
    returned
}
