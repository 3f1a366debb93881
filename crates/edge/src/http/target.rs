//! What a request line points at, and what a host is (RFC 9112 §3.2, RFC 3986 §3.2).

use super::{Malformed, Method, list};
use crate::limits::{HOST_BYTES_MAX, TARGET_BYTES_MAX};

/// A target in one of the forms that a server meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// Path and query, or `*`.
    Origin(&'a [u8]),
    /// A whole URL, as a client of a proxy sends it.
    Absolute {
        /// With its port.
        host: &'a [u8],
        /// Path and query; empty without either.
        path: &'a [u8],
    },
}

/// Reads the target of a request line.
///
/// # Errors
/// A fragment, a byte that no URI has, credentials, another scheme than HTTP's, or a `CONNECT`.
pub fn parse<'a>(method: &Method, target: &'a [u8]) -> Result<Target<'a>, Malformed> {
    if target.len() > TARGET_BYTES_MAX || !target.iter().all(|&byte| is_target_byte(byte)) {
        return Err(Malformed::Target);
    }
    match target {
        // A tunnel to anywhere is no business of a server before one app.
        _ if *method == Method::Connect => Err(Malformed::Target),
        [b'/', ..] => Ok(Target::Origin(target)),
        b"*" if *method == Method::Options => Ok(Target::Origin(target)),
        _ => absolute(target),
    }
}

fn absolute(target: &[u8]) -> Result<Target<'_>, Malformed> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme.as_bytes()).then_some(rest)
    });
    let rest = rest.ok_or(Malformed::Target)?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if is_host(host) { Ok(Target::Absolute { host, path }) } else { Err(Malformed::Host) }
}

/// Visible ASCII but for `#`: a fragment never leaves a browser. Browsers do send `"`, `|` and the like unescaped.
fn is_target_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'#'
}

/// Whether a text is a host with or without a port: a name of letters, digits, `.`, `-` and `_`, or an address. An empty
/// one is none.
pub fn is_host(text: &[u8]) -> bool {
    if text.len() > HOST_BYTES_MAX {
        return false;
    }
    let (host, port) = match text {
        [b'[', ..] => match text.iter().position(|&byte| byte == b']') {
            Some(end) => text.split_at(end + 1),
            None => return false,
        },
        _ => text.split_at(text.iter().position(|&byte| byte == b':').unwrap_or(text.len())),
    };
    is_name_or_address(host)
        && match port {
            [] => true,
            [b':', digits @ ..] => {
                digits.len() <= 5 && list::number(digits).is_some_and(|port| port < 65_536)
            }
            _ => false,
        }
}

fn is_name_or_address(host: &[u8]) -> bool {
    match host {
        [] => false,
        [b'[', address @ .., b']'] => {
            str::from_utf8(address).is_ok_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
        }
        name => name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')),
    }
}

/// The path, and the query after the first `?`.
pub fn split(target: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'?', target) {
        Some(at) => (&target[..at], Some(&target[at + 1..])),
        None => (target, None),
    }
}

/// Whether a path could be read in two ways by what stands behind the edge: dot segments, an empty segment, a slash or
/// a backslash or a NUL that is encoded, a parameter after `;`, an escape that is none. Rules by path do not apply to
/// such a request, so that no trick of spelling brings a page under a rule that was not meant for it.
pub fn is_ambiguous(path: &[u8]) -> bool {
    let mut at = 0;
    let mut segment_begin = 1;
    let Some(b'/') = path.first() else { return true };
    while at < path.len() {
        match path[at] {
            b'/' if at > 0 => {
                if is_odd_segment(&path[segment_begin..at]) || at == segment_begin {
                    return true;
                }
                segment_begin = at + 1;
            }
            b';' | b'\\' => return true,
            b'%' => match decoded(path, at) {
                None | Some(b'/' | b'\\' | 0 | b'.') => return true,
                Some(_) => at += 2,
            },
            _ => {}
        }
        at += 1;
    }
    is_odd_segment(&path[segment_begin..])
}

fn is_odd_segment(segment: &[u8]) -> bool {
    matches!(segment, b"." | b"..")
}

/// The byte that an escape stands for.
pub fn decoded(path: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*path.get(at)?).to_digit(16);
    Some((digit(at + 1)? * 16 + digit(at + 2)?) as u8)
}

#[cfg(test)]
mod tests;
