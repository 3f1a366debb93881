//! The walk from us outwards, hop by hop, to the client.

use std::net::IpAddr;

use super::{Client, Trust, element, host};
use crate::limits::FORWARDED_HOPS_MAX;

/// A walk in progress.
struct Walk<'a> {
    trust: &'a Trust,
    /// As far as it is known.
    client: Client,
    hops_left: usize,
    is_ended: bool,
}

impl<'a> Walk<'a> {
    /// Begins at a trusted peer.
    fn new(client: Client, trust: &'a Trust) -> Self {
        Self { trust, client, hops_left: FORWARDED_HOPS_MAX, is_ended: false }
    }

    /// Takes in whom the last hop, a trusted one, received the request from; `None` if it cannot be known.
    fn meet(&mut self, hop: Option<IpAddr>) {
        // Also an empty element ends the walk: it is a proxy that had nothing to say, and what stands left of it may be the
        // client's.
        let Some(hop) = hop else {
            self.is_ended = true;
            return;
        };
        self.client.proxies.extend(self.client.address.replace(hop));
        self.hops_left = self.hops_left.saturating_sub(1);
        self.is_ended = self.hops_left == 0 || !self.trust.contains(hop);
    }
}

/// Finds the client by `X-Forwarded-For`, beginning with what is known of the peer.
pub(super) fn x_forwarded<'a>(
    peer: Client,
    fields: impl DoubleEndedIterator<Item = (&'a [u8], &'a [u8])>,
    trust: &Trust,
) -> Client {
    let mut walk = Walk::new(peer, trust);
    let (mut proto, mut host, mut port) = (None, None, None);
    for (name, value) in fields.rev() {
        if name.eq_ignore_ascii_case(b"x-forwarded-for") {
            for element in value.rsplit(|byte| *byte == b',') {
                if walk.is_ended {
                    break;
                }
                walk.meet(element::x_forwarded_for(element));
            }
        } else if name.eq_ignore_ascii_case(b"x-forwarded-proto") {
            proto.get_or_insert_with(|| last(value));
        } else if name.eq_ignore_ascii_case(b"x-forwarded-host") {
            host.get_or_insert_with(|| last(value));
        } else if name.eq_ignore_ascii_case(b"x-forwarded-port") {
            port.get_or_insert_with(|| last(value));
        }
    }
    let port = port.and_then(|port| std::str::from_utf8(port).ok()).and_then(host::read_port);
    let host = host.and_then(host::read).map(|host| host.text.to_vec());
    Client { scheme: proto.and_then(super::scheme), host, port, ..walk.client }
}

/// Finds the client by `Forwarded`, beginning with what is known of the peer.
pub(super) fn forwarded<'a>(
    peer: Client,
    fields: impl DoubleEndedIterator<Item = (&'a [u8], &'a [u8])>,
    trust: &Trust,
) -> Client {
    let mut walk = Walk::new(peer, trust);
    let mut host = None;
    for (_, value) in fields.rev().filter(|(name, _)| name.eq_ignore_ascii_case(b"forwarded")) {
        let mut rest = Some(value);
        while let Some(line) = rest.filter(|_| !walk.is_ended) {
            let (left, element) = element::split_last(line);
            rest = left;
            // A hop that hides whom it received the request from is still believed in what else it says.
            let element = element::forwarded(element);
            walk.meet(element.as_ref().and_then(|element| element.address));
            if let Some(element) = element {
                (walk.client.scheme, host) = (element.scheme, element.host);
            }
        }
    }
    Client { host: host.map(|host| host.text.to_vec()), ..walk.client }
}

/// The last element of a list.
fn last(value: &[u8]) -> &[u8] {
    element::trim(value.rsplit(|byte| *byte == b',').next().unwrap_or_default())
}
