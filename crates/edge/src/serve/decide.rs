//! Whether a request is the cache's business, what its answer is stored under, and who may have it.

mod django;

use sha2::{Digest, Sha256};

use crate::cache::UnixMs;
use crate::cache::conditional;
use crate::cache::key;
use crate::cache::status::Forwarded;
use crate::cache::stored::Stored;
use crate::cache::storing::{Refusal, Rules};
use crate::cache::vary::Variant;
use crate::config::{Audience, Config, Profile, Route};
use crate::disk::Worth;
use crate::http::target::is_ambiguous;
use crate::http::{Fields, Name, RequestHead};
use crate::limits::DISK_LIFETIME_S_MIN;
use crate::serve::cookies::Learned;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The app answers it.
    Pass(Forwarded),
    /// The cache may answer it. Its key was written.
    Cache(Terms),
}

/// On what terms the cache answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// For whom a stored response must be.
    pub(crate) audience: Audience,
    /// Whether the app is asked for many when nothing is stored.
    pub(crate) fills: Fills,
}

/// Whether the app is asked for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fills {
    /// Yes.
    Always,
    /// Once it has said of this URL, in an answer to somebody, that it may be kept: nothing is asked for twice in vain.
    Promised,
    /// No: the client is somebody.
    Never,
}

/// The rules for a path; none for a path that might be read as another one.
pub(crate) fn route_of<'a>(config: &'a Config, path: &[u8]) -> Option<&'a Route> {
    if config.routes.is_empty() || is_ambiguous(path) {
        return None;
    }
    config.routes.iter().find(|route| route.path.matches(path))
}

/// Decides, and writes the key.
pub(crate) fn decide(config: &Config, learned: &Learned, head: &RequestHead, key: &mut Vec<u8>) -> Way {
    if !head.method.is_cacheable() {
        return Way::Pass(Forwarded::Method);
    }
    if head.target.first() != Some(&b'/') || head.fields.has(Name::Upgrade) {
        return Way::Pass(Forwarded::Bypass("upgrade"));
    }
    if conditional::is_for_the_app(&head.fields) {
        return Way::Pass(Forwarded::Bypass("precondition"));
    }
    let route = route_of(config, head.path());
    if route.is_some_and(|route| route.is_passed) {
        return Way::Pass(Forwarded::Bypass("route"));
    }
    match config.cache.profile {
        Profile::Rfc => {
            key::begin(head.scheme, &head.host, &head.target, key);
            Way::Cache(Terms { audience: Audience::Anonymous, fills: Fills::Always })
        }
        Profile::Django => django::decide(config, learned, head, route, key),
    }
}

/// What all keys of a URL begin with: the way to purge them.
pub(crate) fn url_key(config: &Config, head: &RequestHead, target: &[u8], key: &mut Vec<u8>) {
    let mut stripped = Vec::new();
    let target = match config.cache.profile {
        Profile::Rfc => target,
        Profile::Django => {
            config.cache.ignored_parameters.strip(target, &mut stripped);
            &stripped
        }
    };
    key::begin(head.scheme, &head.host, target, key);
}

/// What is stored.
pub(crate) fn rules(config: &Config, route: Option<&Route>, status: u16) -> Rules {
    let if_error_s = route.and_then(|route| route.if_error_s).unwrap_or(config.cache.if_error_s);
    let is_saved = route.is_some_and(|route| route.is_saved);
    match config.cache.profile {
        Profile::Rfc => Rules { if_error_s, is_saved, ..Rules::RFC },
        Profile::Django => Rules {
            refuses_set_cookie: true,
            guesses_lifetime: false,
            // A rule is meant for pages, not for what went wrong with them.
            default_lifetime_s: lifetime_s(config, route).filter(|_| is_a_page(status)),
            while_revalidate_s: route.and_then(|route| route.while_revalidate_s),
            if_error_s,
            is_saved,
        },
    }
}

