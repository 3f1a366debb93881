//! How requests were answered, counted between two reports.
//!
//! Each thread counts in a table of its own, so that none waits for another; a report puts them together. What was counted
//! under a path stays known there: a path that is asked for again costs no memory anew, and visitors who ask for thousands of
//! others do not take the place of those that are in use. A path that nobody asked for between two reports goes.
//!
//! Invariants: every request is in the next report, once; no more paths are held than [`TALLY_ROWS_MAX`], those beyond are
//! counted by their outcome; a path leaves without its query, and without what looks like a secret. Nothing here reads a
//! clock.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::HashTable;
use observation::limits::{EDGE_METHOD_BYTES_MAX, EDGE_PATH_BYTES_MAX, EDGE_ROWS_MAX};
use observation::{EdgeAnswers, EdgeFigures, EdgeOutcome, EdgeReport, EdgeRow, redact};

use crate::limits::{TALLY_ROWS_MAX, TALLY_TABLES};

/// Counts requests. Shared by all threads of an edge.
#[derive(Debug)]
pub struct Tally {
    tables: [Alone<Mutex<Table>>; TALLY_TABLES],
    /// Rows in all tables.
    rows: AtomicUsize,
    rows_max: usize,
    hasher: RandomState,
    reported_us: Mutex<u64>,
}

/// A value that shares no cache line with its neighbours.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Alone<T>(T);

#[derive(Debug, Default)]
struct Table {
    rows: HashTable<Row>,
    /// What has no row.
    further: EdgeAnswers,
}

#[derive(Debug)]
struct Row {
    hash: u64,
    /// As the client sent them.
    method: Box<[u8]>,
    path: Box<[u8]>,
    outcome: EdgeOutcome,
    /// As it may be told; none when that is the same.
    told: Option<Box<str>>,
    figures: EdgeFigures,
}

/// What tells the rows of a report apart: method, path and outcome.
type Key = (String, String, EdgeOutcome);

