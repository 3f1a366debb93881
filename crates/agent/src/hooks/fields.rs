//! Columns that may have been deferred.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::descriptors::{column_of, relation_of};
use crate::current;
use crate::guard::guard;
use crate::stand_in::{Call, Returned, beside_exception};

/// A column of an instance is read. As a rule its value is there: that of a foreign key comes by this way each time,
/// any other only when it was deferred.
pub(super) fn column_read<'py>(call: &Call<'py>) -> Returned<'py> {
    let py = call.py();
    let mut loading = None;
    if let (Some(descriptor), Some(instance)) = (call.argument(0, "self"), call.argument(1, "instance"))
        && !instance.is_none()
    {
        guard(|| {
            if has_value(&descriptor, &instance)? {
                return Ok(());
            }
            loading = current::active(py);
            if let Some(active) = &loading {
                let relation = relation_of(&descriptor, &call.helper())?;
                active.get().enter_load(relation, &instance, false, Some(instance.get_type().as_any()), None);
            }
            Ok(())
        });
    }
    let returned = call.forward();
    if let Some(active) = loading {
        beside_exception(py, || active.get().leave_load(py));
    }
    returned
}

/// Whether the value of this column is among the instance's.
fn has_value(descriptor: &Bound<'_, PyAny>, instance: &Bound<'_, PyAny>) -> PyResult<bool> {
    let values = instance.getattr(intern!(instance.py(), "__dict__"))?;
    values.cast::<PyDict>().map_or(Ok(false), |values| values.contains(column_of(descriptor)?))
}
