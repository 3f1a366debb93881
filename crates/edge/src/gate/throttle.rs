//! Throttling per client: the generic cell rate algorithm (GCRA, ITU-T I.371), and the fields that tell the client.
//!
//! Each key has one number, its *theoretical arrival time*: when it would have used up what it was allowed so far, had it
//! asked evenly. A request moves it by one interval, and is refused when that puts it more than a burst into the future.
//!
//! A key that nobody knows and one whose time has passed are the same thing. So a table of fixed size is enough: what it
//! forgets is forgiven, and nobody is refused because it is full.

use std::fmt::Write as _;
use std::time::Duration;

use crate::limits::THROTTLE_KEYS_MAX;

/// Slots of a set. A key is looked for in one set only, which makes a check a glance at six cache lines.
const SLOTS_PER_SET: usize = 16;

/// The longest time that is told apart, over a century: with it no sum below runs over, and no rule comes undone.
const LONGEST_NS: u64 = u64::MAX / 4;

/// Largest integer of a structured field (RFC 9651 section 3.3.1).
const STRUCTURED_INTEGER_MAX: u64 = 999_999_999_999_999;

/// How often a key may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Requests in each window, in the long run. From 1.
    pub quota: u32,
    /// The length of a window. Above zero.
    pub window: Duration,
    /// Requests that may come at once. From 1; 1 means evenly spaced, `quota` means all of a window's at once. In any
    /// window at most `quota + burst` pass.
    pub burst: u32,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is within the rule.
    Allowed {
        /// Requests that would be allowed at once after it.
        remaining: u32,
        /// When the key has its whole burst again, if it stays away.
        reset_after: Duration,
    },
    /// It is not. It was not counted: asking again does not make it worse.
    Refused {
        /// When the next one is allowed.
        retry_after: Duration,
    },
}

/// One key. All zero is a slot that nobody used, and at the same time a key that may use its whole burst.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key_hash: u64,
    /// Theoretical arrival time.
    arrival_ns: u64,
    seen_ns: u64,
}

/// The keys that came lately, under one rule.
#[derive(Clone, Debug)]
pub struct Throttle {
    interval_ns: u64,
    tolerance_ns: u64,
    sets: Vec<[Slot; SLOTS_PER_SET]>,
}

impl Throttle {
    /// A throttle for about `keys_max` keys: rounded up to a multiple of 16, at most [`THROTTLE_KEYS_MAX`]. Memory is taken
    /// at once. A rule out of range is brought into it.
    pub fn new(rule: Rule, keys_max: usize) -> Self {
        // Rounded up: the quota is never exceeded, and missed by a nanosecond per request.
        let interval_ns = to_ns(rule.window).div_ceil(u64::from(rule.quota.max(1))).max(1);
        let tolerance_ns = interval_ns.saturating_mul(u64::from(rule.burst.max(1))).min(LONGEST_NS);
        let sets = keys_max.clamp(1, THROTTLE_KEYS_MAX).div_ceil(SLOTS_PER_SET);
        Self { interval_ns, tolerance_ns, sets: vec![[Slot::default(); SLOTS_PER_SET]; sets] }
    }

    /// Counts a request of this key, unless it is refused.
    ///
    /// `key_hash` should come from a hash with a secret, such as [`std::hash::RandomState`]: whoever can choose keys that
    /// collide can make the throttle forget them.
    pub fn check(&mut self, key_hash: u64, now: Duration) -> Verdict {
        let (interval_ns, tolerance_ns) = (self.interval_ns, self.tolerance_ns);
        let now_ns = to_ns(now);
        let slot = self.slot(key_hash, now_ns);
        slot.seen_ns = now_ns;
        let used_ns = slot.arrival_ns.saturating_sub(now_ns).saturating_add(interval_ns);
        if used_ns > tolerance_ns {
            return Verdict::Refused { retry_after: Duration::from_nanos(used_ns - tolerance_ns) };
        }
        slot.arrival_ns = now_ns.saturating_add(used_ns);
        let remaining = (tolerance_ns - used_ns) / interval_ns;
        Verdict::Allowed { remaining: remaining as u32, reset_after: Duration::from_nanos(used_ns) }
    }

    /// The slot of a key, or one that is made its own. Whose burst is whole loses nothing by being forgotten; of the others
    /// the one that stayed away longest goes.
    fn slot(&mut self, key_hash: u64, now_ns: u64) -> &mut Slot {
        let set = (u128::from(key_hash) * self.sets.len() as u128) >> u64::BITS;
        let set = &mut self.sets[set as usize];
        let position = set.iter().position(|slot| slot.key_hash == key_hash).unwrap_or_else(|| {
            let worth = |slot: &Slot| (slot.arrival_ns > now_ns, slot.seen_ns);
            let victim = (0..SLOTS_PER_SET).min_by_key(|position| worth(&set[*position])).unwrap_or(0);
            set[victim] = Slot { key_hash, ..Slot::default() };
            victim
        });
        &mut set[position]
    }
}

/// Writes the value of `RateLimit`: `"default";r=50;t=30` (draft-ietf-httpapi-ratelimit-headers-10 section 4). Seconds
/// are rounded up, so that nobody is told to come too early; after a refusal `t` is what belongs into `Retry-After`.
pub fn write_rate_limit(name: &str, verdict: Verdict, value: &mut String) {
    let (remaining, window) = match verdict {
        Verdict::Allowed { remaining, reset_after } => (remaining, reset_after),
        Verdict::Refused { retry_after } => (0, retry_after),
    };
    write_string(name, value);
    write_parameter("r", remaining.into(), value);
    write_parameter("t", seconds(window), value);
}

/// Writes the value of `RateLimit-Policy`: `"default";q=100;w=60` (draft-ietf-httpapi-ratelimit-headers-10 section 3).
pub fn write_rate_limit_policy(name: &str, rule: Rule, value: &mut String) {
    write_string(name, value);
    write_parameter("q", rule.quota.max(1).into(), value);
    // The window must not be zero.
    write_parameter("w", seconds(rule.window).max(1), value);
}

/// A string of a structured field (RFC 9651 section 4.1.6). What it cannot hold is left out: such a name is the
/// operator's own mistake, and must not tear the field open.
fn write_string(text: &str, value: &mut String) {
    value.push('"');
    for char in text.chars().filter(|char| matches!(char, ' '..='~')) {
        if matches!(char, '"' | '\\') {
            value.push('\\');
        }
        value.push(char);
    }
    value.push('"');
}

fn write_parameter(name: &str, number: u64, value: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(value, ";{name}={}", number.min(STRUCTURED_INTEGER_MAX));
}

fn seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}

fn to_ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).min(LONGEST_NS)
}

#[cfg(test)]
mod tests;
