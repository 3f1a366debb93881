//! How the edge does, in numbers: counted by each thread for itself, added up when somebody asks.
//!
//! Receives what became of each request. Gives the text that Prometheus reads
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

mod text;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use text::{Gauges, write};

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum Outcome {
    /// Answered from the cache, fresh.
    Hit,
    /// Answered from the cache although stale: a fresh one is on its way, or cannot be had.
    Stale,
    /// Answered with what another request had asked for.
    Collapsed,
    /// Answered by the app, and stored.
    Miss,
    /// Answered by the app, for one.
    Pass,
    /// A file.
    Static,
    /// Not let in: the app has more to do than it can.
    Shed,
    /// Not let in: the client asked too often.
    Throttled,
    /// No request that can be answered.
    Refused,
    /// The app did not answer.
    Failed,
}

impl Outcome {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::Hit,
        Self::Stale,
        Self::Collapsed,
        Self::Miss,
        Self::Pass,
        Self::Static,
        Self::Shed,
        Self::Throttled,
        Self::Refused,
        Self::Failed,
    ];

    /// As it is written in metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Collapsed => "collapsed",
            Self::Miss => "miss",
            Self::Pass => "pass",
            Self::Static => "static",
            Self::Shed => "shed",
            Self::Throttled => "throttled",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Upper ends of the buckets that times are counted in, in seconds.
const BUCKETS_S: [f64; 12] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// What one thread has counted.
#[derive(Debug, Default)]
pub struct Counters {
    outcomes: [AtomicU64; Outcome::ALL.len()],
    /// By the first digit of the status.
    statuses: [AtomicU64; 6],
    bytes: AtomicU64,
    times: Histogram,
    waits: Histogram,
    /// Connections of clients that were taken.
    pub connections: AtomicU64,
}

#[derive(Debug, Default)]
struct Histogram {
    buckets: [AtomicU64; BUCKETS_S.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    fn add(&self, time: Duration) {
        let seconds = time.as_secs_f64();
        let bucket = BUCKETS_S.iter().position(|end| seconds <= *end).unwrap_or(BUCKETS_S.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Counters {
    /// Counts a request.
    pub fn note(&self, outcome: Outcome, status: u16, took: Duration, waited: Option<Duration>, bytes: u64) {
        self.outcomes[outcome as usize].fetch_add(1, Ordering::Relaxed);
        self.statuses[usize::from(status / 100).min(5)].fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.times.add(took);
        if let Some(waited) = waited {
            self.waits.add(waited);
        }
    }

    /// Requests with that outcome.
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes[outcome as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
