//! What is known not to be cacheable: such requests are not made to wait for each other.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::cache::UnixMs;
use crate::limits::MEMO_SLOTS;

/// Bits of a slot that hold a time, in seconds; the others tell keys apart.
const TIME_BITS: u32 = 32;

/// A table of fixed size. What is put in may be forgotten for what comes later, and nothing is known that was not put in,
/// but for keys whose hashes share 32 bits and a slot.
#[derive(Debug)]
pub struct Memo {
    slots: Box<[AtomicU64]>,
}

impl Default for Memo {
    fn default() -> Self {
        Self { slots: (0..MEMO_SLOTS).map(|_| AtomicU64::new(0)).collect() }
    }
}

impl Memo {
    /// Whether a key was put in and its time is not over.
    pub fn has(&self, hash: u64, now: UnixMs) -> bool {
        let slot = self.slot(hash).load(Ordering::Relaxed);
        slot >> TIME_BITS == mark(hash) && slot & u64::from(u32::MAX) > now / 1_000
    }

    /// Puts a key in for so many seconds.
    pub fn put(&self, hash: u64, now: UnixMs, seconds: u64) {
        let until = (now / 1_000 + seconds).min(u64::from(u32::MAX));
        self.slot(hash).store(mark(hash) << TIME_BITS | until, Ordering::Relaxed);
    }

    /// Takes a key out.
    pub fn forget(&self, hash: u64) {
        let slot = self.slot(hash);
        if slot.load(Ordering::Relaxed) >> TIME_BITS == mark(hash) {
            slot.store(0, Ordering::Relaxed);
        }
    }

    fn slot(&self, hash: u64) -> &AtomicU64 {
        &self.slots[hash as usize % self.slots.len()]
    }
}

fn mark(hash: u64) -> u64 {
    hash >> TIME_BITS
}

#[cfg(test)]
mod tests;
