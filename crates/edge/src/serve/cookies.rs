//! What a visitor's cookies mean: who somebody is, which version is wanted, or nothing.
//!
//! The app's own cookies are learned from what it sets. A cookie that it has never set comes from a script of somebody
//! else's, and no page depends upon it.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use crate::config::Cookies;
use crate::http::{Fields, Name, list};
use crate::limits::{COOKIE_NAME_BYTES_MAX, COOKIES_LEARNED_MAX};

/// Names of cookies that the app has set.
#[derive(Debug, Default)]
pub struct Learned {
    names: RwLock<Arc<HashSet<Box<[u8]>>>>,
}

impl Learned {
    /// What is known from before.
    pub fn load(&self, names: impl IntoIterator<Item = Vec<u8>>) {
        let mut known = HashSet::clone(&self.names());
        known
            .extend(names.into_iter().filter(|name| is_name(name)).take(COOKIES_LEARNED_MAX).map(Into::into));
        self.replace(known);
    }

    /// All names, sorted.
    pub fn list(&self) -> Vec<Vec<u8>> {
        let mut names: Vec<Vec<u8>> = self.names().iter().map(|name| name.to_vec()).collect();
        names.sort_unstable();
        names
    }

    /// Takes note of what an answer sets.
    pub(crate) fn learn(&self, response: &Fields) {
        for value in response.all(Name::SetCookie) {
            let name = name_of(value);
            let known = self.names();
            if is_name(name) && !known.contains(name) && known.len() < COOKIES_LEARNED_MAX {
                let mut names = HashSet::clone(&known);
                names.insert(name.into());
                self.replace(names);
            }
        }
    }

    /// Whether the app has set it, as far as that is known: of an app that sets too many to remember, every cookie may be.
    fn may_be_the_apps(&self, name: &[u8]) -> bool {
        let names = self.names();
        names.contains(name) || names.len() >= COOKIES_LEARNED_MAX
    }

    fn names(&self) -> Arc<HashSet<Box<[u8]>>> {
        Arc::clone(&self.names.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, names: HashSet<Box<[u8]>>) {
        *self.names.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(names);
    }
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.len() <= COOKIE_NAME_BYTES_MAX
}

/// What stands before the first `=`.
fn name_of(pair: &[u8]) -> &[u8] {
    list::trim(pair.split(|&byte| matches!(byte, b'=' | b';')).next().unwrap_or_default())
}

/// What a cookie means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It says who somebody is, or may do so.
    Identity,
    /// It chooses between versions that many may see.
    Keyed,
    /// Nothing.
    Nothing,
}

/// What a cookie of that name means.
pub(crate) fn meaning(name: &[u8], config: &Cookies, learned: &Learned) -> Meaning {
    let is_in = |names: &[String]| names.iter().any(|known| known.as_bytes() == name);
    if is_in(&config.identity) {
        Meaning::Identity
    } else if is_in(&config.keyed) {
        Meaning::Keyed
    } else if is_in(&config.ignored) || !learned.may_be_the_apps(name) {
        Meaning::Nothing
    } else {
        Meaning::Identity
    }
}

/// The pairs of a request's cookies, as name and value.
pub(crate) fn pairs(request: &Fields) -> impl Iterator<Item = (&[u8], &[u8])> {
    request.all(Name::Cookie).flat_map(|line| line.split(|&byte| byte == b';')).filter_map(|pair| {
        let pair = list::trim(pair);
        let (name, value) = match memchr::memchr(b'=', pair) {
            Some(at) => (list::trim(&pair[..at]), &pair[at + 1..]),
            None => (pair, &[][..]),
        };
        (!pair.is_empty()).then_some((name, value))
    })
}

#[cfg(test)]
mod tests;
