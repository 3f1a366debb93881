//! Answers that need nobody: fresh, whole and in memory. Nothing here waits, and nothing allocates but what begins to
//! compress a body, once.

use std::sync::Arc;

use super::decide::{Way, compresses, decide};
use crate::cache::UnixMs;
use crate::cache::coding::Coding;
use crate::cache::conditional;
use crate::cache::control::RequestControl;
use crate::cache::reuse::{self, Reuse};
use crate::cache::status::{self, Outcome};
use crate::cache::stored::Stored;
use crate::cache::stored::compressed::VARY;
use crate::clock::Clock;
use crate::compress::{self, Choice};
use crate::config::{Audience, Config, Profile};
use crate::edge::Edge;
use crate::files::{self, AtHand, Kept};
use crate::http::fields::write_line;
use crate::http::{Name, RequestHead, Version, list};

/// What answers a request as it is.
#[derive(Debug)]
pub(crate) enum Hit {
    /// Something stored, in the form that was chosen.
    Stored(Arc<Stored>, Choice),
    /// A file in memory, in that coding.
    File(Arc<Kept>, Option<Coding>),
}

impl Hit {
    /// All of the body.
    pub(crate) fn body(&self) -> &[u8] {
        match self {
            Self::Stored(stored, choice) => stored.form(choice.coding).body,
            Self::File(kept, coding) => kept.content(*coding),
        }
    }
}

/// What answers a request as it is; `None` when there is more to think about.
pub(crate) fn find(
    edge: &Arc<Edge>,
    config: &Config,
    head: &RequestHead,
    key: &mut Vec<u8>,
    now: UnixMs,
) -> Option<Hit> {
    match files::at_hand(edge, config, head, now) {
        AtHand::File(kept, coding) => return Some(Hit::File(kept, coding)),
        AtHand::Ask => return None,
        AtHand::NoFile => {}
    }
    let Way::Cache(terms) = decide(config, &edge.cookies, head, key) else { return None };
    if config.cache.is_shadow || config.has_rates() || asks_for_more(head) {
        return None;
    }
    let only_for_everyone = terms.audience == Audience::Everyone;
    let hash = edge.store.hash(key);
    let stored = edge.store.find(hash, key, &head.fields, only_for_everyone).stored?;
    let wanted = wanted(config, head);
    let is_good = !stored.is_purged()
        && stored.document.is_none()
        && reuse::decide(&stored.timing, &wanted, now) == Reuse::Fresh;
    is_good.then(|| {
        let choice = choose(config, &stored, head);
        if let Some(coding) = choice.misses {
            compress::make(edge, hash, &stored, coding);
        }
        Hit::Stored(stored, choice)
    })
}

/// Begins to make the form of what is stored that a client would take best, if it is missing.
pub(crate) fn make_missing(
    edge: &Arc<Edge>,
    config: &Config,
    hash: u64,
    stored: &Arc<Stored>,
    head: &RequestHead,
) {
    if let Some(coding) = choose(config, stored, head).misses {
        compress::make(edge, hash, stored, coding);
    }
}

/// Chooses among the forms that there are.
pub(crate) fn choose(config: &Config, stored: &Stored, head: &RequestHead) -> Choice {
    if compresses(config) { compress::choose(stored, &head.fields) } else { Choice::default() }
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
    hit: &Hit,
    version: Version,
    keeps_alive: bool,
    clock: Clock,
    now: UnixMs,
    out: &mut Vec<u8>,
) {
    match hit {
        Hit::Stored(stored, choice) => write_stored(stored, *choice, now, out),
        Hit::File(kept, coding) => {
            out.extend_from_slice(kept.head(*coding));
            out.extend_from_slice(b"date: ");
            clock.write_date(now, out);
            out.extend_from_slice(b"\r\n");
        }
    }
    write_connection(version, keeps_alive, out);
    out.extend_from_slice(b"\r\n");
}

fn write_stored(stored: &Stored, choice: Choice, now: UnixMs, out: &mut Vec<u8>) {
    out.extend_from_slice(stored.form(choice.coding).head);
    if choice.adds_vary {
        write_line(b"vary", VARY, out);
    }
    out.extend_from_slice(b"age: ");
    list::write_number(stored.timing.age_s(now), out);
    out.extend_from_slice(b"\r\ncache-status: ");
    status::write(&Outcome::Hit { ttl_s: stored.timing.ttl_s(now), detail: None }, out);
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
