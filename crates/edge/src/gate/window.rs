//! Counts over the last few seconds, in a fixed number of slices.

use std::time::Duration;

const SLICES: usize = 10;

/// Calls, and those of them that are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) calls: u32,
    pub(super) marked: u32,
}

/// A sliding window. It forgets slice by slice: what it sums up began between nine tenths of its length and its whole
/// length ago.
#[derive(Clone, Debug)]
pub(super) struct Window {
    slice_ns: u128,
    slices: [Tally; SLICES],
    /// The number of the newest slice since the epoch.
    newest: u128,
}

impl Window {
    pub(super) fn new(length: Duration) -> Self {
        let slice_ns = length.as_nanos().div_ceil(SLICES as u128).max(1);
        Self { slice_ns, slices: [Tally::default(); SLICES], newest: 0 }
    }

    /// The slice of this time, to count in. A time before the newest slice counts there.
    pub(super) fn at(&mut self, now: Duration) -> &mut Tally {
        let number = now.as_nanos() / self.slice_ns;
        let passed = number.saturating_sub(self.newest).min(SLICES as u128);
        self.newest = self.newest.max(number);
        for back in 0..passed {
            self.slices[position(self.newest - back)] = Tally::default();
        }
        &mut self.slices[position(self.newest)]
    }

    /// Everything in the window.
    pub(super) fn sum(&mut self, now: Duration) -> Tally {
        self.at(now);
        self.slices.iter().fold(Tally::default(), |sum, slice| Tally {
            calls: sum.calls.saturating_add(slice.calls),
            marked: sum.marked.saturating_add(slice.marked),
        })
    }

    pub(super) fn clear(&mut self) {
        self.slices = [Tally::default(); SLICES];
    }
}

fn position(number: u128) -> usize {
    (number % SLICES as u128) as usize
}

#[cfg(test)]
mod tests;
