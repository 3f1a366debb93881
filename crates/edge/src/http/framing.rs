//! Where a body ends (RFC 9112 §6.3). A message for which two answers are possible is refused.

use super::{Malformed, Method, Name, RequestHead, ResponseHead, Version, list};

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    Empty,
    /// After so many bytes.
    Length(u64),
    /// With a last chunk.
    Chunked,
    /// When the connection ends; only a response's.
    UntilClose,
}

/// The body of a request.
///
/// # Errors
/// A length beside a coding, two lengths, another coding than `chunked`, or a coding in HTTP/1.0.
pub fn of_request(head: &RequestHead) -> Result<Framing, Malformed> {
    let length = content_length(head.fields.all(Name::ContentLength))?;
    let mut codings = head.fields.all(Name::TransferEncoding);
    match (codings.next(), codings.next()) {
        (None, _) => Ok(length.map_or(Framing::Empty, of_length)),
        (Some(_), _) if length.is_some() => Err(Malformed::Length),
        (Some(coding), None) if is_chunked(coding) && head.version == Version::Http11 => Ok(Framing::Chunked),
        _ => Err(Malformed::TransferCoding),
    }
}

/// The body of a response to a request with that method.
///
/// # Errors
/// As for a request: what the app sends is no more trusted to be read alike by everybody.
pub fn of_response(head: &ResponseHead, method: &Method) -> Result<Framing, Malformed> {
    if *method == Method::Head || head.status < 200 || matches!(head.status, 204 | 304) {
        return Ok(Framing::Empty);
    }
    let length = content_length(head.fields.all(Name::ContentLength))?;
    let mut codings = head.fields.all(Name::TransferEncoding);
    match (codings.next(), codings.next()) {
        (None, _) => Ok(length.map_or(Framing::UntilClose, of_length)),
        (Some(_), _) if length.is_some() => Err(Malformed::Length),
        (Some(coding), None) if is_chunked(coding) && head.version == Version::Http11 => Ok(Framing::Chunked),
        _ => Err(Malformed::TransferCoding),
    }
}

fn of_length(length: u64) -> Framing {
    if length == 0 { Framing::Empty } else { Framing::Length(length) }
}

/// Exactly the word: a list, a parameter or another coding is read differently by different servers.
fn is_chunked(coding: &[u8]) -> bool {
    coding.eq_ignore_ascii_case(b"chunked")
}

/// The one length, of digits only. RFC 9110 §8.6 allows to take equal ones for one; nobody sends them in good faith.
fn content_length<'a>(mut lines: impl Iterator<Item = &'a [u8]>) -> Result<Option<u64>, Malformed> {
    let Some(line) = lines.next() else { return Ok(None) };
    let length = list::number(line).filter(|length| *length < u64::MAX);
    if lines.next().is_some() { Err(Malformed::Length) } else { length.map(Some).ok_or(Malformed::Length) }
}

#[cfg(test)]
mod tests;
