//! A request that is not answered at once: by the cache after a word with the app, or by the app.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::answer::{Answer, Body};
use super::client::Client;
use super::decide::{Way, decide};
use super::fill::{self, Fill};
use super::flight::{Flight, Landing, News, Own, Place, Shared};
use super::{hit, pass};
use crate::cache::conditional;
use crate::cache::reuse::{self, Reuse};
use crate::cache::status::{Forwarded, Outcome};
use crate::cache::stored::Stored;
use crate::cache::storing::Refusal;
use crate::config::Config;
use crate::files;
use crate::forwarded;
use crate::http::framing::Framing;
use crate::http::{Method, Name, RequestHead};
use crate::limits::FLIGHTS_JOINED_MAX;
use crate::worker::Worker;

/// What is known of a request besides its head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// Who serves it.
    pub(crate) worker: &'a Arc<Worker>,
    /// As it was when the request came.
    pub(crate) config: &'a Arc<Config>,
    /// Who asks.
    pub(crate) who: &'a forwarded::Client,
    /// What body it has.
    pub(crate) framing: Framing,
}

/// Answers a request, whatever happens.
pub(crate) async fn answer(asked: &Asked<'_>, head: &mut RequestHead, client: &mut Client<'_>) -> Answer {
    let edge = &asked.worker.edge;
    if let Some(answer) = files::answer(edge, asked.config, head, edge.clock.now()).await {
        return answer;
    }
    let mut key = Vec::new();
    let way = match decide(asked.config, head, &mut key) {
        // A body would not be in the key.
        Way::Cache if asked.framing != Framing::Empty => Way::Pass(Forwarded::Bypass("body")),
        way => way,
    };
    match way {
        Way::Pass(why) => pass::answer(asked, head, client, why).await,
        Way::Cache => cached(asked, head, client, &key).await,
    }
}

/// What the cache has to say.
enum Said {
    /// An answer.
    Answer(Answer),
    /// The app is to be asked for this client alone.
    Pass(Forwarded),
    /// The app is to be asked for all.
    Fill(Forwarded, Option<Arc<Stored>>),
}

async fn cached(asked: &Asked<'_>, head: &mut RequestHead, client: &mut Client<'_>, key: &[u8]) -> Answer {
    let edge = &asked.worker.edge;
    let hash = edge.store.hash(key);
    // Each flight may land with something that is for others only.
    for _ in 0..FLIGHTS_JOINED_MAX {
        let (why, stale) = match look_up(asked, head, hash, key) {
            Said::Answer(answer) => return answer,
            Said::Pass(why) => return pass::answer(asked, head, client, why).await,
            Said::Fill(why, stale) => (why, stale),
        };
        let flight_key = flight_key(asked, head, hash, key);
        let is_alone = edge.memo.has(hash, edge.clock.now());
        let place = if is_alone { Place::Leads(Arc::default()) } else { edge.flights.join(&flight_key) };
        let answer = match place {
            Place::Leads(flight) => {
                let (sender, own) = oneshot::channel();
                let fill = Fill::new(asked, head, hash, key, flight_key, stale);
                tokio::spawn(fill::run(fill, Arc::clone(&flight), Some(sender)));
                wait(asked, head, client, &flight, Some(own), why).await
            }
            Place::Follows(flight) => wait(asked, head, client, &flight, None, why).await,
        };
        if let Some(answer) = answer {
            return answer;
        }
    }
    pass::answer(asked, head, client, Forwarded::UriMiss).await
}

fn look_up(asked: &Asked<'_>, head: &RequestHead, hash: u64, key: &[u8]) -> Said {
    let edge = &asked.worker.edge;
    let now = edge.clock.now();
    let wanted = hit::wanted(asked.config, head);
    let found = edge.store.find(hash, key, &head.fields);
    let mut why = if found.has_other_variants { Forwarded::VaryMiss } else { Forwarded::UriMiss };
    if let Some(stored) = &found.stored {
        let reuse =
            if stored.is_purged() { Reuse::Validate } else { reuse::decide(&stored.timing, &wanted, now) };
        let hit = |detail| {
            let outcome = Outcome::Hit { ttl_s: stored.timing.ttl_s(now), detail };
            let choice = hit::choose(edge, asked.config, hash, stored, head);
            let age_s = stored.timing.age_s(now);
            Answer::from_stored(stored, choice, &head.method, &head.fields, age_s, outcome)
        };
        match reuse {
            Reuse::Fresh => return Said::Answer(hit(None)),
            Reuse::Stale => return Said::Answer(hit(Some("max-stale"))),
            Reuse::WhileRevalidate => {
                if stored.begin_refresh() {
                    refresh(asked, head, hash, key, stored);
                }
                return Said::Answer(hit(Some("stale-while-revalidate")));
            }
            Reuse::Validate => why = if stored.is_fresh(now) { Forwarded::Request } else { Forwarded::Stale },
        }
    }
    if wanted.only_if_cached {
        return Said::Answer(Answer::of_the_edge(504, "nothing is stored for this request"));
    }
    let is_for_one = head.method == Method::Head
        || wanted.no_store
        || (found.stored.is_none() && (head.fields.has(Name::Range) || conditional::has_any(&head.fields)));
    if is_for_one { Said::Pass(why) } else { Said::Fill(why, found.stored) }
}

