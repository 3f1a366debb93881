//! `Cache-Control` of requests and responses (RFC 9111 §5.2), and `CDN-Cache-Control` (RFC 9213).

use crate::http::structured::{self, Value};
use crate::http::{Fields, Name, list};

/// Seconds beyond which an age or a lifetime makes no difference (RFC 9111 §1.2.2 asks for 2³¹ at least).
pub const SECONDS_MAX: u64 = 1 << 32;

/// What a response says of being cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the directive that it is called after")]
pub struct ResponseControl {
    pub no_store: bool,
    /// Also with names of fields: then all of it is revalidated, which is more than is asked for.
    pub no_cache: bool,
    /// Also with names of fields: then all of it is private.
    pub private: bool,
    pub public: bool,
    pub must_revalidate: bool,
    pub must_understand: bool,
    pub proxy_revalidate: bool,
    pub max_age: Option<u64>,
    pub s_maxage: Option<u64>,
    /// RFC 5861 §3.
    pub stale_while_revalidate: Option<u64>,
    /// RFC 5861 §4.
    pub stale_if_error: Option<u64>,
    /// Came as `CDN-Cache-Control`, which is for caches like this one: `Cache-Control` and `Expires` do not count.
    pub is_targeted: bool,
}

/// What a client says of what it would take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the directive that it is called after")]
pub struct RequestControl {
    pub no_store: bool,
    pub no_cache: bool,
    pub only_if_cached: bool,
    pub max_age: Option<u64>,
    pub min_fresh: Option<u64>,
    /// Without a number: any staleness.
    pub max_stale: Option<u64>,
}

impl ResponseControl {
    /// Reads the fields of a response.
    pub fn read(fields: &Fields) -> Self {
        targeted(fields).unwrap_or_else(|| {
            let mut control = Self::default();
            for (name, value) in directives(fields) {
                control.take(name, value.map(seconds));
            }
            control
        })
    }

    /// Takes a directive; of one that stands there twice, the stricter value.
    fn take(&mut self, name: &[u8], value: Option<u64>) {
        let value = value.unwrap_or(0);
        let stricter = |known: Option<u64>| Some(known.map_or(value, |known| known.min(value)));
        let is = |directive: &str| name.eq_ignore_ascii_case(directive.as_bytes());
        match name.len() {
            6 if is("public") => self.public = true,
            7 if is("max-age") => self.max_age = stricter(self.max_age),
            7 if is("private") => self.private = true,
            8 if is("s-maxage") => self.s_maxage = stricter(self.s_maxage),
            8 if is("no-store") => self.no_store = true,
            8 if is("no-cache") => self.no_cache = true,
            14 if is("stale-if-error") => self.stale_if_error = stricter(self.stale_if_error),
            15 if is("must-revalidate") => self.must_revalidate = true,
            15 if is("must-understand") => self.must_understand = true,
            16 if is("proxy-revalidate") => self.proxy_revalidate = true,
            22 if is("stale-while-revalidate") => {
                self.stale_while_revalidate = stricter(self.stale_while_revalidate);
            }
            _ => {}
        }
    }

    /// How long it is fresh in a shared cache, when that is said in so many words.
    pub fn lifetime_s(&self) -> Option<u64> {
        self.s_maxage.or(self.max_age)
    }

    /// Whether it must not be served stale when the app cannot be asked. `s-maxage` alone means so, too (RFC 9111
    /// §5.2.2.10).
    pub fn forbids_stale(&self) -> bool {
        self.must_revalidate || self.proxy_revalidate || self.no_cache || self.s_maxage.is_some()
    }
}

impl RequestControl {
    /// Reads the fields of a request; `Pragma` counts where `Cache-Control` is missing (RFC 9111 §5.4).
    pub fn read(fields: &Fields) -> Self {
        let mut control = Self::default();
        if !fields.has(Name::CacheControl) {
            control.no_cache = fields.lists(Name::Pragma, b"no-cache");
            return control;
        }
        for (name, value) in directives(fields) {
            let is = |directive: &str| name.eq_ignore_ascii_case(directive.as_bytes());
            match value {
                None if is("no-store") => control.no_store = true,
                None if is("no-cache") => control.no_cache = true,
                None if is("only-if-cached") => control.only_if_cached = true,
                None if is("max-stale") => control.max_stale = Some(SECONDS_MAX),
                Some(value) if is("max-age") => control.max_age = Some(seconds(value)),
                Some(value) if is("min-fresh") => control.min_fresh = Some(seconds(value)),
                Some(value) if is("max-stale") => control.max_stale = Some(seconds(value)),
                _ => {}
            }
        }
        control
    }
}

/// The directives of `Cache-Control` over all its lines. A name with white space before its `=` is none that is known.
fn directives(fields: &Fields) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    fields.elements(Name::CacheControl).map(|element| match memchr::memchr(b'=', element) {
        Some(at) => (&element[..at], Some(&element[at + 1..])),
        None => (element, None),
    })
}

/// Seconds, also in quotes; what is no number is 0: stale, as RFC 9111 §4.2.1 encourages.
fn seconds(value: &[u8]) -> u64 {
    let digits = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value);
    list::number(digits).map_or(0, |seconds| seconds.min(SECONDS_MAX))
}

/// What is meant for shared caches before the app; `None` when nothing is, or when it is wrong or empty, so that it does
/// not count (RFC 9213 §2.1).
fn targeted(fields: &Fields) -> Option<ResponseControl> {
    let members =
        structured::dictionary(fields, Name::CdnCacheControl).filter(|members| !members.is_empty())?;
    let mut control = ResponseControl { is_targeted: true, ..ResponseControl::default() };
    for (name, value) in &members {
        let seconds = match value {
            Value::Boolean(false) => continue,
            Value::Boolean(true) => None,
            Value::Integer(number) => Some(u64::try_from(*number).unwrap_or(0).min(SECONDS_MAX)),
            _ if is_seconds(name) => return None,
            _ => None,
        };
        control.take(name.as_bytes(), seconds);
    }
    Some(control)
}

fn is_seconds(name: &str) -> bool {
    matches!(name, "max-age" | "s-maxage" | "stale-while-revalidate" | "stale-if-error")
}

#[cfg(test)]
mod tests;
