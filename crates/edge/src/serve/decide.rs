//! Whether a request is the cache's business, and what it is stored under.

use crate::cache::conditional;
use crate::cache::key;
use crate::cache::status::Forwarded;
use crate::cache::storing::Rules;
use crate::config::{Config, Profile};
use crate::http::{Name, RequestHead};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The app answers it.
    Pass(Forwarded),
    /// The cache answers it, or keeps the answer. Its key was written.
    Cache,
}

/// Decides, and writes the key.
pub(crate) fn decide(config: &Config, head: &RequestHead, key: &mut Vec<u8>) -> Way {
    if !head.method.is_cacheable() {
        return Way::Pass(Forwarded::Method);
    }
    if head.target.first() != Some(&b'/') || head.fields.has(Name::Upgrade) {
        return Way::Pass(Forwarded::Bypass("upgrade"));
    }
    if conditional::is_for_the_app(&head.fields) {
        return Way::Pass(Forwarded::Bypass("precondition"));
    }
    match config.cache.profile {
        Profile::Rfc | Profile::Django => {
            key::begin(head.scheme, &head.host, &head.target, key);
            Way::Cache
        }
    }
}

/// What is stored.
pub(crate) fn rules(config: &Config) -> Rules {
    Rules { if_error_s: config.cache.if_error_s, ..Rules::RFC }
}

/// Whether stored texts are compressed: the RFC has a cache send what the app sent.
pub(crate) fn compresses(config: &Config) -> bool {
    config.cache.compresses.unwrap_or(config.cache.profile == Profile::Django)
}
