//! How old a response is, and how long it is fresh (RFC 9111 §4.2).

use super::UnixMs;
use super::control::{ResponseControl, SECONDS_MAX};
use crate::http::{Fields, Name, date, list};

/// Share of the time since its last change for which a response without a lifetime is taken to be fresh
/// (RFC 9111 §4.2.2).
const HEURISTIC_PART: u64 = 10;

/// A heuristic lifetime is not longer than a day.
const HEURISTIC_S_MAX: u64 = 86_400;

/// When a request was sent, and when the head of its response had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Sent.
    pub requested: UnixMs,
    /// Answered.
    pub responded: UnixMs,
}

/// How a stored response ages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When its head had come.
    pub responded: UnixMs,
    /// How old it was then, in milliseconds.
    pub initial_age_ms: u64,
    /// For how long it is fresh, counted from when the app made it, in milliseconds.
    pub lifetime_ms: u64,
    /// For how long after that it may be served while a fresh one is fetched, in milliseconds.
    pub while_revalidate_ms: u64,
    /// For how long after that it may be served when no fresh one can be had, in milliseconds.
    pub if_error_ms: u64,
    /// Whether it must be revalidated each time.
    pub always_validates: bool,
}

impl Timing {
    /// Its age.
    pub fn age_ms(&self, now: UnixMs) -> u64 {
        self.initial_age_ms.saturating_add(now.saturating_sub(self.responded))
    }

    /// Its age in whole seconds, as the field `Age` has it.
    pub fn age_s(&self, now: UnixMs) -> u64 {
        (self.age_ms(now) / 1_000).min(SECONDS_MAX)
    }

    /// Whether it is fresh.
    pub fn is_fresh(&self, now: UnixMs) -> bool {
        !self.always_validates && self.age_ms(now) < self.lifetime_ms
    }

    /// Seconds until it is stale; negative since then.
    pub fn ttl_s(&self, now: UnixMs) -> i64 {
        let ms = i128::from(self.lifetime_ms) - i128::from(self.age_ms(now));
        i64::try_from(ms.div_euclid(1_000)).unwrap_or(i64::MAX)
    }

    /// Until when it is of any use.
    pub fn is_useless(&self, now: UnixMs) -> bool {
        let extra_ms = self.while_revalidate_ms.max(self.if_error_ms);
        self.age_ms(now) > self.lifetime_ms.saturating_add(extra_ms)
    }
}

/// How old a response was when it came, in milliseconds (RFC 9111 §4.2.3).
pub fn initial_age_ms(fields: &Fields, exchange: Exchange) -> u64 {
    let apparent_ms = fields.get(Name::Date).and_then(date::parse).map_or(0, |date_s| {
        // The date has no fractions: half a second late is not old.
        (exchange.responded / 1_000).saturating_sub(date_s) * 1_000
    });
    let delay_ms = exchange.responded.saturating_sub(exchange.requested);
    let corrected_ms = age_s(fields) * 1_000 + delay_ms;
    apparent_ms.max(corrected_ms)
}

/// The field `Age`: the first of several values counts, and what is no number does not.
fn age_s(fields: &Fields) -> u64 {
    let first = fields.get(Name::Age).and_then(|value| list::split(value, b',').next());
    let digits = first.map(|value| list::split(value, b';').next().unwrap_or_default());
    digits.and_then(list::number).map_or(0, |age_s| age_s.min(SECONDS_MAX))
}

/// How long the app says that a response is fresh, in seconds (RFC 9111 §4.2.1).
pub fn explicit_s(fields: &Fields, control: &ResponseControl, exchange: Exchange) -> Option<u64> {
    if let Some(lifetime_s) = control.lifetime_s() {
        return Some(lifetime_s);
    }
    if control.is_targeted || !fields.has(Name::Expires) {
        return None;
    }
    let mut lines = fields.all(Name::Expires);
    let expires_s = lines.next().filter(|_| lines.next().is_none()).and_then(date::parse);
    let date_s = fields.get(Name::Date).and_then(date::parse).unwrap_or(exchange.responded / 1_000);
    Some(expires_s.map_or(0, |expires_s| expires_s.saturating_sub(date_s)))
}

/// How long a response without a lifetime may be taken to be fresh, in seconds (RFC 9111 §4.2.2).
pub fn heuristic_s(
    status: u16,
    fields: &Fields,
    control: &ResponseControl,
    exchange: Exchange,
) -> Option<u64> {
    let is_allowed = control.public || is_heuristically_cacheable(status);
    if !is_allowed || control.no_cache || fields.lists(Name::Pragma, b"no-cache") {
        return None;
    }
    let modified_s = fields.get(Name::LastModified).and_then(date::parse)?;
    let date_s = fields.get(Name::Date).and_then(date::parse).unwrap_or(exchange.responded / 1_000);
    Some((date_s.saturating_sub(modified_s) / HEURISTIC_PART).min(HEURISTIC_S_MAX))
}

/// RFC 9110 §15.1.
pub fn is_heuristically_cacheable(status: u16) -> bool {
    matches!(status, 200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501)
}

#[cfg(test)]
mod tests;
