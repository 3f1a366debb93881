//! What a request that changes something makes invalid (RFC 9111 §4.4, RFC 9875 §3).

use super::decide::url_key;
use super::request::Asked;
use crate::cache::key;
use crate::cache::store::Purge;
use crate::edge::Edge;
use crate::http::target::{self, Target};
use crate::http::{Method, Name, RequestHead, ResponseHead, structured};

/// Purges what a successful answer to an unsafe request makes invalid: its own URL, those that it names, and the groups
/// that it names.
pub(crate) fn after(asked: &Asked<'_>, head: &RequestHead, response: &ResponseHead) {
    if !(200..400).contains(&response.status) {
        return;
    }
    purge_url(asked, head, &head.target);
    for name in [Name::Location, Name::ContentLocation] {
        if let Some(target) = response.fields.get(name).and_then(|value| on_same_origin(head, value)) {
            purge_url(asked, head, &target);
        }
    }
    let edge = &asked.worker.edge;
    for group in structured::strings(&response.fields, Name::CacheGroupInvalidation).unwrap_or_default() {
        edge.store.purge(Purge::Tag(group_hash(edge, head, &group)), false);
    }
}

/// The hash of a group, which belongs to one origin (RFC 9875 §2).
pub(crate) fn group_hash(edge: &Edge, head: &RequestHead, group: &str) -> u64 {
    let mut name = Vec::new();
    key::begin(head.scheme, &head.host, b"", &mut name);
    key::add(b"group", group.as_bytes(), &mut name);
    edge.store.hash(&name)
}

fn purge_url(asked: &Asked<'_>, head: &RequestHead, target: &[u8]) {
    let edge = &asked.worker.edge;
    let mut name = Vec::new();
    url_key(asked.config, head, target, &mut name);
    let hash = edge.store.hash(&name);
    edge.store.purge(Purge::Tag(hash), false);
    edge.memo.forget(hash);
}

/// Path and query of a URL of the same origin: nobody makes another site's pages invalid.
fn on_same_origin(head: &RequestHead, url: &[u8]) -> Option<Vec<u8>> {
    if url.starts_with(b"//") {
        return None;
    }
    if url.starts_with(b"/") {
        return Some(url.to_vec());
    }
    if let Ok(Target::Absolute { host, path }) = target::parse(&Method::Get, url) {
        let is_same = host.eq_ignore_ascii_case(&head.host);
        let path = if path.is_empty() { b"/" } else { path };
        return is_same.then(|| path.to_vec());
    }
    if url.is_empty() || url.contains(&b':') {
        return None;
    }
    // Relative to the request's own path (RFC 3986 §5.2.3).
    let directory = head.path().iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
    Some([&head.path()[..directory], url].concat())
}

#[cfg(test)]
mod tests;