thread_local! {
    /// The table of this thread.
    static TABLE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The thread that comes next.
static THREADS: AtomicUsize = AtomicUsize::new(0);

impl Tally {
    /// Begins to count. Times of day are microseconds since the Unix epoch.
    pub fn new(now_us: u64) -> Self {
        Self::with_rows(now_us, TALLY_ROWS_MAX)
    }

    fn with_rows(now_us: u64, rows_max: usize) -> Self {
        Self {
            tables: Default::default(),
            rows: AtomicUsize::new(0),
            rows_max,
            hasher: RandomState::new(),
            reported_us: Mutex::new(now_us),
        }
    }

    /// Counts a request that was answered: how long from its head to the end of its answer's, how much of that it waited
    /// for a turn in the app, and the bytes that were sent. A query after the path is not looked at. Method and path are
    /// empty where none could be read.
    pub fn note(
        &self,
        method: &[u8],
        path: &[u8],
        outcome: EdgeOutcome,
        took: Duration,
        wait: Duration,
        bytes_sent: u64,
    ) {
        let method = &method[..method.len().min(EDGE_METHOD_BYTES_MAX)];
        let path = bounded(path);
        let hash = self.hasher.hash_one((path, outcome.code()));
        let mut table = lock(&self.tables[table_of_this_thread()].0);
        let is_it = |row: &Row| row.outcome == outcome && *row.path == *path && *row.method == *method;
        let figures = match table.rows.find_mut(hash, is_it) {
            Some(row) => &mut row.figures,
            None if !path.is_empty() && self.takes_a_row() => {
                let row = Row::new(hash, method, path, outcome);
                &mut table.rows.insert_unique(hash, row, |row| row.hash).into_mut().figures
            }
            None => table.further.of_mut(outcome),
        };
        figures.add(nanoseconds(took), nanoseconds(wait), bytes_sent);
    }

    /// What was counted since the last report.
    pub fn take(&self, now_us: u64) -> EdgeReport {
        let mut reported_us = lock(&self.reported_us);
        let mut found = Vec::new();
        let mut further = EdgeAnswers::default();
        for table in &self.tables {
            let mut table = lock(&table.0);
            further.merge(&std::mem::take(&mut table.further));
            let mut left = 0;
            table.rows.retain(|row| {
                let figures = std::mem::take(&mut row.figures);
                let is_in_use = figures.requests > 0;
                if is_in_use {
                    // Put in order later: a thread that wants to count waits meanwhile.
                    found.push((row.key(), figures));
                }
                left += usize::from(!is_in_use);
                is_in_use
            });
            self.rows.fetch_sub(left, Ordering::Relaxed);
        }
        let from_us = std::mem::replace(&mut *reported_us, now_us);
        EdgeReport { from_us, to_us: now_us, rows: report_rows(found, further) }
    }

    /// Whether there is room for a path that is new.
    fn takes_a_row(&self) -> bool {
        let is_free = self.rows.fetch_add(1, Ordering::Relaxed) < self.rows_max;
        if !is_free {
            self.rows.fetch_sub(1, Ordering::Relaxed);
        }
        is_free
    }
}

impl Row {
    fn new(hash: u64, method: &[u8], path: &[u8], outcome: EdgeOutcome) -> Self {
        let text = String::from_utf8_lossy(path);
        let told = match (&text, redact::path(&text)) {
            (Cow::Borrowed(_), Cow::Borrowed(_)) => None,
            (_, told) => Some(cut(&told, EDGE_PATH_BYTES_MAX).into()),
        };
        Self {
            hash,
            method: method.into(),
            path: path.into(),
            outcome,
            told,
            figures: EdgeFigures::default(),
        }
    }

    fn key(&self) -> Key {
        let method = String::from_utf8_lossy(&self.method);
        let path = match &self.told {
            Some(told) => Cow::Borrowed(&**told),
            None => String::from_utf8_lossy(&self.path),
        };
        (cut(&method, EDGE_METHOD_BYTES_MAX).to_owned(), path.into_owned(), self.outcome)
    }
}

/// The rows with most requests, and for the rest one by outcome: together they count everything.
fn report_rows(found: Vec<(Key, EdgeFigures)>, mut further: EdgeAnswers) -> Vec<EdgeRow> {
    let mut rows: BTreeMap<Key, EdgeFigures> = BTreeMap::new();
    for (key, figures) in found {
        rows.entry(key).or_default().merge(&figures);
    }
    let row = |((method, path, outcome), figures)| EdgeRow { method, path, outcome, figures };
    let mut told: Vec<EdgeRow> = rows.into_iter().map(row).collect();
    told.sort_by_key(|row| Reverse(row.figures.requests));
    for row in told.drain(told.len().min(EDGE_ROWS_MAX - EdgeOutcome::ALL.len())..) {
        further.add(row.outcome, &row.figures);
    }
    let rest = EdgeOutcome::ALL.into_iter().map(|outcome| EdgeRow {
        method: String::new(),
        path: String::new(),
        outcome,
        figures: further.of(outcome),
    });
    told.extend(rest.filter(|row| row.figures.requests > 0));
    told
}

/// A path without its query; of a longer one, the whole segments that fit: half a secret would not be known for one.
fn bounded(path: &[u8]) -> &[u8] {
    let path = memchr::memchr(b'?', path).map_or(path, |query| &path[..query]);
    match path.get(..EDGE_PATH_BYTES_MAX) {
        Some(beginning) if path.len() > EDGE_PATH_BYTES_MAX => {
            &beginning[..memchr::memrchr(b'/', beginning).map_or(0, |slash| slash + 1)]
        }
        _ => path,
    }
}

fn table_of_this_thread() -> usize {
    TABLE.with(|table| {
        table.get().unwrap_or_else(|| {
            let number = THREADS.fetch_add(1, Ordering::Relaxed) % TALLY_TABLES;
            table.set(Some(number));
            number
        })
    })
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in here is left half-done by a panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
