//! Answers that need nobody: fresh, whole and in memory. Nothing here waits or allocates.

use std::sync::Arc;

use super::decide::{Way, decide};
use crate::cache::UnixMs;
use crate::cache::conditional;
use crate::cache::control::RequestControl;
use crate::cache::reuse::{self, Reuse};
use crate::cache::status::{self, Outcome};
use crate::cache::stored::Stored;
use crate::config::{Audience, Config, Profile};
use crate::edge::Edge;
use crate::http::fields::write_line;
use crate::http::{Name, RequestHead, Version, list};

/// The stored response that answers a request as it is; `None` when there is more to think about.
pub(crate) fn find(
    edge: &Edge,
    config: &Config,
    head: &RequestHead,
    key: &mut Vec<u8>,
    now: UnixMs,
) -> Option<Arc<Stored>> {
    let Way::Cache(terms) = decide(config, &edge.cookies, head, key) else { return None };
    if config.cache.is_shadow || config.has_rates() || asks_for_more(head) {
        return None;
    }
    let only_for_everyone = terms.audience == Audience::Everyone;
    let stored = edge.store.find(edge.store.hash(key), key, &head.fields, only_for_everyone).stored?;
    let wanted = wanted(config, head);
    let is_good = !stored.is_purged()
        && stored.document.is_none()
        && reuse::decide(&stored.timing, &wanted, now) == Reuse::Fresh;
    is_good.then_some(stored)
}

fn asks_for_more(head: &RequestHead) -> bool {
    head.fields.has(Name::Range) || conditional::has_any(&head.fields)
}

/// What the client says it would take. A site's visitors do not decide what its cache is for.
pub(crate) fn wanted(config: &Config, head: &RequestHead) -> RequestControl {
    match config.cache.profile {
        Profile::Rfc => RequestControl::read(&head.fields),
        Profile::Django => RequestControl::default(),
    }
}

/// Writes the head of such an answer.
pub(crate) fn write_head(
    stored: &Stored,
    version: Version,
    keeps_alive: bool,
    now: UnixMs,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(&stored.head);
    out.extend_from_slice(b"age: ");
    list::write_number(stored.timing.age_s(now), out);
    out.extend_from_slice(b"\r\ncache-status: ");
    status::write(&Outcome::Hit { ttl_s: stored.timing.ttl_s(now), detail: None }, out);
    out.extend_from_slice(b"\r\n");
    write_connection(version, keeps_alive, out);
    out.extend_from_slice(b"\r\n");
}

/// Says what becomes of the connection, where that is not understood.
pub(crate) fn write_connection(version: Version, keeps_alive: bool, out: &mut Vec<u8>) {
    match (version, keeps_alive) {
        (_, false) => write_line(b"connection", b"close", out),
        (Version::Http10, true) => write_line(b"connection", b"keep-alive", out),
        _ => {}
    }
}