/// In the shadow, every page is taken for one that may be kept; a saved one is kept for when the app cannot be asked.
fn lifetime_s(config: &Config, route: Option<&Route>) -> Option<u64> {
    let assumed = config.cache.is_shadow.then_some(config.cache.shadow_lifetime_s);
    let is_saved = route.is_some_and(|route| route.is_saved);
    route.and_then(|route| route.lifetime_s).or(assumed).or(is_saved.then_some(0))
}

/// What a response that is stored is worth on disk. In the shadow it is nothing: what is taken for cacheable need not be.
pub(crate) fn worth(
    config: &Config,
    route: Option<&Route>,
    key: &[u8],
    stored: &Stored,
    now: UnixMs,
) -> Option<Worth> {
    let is_brief = !stored.timing.is_fresh(now.saturating_add(DISK_LIFETIME_S_MIN * 1_000));
    let is_of_saved_route = route.is_some_and(|route| route.is_saved);
    let is_kept = is_of_saved_route || (config.cache.disk.is_some() && !is_brief);
    // A client can make up any number of queries, and of pages that are not there.
    let is_page = stored.status < 400 && !key::target(key).contains(&b'?');
    let worth = Worth { is_saved: is_of_saved_route && is_page, is_brief };
    (is_kept && !config.cache.is_shadow).then_some(worth)
}

/// What keys are made by, and what is not in them, as a number that is the same after a restart: a response on disk that
/// was stored under other rules is not served under these.
pub(crate) fn key_rules(config: &Config, route: Option<&Route>) -> u64 {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    match config.cache.profile {
        Profile::Rfc => add("rfc"),
        Profile::Django => {
            let is_for_everyone = route.is_some_and(|route| route.audience == Audience::Everyone);
            add(if is_for_everyone { "django, for everyone" } else { "django" });
            let names = [&config.cache.keyed_fields, &config.cache.cookies.keyed];
            for name in names.into_iter().flat_map(|names| names.iter().map(|name| &**name).chain([""])) {
                add(name);
            }
        }
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn is_a_page(status: u16) -> bool {
    matches!(status, 200 | 203 | 301 | 308 | 404 | 410)
}

/// A fill's request: what it carries, and what its answer depends upon.
#[derive(Debug)]
pub(crate) struct Closed {
    /// Path and query.
    pub(crate) target: Vec<u8>,
    /// All fields that are sent.
    pub(crate) fields: Fields,
}

/// What is sent to ask for many. In the profile for Django it is a function of the key, and of nothing else that a client
/// says: the app cannot make the answer for anybody.
pub(crate) fn closed(config: &Config, head: &RequestHead, vary_names: &[Box<[u8]>]) -> Closed {
    match config.cache.profile {
        Profile::Rfc => Closed { target: head.target.clone(), fields: head.fields.clone() },
        Profile::Django => django::closed(config, head, vary_names),
    }
}

/// What an answer depends upon besides its key.
///
/// # Errors
/// When it depends upon everything, or upon more than is told apart.
pub(crate) fn variant(config: &Config, response: &Fields, fill: &Fields) -> Result<Variant, Refusal> {
    match config.cache.profile {
        Profile::Rfc => Variant::of(response, fill, |_| false),
        Profile::Django => Variant::of(response, fill, |name| django::is_in_key(config, name)),
    }
}

/// Who may see a stored answer.
pub(crate) fn audience(config: &Config, route: Option<&Route>, response: &Fields) -> Audience {
    match config.cache.profile {
        Profile::Rfc => Audience::Anonymous,
        Profile::Django => django::audience(route, response),
    }
}

/// Whether stored texts are compressed: the RFC has a cache send what the app sent.
pub(crate) fn compresses(config: &Config) -> bool {
    config.cache.compresses.unwrap_or(config.cache.profile == Profile::Django)
}

#[cfg(test)]
mod tests;
