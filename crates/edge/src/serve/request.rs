//! A request that is not answered at once: by the cache after a word with the app, or by the app.

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::answer::{Answer, Body};
use super::client::Client;
use super::decide::{self, Fills, Terms, Way, decide};
use super::fill::{self, Fill};
use super::flight::{Flight, Landing, News, Own, Place, Shared};
use super::{compose, hit, partial, pass, shadowed};
use crate::cache::conditional;
use crate::cache::freshness::Exchange;
use crate::cache::reuse::{self, Reuse};
use crate::cache::status::{Forwarded, Outcome};
use crate::cache::store::Found;
use crate::cache::stored::Stored;
use crate::cache::storing::{self, Refusal};
use crate::compress::Choice;
use crate::config::{Audience, Config, Profile, Route};
use crate::disk::Question;
use crate::files;
use crate::forwarded;
use crate::gate::queue::Class;
use crate::http::framing::Framing;
use crate::http::{Fields, Method, Name, RequestHead, ResponseHead};
use crate::limits::{FLIGHTS_JOINED_MAX, PROMISE_KEPT_S};
use crate::upstream::Failure;
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
    /// The rules for its path.
    pub(crate) route: Option<&'a Route>,
    /// The hash of the key under which an answer might be kept.
    pub(crate) kept_as: Option<u64>,
    /// How many pages it is a fragment of, one in the other.
    pub(crate) depth: usize,
}

impl<'a> Asked<'a> {
    /// A request of which no more is known yet.
    pub(crate) fn new(
        worker: &'a Arc<Worker>,
        config: &'a Arc<Config>,
        who: &'a forwarded::Client,
        framing: Framing,
    ) -> Self {
        Self { worker, config, who, framing, route: None, kept_as: None, depth: 0 }
    }

    /// The rules for its path.
    pub(crate) fn route(&self) -> Option<&'a Route> {
        self.route
    }

    /// A number that tells clients apart.
    pub(crate) fn client_hash(&self) -> u64 {
        match self.who.address {
            Some(IpAddr::V4(address)) => u64::from(address.to_bits()),
            // One customer of a provider has a network of that size.
            Some(IpAddr::V6(address)) => (address.to_bits() >> 64) as u64,
            None => 0,
        }
    }

    /// Takes note of what an answer to one client says of the app.
    pub(crate) fn learn(&self, head: &RequestHead, response: &ResponseHead, exchange: Exchange) {
        let edge = &self.worker.edge;
        edge.cookies.learn(&response.fields);
        let Some(hash) = self.kept_as.filter(|_| head.method == Method::Get) else { return };
        let answer = storing::Answer {
            status: response.status,
            fields: &response.fields,
            is_authorized: false,
            exchange,
        };
        let rules = decide::rules(self.config, self.route, response.status);
        if storing::decide(&answer, &rules).is_ok() {
            edge.promised.put(hash, edge.clock.now(), PROMISE_KEPT_S);
            edge.memo.forget(hash);
        }
    }
}

/// Answers a request, whatever happens.
pub(crate) async fn answer(asked: &Asked<'_>, head: &mut RequestHead, client: &mut Client<'_>) -> Answer {
    let edge = &asked.worker.edge;
    if let Some(answer) = files::answer(edge, asked.config, head, edge.clock.now()).await {
        return answer;
    }
    let asked = &Asked { route: decide::route_of(asked.config, head.path()), ..*asked };
    let key = edge.store.hash(&asked.client_hash().to_be_bytes());
    let allowance = edge.rates.check(asked.config, asked.route, key, edge.elapsed());
    let mut answer = match &allowance {
        Some(allowance) if allowance.retry_after.is_some() => allowance.refusal(),
        _ => allowed(asked, head, client).await,
    };
    if let Some(allowance) = allowance {
        allowance.tell(&mut answer.head.fields);
    }
    answer
}

async fn allowed(asked: &Asked<'_>, head: &mut RequestHead, client: &mut Client<'_>) -> Answer {
    let has_parts = asked.route.is_some_and(|route| route.has_partial_responses);
    match if has_parts { partial::take(head) } else { Ok(None) } {
        Err(refusal) => *refusal,
        Ok(None) => routed(asked, head, client).await,
        Ok(Some(mask)) => partial::apply(routed(asked, head, client).await, &mask).await,
    }
}

