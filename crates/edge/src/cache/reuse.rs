//! Whether a stored response may answer a request now (RFC 9111 §4).

use super::UnixMs;
use super::control::RequestControl;
use super::freshness::Timing;

/// What to do with a stored response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// Answer with it.
    Fresh,
    /// Answer with it, and fetch a fresh one meanwhile (RFC 5861 §3).
    WhileRevalidate,
    /// Answer with it although it is stale: the client takes it so.
    Stale,
    /// Ask the app whether it still holds.
    Validate,
}

/// Decides for a client that says what it would take.
pub fn decide(timing: &Timing, wanted: &RequestControl, now: UnixMs) -> Reuse {
    let age_ms = timing.age_ms(now);
    let is_refused = wanted.no_cache
        || wanted.max_age.is_some_and(|max_age_s| age_ms > max_age_s.saturating_mul(1_000))
        || timing.always_validates;
    if is_refused {
        return Reuse::Validate;
    }
    let fresh_ms = timing.lifetime_ms.saturating_sub(age_ms);
    if fresh_ms > 0 {
        let needs_ms = wanted.min_fresh.unwrap_or(0).saturating_mul(1_000);
        return if fresh_ms >= needs_ms { Reuse::Fresh } else { Reuse::Validate };
    }
    let stale_ms = age_ms - timing.lifetime_ms;
    if wanted.min_fresh.is_some() {
        return Reuse::Validate;
    }
    if stale_ms < timing.while_revalidate_ms {
        return Reuse::WhileRevalidate;
    }
    // What a client takes does not overrule what the app forbids.
    let is_taken = wanted.max_stale.is_some_and(|max_stale_s| stale_ms <= max_stale_s.saturating_mul(1_000));
    if is_taken && timing.if_error_ms > 0 { Reuse::Stale } else { Reuse::Validate }
}

/// Whether a stored response may be served because the app cannot be asked (RFC 9111 §4.2.4, RFC 5861 §4).
pub fn may_serve_in_error(timing: &Timing, now: UnixMs) -> bool {
    let stale_ms = timing.age_ms(now).saturating_sub(timing.lifetime_ms);
    !timing.always_validates && stale_ms <= timing.if_error_ms.max(timing.while_revalidate_ms)
}

#[cfg(test)]
mod tests;
