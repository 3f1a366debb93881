//! Querysets that were evaluated to learn how many rows they have, or whether any, and whether their rows were read after
//! all.
//!
//! A queryset keeps its rows when it is asked for their number, and gives them later without a query, by iteration or by
//! index. Both are seen (`hooks/orm.rs`), the latter for this alone: while no queryset is watched, a look at one number
//! is all that it costs.

use std::sync::atomic::{AtomicUsize, Ordering};

use observation::{Ask, Glance};
use pyo3::prelude::*;
use pyo3::types::{PyCode, PyTuple};

use crate::frames::{code_of, current_frame};

/// Fewer rows come as fast as their number does. More than the 21 that `.get()` fetches to notice a second.
pub(crate) const ROWS_MIN: usize = 25;

/// Querysets of a unit of work that are kept; each is compared with those that are read.
const KEPT_MAX: usize = 256;

/// Querysets that are watched, over all units of work of this process.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// Whether any queryset is watched.
pub(crate) fn are_open() -> bool {
    OPEN.load(Ordering::Relaxed) > 0
}

/// What the running function asks: `askers` are the codes of `QuerySet.__len__` and `__bool__`. None for any other.
pub(crate) fn asked_by(py: Python<'_>, askers: &Bound<'_, PyAny>) -> PyResult<Option<Ask>> {
    let (Some(frame), Ok(askers)) = (current_frame(py), askers.cast::<PyTuple>()) else { return Ok(None) };
    let code: Bound<'_, PyCode> = code_of(&frame)?;
    let is = |index: usize| askers.get_item(index).is_ok_and(|asker| asker.is(&code));
    Ok(if is(0) {
        Some(Ask::Count)
    } else if is(1) {
        Some(Ask::Exists)
    } else {
        None
    })
}

/// Those of one unit of work.
#[derive(Default)]
pub(crate) struct Glances {
    /// With the addresses of the querysets that are watched. One that went away may lend its address to another: reads of
    /// that one may count, so that no queryset is ever taken for unread that was read.
    entries: Vec<(Option<usize>, Glance)>,
}

impl Glances {
    /// This queryset was evaluated by its `query`. What had its address before is gone, unread.
    pub(crate) fn open(&mut self, queryset: &Bound<'_, PyAny>, query: u32, ask: Ask, rows: usize) {
        if self.entries.len() >= KEPT_MAX {
            return;
        }
        self.close(queryset);
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        let glance = Glance { query, ask, rows, read: false };
        self.entries.push((Some(queryset.as_ptr() as usize), glance));
        OPEN.fetch_add(1, Ordering::Relaxed);
    }

    /// Rows of this queryset are read.
    pub(crate) fn read(&mut self, queryset: &Bound<'_, PyAny>) {
        if let Some(glance) = self.close(queryset) {
            glance.read = true;
        }
    }

    fn close(&mut self, queryset: &Bound<'_, PyAny>) -> Option<&mut Glance> {
        let address = Some(queryset.as_ptr() as usize);
        let (watched, glance) = self.entries.iter_mut().rev().find(|(watched, _)| *watched == address)?;
        *watched = None;
        OPEN.fetch_sub(1, Ordering::Relaxed);
        Some(glance)
    }

    /// As they are observed; `queries` are kept one by one.
    pub(crate) fn observed(&self, queries: usize) -> Vec<Glance> {
        let glances = self.entries.iter().map(|(_, glance)| *glance);
        glances.filter(|glance| (glance.query as usize) < queries).collect()
    }
}

impl Drop for Glances {
    fn drop(&mut self) {
        let open = self.entries.iter().filter(|(watched, _)| watched.is_some()).count();
        OPEN.fetch_sub(open, Ordering::Relaxed);
    }
}
