//! What a query asks of a relation, read from the `Query` object: all of it, or something a prefetch cannot answer.

use observation::Ask;
use pyo3::intern;
use pyo3::prelude::*;

use crate::sql;

/// `django.db.models.query.MAX_GET_RESULTS`: the limit that `.get()` sets to notice a second row.
const GET_LIMIT: i64 = 21;

/// What the plain `.all()` of a related manager looks like.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Base {
    /// Conditions in its WHERE clause.
    conditions: usize,
    /// Address of its ordering; clones share the tuple.
    ordering: usize,
    distinct: bool,
}

impl Base {
    /// Reads it off the queryset that the manager made. The tie to the instance may still be deferred.
    pub(crate) fn of(
        queryset: &Bound<'_, PyAny>,
        query: &Bound<'_, PyAny>,
        core_filters: u32,
    ) -> PyResult<Self> {
        let py = query.py();
        let deferred = queryset.getattr(intern!(py, "_deferred_filter"))?.is_truthy()?;
        Ok(Self {
            conditions: conditions(query)? + if deferred { core_filters as usize } else { 0 },
            ordering: query.getattr(intern!(py, "order_by"))?.as_ptr() as usize,
            distinct: query.getattr(intern!(py, "distinct"))?.is_truthy()?,
        })
    }
}

/// How a query differs from its base.
#[derive(Clone, Copy, Default)]
pub(crate) struct Narrowing {
    filtered: bool,
    reshaped: bool,
}

impl Narrowing {
    pub(crate) fn of(query: &Bound<'_, PyAny>, base: &Base) -> PyResult<Self> {
        let py = query.py();
        let truthy = |name: &Bound<'_, pyo3::types::PyString>| query.getattr(name)?.is_truthy();
        let filtered = conditions(query)? > base.conditions;
        let reshaped = query.getattr(intern!(py, "order_by"))?.as_ptr() as usize != base.ordering
            || !query.getattr(intern!(py, "high_mark"))?.is_none()
            || truthy(intern!(py, "low_mark"))?
            || truthy(intern!(py, "distinct"))? != base.distinct
            || truthy(intern!(py, "values_select"))?
            || truthy(intern!(py, "annotations"))?
            || truthy(intern!(py, "select_related"))?
            || truthy(intern!(py, "combinator"))?;
        Ok(Self { filtered, reshaped })
    }

    /// What is asked by this SQL. `count()` and `exists()` reshape the query by themselves.
    pub(crate) fn ask(self, text: &str) -> Ask {
        match sql::leading(text) {
            _ if self.filtered => Ask::Narrowed,
            sql::Leading::Count => Ask::Count,
            sql::Leading::Exists => Ask::Exists,
            sql::Leading::Other if self.reshaped => Ask::Narrowed,
            sql::Leading::Other => Ask::All,
        }
    }
}

fn conditions(query: &Bound<'_, PyAny>) -> PyResult<usize> {
    let py = query.py();
    query.getattr(intern!(py, "where"))?.getattr(intern!(py, "children"))?.len()
}

/// Whether the query cannot give more than one instance: `.get()`, `.first()`, `[:1]`.
pub(crate) fn is_single(query: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = query.py();
    // Limits are whatever the app wrote; one that is no machine integer is not small.
    let Ok(Some(high)) = query.getattr(intern!(py, "high_mark"))?.extract::<Option<i64>>() else {
        return Ok(false);
    };
    let Ok(low) = query.getattr(intern!(py, "low_mark"))?.extract::<i64>() else { return Ok(false) };
    Ok(matches!(high.saturating_sub(low), 1 | GET_LIMIT))
}
