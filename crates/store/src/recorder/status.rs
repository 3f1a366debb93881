//! What the recorder tells about itself while it works: counts, and what went wrong.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use observation::frame::FrameError;

use crate::limits::DIAGNOSTICS_MAX;

/// Something that cost observations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A process sent something that is no frame of this version; what it sends from then on is not read.
    #[error("a process of the site is no longer listened to")]
    Frame(#[source] FrameError),
    /// A process sent observations without having said who it is.
    #[error("a process of the site is no longer listened to: it did not begin by saying who it is")]
    Unannounced,
    /// More processes are connected than the recorder serves.
    #[error("a process of the site is not listened to: {limit} others are connected already")]
    TooManyConnections {
        /// [`crate::limits::CONNECTIONS_MAX`].
        limit: usize,
    },
    /// More processes have reported in this run than the recorder keeps apart.
    #[error("observations of a process were dropped: {limit} others were recorded in this run already")]
    TooManyProcesses {
        /// [`crate::limits::PROCESSES_PER_RUN_MAX`].
        limit: u64,
    },
    /// A connection could not be accepted, served or read.
    #[error("a connection from a process of the site failed: {reason}")]
    Connection {
        /// What the operating system said.
        reason: String,
    },
    /// The database did not take observations, which are lost; later ones are tried again.
    #[error("observations could not be written to the store and were dropped: {reason}")]
    Write {
        /// What SQLite said.
        reason: String,
    },
    /// The database could not be put in order; nothing is lost.
    #[error("the store could not be tidied: {reason}")]
    Tidy {
        /// What SQLite said.
        reason: String,
    },
    /// The recorder's writer ended before its time, through a fault of its own.
    #[error("the recorder stopped writing: this is a fault of Escala")]
    Writer,
    /// Further kinds of problems than there is room for.
    #[error("further problems, not listed")]
    Further,
}

/// A problem, and how often it was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What it is.
    pub problem: Problem,
    /// How often.
    pub occurrences: u64,
}

/// Where a recorder is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Progress {
    /// Transactions in the store.
    pub transactions: u64,
    /// Transactions lost on the way, as the agents and the recorder counted them.
    pub dropped: u64,
    /// Processes that have said who they are.
    pub processes: u64,
    /// Connections closed by the recorder: over the limit, or for what came over them.
    pub connections_refused: u64,
    /// The problem met last.
    pub last_error: Option<Problem>,
}

/// Counters that any thread adds to; nobody waits for them.
#[derive(Default)]
pub(super) struct Status {
    pub(super) transactions: AtomicU64,
    pub(super) dropped: AtomicU64,
    pub(super) processes: AtomicU64,
    pub(super) connections_refused: AtomicU64,
    problems: AtomicU64,
    diagnostics: Mutex<Diagnostics>,
}

#[derive(Default)]
struct Diagnostics {
    entries: Vec<Diagnostic>,
    last: Option<Problem>,
}

impl Status {
    pub(super) fn report(&self, problem: Problem) {
        let mut diagnostics = self.lock();
        let entries = &mut diagnostics.entries;
        let known = |entries: &[Diagnostic], problem: &Problem| {
            entries.iter().position(|entry| entry.problem == *problem)
        };
        let full = entries.len() + 1 >= DIAGNOSTICS_MAX;
        let entry = match known(entries, &problem) {
            None if full => (known(entries, &Problem::Further), Problem::Further),
            at => (at, problem.clone()),
        };
        match entry {
            (Some(at), _) => entries[at].occurrences += 1,
            (None, problem) => entries.push(Diagnostic { problem, occurrences: 1 }),
        }
        diagnostics.last = Some(problem);
        self.problems.fetch_add(1, Ordering::Release);
    }

    pub(super) fn diagnostics(&self) -> Vec<Diagnostic> {
        self.lock().entries.clone()
    }

    pub(super) fn progress(&self) -> Progress {
        let any = self.problems.load(Ordering::Acquire) > 0;
        Progress {
            transactions: self.transactions.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            processes: self.processes.load(Ordering::Relaxed),
            connections_refused: self.connections_refused.load(Ordering::Relaxed),
            last_error: if any { self.lock().last.clone() } else { None },
        }
    }

    fn lock(&self) -> MutexGuard<'_, Diagnostics> {
        // Nothing in here is left half-done by a panic.
        self.diagnostics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
