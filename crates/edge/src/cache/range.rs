//! Parts of a stored response (RFC 9110 §14). One range is served; of several, the whole response is.

use super::conditional::is_strongly_equal;
use crate::http::{Fields, Name, date, list};

/// What is sent of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The bytes from the first up to and with the last.
    Bytes {
        /// The first byte, from 0.
        first: u64,
        /// The last byte; not before the first, and inside the body.
        last: u64,
    },
    /// Nothing: it begins after the end.
    Unsatisfiable,
}

/// The part of a body of that length that a request wants.
pub fn wanted(request: &Fields, stored: &Fields, length: u64) -> Part {
    let Some(range) = request.get(Name::Range) else { return Part::Whole };
    if !condition_holds(request, stored) {
        return Part::Whole;
    }
    let Some(range) = range.strip_prefix(b"bytes=") else { return Part::Whole };
    let Some(at) = memchr::memchr(b'-', range) else { return Part::Whole };
    match (list::trim(&range[..at]), list::trim(&range[at + 1..])) {
        (b"", suffix) => match list::number(suffix) {
            None => Part::Whole,
            Some(0) => Part::Unsatisfiable,
            Some(_) if length == 0 => Part::Unsatisfiable,
            Some(suffix) => Part::Bytes { first: length.saturating_sub(suffix), last: length - 1 },
        },
        (first, last) => {
            let end = if last.is_empty() { Some(u64::MAX) } else { list::number(last) };
            match (list::number(first), end) {
                (Some(first), Some(last)) if first <= last && first < length => {
                    Part::Bytes { first, last: last.min(length - 1) }
                }
                (Some(first), Some(last)) if first <= last => Part::Unsatisfiable,
                _ => Part::Whole,
            }
        }
    }
}

/// `If-Range`: a part is only of use to a client that has the other parts of the same body (RFC 9110 §13.1.5).
fn condition_holds(request: &Fields, stored: &Fields) -> bool {
    let Some(condition) = request.get(Name::IfRange) else { return true };
    if let Some(modified_s) = date::parse(condition) {
        return stored.get(Name::LastModified).and_then(date::parse) == Some(modified_s);
    }
    stored.get(Name::Etag).is_some_and(|etag| is_strongly_equal(condition, etag))
}

#[cfg(test)]
mod tests;
