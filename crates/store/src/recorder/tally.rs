//! The totals of the run's endpoints: read from the database when first met, written with every commit.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use observation::{Transaction, TransactionKind};
use rusqlite::Error;

use super::rows::Rows;
use crate::limits::{ENDPOINTS_CACHED_MAX, FURTHER_ENDPOINTS};
use crate::totals::Totals;

/// An endpoint, within a run.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct EndpointKey {
    pub(super) kind: TransactionKind,
    pub(super) method: String,
    pub(super) route: String,
}

/// What is in memory of them. It may be forgotten at any time between two commits.
#[derive(Default)]
pub(super) struct Tally {
    entries: HashMap<EndpointKey, Entry>,
}

struct Entry {
    totals: Totals,
    changed: bool,
}

impl Tally {
    /// Counts a transaction. `endpoints` is how many the run has; a new one is added to it.
    pub(super) fn add(
        &mut self,
        transaction: &Transaction,
        rows: &mut Rows<'_>,
        endpoints: &mut u64,
        endpoints_max: u64,
    ) -> Result<(), Error> {
        let key = EndpointKey {
            kind: transaction.kind,
            method: transaction.method.clone(),
            route: transaction.route.clone(),
        };
        let key = if self.entries.contains_key(&key) || rows.has_totals(&key)? || *endpoints < endpoints_max {
            key
        } else {
            EndpointKey { method: String::new(), route: FURTHER_ENDPOINTS.to_owned(), ..key }
        };
        let entry = match self.entries.entry(key) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let known = rows.find_totals(slot.key())?;
                *endpoints += u64::from(known.is_none());
                slot.insert(Entry { totals: known.unwrap_or_default(), changed: false })
            }
        };
        entry.totals.add(transaction);
        entry.changed = true;
        Ok(())
    }

    /// Writes what has changed.
    pub(super) fn write(&mut self, rows: &mut Rows<'_>) -> Result<(), Error> {
        for (key, entry) in &mut self.entries {
            if std::mem::take(&mut entry.changed) {
                rows.write_totals(key, &entry.totals)?;
            }
        }
        if self.entries.len() > ENDPOINTS_CACHED_MAX {
            self.entries.clear();
        }
        Ok(())
    }

    /// Starts over from the database: what was counted since the last commit is not in it.
    pub(super) fn forget(&mut self) {
        self.entries.clear();
    }
}
