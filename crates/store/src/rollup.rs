//! Transactions of one stretch of time, summed up.

use observation::Transaction;
use observation::codec::{DecodeError, Reader, Writer};

use rusqlite::Row;

use crate::encoding::{damaged, unsigned};
use crate::histogram::Histogram;

/// The columns of a row, without its key.
pub(crate) const COLUMNS: &str = "requests, errors, client_errors, queries, wall_ns, db_ns, spread";

const SERVER_ERROR: u16 = 500;
const CLIENT_ERROR: u16 = 400;

/// Transactions, summed up.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rollup {
    /// How many.
    pub requests: u64,
    /// Those answered with a status of 500 or more.
    pub errors: u64,
    /// Those answered with a status from 400 to 499.
    pub client_errors: u64,
    /// Their queries.
    pub queries: u64,
    /// Their wall time in nanoseconds.
    pub wall_ns: u64,
    /// Their time in the database in nanoseconds.
    pub db_ns: u64,
    /// Wall time of each.
    pub wall_spread_ns: Histogram,
    /// Queries of each.
    pub queries_spread: Histogram,
}

impl Rollup {
    pub(crate) fn add(&mut self, transaction: &Transaction) {
        self.requests += 1;
        self.errors += u64::from(transaction.status >= SERVER_ERROR);
        self.client_errors += u64::from((CLIENT_ERROR..SERVER_ERROR).contains(&transaction.status));
        self.queries = self.queries.saturating_add(u64::from(transaction.queries_total));
        self.wall_ns = self.wall_ns.saturating_add(transaction.wall_ns);
        self.db_ns = self.db_ns.saturating_add(transaction.db_ns);
        self.wall_spread_ns.add(transaction.wall_ns);
        self.queries_spread.add(u64::from(transaction.queries_total));
    }

    /// Counts what the other one does.
    pub fn merge(&mut self, other: &Self) {
        let sum = |one: &mut u64, other: u64| *one = one.saturating_add(other);
        sum(&mut self.requests, other.requests);
        sum(&mut self.errors, other.errors);
        sum(&mut self.client_errors, other.client_errors);
        sum(&mut self.queries, other.queries);
        sum(&mut self.wall_ns, other.wall_ns);
        sum(&mut self.db_ns, other.db_ns);
        self.wall_spread_ns.merge(&other.wall_spread_ns);
        self.queries_spread.merge(&other.queries_spread);
    }

    /// What it counts beyond an earlier state of itself.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(earlier.requests),
            errors: self.errors.saturating_sub(earlier.errors),
            client_errors: self.client_errors.saturating_sub(earlier.client_errors),
            queries: self.queries.saturating_sub(earlier.queries),
            wall_ns: self.wall_ns.saturating_sub(earlier.wall_ns),
            db_ns: self.db_ns.saturating_sub(earlier.db_ns),
            wall_spread_ns: self.wall_spread_ns.since(&earlier.wall_spread_ns),
            queries_spread: self.queries_spread.since(&earlier.queries_spread),
        }
    }

    /// What does not stand in columns of its own.
    pub(crate) fn encode_spread(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.wall_spread_ns.encode(&mut writer);
        self.queries_spread.encode(&mut writer);
        writer.into_bytes()
    }

    pub(crate) fn decode_spread(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut reader = Reader::new(bytes);
        self.wall_spread_ns = Histogram::decode(&mut reader)?;
        self.queries_spread = Histogram::decode(&mut reader)?;
        reader.finish()
    }
}

/// A row with [`COLUMNS`]. The spread may have been left out by selecting none in its place.
pub(crate) fn from_row(row: &Row<'_>) -> Result<Rollup, rusqlite::Error> {
    let sum = |name| row.get(name).map(unsigned);
    let mut rollup = Rollup {
        requests: sum("requests")?,
        errors: sum("errors")?,
        client_errors: sum("client_errors")?,
        queries: sum("queries")?,
        wall_ns: sum("wall_ns")?,
        db_ns: sum("db_ns")?,
        ..Rollup::default()
    };
    if let Some(spread) = row.get_ref("spread")?.as_blob_or_null()? {
        rollup.decode_spread(spread).map_err(damaged)?;
    }
    Ok(rollup)
}

/// When a transaction ended, in seconds since the Unix epoch: that is when it is counted. A clock that is ahead of ours
/// does not open a bucket in the future.
pub(crate) fn ended_at_s(transaction: &Transaction, now_us: u64) -> u64 {
    let ended_at_us = transaction.started_at_us.saturating_add(transaction.wall_ns / 1_000);
    ended_at_us.min(now_us) / 1_000_000
}

/// Begin of the bucket that a moment lies in.
pub(crate) fn bucket(at_s: u64, width_s: u64) -> u64 {
    at_s - at_s % width_s
}
