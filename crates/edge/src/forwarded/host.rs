//! Hosts with ports, as far as they are believed from others and told to the app.

use std::net::Ipv6Addr;

use crate::limits::FORWARDED_HOST_BYTES_MAX;

/// A name or an address, with or without a port. Its text can be written into any field and needs no escape there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Host<'a> {
    /// With the port.
    pub(super) text: &'a [u8],
    pub(super) port: Option<u16>,
}

/// Reads a host; `None` for what is not plainly one.
pub(super) fn read(text: &[u8]) -> Option<Host<'_>> {
    let host = std::str::from_utf8(text).ok().filter(|host| host.len() <= FORWARDED_HOST_BYTES_MAX)?;
    let (name, port) = split_port(host);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let is_plain = match name.strip_prefix('[') {
        Some(literal) => literal.strip_suffix(']')?.parse::<Ipv6Addr>().is_ok(),
        None => !name.is_empty() && name.bytes().all(is_allowed),
    };
    let port = match port {
        Some(port) => Some(read_port(port)?),
        None => None,
    };
    is_plain.then_some(Host { text, port })
}

/// Splits off what stands after the last colon, unless that is inside of brackets.
pub(super) fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    }
}

/// A port of one to five digits.
pub(super) fn read_port(text: &str) -> Option<u16> {
    let is_number = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}
