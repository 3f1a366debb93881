//! What is cached, and for how long.

use std::path::PathBuf;

use crate::cache::key::IgnoredParameters;

/// How the cache behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// As a Django site needs it: what is stored for many was made for nobody.
    #[default]
    Django,
    /// As RFC 9111 has it, and nothing else.
    Rfc,
}

/// What is cached, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheConfig {
    /// How it behaves.
    pub profile: Profile,
    /// Whether everything is served by the app, and it is only reported what the cache would have served.
    pub is_shadow: bool,
    /// In the shadow: how long a response is taken to be fresh that says nothing of it, in seconds.
    pub shadow_lifetime_s: u64,
    /// Bytes of memory for responses.
    pub bytes_max: usize,
    /// Bytes of one response.
    pub object_bytes_max: usize,
    /// Where they are kept as well; it is read at start.
    pub disk: Option<DiskConfig>,
    /// How long a stale response is kept for the time that the app cannot be asked, in seconds.
    pub if_error_s: u64,
    /// How long a URL that cannot be cached is known for that, in seconds.
    pub uncacheable_s: u64,
    /// Whether stored texts are compressed for clients that take them so; `None` leaves it to the profile.
    pub compresses: Option<bool>,
    /// Parameters of a query that mean nothing to the app.
    pub ignored_parameters: IgnoredParameters,
    /// Which cookies mean what.
    pub cookies: Cookies,
    /// Fields of a request that are part of the key when a client sends them, in lower case, besides what the app varies
    /// by.
    pub keyed_fields: Vec<String>,
}

/// Which cookies mean what, by their names. A cookie that stands in no list and that the app has set at some time makes
/// its holder somebody; one that the app has never set is somebody else's, and means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookies {
    /// Say who somebody is: such requests are the app's.
    pub identity: Vec<String>,
    /// Choose between versions that many may see, as a language does: part of the key.
    pub keyed: Vec<String>,
    /// Mean nothing to what a page shows, although the app sets them.
    pub ignored: Vec<String>,
}

/// Responses on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskConfig {
    /// Where; what is ours lies in `responses/` in it. One process uses it at a time, and another one waits for that.
    pub directory: PathBuf,
    /// Bytes of all of them, in whole blocks of 4 KiB.
    pub bytes_max: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            profile: Profile::Django,
            is_shadow: false,
            shadow_lifetime_s: 60,
            bytes_max: 256 << 20,
            object_bytes_max: 4 << 20,
            disk: None,
            if_error_s: 3_600,
            uncacheable_s: 120,
            compresses: None,
            ignored_parameters: IgnoredParameters {
                patterns: IGNORED_PARAMETERS.iter().map(|&pattern| pattern.to_owned()).collect(),
            },
            cookies: Cookies::default(),
            keyed_fields: KEYED_FIELDS.iter().map(|&name| name.to_owned()).collect(),
        }
    }
}

/// What links of advertisers and newsletters carry.
const IGNORED_PARAMETERS: [&str; 12] = [
    "utm_*", "gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "yclid", "mc_cid", "mc_eid", "_ga",
    "_gl",
];

/// What makes Django code answer with another page under the same URL, often without saying so in `Vary`.
const KEYED_FIELDS: [&str; 5] = ["accept", "hx-request", "hx-boosted", "hx-target", "x-requested-with"];

impl Default for Cookies {
    /// Django's own names.
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            identity: list(&["sessionid", "messages"]),
            keyed: list(&["django_language"]),
            // Whoever shows a form sets it anew with the answer, which then is not stored.
            ignored: list(&["csrftoken"]),
        }
    }
}
