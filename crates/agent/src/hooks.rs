//! What happens around Django's functions on the hot path: those that run for every request, queryset and query.
//!
//! Each is the middle of a [`stand_in`](crate::stand_in): it looks whether a unit of work runs, tells it what is about
//! to happen or has happened, and lets Django's own function do the work. The modules of Python's `hooks/` put them in
//! place, and have a part here when they have such functions; those that run seldom are theirs.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::stand_in::Around;

mod descriptors;
mod fields;
mod orm;
pub(crate) mod requests;

/// What is done around the function that goes by this name in Python's `hooks/`.
pub(crate) fn around(function: &str) -> PyResult<Around> {
    Ok(match function {
        "BaseHandler.get_response" => requests::request_handled,
        "Query.__init__" => orm::query_constructed,
        "QuerySet._fetch_all" => orm::queryset_evaluated,
        "QuerySet.__getitem__" => orm::queryset_indexed,
        "SQLCompiler.execute_sql" => orm::compiler_entered,
        "CursorWrapper.execute" => orm::statement_run,
        "ForwardManyToOneDescriptor.get_queryset" => orm::to_one_loaded,
        "DeferredAttribute.__get__" => fields::column_read,
        other => return Err(PyValueError::new_err(format!("nothing stands in for {other}"))),
    })
}
