//! What a response is stored under: all of the request that its fill carries.
//!
//! A key is text, scheme and host and target with a zero byte between them, and is compared as a whole: two requests share
//! a response only if they are the same in everything that is in it.

use crate::http::head::Scheme;
use crate::http::target;

/// Separates the parts of a key; no part has it, since no head has.
const SEPARATOR: u8 = 0;

/// Parameters of a query that say where a visitor came from, and nothing to the app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoredParameters {
    /// Names, each with a `*` at its end or without one.
    pub patterns: Vec<String>,
}

impl IgnoredParameters {
    /// Whether a parameter of that name is left out of the key, and of what the app is asked.
    pub fn contains(&self, name: &[u8]) -> bool {
        self.patterns.iter().any(|pattern| match pattern.as_bytes().strip_suffix(b"*") {
            Some(start) => name.starts_with(start),
            None => name == pattern.as_bytes(),
        })
    }

    /// Writes a target without such parameters. The others keep their order and their spelling.
    pub fn strip(&self, whole: &[u8], out: &mut Vec<u8>) {
        let (path, Some(query)) = target::split(whole) else {
            out.extend_from_slice(whole);
            return;
        };
        out.extend_from_slice(path);
        let mut separator = b'?';
        for parameter in query.split(|&byte| byte == b'&') {
            let name = parameter.split(|&byte| byte == b'=').next().unwrap_or_default();
            if self.patterns.is_empty() || !self.contains(name) {
                out.push(separator);
                out.extend_from_slice(parameter);
                separator = b'&';
            }
        }
    }
}

/// Begins a key.
pub fn begin(scheme: Scheme, host: &[u8], target: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(scheme.as_str().as_bytes());
    out.push(SEPARATOR);
    out.extend_from_slice(host);
    out.push(SEPARATOR);
    out.extend_from_slice(target);
}

/// Adds something that is sent with the fill and is not in the target: a cookie or a field, by its name.
pub fn add(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.push(SEPARATOR);
    out.extend_from_slice(name);
    out.push(SEPARATOR);
    out.extend_from_slice(value);
}

/// Path and query of a key.
pub fn target(key: &[u8]) -> &[u8] {
    key.split(|&byte| byte == SEPARATOR).nth(2).unwrap_or_default()
}

#[cfg(test)]
mod tests;
