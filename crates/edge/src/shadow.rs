//! The cache as it would be: everything is served by the app, and what the cache would have served is compared with it.
//!
//! Receives what would have become of each request, and how the app's answer differs from the one that would have been
//! served. Gives a report by the shape of paths, in the words of `escala.toml`.

mod comparison;
mod report;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use comparison::Comparison;
pub use report::{Report, Row};

use crate::cache::storing::Refusal;
use crate::http::target::split;
use crate::limits::SHADOW_SHAPES_MAX;

/// What would have become of requests.
#[derive(Debug, Default)]
pub struct Shadow {
    rows: Mutex<HashMap<String, Row>>,
}

/// What would have become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It would have been served.
    Hit,
    /// The app would have been asked, and its answer kept.
    Miss,
    /// The client is somebody: the app would have been asked.
    Somebody,
    /// Its answer is known not to be for many.
    Uncacheable,
}

impl Shadow {
    /// Counts a request.
    pub(crate) fn note(&self, target: &[u8], verdict: Verdict) {
        self.change(target, |row| {
            row.requests += 1;
            match verdict {
                Verdict::Hit => row.hits += 1,
                Verdict::Miss => row.misses += 1,
                Verdict::Somebody => row.somebody += 1,
                Verdict::Uncacheable => row.uncacheable += 1,
            }
        });
    }

    /// Notes why an answer would not have been kept.
    pub(crate) fn refused(&self, target: &[u8], refusal: Refusal) {
        self.change(target, |row| row.refusal = Some(refusal));
    }

    /// Notes that an answer of the app is what would have been served, or from which byte on it is not.
    pub(crate) fn compared(&self, target: &[u8], differs_at: Option<u64>) {
        self.change(target, |row| {
            row.compared += 1;
            if let Some(at) = differs_at {
                row.differed += 1;
                row.difference.get_or_insert_with(|| report::Difference {
                    path: String::from_utf8_lossy(split(target).0).into_owned(),
                    at,
                });
            }
        });
    }

    /// What is known so far.
    pub fn report(&self) -> Report {
        Report::new(self.rows().clone())
    }

    fn change(&self, target: &[u8], change: impl FnOnce(&mut Row)) {
        let shape = shape(split(target).0);
        let mut rows = self.rows();
        if rows.len() < SHADOW_SHAPES_MAX || rows.contains_key(&shape) {
            change(rows.entry(shape).or_default());
        } else {
            change(rows.entry("/**".to_owned()).or_default());
        }
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<String, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A path in which each segment that looks like the name of a thing is a `*`, as a rule of `escala.toml` has it.
fn shape(path: &[u8]) -> String {
    let segment = |segment: &[u8]| {
        let digits = segment.iter().filter(|byte| byte.is_ascii_digit()).count();
        let is_number = digits > 0 && digits == segment.len();
        let is_hash =
            segment.len() >= 16 && segment.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
        // A slug: words that are joined, or one with a number in it.
        let is_slug =
            segment.iter().filter(|byte| matches!(byte, b'-' | b'_' | b'%')).count() >= 2 || digits >= 3;
        if is_number || is_hash || is_slug {
            "*".to_owned()
        } else {
            String::from_utf8_lossy(segment).into_owned()
        }
    };
    path.split(|&byte| byte == b'/').map(segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests;