/// Fetches a fresh response while a stale one is served.
fn refresh(asked: &Asked<'_>, head: &RequestHead, hash: u64, key: &[u8], stored: &Arc<Stored>) {
    let flight_key = flight_key(asked, head, hash, key);
    if let Place::Leads(flight) = asked.worker.edge.flights.join(&flight_key) {
        let fill = Fill::new(asked, head, hash, key, flight_key, Some(Arc::clone(stored)));
        tokio::spawn(fill::run(fill, flight, None));
    } else {
        stored.end_refresh();
    }
}

/// What those have in common who may share a flight: the key, and what responses under it were chosen by so far.
fn flight_key(asked: &Asked<'_>, head: &RequestHead, hash: u64, key: &[u8]) -> Vec<u8> {
    let mut flight_key = key.to_vec();
    for name in asked.worker.edge.store.vary_names(hash, key) {
        let value: Vec<&[u8]> = head.fields.all_named(&name).collect();
        crate::cache::key::add(&name, &value.join(&b','), &mut flight_key);
    }
    flight_key
}

/// Waits for a flight to land. `None` when it landed with something for others.
async fn wait(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
    flight: &Flight,
    mut own: Option<oneshot::Receiver<Own>>,
    why: Forwarded,
) -> Option<Answer> {
    let is_collapsed = own.is_none();
    let mut news_heard = 0;
    let landing = loop {
        match flight.news(&mut news_heard).await {
            // A client that is gone is found out when the answer is written.
            News::Interim(interim) => drop(client.send_interim(&interim).await),
            News::Landed(landing) => break landing,
        }
    };
    let edge = &asked.worker.edge;
    let outcome =
        |status, is_stored, detail| Outcome::Forwarded { why, status, is_stored, is_collapsed, detail };
    match landing {
        Landing::Stored { stored, status, detail } => {
            if !stored.variant.matches(&head.fields) {
                return None;
            }
            let age_s = stored.timing.age_s(edge.clock.now());
            let outcome = outcome(status, status == Some(304), detail);
            let choice = hit::choose_made(asked.config, &stored, head);
            Some(Answer::from_stored(&stored, choice, &head.method, &head.fields, age_s, outcome))
        }
        Landing::Shared(shared) => {
            let is_for_us = shared.variant.matches(&head.fields);
            is_for_us.then(|| of_shared(asked, &shared, outcome(None, true, None))).flatten()
        }
        Landing::Unshared(refusal) => match own.take() {
            Some(own) => match own.await {
                Ok(own) => Some(of_own(own, outcome(None, false, Some(refusal.as_str())))),
                Err(_) => Some(Answer::of_the_edge(502, "the app's answer was lost")),
            },
            None => Some(pass::answer(asked, head, client, why).await),
        },
        Landing::Failed { failure, status } => Some(Answer::of_the_edge(status, &failure.to_string())),
    }
}

fn of_own(own: Own, outcome: Outcome) -> Answer {
    let Own { mut head, body } = own;
    head.fields.remove_hop_by_hop();
    Answer { head, body: Body::Own(Box::new(body)), outcome: Some(outcome), closes: false }
}

fn of_shared(asked: &Asked<'_>, shared: &Shared, outcome: Outcome) -> Option<Answer> {
    let reader = shared.body.reader()?;
    let mut head = shared.head.clone();
    let age_s = shared.timing.age_s(asked.worker.edge.clock.now());
    if age_s > 0 || head.fields.has(Name::Age) {
        head.fields.set(Name::Age, age_s.to_string().as_bytes());
    }
    Some(Answer {
        head,
        body: Body::Shared { reader, length: shared.length },
        outcome: Some(outcome),
        closes: false,
    })
}

/// Whether a refusal is of the kind that the next answer will be refused for, too.
pub(crate) fn is_lasting(refusal: Refusal) -> bool {
    !matches!(refusal, Refusal::Purged | Refusal::Incomplete)
}
