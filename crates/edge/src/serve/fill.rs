//! Asking the app for many: what it answers is stored, and given to all who wait.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::decide;
use super::fetch::{Ear, fetch};
use super::flight::{Flight, Landing, Own, Shared};
use super::invalidate::group_hash;
use super::outgoing::{self, BodyKind};
use super::request::{Asked, is_lasting};
use super::shared_body::{Ending, SharedBody};
use crate::cache::conditional;
use crate::cache::freshness::{Exchange, Timing};
use crate::cache::reuse::may_serve_in_error;
use crate::cache::store;
use crate::cache::stored::{Parts, Stored, compressed};
use crate::cache::storing::{self, Refusal};
use crate::cache::vary::Variant;
use crate::config::Config;
use crate::forwarded;
use crate::http::{Name, RequestHead, ResponseHead, list, structured};
use crate::limits::{COMPRESSED_BYTES_MIN, TAGS_MAX};
use crate::upstream::{ResponseBody, UpstreamError};
use crate::worker::Worker;

/// A fill that is to be done.
#[derive(Debug)]
pub(crate) struct Fill {
    worker: Arc<Worker>,
    config: Arc<Config>,
    who: forwarded::Client,
    head: RequestHead,
    hash: u64,
    key: Vec<u8>,
    flight_key: Vec<u8>,
    stale: Option<Arc<Stored>>,
    began: store::Fill,
}

impl Fill {
    /// A fill for a request, and of what is stored already, if it is stale.
    pub(crate) fn new(
        asked: &Asked<'_>,
        head: &RequestHead,
        hash: u64,
        key: &[u8],
        flight_key: Vec<u8>,
        stale: Option<Arc<Stored>>,
    ) -> Self {
        Self {
            worker: Arc::clone(asked.worker),
            config: Arc::clone(asked.config),
            who: asked.who.clone(),
            head: head.clone(),
            hash,
            key: key.to_vec(),
            flight_key,
            stale,
            began: asked.worker.edge.store.begin_fill(),
        }
    }
}

/// Asks, and lands the flight. `own` is the client that began it: it gets what is for nobody else.
pub(crate) async fn run(fill: Fill, flight: Arc<Flight>, own: Option<oneshot::Sender<Own>>) {
    let edge = &fill.worker.edge;
    let mut head = fill.head.clone();
    outgoing::strip(&fill.config, &mut head.fields);
    if let Some(stale) = &fill.stale {
        conditional::ask_whether_it_holds(&mut head.fields, &stale.fields);
    }
    let out = outgoing::write_head(&fill.config, &head, &fill.who, None, BodyKind::Empty);
    let requested = edge.clock.now();
    let fetched = fetch(&fill.worker, &fill.config, &head.method, &out, &[], Ear::Flight(&flight)).await;
    let exchange = Exchange { requested, responded: edge.clock.now() };
    match fetched {
        Ok((response, body)) => fill.answered(&flight, own, response, body, exchange).await,
        Err(error) => fill.failed(&flight, &error),
    }
    if let Some(stale) = &fill.stale {
        stale.end_refresh();
    }
    edge.flights.close(&fill.flight_key, &flight);
}

impl Fill {
    async fn answered(
        &self,
        flight: &Arc<Flight>,
        own: Option<oneshot::Sender<Own>>,
        response: ResponseHead,
        body: ResponseBody,
        exchange: Exchange,
    ) {
        if let Some(stale) = &self.stale {
            if response.status == 304 {
                return self.still_holds(flight, stale, &response, exchange);
            }
            if response.status >= 500 && self.may_serve(stale) {
                return serve_stale(flight, stale, Some(response.status));
            }
        }
        match self.judge(&response, &body, exchange) {
            Ok((timing, variant)) => self.share(flight, response, body, timing, variant).await,
            Err(refusal) => self.hand_over(flight, own, response, body, refusal),
        }
    }

    /// Whether the answer is for many.
    fn judge(
        &self,
        response: &ResponseHead,
        body: &ResponseBody,
        exchange: Exchange,
    ) -> Result<(Timing, Variant), Refusal> {
        let is_authorized = self.head.fields.has(Name::Authorization);
        let answer =
            storing::Answer { status: response.status, fields: &response.fields, is_authorized, exchange };
        let timing = storing::decide(&answer, &decide::rules(&self.config))?;
        let variant = Variant::of(&response.fields, &self.head.fields)?;
        let is_too_large =
            body.length().is_some_and(|length| length > self.config.cache.object_bytes_max as u64);
        if is_too_large { Err(Refusal::TooLarge) } else { Ok((timing, variant)) }
    }

    /// An answer for one: all others are told to ask for themselves, and those who come after them do not wait at all.
    fn hand_over(
        &self,
        flight: &Arc<Flight>,
        own: Option<oneshot::Sender<Own>>,
        head: ResponseHead,
        body: ResponseBody,
        refusal: Refusal,
    ) {
        let edge = &self.worker.edge;
        if is_lasting(refusal) {
            edge.memo.put(self.hash, edge.clock.now(), self.config.cache.uncacheable_s);
        }
        if let Some(own) = own {
            // A client that left does not want it.
            drop(own.send(Own { head, body }));
        }
        edge.flights.close(&self.flight_key, flight);
        flight.land(Landing::Unshared(refusal));
    }

