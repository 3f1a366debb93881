//! Nearest-rank quantiles: every figure shown is one that was measured.

use crate::Quantiles;

const NS_PER_MS: f64 = 1e6;

pub(crate) fn ms(duration_ns: u64) -> f64 {
    duration_ns as f64 / NS_PER_MS
}

impl Quantiles {
    /// Of values as they are.
    pub(crate) fn of(values: Vec<u64>) -> Self {
        Self::scaled(values, |value| value as f64)
    }

    /// Of nanoseconds, in milliseconds.
    pub(crate) fn of_ns(durations_ns: Vec<u64>) -> Self {
        Self::scaled(durations_ns, ms)
    }

    fn scaled(mut values: Vec<u64>, scale: fn(u64) -> f64) -> Self {
        values.sort_unstable();
        let rank = |percent| scale(nearest_rank(&values, percent));
        Self { p50: rank(50), p95: rank(95), p99: rank(99), max: rank(100) }
    }
}

/// The smallest value that at least `percent` of the sorted values do not exceed; 0 when there are none.
fn nearest_rank(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests;
