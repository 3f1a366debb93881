//! Which route a path belongs to: what Django's resolver decided, found out again from the routes that were met.
//!
//! The order of the patterns in the project is not known here, nor the expression of a converter that is its own. So the
//! most specific route wins: text before a converter, a narrow converter before a wide one.

mod pattern;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::limits::ROUTES_MATCHED_MAX;
use pattern::Pattern;

/// Routes, ready to be matched.
#[derive(Debug, Default)]
pub struct Router {
    /// Those whose first segment is plain text, by it; the most specific first.
    by_first: HashMap<Box<str>, Vec<Pattern>>,
    /// The others; the most specific first.
    others: Vec<Pattern>,
}

impl Router {
    /// Takes routes as [`super::display`] shows them, at most [`ROUTES_MATCHED_MAX`]. What is no path is left out.
    pub fn new<'a>(routes: impl IntoIterator<Item = &'a str>) -> Self {
        let routes = routes.into_iter().filter(|route| route.starts_with('/')).take(ROUTES_MATCHED_MAX);
        let mut patterns: Vec<Pattern> = routes.flat_map(Pattern::of).collect();
        patterns.sort_by(Pattern::compare);
        let mut sorted = Self::default();
        for (rank, mut pattern) in patterns.into_iter().enumerate() {
            pattern.rank = rank;
            match pattern.first_segment() {
                Some(first) => sorted.by_first.entry(first.into()).or_default().push(pattern),
                None => sorted.others.push(pattern),
            }
        }
        sorted
    }

    /// The route of a path as it was sent, percent-encoded and without its query.
    pub fn find(&self, path: &str) -> Option<&str> {
        // Django matches the decoded path, in which an encoded slash is one.
        let path = unquoted(path);
        let first = path.strip_prefix('/')?.split('/').next()?;
        let plain = self.by_first.get(first).map_or(&[][..], Vec::as_slice);
        let found = [plain, &self.others].map(|patterns| patterns.iter().find(|one| one.matches(&path)));
        found.into_iter().flatten().min_by_key(|one| one.rank).map(|one| one.route.as_ref())
    }
}

/// Percent-decoding of a path, in which a plus sign is one.
fn unquoted(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digit = |at: usize| tail.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, digit(0), digit(1)) {
            bytes.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests;
