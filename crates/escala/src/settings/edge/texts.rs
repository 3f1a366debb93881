//! Texts that mean something, in more than one table.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use edge::config::Rate;
use edge::http::{list, target};
use edge::upstream::Address;

use crate::settings::kind::{Reason, Text};
use crate::settings::value;

/// A path; what it is relative to is the project root.
pub(super) const PATH: Text<String> = Text { takes: "a path", read: path };

/// Where something listens.
pub(super) const ADDRESS: Text<SocketAddr> = Text { takes: "an IP address and a port", read: address };

/// So many requests in so long.
pub(super) const RATE: Text<Rate> =
    Text { takes: "a number of requests, `/` and a duration, and perhaps `burst` and a number", read: rate };

pub(super) fn path(text: &str) -> Result<String, Reason> {
    match text {
        "" => Err("which is no path".into()),
        _ if text.contains('\0') => Err("and no path has a NUL".into()),
        _ => Ok(text.to_owned()),
    }
}

fn address(text: &str) -> Result<SocketAddr, Reason> {
    let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let local = local.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    let address = local.map_or_else(|| text.parse(), Ok);
    address.map_err(|_| "which is no IP address and port, as in `127.0.0.1:8080`".into())
}

pub(super) fn upstream(text: &str) -> Result<Address, Reason> {
    if text.contains('\0') {
        return Err("and no path has a NUL".into());
    }
    let no_address = "which is no IP address and port, nor `unix:` and the path of a socket";
    text.parse().map_err(|_| no_address.into())
}

fn rate(text: &str) -> Result<Rate, Reason> {
    Ok(value::rate(text)?)
}

/// A name as fields and cookies have it (RFC 9110 §5.6.2, RFC 6265 §4.1.1).
pub(super) fn token(text: &str, what: &str) -> Result<String, Reason> {
    if list::is_token(text.as_bytes()) {
        Ok(text.to_owned())
    } else {
        Err(format!("which is no name of a {what}").into())
    }
}

/// A path of the site, as clients send it.
pub(super) fn url_path(text: &str) -> Result<(), Reason> {
    if !text.starts_with('/') {
        return Err("which does not begin with `/`".into());
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("which has a character that clients send percent-encoded".into());
    }
    if text.contains(['?', '#']) {
        return Err("which has a query".into());
    }
    if target::is_ambiguous(text.as_bytes()) {
        return Err("which can be read in more than one way".into());
    }
    Ok(())
}
