//! A retry budget: retries stay a small share of requests, so that they cannot finish off an app that is failing.
//!
//! It says how many, not which: whether a request can be sent again without doing something twice is the caller's to know.

use std::time::Duration;

use super::window::Window;

/// How much may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryConfig {
    /// Retries for each hundred recent requests. 0 to 100.
    pub percent: u32,
    /// Retries per second on top, so that a quiet site can try again at all. They may come at once: up to this number
    /// times the seconds of the window.
    pub floor_per_second: u32,
    /// What counts as recent: a second to a minute.
    pub window: Duration,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self { percent: 10, floor_per_second: 1, window: Duration::from_secs(10) }
    }
}

/// The requests and retries of the last seconds. One more retry is allowed while the window holds fewer than the share of
/// its requests, plus the floor.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    config: RetryConfig,
    /// Requests, and apart from them retries.
    recent: Window,
}

impl RetryBudget {
    /// A budget that has seen nothing yet.
    pub fn new(config: RetryConfig) -> Self {
        Self { config, recent: Window::new(config.window) }
    }

    /// A request is sent for the first time.
    pub fn on_request(&mut self, now: Duration) {
        let slice = self.recent.at(now);
        slice.calls = slice.calls.saturating_add(1);
    }

    /// Whether one may be sent again. If so, it counts as sent.
    pub fn may_retry(&mut self, now: Duration) -> bool {
        let recent = self.recent.sum(now);
        let share = u128::from(recent.calls) * u128::from(self.config.percent.min(100)) / 100;
        let floor = u128::from(self.config.floor_per_second) * self.config.window.as_millis() / 1_000;
        let is_allowed = u128::from(recent.marked) < share + floor;
        if is_allowed {
            let slice = self.recent.at(now);
            slice.marked = slice.marked.saturating_add(1);
        }
        is_allowed
    }
}

#[cfg(test)]
mod tests;