async fn routed(asked: &Asked<'_>, head: &mut RequestHead, client: &mut Client<'_>) -> Answer {
    let mut key = Vec::new();
    let way = match decide(asked.config, &asked.worker.edge.cookies, head, &mut key) {
        // A body would not be in the key.
        Way::Cache(_) if asked.framing != Framing::Empty => Way::Pass(Forwarded::Bypass("body")),
        way => way,
    };
    match way {
        Way::Pass(why) => pass::answer(asked, head, client, why).await,
        Way::Cache(terms) if asked.config.cache.is_shadow => {
            shadowed::answer(asked, head, client, &key, terms).await
        }
        Way::Cache(terms) => cached(asked, head, client, &key, terms).await,
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

async fn cached(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
    key: &[u8],
    terms: Terms,
) -> Answer {
    let edge = &asked.worker.edge;
    let hash = edge.store.hash(key);
    let kept_as = (terms.fills != Fills::Never).then_some(hash);
    let asked = &Asked { kept_as, ..*asked };
    // Each flight may land with something that is for others only.
    for _ in 0..FLIGHTS_JOINED_MAX {
        let (why, stale) = match look_up(asked, head, hash, key, terms).await {
            Said::Answer(answer) => return answer,
            Said::Pass(why) => return pass::answer(asked, head, client, why).await,
            Said::Fill(why, stale) => (why, stale),
        };
        if edge.memo.has(hash, edge.clock.now()) {
            return pass::answer(asked, head, client, why).await;
        }
        let flight_key = flight_key(asked, head, hash, key);
        let place = edge.flights.join(&flight_key);
        let answer = match place {
            Place::Leads(flight) => {
                let (sender, own) = oneshot::channel();
                let fill = Fill::new(asked, head, hash, key, flight_key, stale);
                // Only what was asked for as the client asked is an answer to the client.
                let sender = (asked.config.cache.profile == Profile::Rfc).then_some(sender);
                tokio::spawn(fill::run(fill, Arc::clone(&flight), sender, Class::Normal));
                wait(asked, head, client, &flight, Some(own), why).await
            }
            Place::Follows(flight) => wait(asked, head, client, &flight, None, why).await,
        };
        match answer {
            Ok(Some(answer)) => return answer,
            Ok(None) => {}
            Err(failure) => {
                let late = late(asked, head, hash, key, terms, why).await;
                return late.unwrap_or_else(|| pass::of_failure(failure));
            }
        }
    }
    pass::answer(asked, head, client, Forwarded::UriMiss).await
}

/// What a disk that was too slow has found meanwhile, now that the app cannot be asked.
async fn late(
    asked: &Asked<'_>,
    head: &RequestHead,
    hash: u64,
    key: &[u8],
    terms: Terms,
    why: Forwarded,
) -> Option<Answer> {
    let edge = &asked.worker.edge;
    edge.disk.as_ref()?;
    let stored = find(asked, head, hash, key, terms).await.stored?;
    let outcome = Outcome::Forwarded {
        why,
        status: None,
        is_stored: false,
        is_collapsed: false,
        detail: Some("stale-if-error"),
    };
    let may_serve = reuse::may_serve_in_error(&stored.timing, edge.clock.now());
    may_serve.then(|| of_stored(asked, head, &stored, outcome))
}

/// What is stored in memory, or else on disk.
pub(super) async fn find(
    asked: &Asked<'_>,
    head: &RequestHead,
    hash: u64,
    key: &[u8],
    terms: Terms,
) -> Found {
    let edge = &asked.worker.edge;
    let only_for_everyone = terms.audience == Audience::Everyone;
    let mut found = edge.store.find(hash, key, &head.fields, only_for_everyone);
    if let (None, Some(disk)) = (&found.stored, &edge.disk) {
        let rules = decide::key_rules(asked.config, asked.route);
        let question = Question { rules, key, request: &head.fields, only_for_everyone };
        if let Some(recalled) = disk.recall(&question).await {
            // Something newer may have come meanwhile; or it has no room in memory.
            found = edge.store.find(hash, key, &head.fields, only_for_everyone);
            found.stored.get_or_insert(recalled);
        }
    }
    found
}

async fn look_up(asked: &Asked<'_>, head: &RequestHead, hash: u64, key: &[u8], terms: Terms) -> Said {
    let edge = &asked.worker.edge;
    let wanted = hit::wanted(asked.config, head);
    let found = find(asked, head, hash, key, terms).await;
    let now = edge.clock.now();
    let mut why = if found.has_other_variants { Forwarded::VaryMiss } else { Forwarded::UriMiss };
    if let Some(stored) = &found.stored {
        let reuse =
            if stored.is_purged() { Reuse::Validate } else { reuse::decide(&stored.timing, &wanted, now) };
        let hit = |detail| {
            let outcome = Outcome::Hit { ttl_s: stored.timing.ttl_s(now), detail };
            hit::make_missing(edge, asked.config, hash, stored, head);
            of_stored(asked, head, stored, outcome)
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
    let may_fill = match terms.fills {
        Fills::Always => true,
        Fills::Promised => found.stored.is_some() || edge.promised.has(hash, now),
        Fills::Never => return Said::Pass(Forwarded::Bypass("session")),
    };
    let is_for_one = !may_fill
        || head.method == Method::Head
        || wanted.no_store
        || (found.stored.is_none() && wants_its_own(asked.config, head));
    if is_for_one { Said::Pass(why) } else { Said::Fill(why, found.stored) }
}

/// Whether the whole answer is not what a client wants that has none of it to be judged by.
fn wants_its_own(config: &Config, head: &RequestHead) -> bool {
    let is_conditional = config.cache.profile == Profile::Rfc && conditional::has_any(&head.fields);
    is_conditional || head.fields.has(Name::Range)
}

/// Fetches a fresh response while a stale one is served.
fn refresh(asked: &Asked<'_>, head: &RequestHead, hash: u64, key: &[u8], stored: &Arc<Stored>) {
    let flight_key = flight_key(asked, head, hash, key);
    if let Place::Leads(flight) = asked.worker.edge.flights.join(&flight_key) {
        let fill = Fill::new(asked, head, hash, key, flight_key, Some(Arc::clone(stored)));
        tokio::spawn(fill::run(fill, flight, None, Class::Background));
    } else {
        stored.end_refresh();
    }
}

/// What those have in common who may share a flight: the key, and what responses under it were chosen by so far.
pub(crate) fn flight_key(asked: &Asked<'_>, head: &RequestHead, hash: u64, key: &[u8]) -> Vec<u8> {
    let mut flight_key = key.to_vec();
    for name in asked.worker.edge.store.vary_names(hash, key) {
        let value: Vec<&[u8]> = head.fields.all_named(&name).collect();
        crate::cache::key::add(&name, &value.join(&b','), &mut flight_key);
    }
    flight_key
}

/// Waits for a flight to land. `None` when it landed with something for others.
///
/// # Errors
/// When the app did not answer, and nothing that it has answered before will do.
async fn wait(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
    flight: &Flight,
    mut own: Option<oneshot::Receiver<Own>>,
    why: Forwarded,
) -> Result<Option<Answer>, Failure> {
    let is_collapsed = own.is_none();
    let mut news_heard = 0;
    let landing = loop {
        match flight.news(&mut news_heard).await {
            // A client that is gone is found out when the answer is written.
            News::Interim(interim) => drop(client.send_interim(&interim).await),
            News::Landed(landing) => break landing,
        }
    };
    let outcome =
        |status, is_stored, detail| Outcome::Forwarded { why, status, is_stored, is_collapsed, detail };
    Ok(match landing {
        Landing::Stored { stored, status, detail } => {
            if !stored.variant.matches(&head.fields) {
                return Ok(None);
            }
            let is_stored = detail.is_none();
            Some(of_stored(asked, head, &stored, outcome(status, is_stored, detail)))
        }
        Landing::Shared(shared) => {
            let is_for_us = shared.variant.matches(&head.fields);
            is_for_us.then(|| of_shared(asked, &shared, outcome(None, true, None))).flatten()
        }
        Landing::Unshared(refusal) => {
            // Who asked as it came has its answer; all others ask anew.
            let own = match own.take() {
                Some(own) => own.await.ok(),
                None => None,
            };
            Some(match own {
                Some(own) => {
                    let outcome = outcome(None, false, Some(refusal.as_str()));
                    pass::of_own(asked, head, own.head, own.body, outcome).await
                }
                None => pass::answer(asked, head, client, why).await,
            })
        }
        Landing::Failed(failure) => return Err(failure),
    })
}

/// Something stored, for a request that it answers.
fn of_stored(asked: &Asked<'_>, head: &RequestHead, stored: &Stored, outcome: Outcome) -> Answer {
    let age_s = stored.timing.age_s(asked.worker.edge.clock.now());
    let choice = hit::choose(asked.config, stored, head);
    match &stored.document {
        None => Answer::from_stored(stored, choice, &head.method, &head.fields, age_s, outcome),
        Some(document) => {
            // Fragments are put into the page as it is.
            let (as_it_is, fields) = (Choice::default(), Fields::default());
            let whole = Answer::from_stored(stored, as_it_is, &head.method, &fields, age_s, outcome);
            compose::answer(asked, head, whole, document)
        }
    }
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
