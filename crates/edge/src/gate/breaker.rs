//! A circuit breaker for one upstream: while it fails, clients get their answer at once, and a few probes find out when
//! it is back.
//!
//! Closed, until too many calls in a row or too great a share of them fail. Then open: no call is allowed for a time that
//! doubles with each failed probe. Then half open: a few probes at once, until enough of them succeeded. Every phase has
//! its number, and a result counts only in the phase that allowed the call: one that was sent before the upstream
//! failed does not say whether it is back.

use std::time::Duration;

use super::window::Window;
use crate::limits::PROBES_MAX;

/// When a breaker opens, and how it closes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerConfig {
    /// Failures in a row that open it. From 1; [`u32::MAX`] for never.
    pub failures_in_row: u32,
    /// Failures for each hundred calls in the window that open it. 1 to 100; above, never.
    pub failure_percent: u32,
    /// Calls in the window below which their share says nothing. From 1.
    pub calls_min: u32,
    /// How far back the share looks: a second to a few minutes.
    pub window: Duration,
    /// How long it stays open at first.
    pub open_min: Duration,
    /// How long it stays open at most, after many failed probes.
    pub open_max: Duration,
    /// Probes on their way at once. 1 to [`PROBES_MAX`].
    pub probes_max: u32,
    /// Probes that must succeed before it closes. From 1.
    pub successes_to_close: u32,
    /// How long a probe may stay away before it counts as failed. Longer than the slowest good answer takes.
    pub probe_timeout: Duration,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            failures_in_row: 10,
            failure_percent: 50,
            calls_min: 20,
            window: Duration::from_secs(10),
            open_min: Duration::from_secs(1),
            open_max: Duration::from_secs(30),
            probes_max: 1,
            successes_to_close: 2,
            probe_timeout: Duration::from_secs(30),
        }
    }
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The upstream answered, be it with an error of the app's own.
    Success,
    /// It was not there or not able to: no connection, no answer in time, 502, 503, 504.
    Failure,
    /// The call ended for another reason, such as a client that went away, and says nothing.
    Abandoned,
}

/// Leave for one call. It is handed back with its outcome.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a call without an outcome teaches nothing, and a probe without one counts as failed in the end"]
pub struct CallPermit {
    phase_number: u64,
}

/// The phase a breaker is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Every call is allowed.
    Closed,
    /// None is.
    Open {
        /// When the upstream will be tried again, on the caller's clock.
        until: Duration,
    },
    /// Probes are.
    HalfOpen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Closed {
        failures_in_row: u32,
    },
    Open {
        until: Duration,
    },
    HalfOpen {
        probes_out: u32,
        successes: u32,
        /// When the probe that was sent last is given up, and with it all the others.
        answer_by: Duration,
    },
}

#[derive(Clone, Copy, Debug)]
struct Position {
    phase: Phase,
    number: u64,
    /// How long it was open last.
    open_for: Duration,
}

/// The breaker of one upstream.
#[derive(Clone, Debug)]
pub struct Breaker {
    config: BreakerConfig,
    position: Position,
    /// Calls, and apart from them failures, while closed.
    recent: Window,
}

impl Breaker {
    /// A closed one.
    pub fn new(config: BreakerConfig) -> Self {
        let phase = Phase::Closed { failures_in_row: 0 };
        let position = Position { phase, number: 0, open_for: Duration::ZERO };
        Self { config, position, recent: Window::new(config.window) }
    }

    /// Leave for a call now, or `None` when the upstream is left alone.
    pub fn allow(&mut self, now: Duration) -> Option<CallPermit> {
        self.position = self.at(now);
        match &mut self.position.phase {
            Phase::Closed { .. } => {}
            Phase::Open { .. } => return None,
            Phase::HalfOpen { probes_out, answer_by, .. } => {
                if *probes_out >= self.config.probes_max.clamp(1, PROBES_MAX) {
                    return None;
                }
                *probes_out += 1;
                *answer_by = now.saturating_add(self.config.probe_timeout);
            }
        }
        Some(CallPermit { phase_number: self.position.number })
    }

