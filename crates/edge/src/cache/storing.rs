//! Whether a response may be stored for many (RFC 9111 §3), and how it ages then.

use super::control::ResponseControl;
use super::freshness::{
    Exchange, Timing, explicit_s, heuristic_s, initial_age_ms, is_heuristically_cacheable,
};
use crate::http::{Fields, Name};

/// What is asked beyond the RFC, or let go of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The app's cookies make a response somebody's own, whatever it says of itself.
    pub refuses_set_cookie: bool,
    /// A response that says nothing of its lifetime gets one from its last change.
    pub guesses_lifetime: bool,
    /// A lifetime for responses that say nothing of it, in seconds.
    pub default_lifetime_s: Option<u64>,
    /// Added to what the response says of being served stale during a refresh, in seconds.
    pub while_revalidate_s: Option<u64>,
    /// How long a stale response is kept for the time that the app cannot be asked, unless it forbids that, in seconds.
    pub if_error_s: u64,
    /// It is kept for that time however old it gets, unless it forbids that.
    pub is_saved: bool,
}

impl Rules {
    /// What RFC 9111 allows, and nothing else.
    pub const RFC: Self = Self {
        refuses_set_cookie: false,
        guesses_lifetime: true,
        default_lifetime_s: None,
        while_revalidate_s: None,
        if_error_s: 3_600,
        is_saved: false,
    };
}

/// A response that came, and what it is an answer to.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Its status.
    pub status: u16,
    /// Its fields.
    pub fields: &'a Fields,
    /// Whether the request carried credentials.
    pub is_authorized: bool,
    /// When they were sent.
    pub exchange: Exchange,
}

/// Why a response is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Its status is no final one, or means a part or a change of something stored.
    Status,
    /// `no-store`.
    NoStore,
    /// `private`.
    Private,
    /// Made for somebody's credentials, and not said to be for all.
    Authorization,
    /// It sets a cookie.
    SetCookie,
    /// `Vary: *`, or upon more than can be told apart.
    Vary,
    /// Nothing says how long it is fresh.
    NoLifetime,
    /// It is stale at once and cannot be validated.
    Useless,
    /// It is longer than anything that is stored.
    TooLarge,
    /// What it says of its length is not what came.
    Incomplete,
    /// Something was purged while it was on its way.
    Purged,
    /// The fill carried what is not in its key.
    NotClosed,
    /// It depends upon a field that was not sent with the fill.
    NotSent,
}

impl Refusal {
    /// A word for logs and for `Cache-Status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::NoStore => "no-store",
            Self::Private => "private",
            Self::Authorization => "authorization",
            Self::SetCookie => "set-cookie",
            Self::Vary => "vary",
            Self::NoLifetime => "no-lifetime",
            Self::Useless => "stale-at-once",
            Self::TooLarge => "too-large",
            Self::Incomplete => "incomplete",
            Self::Purged => "purged",
            Self::NotClosed => "not-closed",
            Self::NotSent => "not-sent",
        }
    }
}

/// How the response ages if it is stored.
///
/// # Errors
/// Why it is not.
pub fn decide(answer: &Answer<'_>, rules: &Rules) -> Result<Timing, Refusal> {
    let control = ResponseControl::read(answer.fields);
    permitted(answer, &control, rules)?;
    let lifetime_s =
        explicit_s(answer.fields, &control, answer.exchange).or(rules.default_lifetime_s).or_else(|| {
            let guess = || heuristic_s(answer.status, answer.fields, &control, answer.exchange);
            rules.guesses_lifetime.then(guess).flatten()
        });
    let has_validator = answer.fields.has(Name::Etag) || answer.fields.has(Name::LastModified);
    let may_be_kept = rules.guesses_lifetime && is_heuristically_cacheable(answer.status);
    let lifetime_s = match lifetime_s {
        Some(lifetime_s) => lifetime_s,
        // It has to be asked for each time, and the answer may be that nothing changed.
        None if has_validator && (control.no_cache || may_be_kept) => 0,
        None => return Err(Refusal::NoLifetime),
    };
    let timing = timing(answer, &control, rules, lifetime_s);
    let is_stale = !timing.is_fresh(answer.exchange.responded);
    let is_useless = timing.while_revalidate_ms == 0 && timing.if_error_ms == 0;
    if is_stale && is_useless && !has_validator { Err(Refusal::Useless) } else { Ok(timing) }
}

fn permitted(answer: &Answer<'_>, control: &ResponseControl, rules: &Rules) -> Result<(), Refusal> {
    if answer.status < 200 || matches!(answer.status, 206 | 304) {
        return Err(Refusal::Status);
    }
    // Who understands the status need not do without (RFC 9111 §5.2.2.3).
    let is_understood = control.must_understand && is_heuristically_cacheable(answer.status);
    if control.no_store && !is_understood {
        return Err(Refusal::NoStore);
    }
    if control.private {
        return Err(Refusal::Private);
    }
    let is_for_all = control.public || control.must_revalidate || control.s_maxage.is_some();
    if answer.is_authorized && !is_for_all {
        return Err(Refusal::Authorization);
    }
    if rules.refuses_set_cookie && answer.fields.has(Name::SetCookie) {
        return Err(Refusal::SetCookie);
    }
    if answer.fields.lists(Name::Vary, b"*") { Err(Refusal::Vary) } else { Ok(()) }
}

fn timing(answer: &Answer<'_>, control: &ResponseControl, rules: &Rules, lifetime_s: u64) -> Timing {
    let while_revalidate_s = control.stale_while_revalidate.or(rules.while_revalidate_s);
    let must_revalidate = control.must_revalidate || control.proxy_revalidate || control.no_cache;
    let is_kept = !control.forbids_stale() && answer.status < 500;
    let if_error_s = match control.stale_if_error {
        _ if rules.is_saved && is_kept => u64::MAX,
        Some(if_error_s) => if_error_s,
        None if is_kept => rules.if_error_s,
        None => 0,
    };
    let unless_forbidden_ms = |seconds: u64| if must_revalidate { 0 } else { seconds.saturating_mul(1_000) };
    Timing {
        responded: answer.exchange.responded,
        initial_age_ms: initial_age_ms(answer.fields, answer.exchange),
        lifetime_ms: lifetime_s.saturating_mul(1_000),
        while_revalidate_ms: unless_forbidden_ms(while_revalidate_s.unwrap_or(0)),
        if_error_ms: unless_forbidden_ms(if_error_s),
        always_validates: control.no_cache,
    }
}

#[cfg(test)]
mod tests;
