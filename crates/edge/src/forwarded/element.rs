//! Single elements of `X-Forwarded-For` and `Forwarded`, and where one begins.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Scheme;
use super::host::{self, Host};

/// An element of `Forwarded`.
pub(super) struct Element<'a> {
    /// `None` if it is hidden (`unknown`, `_name`) or not there.
    pub(super) address: Option<IpAddr>,
    /// `None` if it is another one or not there.
    pub(super) scheme: Option<Scheme>,
    /// `None` if it is not plainly a host or not there.
    pub(super) host: Option<Host<'a>>,
}

/// Whom an element names.
#[derive(Clone, Copy)]
enum Node {
    Address(IpAddr),
    /// By a name that only the proxy can resolve, or not at all.
    Hidden,
}

/// Reads an element of `X-Forwarded-For`: an address, as some proxies write it with a port, of IPv6 with or without
/// brackets.
pub(super) fn x_forwarded_for(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(trim(text)).ok()?;
    let address = text.parse().ok().or_else(|| {
        let (name, port) = host::split_port(text);
        address_of_node(name).filter(|_| port.is_none_or(|port| host::read_port(port).is_some()))
    })?;
    Some(address.to_canonical())
}

/// Splits the last element off a value of `Forwarded`: what is left of it, if anything, and the element.
///
/// A comma counts when it is outside of quotes *as counted from the right*: from the left, a quotation mark that the
/// client left open would swallow what the proxies added. Escapes, with which the two ways might differ, are malformed.
pub(super) fn split_last(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let mut is_quoted = false;
    let comma = line.iter().rposition(|byte| {
        is_quoted ^= *byte == b'"';
        *byte == b',' && !is_quoted
    });
    let Some((rest, element)) = comma.and_then(|at| line.split_at_checked(at)) else { return (None, line) };
    (Some(rest), element.strip_prefix(b",").unwrap_or(element))
}

/// Reads an element of `Forwarded` (RFC 7239, section 4). `None` if it is malformed or empty.
pub(super) fn forwarded(text: &[u8]) -> Option<Element<'_>> {
    let (mut node, mut proto, mut host) = (None, None, None);
    let mut rest = trim(text);
    let mut has_pairs = false;
    while !rest.is_empty() {
        if let Some(next) = rest.strip_prefix(b";") {
            rest = trim(next);
            continue;
        }
        let (name, value, next) = pair(rest)?;
        let known = [("for", &mut node), ("proto", &mut proto), ("host", &mut host)];
        let parameter = known.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        // No parameter may occur twice: which one would be meant?
        if parameter.is_some_and(|(_, parameter)| parameter.replace(value).is_some()) {
            return None;
        }
        rest = next;
        has_pairs = true;
    }
    let node = match node {
        Some(node) => read_node(node)?,
        None => Node::Hidden,
    };
    let address = match node {
        Node::Address(address) => Some(address),
        Node::Hidden => None,
    };
    let element = Element { address, scheme: proto.and_then(super::scheme), host: host.and_then(host::read) };
    has_pairs.then_some(element)
}

/// Reads `name=value` up to the end or a semicolon: name, value without its quotes, and what follows.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, rest) = split_while(text, is_token);
    let rest = rest.strip_prefix(b"=").filter(|_| !name.is_empty())?;
    let (value, rest) = match rest.strip_prefix(b"\"") {
        Some(quoted) => {
            let (value, rest) = split_while(quoted, is_quotable);
            (value, rest.strip_prefix(b"\"")?)
        }
        None => Some(split_while(rest, is_token)).filter(|(value, _)| !value.is_empty())?,
    };
    let rest = trim(rest);
    (rest.is_empty() || rest.starts_with(b";")).then_some((name, value, rest))
}

/// Reads a node (RFC 7239, section 6).
fn read_node(text: &[u8]) -> Option<Node> {
    let (name, port) = host::split_port(std::str::from_utf8(text).ok()?);
    if port.is_some_and(|port| host::read_port(port).is_none() && !is_obfuscated(port)) {
        return None;
    }
    if name.eq_ignore_ascii_case("unknown") || is_obfuscated(name) {
        return Some(Node::Hidden);
    }
    address_of_node(name).map(|address| Node::Address(address.to_canonical()))
}

/// An address as a node is named: of IPv6 in brackets.
fn address_of_node(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[') {
        Some(literal) => literal.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => name.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

fn is_obfuscated(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    text.len() > 1 && text.starts_with('_') && text.bytes().all(is_allowed)
}

/// `tchar` (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What may stand between quotes, except escapes: nothing that is of use here needs them.
fn is_quotable(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

fn split_while(text: &[u8], is_part: fn(u8) -> bool) -> (&[u8], &[u8]) {
    let at = text.iter().position(|byte| !is_part(*byte)).unwrap_or(text.len());
    text.split_at(at)
}

/// Without optional white space (RFC 9110, section 5.6.3) at both ends.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let is_ink = |byte: &u8| !matches!(byte, b' ' | b'\t');
    let begin = text.iter().position(is_ink).unwrap_or(text.len());
    let end = text.iter().rposition(is_ink).map_or(begin, |at| at + 1);
    text.get(begin..end).unwrap_or_default()
}
