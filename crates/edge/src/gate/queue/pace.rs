//! How fast the app works, and what that means for somebody who waits.

use std::time::Duration;

/// Requests after which a change of pace is mostly known.
const RECENT_REQUESTS: u32 = 8;

/// Requests that an average needs to be steady. The noise of a shorter one would be read as haste whenever it is low, and
/// let in more than there is time for.
const STEADY_REQUESTS: u32 = 64;

/// A measurement counts as this many times what was known, at most: one export of ten minutes does not turn every page
/// into one. A change that lasts is still followed within a few requests.
const SURPRISE_MAX: u32 = 8;

/// Below it no measurement is a surprise: what was known may be zero.
const SURPRISE_MIN: Duration = Duration::from_millis(10);

/// No request counts as longer.
const SERVICE_MAX: Duration = Duration::from_hours(1);

/// Deviations that are added to an expected wait: most waits then end before it.
const MARGIN_DEVIATIONS: u32 = 2;

/// What is known of the app's speed: how long a request keeps a worker busy.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    recent: Average<RECENT_REQUESTS>,
    steady: Average<STEADY_REQUESTS>,
    /// Of a single request from the steady average.
    deviation: Average<STEADY_REQUESTS>,
    /// When a request last went into the app or out of it.
    moved: Duration,
}

impl Pace {
    /// The greater one of what was lately and what is usual. Slowness is believed at once, since those who wait will feel
    /// it; haste after a while, and a fast app soon has proved it.
    pub(super) fn service_time(&self) -> Option<Duration> {
        (self.recent.count > 0).then(|| self.recent.mean.max(self.steady.mean))
    }

    pub(super) fn moved(&mut self, now: Duration) {
        self.moved = self.moved.max(now);
    }

    pub(super) fn learn(&mut self, served_for: Duration) {
        let surprise_max = self.recent.mean.saturating_mul(SURPRISE_MAX).max(SURPRISE_MIN);
        let is_first = self.recent.count == 0;
        let served_for = served_for.min(if is_first { SERVICE_MAX } else { surprise_max.min(SERVICE_MAX) });
        self.recent.add(served_for);
        self.steady.add(served_for);
        self.deviation.add(served_for.abs_diff(self.steady.mean));
    }

    /// How long somebody waits who has this many ahead, while all workers are busy. `None` as long as nothing is known.
    ///
    /// Each turn takes a service time divided by the workers, and together they stray as the root of their number. The
    /// first takes at least as long as nothing has moved by now: an app that hangs tells nothing by requests that leave
    /// it, since none does.
    pub(super) fn expected_wait(&self, ahead: usize, concurrency: usize, now: Duration) -> Option<Duration> {
        let workers = u32::try_from(concurrency).unwrap_or(u32::MAX).max(1);
        let turn = self.service_time()? / workers;
        let standstill = now.saturating_sub(self.moved);
        let ahead = u32::try_from(ahead).unwrap_or(u32::MAX);
        let margin = (self.deviation.mean / workers).saturating_mul(MARGIN_DEVIATIONS * ahead.isqrt());
        let turns = turn.saturating_mul(ahead).saturating_add(margin);
        Some(turn.max(standstill).saturating_add(turns))
    }
}

/// A moving average over about this many; at first the plain one, so that a slow start is soon outweighed.
#[derive(Clone, Copy, Debug, Default)]
struct Average<const WEIGHT: u32> {
    mean: Duration,
    /// At most `WEIGHT`.
    count: u32,
}

impl<const WEIGHT: u32> Average<WEIGHT> {
    fn add(&mut self, value: Duration) {
        let known = self.count.min(WEIGHT - 1);
        self.count = known + 1;
        self.mean = self.mean.saturating_mul(known).saturating_add(value) / self.count;
    }
}

#[cfg(test)]
mod tests;
