//! Who the client is when proxies stand between, and what the app is told of it.
//!
//! A field that names the client is as true as whoever wrote it. Each proxy adds on the right who connected to it, so the
//! values are read from the right, from us outwards, and believed as far as trusted proxies wrote them: the first address
//! that is not a trusted proxy's is the client, and what stands left of it is the client's own invention.
//!
//! Only one kind of field is believed, and the other one is not read at all ([`ForwardedBy`]): a proxy that adds to
//! `X-Forwarded-For` hands on a `Forwarded` that the client made up, and the other way round.

mod chain;
mod element;
mod host;
mod network;
mod outgoing;

use std::net::IpAddr;

use crate::http::head::Scheme;

pub use network::{InvalidNetwork, Network};
pub use outgoing::{Arrival, SPOOFABLE, SPOOFABLE_PREFIX, Told, is_spoofable, tell};

/// Which fields say who the client is. It depends on what the proxies before us write, so it is configured, not guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`, `-Proto`, `-Host` and `-Port`.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Whose word on the client is taken. The default trusts nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Where the trusted proxies are. Clients must not be in here: what they send would be believed.
    pub networks: Vec<Network>,
    /// Whether a peer on a Unix socket, which has no address, is a trusted proxy.
    pub unix_sockets: bool,
    /// What they write.
    pub by: ForwardedBy,
}

impl Trust {
    /// Whether a trusted proxy may have this address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }
}

/// Reads what a proxy wrote; some name WebSocket's schemes when a connection is to be upgraded.
fn scheme(text: &[u8]) -> Option<Scheme> {
    let is_any = |names: [&str; 2]| names.iter().any(|name| text.eq_ignore_ascii_case(name.as_bytes()));
    if is_any(["http", "ws"]) {
        Some(Scheme::Http)
    } else if is_any(["https", "wss"]) {
        Some(Scheme::Https)
    } else {
        None
    }
}

/// Who sent a request, as far as trusted proxies say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The client's address, never IPv4-mapped; the last trusted proxy's where that one says nothing that can be
    /// believed. `None` for a peer on a Unix socket of which nobody says more.
    pub address: Option<IpAddr>,
    /// The trusted proxies between the client and us, nearest to us first; at most
    /// [`crate::limits::FORWARDED_HOPS_MAX`].
    pub proxies: Vec<IpAddr>,
    /// What the client's URL began with; `None` to go by the connection.
    pub scheme: Option<Scheme>,
    /// The host that the client asked for, with its port if it had one: a name or an address, nothing else. `None` to go
    /// by the request.
    pub host: Option<Vec<u8>>,
    /// The port that the client connected to; `None` to go by host and scheme.
    pub port: Option<u16>,
}

/// Finds the client of a request from its peer and all its fields (name and value, in the order received).
///
/// `peer` is the other end of the connection, or what the PROXY protocol says of it, and `None` on a Unix socket. Unless
/// the peer is trusted, the fields are not even looked at.
///
/// - Addresses: from the right over all fields of the name, up to the first that is not trusted, or to the last good one
///   before an element that is malformed, empty or hides its address.
/// - `X-Forwarded-Proto`, `-Host` and `-Port`: only the last element of the last field, which the peer itself wrote or
///   let pass; elements further left might be the client's. Many proxies let pass what they do not write, so scheme, host
///   and port are no more than what the client asked for, and belong into every key that a response is stored by.
/// - `Forwarded`: `proto` and `host` of the element where the walk ended.
pub fn resolve<'a>(
    peer: Option<IpAddr>,
    fields: impl DoubleEndedIterator<Item = (&'a [u8], &'a [u8])>,
    trust: &Trust,
) -> Client {
    let client = Client { address: peer.map(|peer| peer.to_canonical()), ..Client::default() };
    match (client.address.map_or(trust.unix_sockets, |peer| trust.contains(peer)), trust.by) {
        (false, _) => client,
        (true, ForwardedBy::XForwarded) => chain::x_forwarded(client, fields, trust),
        (true, ForwardedBy::Forwarded) => chain::forwarded(client, fields, trust),
    }
}

#[cfg(test)]
mod tests;