    /// Gives an answer to all who wait while it comes, and stores it when it is complete.
    async fn share(
        &self,
        flight: &Arc<Flight>,
        mut head: ResponseHead,
        mut body: ResponseBody,
        timing: Timing,
        variant: Variant,
    ) {
        let edge = &self.worker.edge;
        edge.memo.forget(self.hash);
        head.fields.remove_hop_by_hop();
        let tags = self.take_tags(&mut head);
        let shared_body = Arc::new(SharedBody::default());
        let (length, mut shared_head) = (body.length(), head.clone());
        if decide::compresses(&self.config) {
            announce(&mut shared_head, length);
        }
        let shared = Shared {
            head: shared_head,
            timing,
            variant: variant.clone(),
            body: Arc::clone(&shared_body),
            length,
        };
        flight.land(Landing::Shared(Arc::new(shared)));
        let mut bytes = 0;
        let mut is_kept = true;
        loop {
            match body.data().await {
                Ok(Some(data)) => {
                    bytes += data.len();
                    shared_body.push(Bytes::copy_from_slice(data));
                }
                Ok(None) => break,
                Err(_) => return shared_body.end(Ending::Broken),
            }
            if is_kept && bytes > self.config.cache.object_bytes_max {
                is_kept = false;
                edge.memo.put(self.hash, edge.clock.now(), self.config.cache.uncacheable_s);
                edge.flights.close(&self.flight_key, flight);
                shared_body.let_go();
            }
            if !shared_body.room().await {
                return;
            }
        }
        shared_body.end(Ending::Complete);
        if let Some(body) = shared_body.whole() {
            let ResponseHead { status, reason, fields, .. } = head;
            let parts = Parts { status, reason, fields, body, timing, variant, tags };
            self.store(parts, None);
        }
    }

    /// What is stored still holds, with new fields (RFC 9111 §4.3.4).
    fn still_holds(
        &self,
        flight: &Arc<Flight>,
        stale: &Arc<Stored>,
        response: &ResponseHead,
        exchange: Exchange,
    ) {
        let fields = conditional::updated(&stale.fields, &response.fields);
        let answer =
            storing::Answer { status: stale.status, fields: &fields, is_authorized: false, exchange };
        let rules = decide::rules(&self.config);
        let renewed = storing::decide(&answer, &rules).and_then(|timing| {
            let variant = Variant::of(&fields, &self.head.fields)?;
            Ok((timing, variant))
        });
        let stored = match renewed {
            Ok((timing, variant)) => {
                let mut head = ResponseHead { status: stale.status, fields, ..ResponseHead::default() };
                let mut tags = self.take_tags(&mut head);
                tags.extend_from_slice(&stale.tags);
                tags.sort_unstable();
                tags.dedup();
                let parts = Parts {
                    status: stale.status,
                    reason: stale.reason.to_vec(),
                    fields: head.fields,
                    body: stale.body.clone(),
                    timing,
                    variant,
                    tags,
                };
                self.store(parts, Some(stale))
            }
            // It may answer this once, and is not kept for longer.
            Err(_) => Arc::clone(stale),
        };
        flight.land(Landing::Stored { stored, status: Some(304), detail: None });
    }

    /// Stores a response; `same` is one with the same body.
    fn store(&self, parts: Parts, same: Option<&Stored>) -> Arc<Stored> {
        let stored = Arc::new(Stored::new(parts, self.key.len()));
        if let Some(same) = same {
            stored.inherit(same);
        }
        // Refused if it was purged meanwhile: then it answers those who asked before, and nobody else.
        let _ = self.worker.edge.store.insert(self.began, self.hash, &self.key, &stored);
        stored
    }

    fn failed(&self, flight: &Arc<Flight>, error: &UpstreamError) {
        match &self.stale {
            Some(stale) if self.may_serve(stale) => serve_stale(flight, stale, None),
            _ => flight.land(Landing::Failed { failure: error.failure, status: error.status() }),
        }
    }

    fn may_serve(&self, stale: &Stored) -> bool {
        may_serve_in_error(&stale.timing, self.worker.edge.clock.now())
    }

    /// The tags of a response, which are nobody's business but ours and the app's.
    fn take_tags(&self, head: &mut ResponseHead) -> Vec<u64> {
        let store = &self.worker.edge.store;
        let spaced = head.fields.all(Name::SurrogateKey).flat_map(|value| value.split(|&byte| byte == b' '));
        let listed = head.fields.elements(Name::CacheTag);
        let mut tags: Vec<u64> = spaced
            .map(list::trim)
            .chain(listed)
            .filter(|tag| !tag.is_empty())
            .take(TAGS_MAX)
            .map(|tag| store.hash(tag))
            .collect();
        let groups = structured::strings(&head.fields, Name::CacheGroups).unwrap_or_default();
        tags.extend(
            groups.iter().take(TAGS_MAX).map(|group| group_hash(&self.worker.edge, &self.head, group)),
        );
        head.fields.remove(Name::SurrogateKey);
        head.fields.remove(Name::CacheTag);
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}

/// Says of an answer that will come compressed later that it does: whoever keeps it is not to give it to everybody.
fn announce(head: &mut ResponseHead, length: Option<u64>) {
    let has_size = length.is_none_or(|length| length >= COMPRESSED_BYTES_MIN as u64);
    if has_size
        && compressed::may_be_compressed(head.status, &head.fields)
        && compressed::lacks_vary(&head.fields)
    {
        head.fields.push_known(Name::Vary, compressed::VARY);
    }
}

fn serve_stale(flight: &Flight, stale: &Arc<Stored>, status: Option<u16>) {
    flight.land(Landing::Stored { stored: Arc::clone(stale), status, detail: Some("stale-if-error") });
}
