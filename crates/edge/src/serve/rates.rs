//! How often a client may ask: the same for all paths, and for paths with rules of their own.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::answer::Answer;
use crate::config::{Config, Rate, Route};
use crate::gate::Throttle;
use crate::gate::throttle::{Rule, Verdict, write_rate_limit, write_rate_limit_policy};
use crate::http::{Fields, Name};
use crate::limits::THROTTLE_KEYS_MAX;

/// Tables of who asked how often, one for each rule.
#[derive(Debug, Default)]
pub struct Rates {
    tables: Mutex<HashMap<String, (Rate, Throttle)>>,
}

/// What a client may do, and what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// When it may ask again, if it may not now.
    pub(crate) retry_after: Option<Duration>,
    /// `RateLimit`.
    pub(crate) limit: String,
    /// `RateLimit-Policy`.
    pub(crate) policy: String,
}

impl Allowance {
    /// What a client is answered that has asked too often.
    pub(crate) fn refusal(&self) -> Answer {
        let mut answer = Answer::of_the_edge(429, "you ask too often: try again in a moment");
        let seconds = self.retry_after.unwrap_or_default().as_millis().div_ceil(1_000).max(1);
        answer.head.fields.push_known(Name::RetryAfter, seconds.to_string().as_bytes());
        answer
    }

    /// Says in an answer what is left.
    pub(crate) fn tell(&self, fields: &mut Fields) {
        fields.push(b"ratelimit", self.limit.as_bytes());
        fields.push(b"ratelimit-policy", self.policy.as_bytes());
    }
}

/// The name of the rule for all paths.
const FOR_ALL: &str = "default";

impl Rates {
    /// Counts a request, and says whether it may go on; `None` where no rule says how often a client may ask.
    pub(crate) fn check(
        &self,
        config: &Config,
        route: Option<&Route>,
        client: u64,
        now: Duration,
    ) -> Option<Allowance> {
        let own = route.and_then(|route| Some((route.path.to_string(), route.rate?)));
        let (name, rate) = own.or_else(|| Some((FOR_ALL.to_owned(), config.gate.rate?)))?;
        let rule = Rule { quota: rate.requests, window: rate.window, burst: rate.burst };
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, throttle) =
            tables.entry(name.clone()).or_insert_with(|| (rate, Throttle::new(rule, THROTTLE_KEYS_MAX)));
        if *known != rate {
            // The configuration was read anew.
            (*known, *throttle) = (rate, Throttle::new(rule, THROTTLE_KEYS_MAX));
        }
        let verdict = throttle.check(client, now);
        let retry_after = match verdict {
            Verdict::Allowed { .. } => None,
            Verdict::Refused { retry_after } => Some(retry_after),
        };
        let (mut limit, mut policy) = (String::new(), String::new());
        write_rate_limit(&name, verdict, &mut limit);
        write_rate_limit_policy(&name, rule, &mut policy);
        Some(Allowance { retry_after, limit, policy })
    }
}

#[cfg(test)]
mod tests;
