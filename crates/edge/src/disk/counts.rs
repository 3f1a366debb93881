//! How the disk does, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often something happened.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    /// Once more.
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) hits: Count,
    pub(super) late: Count,
    pub(super) written: Count,
    pub(super) dropped: Count,
    pub(super) failed: Count,
    pub(super) corrupt: Count,
}

/// What is on disk, and how it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Numbers {
    /// Responses on disk.
    pub entries: usize,
    /// Bytes of them, in whole blocks.
    pub bytes: u64,
    /// Requests that a response was read for.
    pub hits: u64,
    /// Requests that did not wait for a response until it was read, or for which none was, since too many were being read.
    pub late: u64,
    /// Responses that were written.
    pub written: u64,
    /// Responses that were not written: too many waited, or there was no directory.
    pub dropped: u64,
    /// Files that the system did not let us read, write or delete.
    pub failed: u64,
    /// Files that were deleted because they were not what we had written.
    pub corrupt: u64,
    /// Responses that went for want of room.
    pub evicted: u64,
}

impl Counts {
    /// All of them, with what is there.
    pub(super) fn numbers(&self, entries: usize, bytes: u64, evicted: u64) -> Numbers {
        let read = |count: &Count| count.0.load(Ordering::Relaxed);
        Numbers {
            entries,
            bytes,
            hits: read(&self.hits),
            late: read(&self.late),
            written: read(&self.written),
            dropped: read(&self.dropped),
            failed: read(&self.failed),
            corrupt: read(&self.corrupt),
            evicted,
        }
    }
}
