//! Version 1: one line of text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Header, Malformed, Stop, after};
use crate::limits::PROXY_LINE_BYTES_MAX;

/// Texts one of which completes every beginning of an IPv4 address.
const ENDS_OF_IPV4: &[&str] = &["", "0", ".0", "0.0", ".0.0", "0.0.0", ".0.0.0", "0.0.0.0"];

/// Texts one of which completes every beginning of an IPv6 address.
const ENDS_OF_IPV6: &[&str] = &["", "0", ":", "::", ":0", ".0", "0.0", ".0.0", "0.0.0", ".0.0.0"];

/// Decodes input that begins with `P`.
pub(super) fn decode(input: &[u8]) -> Result<Header, Stop> {
    let line = input.get(..PROXY_LINE_BYTES_MAX).unwrap_or(input);
    match read(line) {
        Ok((addresses, rest)) => Ok(Header { consumed: line.len() - rest.len(), addresses }),
        Err(Stop::NeedMore) if line.len() == PROXY_LINE_BYTES_MAX => Err(Malformed::LineTooLong.into()),
        Err(stop) => Err(stop),
    }
}

type Addresses = Option<(SocketAddr, SocketAddr)>;

fn read(line: &[u8]) -> Result<(Addresses, &[u8]), Stop> {
    let rest = after(line, b"PROXY ", Malformed::Signature)?;
    if rest.first() == Some(&b'U') {
        let rest = after(rest, b"UNKNOWN", Malformed::Line)?;
        return Ok((None, after_anything(rest)?));
    }
    let rest = after(rest, b"TCP", Malformed::Line)?;
    match rest.first() {
        None => Err(Stop::NeedMore),
        Some(b'4') => addresses(after(rest, b"4 ", Malformed::Line)?, ipv4, ENDS_OF_IPV4),
        Some(_) => addresses(after(rest, b"6 ", Malformed::Line)?, ipv6, ENDS_OF_IPV6),
    }
}

fn addresses<'a>(
    rest: &'a [u8],
    parse: fn(&str) -> Option<IpAddr>,
    ends: &[&str],
) -> Result<(Addresses, &'a [u8]), Stop> {
    // The whole address is there only with the byte after it, so a beginning is judged by what it may still become.
    let may_begin = |text: &str| ends.iter().any(|end| parse(&format!("{text}{end}")).is_some());
    let may_begin_port = |text: &str| text.is_empty() || port(text).is_some();
    let (source, rest) = word(rest, b' ', parse, may_begin)?;
    let (destination, rest) = word(rest, b' ', parse, may_begin)?;
    let (source_port, rest) = word(rest, b' ', port, may_begin_port)?;
    let (destination_port, rest) = word(rest, b'\r', port, may_begin_port)?;
    let rest = after(rest, b"\n", Malformed::Line)?;
    let ends = (SocketAddr::new(source, source_port), SocketAddr::new(destination, destination_port));
    Ok((Some(ends), rest))
}

/// Reads a word up to `end`; when the end is not there yet, the word must at least be able to begin like this.
fn word<T>(
    rest: &[u8],
    end: u8,
    parse: impl Fn(&str) -> Option<T>,
    may_begin: impl Fn(&str) -> bool,
) -> Result<(T, &[u8]), Stop> {
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Malformed::Line);
    let Some(at) = memchr::memchr(end, rest) else {
        return if may_begin(text(rest)?) { Err(Stop::NeedMore) } else { Err(Malformed::Line.into()) };
    };
    let (word, rest) = rest.split_at(at);
    let value = parse(text(word)?).ok_or(Malformed::Line)?;
    Ok((value, after(rest, &[end], Malformed::Line)?))
}

/// What follows the line ending of an `UNKNOWN` line, of which nothing else counts. It is a line of text all the same:
/// a control character would be somebody else's line, sent through a proxy that did not look.
fn after_anything(rest: &[u8]) -> Result<&[u8], Stop> {
    if rest.first().is_some_and(|first| !matches!(first, b' ' | b'\r')) {
        return Err(Malformed::Line.into());
    }
    let at = rest.iter().position(|byte| !matches!(byte, b' '..=b'~')).ok_or(Stop::NeedMore)?;
    after(rest.get(at..).unwrap_or_default(), b"\r\n", Malformed::Line)
}

fn ipv4(text: &str) -> Option<IpAddr> {
    text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
}

/// Also with a dotted end: the specification does not have it, but senders write an IPv4-mapped address as `inet_ntop`
/// does.
fn ipv6(text: &str) -> Option<IpAddr> {
    text.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

fn port(text: &str) -> Option<u16> {
    let is_canonical = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|_| is_canonical)
}
