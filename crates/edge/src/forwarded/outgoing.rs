//! What the app is told of the client, and which fields of the request must not reach it beside that.

use std::io::Write as _;
use std::net::IpAddr;

use super::host::{self, Host};
use super::{Client, Scheme};

/// Fields beginning like this say something of the client or its connection. Lower case, like [`SPOOFABLE`].
pub const SPOOFABLE_PREFIX: &str = "x-forwarded-";

/// Fields in which some proxy, or some app, says who the client is or how it asked; an app that reads one would believe
/// whoever sent it.
pub const SPOOFABLE: [&str; 31] = [
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "cf-visitor",
    "client-ip",
    "do-connecting-ip",
    "fastly-client-ip",
    "fastly-ssl",
    "fly-client-ip",
    "forwarded",
    "forwarded-for",
    "front-end-https",
    "proxy-client-ip",
    "remote-addr",
    "remote-host",
    "true-client-ip",
    "wl-proxy-client-ip",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-envoy-external-address",
    "x-forwarded",
    "x-host",
    "x-original-forwarded-for",
    "x-original-host",
    "x-originating-ip",
    "x-real-ip",
    "x-remote-addr",
    "x-remote-ip",
    "x-scheme",
];

/// Which fields the app is told the client in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// `X-Forwarded-*` and `X-Real-IP`.
    #[default]
    XForwarded,
    /// These, and `Forwarded`.
    Both,
}

/// How a request reached us: what counts where no proxy says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival<'a> {
    /// Of the connection.
    pub scheme: Scheme,
    /// `Host` or `:authority`; empty without one.
    pub host: &'a [u8],
}

/// Whether a field of this name is to be dropped before a request goes to the app, whoever sent it: [`tell`] says all
/// that is believed.
///
/// `_` counts as `-`: WSGI makes one key of both, so that `X_Forwarded_For` would stand in for our `X-Forwarded-For`.
pub fn is_spoofable(name: &[u8]) -> bool {
    let folded = |byte: &u8| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    let begins_like =
        |known: &str| name.iter().map(folded).zip(known.bytes()).all(|(one, other)| one == other);
    name.len() >= SPOOFABLE_PREFIX.len() && begins_like(SPOOFABLE_PREFIX)
        || SPOOFABLE.iter().any(|known| known.len() == name.len() && begins_like(known))
}

/// Gives the fields that tell the app who the client is: names in lower case, and values of visible ASCII and spaces.
///
/// `X-Forwarded-For` holds the client first, then the trusted proxies up to our peer, and nothing that a client made up:
/// an app may take its first element. `value` is room to write in; its content before does not matter.
pub fn tell(
    client: &Client,
    arrival: &Arrival<'_>,
    told: Told,
    value: &mut Vec<u8>,
    mut field: impl FnMut(&'static str, &[u8]),
) {
    let scheme = client.scheme.unwrap_or(arrival.scheme);
    let host = host::read(client.host.as_deref().unwrap_or(arrival.host));
    let port = client.port.or(host.and_then(|host| host.port)).unwrap_or(scheme.default_port());
    let mut write = |name, content: &dyn Fn(&mut Vec<u8>)| {
        value.clear();
        content(value);
        field(name, value);
    };
    if let Some(address) = client.address {
        write("x-forwarded-for", &|value| {
            append(value, address);
            client.proxies.iter().rev().for_each(|proxy| append(value, format_args!(", {proxy}")));
        });
        write("x-real-ip", &|value| append(value, address));
    }
    write("x-forwarded-proto", &|value| append(value, scheme.as_str()));
    if let Some(host) = host {
        write("x-forwarded-host", &|value| value.extend_from_slice(host.text));
    }
    write("x-forwarded-port", &|value| append(value, port));
    if told == Told::Both {
        write("forwarded", &|value| write_forwarded(value, client, scheme, host));
    }
}

/// RFC 7239, section 4: scheme and host are in the client's element, which the proxy next to it would have written.
fn write_forwarded(value: &mut Vec<u8>, client: &Client, scheme: Scheme, host: Option<Host<'_>>) {
    let node = |value: &mut Vec<u8>, hop: IpAddr| match hop {
        IpAddr::V4(hop) => append(value, format_args!("for={hop}")),
        IpAddr::V6(hop) => append(value, format_args!("for=\"[{hop}]\"")),
    };
    match client.address {
        Some(address) => node(value, address),
        None => append(value, "for=unknown"),
    }
    append(value, format_args!(";proto={}", scheme.as_str()));
    if let Some(host) = host {
        value.extend_from_slice(b";host=\"");
        value.extend_from_slice(host.text);
        value.push(b'"');
    }
    for hop in client.proxies.iter().rev() {
        value.extend_from_slice(b", ");
        node(value, *hop);
    }
}

fn append(value: &mut Vec<u8>, text: impl std::fmt::Display) {
    write!(value, "{text}").expect("a vector takes all that is written into it");
}

#[cfg(test)]
mod tests;
