//! The sums of the run: its endpoints' totals and what is kept over time. Read from the database when first met, written
//! with every commit.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use observation::{Transaction, TransactionKind};
use rusqlite::Error;

use super::rows::Rows;
use crate::limits::{ENDPOINTS_CACHED_MAX, FURTHER_ENDPOINTS, Limits, ROLLUP_LEVELS};
use crate::rollup::{Rollup, bucket, ended_at_s};
use crate::totals::Totals;

/// Stands for all requests of a run where the id of an endpoint is asked for.
pub(crate) const ALL_REQUESTS: i64 = 0;

/// An endpoint, within a run.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct EndpointKey {
    pub(super) kind: TransactionKind,
    pub(super) method: String,
    pub(super) route: String,
}

/// A row of what is kept over time, within a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct BucketKey {
    pub(super) width_s: u64,
    pub(super) endpoint_id: i64,
    pub(super) started_at_s: u64,
}

/// Rows of a run, as far as they are limited.
#[derive(Clone, Copy, Default)]
pub(super) struct Endpoints {
    pub(super) all: u64,
    pub(super) rolled_up: u64,
}

/// What is in memory of them. It may be forgotten at any time between two commits.
#[derive(Default)]
pub(super) struct Tally {
    entries: HashMap<EndpointKey, Entry>,
    /// What came since the last commit, by the id of the endpoint and the second.
    arrived: HashMap<(i64, u64), Rollup>,
    /// The rows that are open.
    buckets: HashMap<BucketKey, Rollup>,
}

/// What the database has of an endpoint.
#[derive(Default)]
pub(super) struct Known {
    pub(super) id: i64,
    pub(super) rolled_up: bool,
    pub(super) totals: Totals,
}

struct Entry {
    known: Known,
    changed: bool,
}

impl Tally {
    /// Counts a transaction. `endpoints` is how many the run has; a new one is added to it.
    pub(super) fn add(
        &mut self,
        transaction: &Transaction,
        rows: &mut Rows<'_>,
        endpoints: &mut Endpoints,
        limits: &Limits,
        now_us: u64,
    ) -> Result<(), Error> {
        let key = EndpointKey {
            kind: transaction.kind,
            method: transaction.method.clone(),
            route: transaction.route.clone(),
        };
        let is_known = self.entries.contains_key(&key) || rows.has_totals(&key)?;
        let key = if is_known || endpoints.all < limits.endpoints {
            key
        } else {
            EndpointKey { method: String::new(), route: FURTHER_ENDPOINTS.to_owned(), ..key }
        };
        let entry = match self.entries.entry(key) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let known = match rows.find_totals(slot.key())? {
                    Some(known) => known,
                    None => new_endpoint(slot.key(), rows, endpoints, limits)?,
                };
                slot.insert(Entry { known, changed: false })
            }
        };
        entry.known.totals.add(transaction);
        entry.changed = true;
        let own = entry.known.rolled_up.then_some(entry.known.id);
        let shared = (transaction.kind == TransactionKind::Http).then_some(ALL_REQUESTS);
        let at_s = ended_at_s(transaction, now_us);
        for endpoint_id in own.into_iter().chain(shared) {
            self.arrived.entry((endpoint_id, at_s)).or_default().add(transaction);
        }
        Ok(())
    }

    /// Writes what has changed.
    pub(super) fn write(&mut self, rows: &mut Rows<'_>, now_us: u64) -> Result<(), Error> {
        for entry in self.entries.values_mut() {
            if std::mem::take(&mut entry.changed) {
                rows.write_totals(&entry.known)?;
            }
        }
        if self.entries.len() > ENDPOINTS_CACHED_MAX {
            self.entries.clear();
        }
        for ((endpoint_id, at_s), arrived) in self.arrived.drain() {
            for level in ROLLUP_LEVELS {
                let kept_from_s = kept_from_s(now_us, level.width_s, level.buckets);
                let started_at_s = bucket(at_s, level.width_s);
                if started_at_s >= kept_from_s {
                    let key = BucketKey { width_s: level.width_s, endpoint_id, started_at_s };
                    add_to(&mut self.buckets, key, &arrived, kept_from_s, rows)?;
                }
            }
        }
        // Those that are over are met again only by what comes late.
        self.buckets.retain(|key, _| key.started_at_s.saturating_add(key.width_s) > now_us / 1_000_000);
        Ok(())
    }

    /// Starts over from the database: what was counted since the last commit is not in it.
    pub(super) fn forget(&mut self) {
        self.entries.clear();
        self.arrived.clear();
        self.buckets.clear();
    }
}

/// Adds to a row, and writes it.
fn add_to(
    buckets: &mut HashMap<BucketKey, Rollup>,
    key: BucketKey,
    arrived: &Rollup,
    kept_from_s: u64,
    rows: &mut Rows<'_>,
) -> Result<(), Error> {
    let rollup = match buckets.entry(key) {
        Slot::Occupied(slot) => slot.into_mut(),
        Slot::Vacant(slot) => {
            let known = rows.find_rollup(key)?;
            if known.is_none() {
                // A new bucket is when old ones go: then there are never more than the level allows.
                rows.remove_rollups_before(BucketKey { started_at_s: kept_from_s, ..key })?;
            }
            slot.insert(known.unwrap_or_default())
        }
    };
    rollup.merge(arrived);
    rows.write_rollup(key, rollup)
}

fn new_endpoint(
    key: &EndpointKey,
    rows: &mut Rows<'_>,
    endpoints: &mut Endpoints,
    limits: &Limits,
) -> Result<Known, Error> {
    let rolled_up = key.kind != TransactionKind::Test && endpoints.rolled_up < limits.rolled_up_endpoints;
    endpoints.all += 1;
    endpoints.rolled_up += u64::from(rolled_up);
    let totals = Totals::default();
    Ok(Known { id: rows.insert_totals(key, rolled_up, &totals)?, rolled_up, totals })
}

/// Begin of the oldest bucket that is kept.
pub(super) fn kept_from_s(now_us: u64, width_s: u64, buckets: u64) -> u64 {
    bucket(now_us / 1_000_000, width_s).saturating_sub(width_s * (buckets - 1))
}

#[cfg(test)]
mod tests;
