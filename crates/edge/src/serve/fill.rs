//! Asking the app for many: what it answers is stored, and given to all who wait.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::compose;
use super::decide;
use super::fetch::{Asking, Ear, fetch};
use super::flight::{Flight, Landing, Own, Shared};
use super::outgoing::{self, BodyKind};
use super::request::{Asked, is_lasting};
use super::shared_body::{Ending, SharedBody};
use crate::cache::conditional;
use crate::cache::freshness::{Exchange, Timing};
use crate::cache::reuse::may_serve_in_error;
use crate::cache::stored::{Parts, Stored, compressed};
use crate::cache::storing::{self, Refusal};
use crate::cache::tags::{self, Labels};
use crate::cache::vary::Variant;
use crate::config::{Audience, Config, Profile, Route};
use crate::disk::Keep;
use crate::edge::Began;
use crate::esi::Document;
use crate::forwarded;
use crate::gate::Shed;
use crate::gate::queue::Class;
use crate::http::{Fields, Name, RequestHead, ResponseHead};
use crate::limits::COMPRESSED_BYTES_MIN;
use crate::upstream::{Failure, ResponseBody, UpstreamError};
use crate::worker::Worker;

/// A fill that is to be done.
#[derive(Debug)]
pub(crate) struct Fill {
    worker: Arc<Worker>,
    config: Arc<Config>,
    who: forwarded::Client,
    /// What is sent: all of it is in the key.
    head: RequestHead,
    route: Option<Route>,
    client_hash: u64,
    patience: Duration,
    hash: u64,
    key: Vec<u8>,
    flight_key: Vec<u8>,
    stale: Option<Arc<Stored>>,
    began: Began,
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
        let (edge, config) = (&asked.worker.edge, asked.config);
        let mut head = head.clone();
        outgoing::strip(config, &mut head.fields);
        let closed = decide::closed(config, &head, &edge.store.vary_names(hash, key));
        (head.target, head.fields) = (closed.target, closed.fields);
        let mut who = asked.who.clone();
        if config.cache.profile == Profile::Django {
            // Who asks is not in the key.
            who = forwarded::Client { scheme: who.scheme, ..forwarded::Client::default() };
        }
        Self {
            worker: Arc::clone(asked.worker),
            config: Arc::clone(config),
            who,
            head,
            route: asked.route.cloned(),
            client_hash: asked.client_hash(),
            patience: asked.route.and_then(|route| route.deadline).unwrap_or(config.gate.deadline),
            hash,
            key: key.to_vec(),
            flight_key,
            stale,
            began: edge.begin_fill(),
        }
    }
}

/// Asks, and lands the flight. `own` is the client that began it: it gets what is for nobody else.
pub(crate) async fn run(fill: Fill, flight: Arc<Flight>, own: Option<oneshot::Sender<Own>>, class: Class) {
    let edge = &fill.worker.edge;
    match fill.ask(&flight, class).await {
        Ok((response, body, exchange)) => fill.answered(&flight, own, response, body, exchange).await,
        Err(error) => fill.failed(&flight, error.failure),
    }
    if let Some(stale) = &fill.stale {
        stale.end_refresh();
    }
    edge.flights.close(&fill.flight_key, &flight);
}

