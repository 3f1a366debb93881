//! Conditional requests (RFC 9110 §13): the client's, answered from what is stored; and ours, to learn whether it still
//! holds (RFC 9111 §4.3).

use crate::http::{Fields, Name, date};

/// What a stored response is to a client that has one already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Send it.
    Proceed,
    /// The client has it: 304.
    NotModified,
}

/// Evaluates `If-None-Match`, or without it `If-Modified-Since`, against a stored response (RFC 9111 §4.3.2).
pub fn evaluate(request: &Fields, stored: &Fields) -> Precondition {
    let holds = if request.has(Name::IfNoneMatch) {
        is_listed(request, stored.get(Name::Etag))
    } else {
        let since_s = request.get(Name::IfModifiedSince).and_then(date::parse);
        // Without a date of change, what the app made at some time has not changed before.
        let stored_s =
            stored.get(Name::LastModified).or_else(|| stored.get(Name::Date)).and_then(date::parse);
        matches!((since_s, stored_s), (Some(since_s), Some(stored_s)) if stored_s <= since_s)
    };
    if holds { Precondition::NotModified } else { Precondition::Proceed }
}

/// Whether a request has conditions that only the app can judge.
pub fn is_for_the_app(request: &Fields) -> bool {
    request.has(Name::IfMatch) || request.has(Name::IfUnmodifiedSince)
}

/// Whether a request has conditions that a cache can judge.
pub fn has_any(request: &Fields) -> bool {
    request.has(Name::IfNoneMatch) || request.has(Name::IfModifiedSince)
}

/// Whether `If-Match`, or without it `If-Unmodified-Since`, fails for whoever has the resource itself: 412 (RFC 9110
/// §13.2.2).
pub fn fails(request: &Fields, current: &Fields) -> bool {
    if request.has(Name::IfMatch) {
        let etag = current.get(Name::Etag).unwrap_or_default();
        return !request.elements(Name::IfMatch).any(|one| one == b"*" || is_strongly_equal(one, etag));
    }
    let since_s = request.get(Name::IfUnmodifiedSince).and_then(date::parse);
    let modified_s = current.get(Name::LastModified).and_then(date::parse);
    matches!((since_s, modified_s), (Some(since_s), Some(modified_s)) if modified_s > since_s)
}

fn is_listed(request: &Fields, etag: Option<&[u8]>) -> bool {
    request
        .elements(Name::IfNoneMatch)
        .any(|one| one == b"*" || etag.is_some_and(|etag| is_weakly_equal(one, etag)))
}

/// RFC 9110 §8.8.3.2.
fn is_weakly_equal(a: &[u8], b: &[u8]) -> bool {
    let opaque = |tag: &'_ [u8]| tag.strip_prefix(b"W/").map_or(tag.len(), <[u8]>::len);
    a[a.len() - opaque(a)..] == b[b.len() - opaque(b)..]
}

/// Whether two entity tags are the same to the byte of what they stand for (RFC 9110 §8.8.3.2).
pub fn is_strongly_equal(a: &[u8], b: &[u8]) -> bool {
    a == b && a.starts_with(b"\"")
}

/// Puts our conditions into a request, in the place of the client's (RFC 9111 §4.3.1).
pub fn ask_whether_it_holds(request: &mut Fields, stored: &Fields) {
    for name in [Name::IfNoneMatch, Name::IfModifiedSince, Name::IfRange, Name::Range] {
        request.remove(name);
    }
    if let Some(etag) = stored.get(Name::Etag) {
        request.push_known(Name::IfNoneMatch, etag);
    }
    if let Some(modified) = stored.get(Name::LastModified) {
        request.push_known(Name::IfModifiedSince, modified);
    }
}

/// The fields of a stored response after the app has said that it still holds (RFC 9111 §3.2, §4.3.4): what the answer
/// has replaces what was there, but for what describes the stored bytes.
pub fn updated(stored: &Fields, not_modified: &Fields) -> Fields {
    let mut news = not_modified.clone();
    news.remove_hop_by_hop();
    news.retain(|field| !describes_bytes(field.known));
    let is_news = |name: &[u8]| news.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    // Copied line by line: what is replaced leaves no text behind, however often that happens.
    let mut fields = Fields::default();
    for field in stored.iter().filter(|field| !is_news(field.name)).chain(news.iter()) {
        fields.push(field.name, field.value);
    }
    fields
}

fn describes_bytes(known: Option<Name>) -> bool {
    matches!(known, Some(Name::ContentLength | Name::ContentEncoding | Name::ContentRange))
}

/// The fields of a 304 that is made from a stored response (RFC 9110 §15.4.5).
pub fn belongs_into_304(known: Option<Name>) -> bool {
    !matches!(
        known,
        Some(
            Name::ContentLength
                | Name::ContentEncoding
                | Name::ContentType
                | Name::ContentRange
                | Name::LastModified
                | Name::AcceptRanges
        )
    )
}

#[cfg(test)]
mod tests;
