//! What the agent knows of Django's descriptors, asked once for each: a descriptor says little and says it slowly.

use pyo3::intern;
use pyo3::prelude::*;

use crate::hasher::NumberMap;
use crate::lock::Lock;
use crate::registry::RelationNumber;

/// Descriptors that are remembered; they live as long as their models. Tests that make models by the thousand have
/// theirs asked anew each time.
const DESCRIPTORS_MAX: usize = 10_000;

/// By the descriptor's address, which is its own for as long as the entry keeps it alive.
type OfDescriptors<T> = NumberMap<usize, (Py<PyAny>, T)>;

/// The number of a descriptor's relation; `describe` is asked once for each.
pub(super) fn relation_of(
    descriptor: &Bound<'_, PyAny>,
    describe: &Bound<'_, PyAny>,
) -> PyResult<Option<RelationNumber>> {
    static RELATIONS: Lock<Option<OfDescriptors<Option<RelationNumber>>>> = Lock::new(None);
    once_for(descriptor, &RELATIONS, |relation| *relation, || describe.call1((descriptor,))?.extract())
}

/// What is known of a descriptor, or found out now.
fn once_for<T, U>(
    descriptor: &Bound<'_, PyAny>,
    known: &Lock<Option<OfDescriptors<T>>>,
    read: impl Fn(&T) -> U,
    find_out: impl FnOnce() -> PyResult<T>,
) -> PyResult<U> {
    let address = descriptor.as_ptr() as usize;
    if let Some(known) = known.take_now()
        && let Some((_, found)) = known.as_ref().and_then(|known| known.get(&address))
    {
        return Ok(read(found));
    }
    // Not held meanwhile: this runs Python.
    let found = find_out()?;
    let answer = read(&found);
    if let Some(mut known) = known.take_now() {
        let known = known.get_or_insert_default();
        if known.len() < DESCRIPTORS_MAX {
            known.insert(address, (descriptor.clone().unbind(), found));
        }
    }
    Ok(answer)
}

/// The name that a column's value has among those of an instance.
pub(super) fn column_of<'py>(descriptor: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static COLUMNS: Lock<Option<OfDescriptors<Py<PyAny>>>> = Lock::new(None);
    let py = descriptor.py();
    let name = || Ok(descriptor.getattr(intern!(py, "field"))?.getattr(intern!(py, "attname"))?.unbind());
    once_for(descriptor, &COLUMNS, |column| column.bind(py).clone(), name)
}
