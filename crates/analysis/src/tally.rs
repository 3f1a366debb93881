//! Votes for the one among several values that stands for all of them.

use std::collections::BTreeMap;

/// Values with their weights. Ordered, so that a tie has the same winner in every run.
#[derive(Clone, Debug)]
pub(crate) struct Tally<T>(BTreeMap<T, u64>);

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Ord> Tally<T> {
    pub(crate) fn add(&mut self, value: T, weight: u64) {
        let sum = self.0.entry(value).or_default();
        *sum = sum.saturating_add(weight);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        for (value, weight) in other.0 {
            self.add(value, weight);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&T, u64)> {
        self.0.iter().map(|(value, &weight)| (value, weight))
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.0.retain(|value, _| keep(value));
    }

    /// The value with the largest weight; of equals, the first in their own order.
    pub(crate) fn into_leader(self) -> Option<T> {
        // `max_by_key` keeps the last of equals.
        self.0.into_iter().rev().max_by_key(|&(_, weight)| weight).map(|(value, _)| value)
    }
}

#[cfg(test)]
mod tests;