    /// What became of a call that was allowed.
    #[expect(clippy::needless_pass_by_value, reason = "a permit is good for one call")]
    pub fn record(&mut self, permit: CallPermit, outcome: Outcome, now: Duration) {
        self.position = self.at(now);
        if permit.phase_number != self.position.number {
            return;
        }
        match self.position.phase {
            Phase::Closed { failures_in_row } => self.record_closed(failures_in_row, outcome, now),
            Phase::Open { .. } => {}
            Phase::HalfOpen { probes_out, successes, answer_by } => {
                let successes = successes + u32::from(outcome == Outcome::Success);
                if outcome == Outcome::Failure {
                    self.position = self.reopened(self.position, now);
                } else if successes >= self.config.successes_to_close.max(1) {
                    self.close();
                } else {
                    let probes_out = probes_out.saturating_sub(1);
                    self.position.phase = Phase::HalfOpen { probes_out, successes, answer_by };
                }
            }
        }
    }

    /// The phase at this time.
    pub fn state(&self, now: Duration) -> State {
        match self.at(now).phase {
            Phase::Closed { .. } => State::Closed,
            Phase::Open { until } => State::Open { until },
            Phase::HalfOpen { .. } => State::HalfOpen,
        }
    }

    /// What time alone has made of the phase.
    fn at(&self, now: Duration) -> Position {
        let mut position = self.position;
        if let Phase::HalfOpen { probes_out: 1.., answer_by, .. } = position.phase
            && now >= answer_by
        {
            position = self.reopened(position, answer_by);
        }
        if let Phase::Open { until } = position.phase
            && now >= until
        {
            position.phase = Phase::HalfOpen { probes_out: 0, successes: 0, answer_by: until };
            position.number += 1;
        }
        position
    }

    fn record_closed(&mut self, failures_in_row: u32, outcome: Outcome, now: Duration) {
        if outcome == Outcome::Abandoned {
            return;
        }
        let is_failure = outcome == Outcome::Failure;
        let slice = self.recent.at(now);
        slice.calls = slice.calls.saturating_add(1);
        slice.marked = slice.marked.saturating_add(u32::from(is_failure));
        let failures_in_row = if is_failure { failures_in_row.saturating_add(1) } else { 0 };
        self.position.phase = Phase::Closed { failures_in_row };
        if is_failure && (self.is_row_too_long(failures_in_row) || self.is_share_too_great(now)) {
            let open_for = self.config.open_min;
            self.position = opened(self.position, open_for, now);
        }
    }

    fn is_row_too_long(&self, failures_in_row: u32) -> bool {
        self.config.failures_in_row != u32::MAX && failures_in_row >= self.config.failures_in_row
    }

    fn is_share_too_great(&mut self, now: Duration) -> bool {
        let recent = self.recent.sum(now);
        let share_is_reached = u64::from(recent.marked) * 100
            >= u64::from(recent.calls) * u64::from(self.config.failure_percent);
        recent.calls >= self.config.calls_min && share_is_reached
    }

    /// After a failed probe.
    fn reopened(&self, position: Position, since: Duration) -> Position {
        let open_for = position.open_for.saturating_mul(2).min(self.config.open_max);
        opened(position, open_for.max(self.config.open_min), since)
    }

    fn close(&mut self) {
        let phase = Phase::Closed { failures_in_row: 0 };
        self.position = Position { phase, number: self.position.number + 1, open_for: Duration::ZERO };
        self.recent.clear();
    }
}

fn opened(position: Position, open_for: Duration, since: Duration) -> Position {
    let phase = Phase::Open { until: since.saturating_add(open_for) };
    Position { phase, number: position.number + 1, open_for }
}

#[cfg(test)]
mod tests;
