//! The unit of work that is current in this thread, task or greenlet.
//!
//! It is kept in a `ContextVar` of `hooks/units.py`: only the interpreter knows when it changes from one task to another.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::active::Active;
use crate::guard::guard;

/// The variable's `get` and `set`.
static VARIABLE: PyOnceLock<(Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();

/// Sets the callables that get and set the variable.
pub(crate) fn install(py: Python<'_>, get: Py<PyAny>, set: Py<PyAny>) {
    let _ = VARIABLE.set(py, (get, set));
}

/// The unit of work, or None.
pub(crate) fn get(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    match VARIABLE.get(py) {
        Some((get, _)) => get.bind(py).call0(),
        None => Ok(py.None().into_bound(py)),
    }
}

/// Makes a unit of work current, or none.
pub(crate) fn set(unit: &Bound<'_, PyAny>) -> PyResult<()> {
    if let Some((_, set)) = VARIABLE.get(unit.py()) {
        set.bind(unit.py()).call1((unit,))?;
    }
    Ok(())
}

/// The unit of work that runs here.
pub(crate) fn active(py: Python<'_>) -> Option<Bound<'_, Active>> {
    let mut active = None;
    guard(|| {
        active = get(py)?.cast_into_exact::<Active>().ok();
        Ok(())
    });
    active
}
