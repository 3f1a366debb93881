//! A request that the app answers although the cache might have.

use std::sync::Arc;

use super::answer::Answer;
use super::client::Client;
use super::decide::{Fills, Terms};
use super::fill::{self, Fill};
use super::flight::Place;
use super::pass;
use super::request::{Asked, flight_key};
use crate::cache::status::Forwarded;
use crate::cache::stored::Stored;
use crate::gate::queue::Class;
use crate::http::{Method, RequestHead, ResponseHead};
use crate::shadow::{Comparison, Verdict};
use crate::upstream::ResponseBody;

/// Asks the app, and notes what the cache would have done.
pub(crate) async fn answer(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
    key: &[u8],
    terms: Terms,
) -> Answer {
    let edge = &asked.worker.edge;
    let hash = edge.store.hash(key);
    let (verdict, stored) = judge(asked, head, hash, key, terms);
    edge.shadow.note(&head.target, verdict);
    if verdict == Verdict::Miss && head.method == Method::Get {
        let flight_key = flight_key(asked, head, hash, key);
        if let Place::Leads(flight) = edge.flights.join(&flight_key) {
            let fill = Fill::new(asked, head, hash, key, flight_key, None);
            tokio::spawn(fill::run(fill, flight, None, Class::Background));
        }
    }
    let (edge, target) = (Arc::clone(edge), head.target.clone());
    let is_get = head.method == Method::Get;
    let compare = move |response: &ResponseHead, body: &mut ResponseBody| {
        let stored = stored.filter(|_| is_get);
        if let Some(comparison) =
            stored.and_then(|stored| Comparison::begin(&edge, &target, &stored, response))
        {
            body.tap(comparison);
        }
    };
    pass::answer_with(asked, head, client, Forwarded::Bypass("shadow"), compare).await
}

fn judge(
    asked: &Asked<'_>,
    head: &RequestHead,
    hash: u64,
    key: &[u8],
    terms: Terms,
) -> (Verdict, Option<Arc<Stored>>) {
    let edge = &asked.worker.edge;
    let now = edge.clock.now();
    if terms.fills == Fills::Never {
        return (Verdict::Somebody, None);
    }
    if edge.memo.has(hash, now) {
        return (Verdict::Uncacheable, None);
    }
    let found = edge.store.find(hash, key, &head.fields, false);
    match found.stored.filter(|stored| stored.is_fresh(now)) {
        Some(stored) => (Verdict::Hit, Some(stored)),
        None => (Verdict::Miss, None),
    }
}