impl Fill {
    async fn ask(
        &self,
        flight: &Flight,
        class: Class,
    ) -> Result<(ResponseHead, ResponseBody, Exchange), UpstreamError> {
        let edge = &self.worker.edge;
        let busy = |shed: Shed| UpstreamError::refused(Failure::Busy { retry_after: shed.retry_after });
        let turn = edge.turns.wait(self.client_hash, class, self.patience).await.map_err(busy)?;
        let mut head = self.head.clone();
        if let Some(stale) = &self.stale {
            conditional::ask_whether_it_holds(&mut head.fields, &stale.fields);
        }
        let out = outgoing::write_head(&self.config, &head, &self.who, None, BodyKind::Empty);
        let asking = Asking { worker: &self.worker, config: &self.config, method: &head.method, head: &out };
        let requested = edge.clock.now();
        let (response, body) = fetch(&asking, &[], Ear::Flight(flight), turn).await?;
        edge.cookies.learn(&response.fields);
        Ok((response, body, Exchange { requested, responded: edge.clock.now() }))
    }

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
            Ok((timing, variant)) if compose::is_asked_for(&response.fields) => {
                self.keep_frame(flight, response, body, timing, variant).await;
            }
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
        let rules = decide::rules(&self.config, self.route.as_ref(), response.status);
        let timing = storing::decide(&answer, &rules)?;
        let variant = decide::variant(&self.config, &response.fields, &self.head.fields)?;
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
        if self.config.cache.is_shadow {
            edge.shadow.refused(&self.head.target, refusal);
        }
        if is_lasting(refusal) {
            edge.memo.put(self.hash, edge.clock.now(), self.config.cache.uncacheable_s);
            edge.promised.forget(self.hash);
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
        let labels = Labels::take(&mut head.fields);
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
            self.store(self.parts(head, labels, body, timing, variant, None), None);
        }
    }

    /// Stores a page that is put together: all of it must be there before the first fragment is asked for.
    async fn keep_frame(
        &self,
        flight: &Arc<Flight>,
        mut head: ResponseHead,
        mut body: ResponseBody,
        timing: Timing,
        variant: Variant,
    ) {
        let Some(body) = compose::collect(&mut body, self.config.cache.object_bytes_max).await else {
            return flight.land(Landing::Failed(Failure::Truncated));
        };
        let document = compose::read(&body);
        let labels = Labels::take(&mut head.fields);
        let stored = self.store(self.parts(head, labels, body, timing, variant, document), None);
        flight.land(Landing::Stored { stored, status: None, detail: None });
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
        let rules = decide::rules(&self.config, self.route.as_ref(), stale.status);
        let renewed = storing::decide(&answer, &rules);
        let stored = match renewed {
            Ok(timing) => {
                let (status, reason) = (stale.status, stale.reason.to_vec());
                let mut head = ResponseHead { status, reason, fields, ..ResponseHead::default() };
                let labels = Labels::take(&mut head.fields).and(&stale.labels);
                let (body, document) = (stale.body.clone(), stale.document.clone());
                let parts = self.parts(head, labels, body, timing, stale.variant.clone(), document);
                self.store(parts, Some(stale))
            }
            // It may answer this once, and is not kept for longer.
            Err(_) => Arc::clone(stale),
        };
        flight.land(Landing::Stored { stored, status: Some(304), detail: None });
    }

    /// What is stored of an answer whose tags were taken out of its fields.
    fn parts(
        &self,
        head: ResponseHead,
        labels: Labels,
        body: Bytes,
        timing: Timing,
        variant: Variant,
        document: Option<Arc<Document>>,
    ) -> Parts {
        let ResponseHead { status, reason, fields, .. } = head;
        let tags = tags::hashes(&self.key, &fields, &labels, |name| self.worker.edge.store.hash(name));
        // The fragments of a page that is put together are what differs from one visitor to the next.
        let is_for_everyone = document.is_some() || self.is_for_everyone(&fields);
        Parts { status, reason, fields, body, timing, variant, labels, tags, is_for_everyone, document }
    }

    /// Stores a response; `same` is one with the same body.
    fn store(&self, parts: Parts, same: Option<&Stored>) -> Arc<Stored> {
        let edge = &self.worker.edge;
        let stored = Arc::new(Stored::new(parts, self.key.len()));
        if let Some(same) = same {
            stored.inherit(same);
        }
        // Refused if it was purged meanwhile: then it answers those who asked before, and nobody else.
        let is_kept = edge.store.insert(self.began.memory(), self.hash, &self.key, &stored).is_ok();
        if let (true, Some(disk), Some(mark)) = (is_kept, &edge.disk, self.began.disk()) {
            let route = self.route.as_ref();
            if let Some(worth) = decide::worth(&self.config, route, &self.key, &stored, edge.clock.now()) {
                let rules = decide::key_rules(&self.config, route);
                disk.keep(mark, Keep { stored: Arc::clone(&stored), key: self.key.clone(), rules, worth });
            }
        }
        stored
    }

    /// Whether those may see it, too, who are somebody to the app.
    fn is_for_everyone(&self, fields: &Fields) -> bool {
        decide::audience(&self.config, self.route.as_ref(), fields) == Audience::Everyone
    }

    fn failed(&self, flight: &Arc<Flight>, failure: Failure) {
        match &self.stale {
            Some(stale) if self.may_serve(stale) => serve_stale(flight, stale, None),
            _ => flight.land(Landing::Failed(failure)),
        }
    }

    fn may_serve(&self, stale: &Stored) -> bool {
        may_serve_in_error(&stale.timing, self.worker.edge.clock.now())
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
