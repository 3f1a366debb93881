//! Live events: one look at the store a second for all who listen, and none when nobody does.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use store::{Rollup, Run, RunId, Store};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::{self, LiveFigures};
use crate::app::{App, Failure, now_us};
use crate::limits::{EVENTS_WAITING_MAX, LIVE_INTERVAL, LIVE_NEWEST_MAX, SERIES_BUCKETS_MAX, STREAMS_MAX};
use crate::{convert, routes};

/// What a client waits before it connects again.
const RETRY: Duration = Duration::from_secs(2);

/// How far back the rollups are compared: what has changed lies in the newest of them.
const LOOK_BACK_US: u64 = 30_000_000;

/// Those who listen.
#[derive(Clone)]
pub(crate) struct Live {
    events: Sender<Arc<str>>,
    streams: Arc<Semaphore>,
}

/// `/api/events`.
pub(crate) async fn events(State(live): State<Live>) -> Response {
    let Ok(permit) = Arc::clone(&live.streams).try_acquire_owned() else {
        let message = "too many pages listen for live events: close some".to_owned();
        return routes::error(StatusCode::SERVICE_UNAVAILABLE, message);
    };
    Sse::new(listen(live.events.subscribe(), permit)).into_response()
}

/// The events from now on. Whoever does not keep up misses the oldest.
fn listen(
    events: Receiver<Arc<str>>,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let hello = stream::iter([Ok(Event::default().retry(RETRY))]);
    let rest = stream::unfold((events, permit), |(mut events, permit)| async move {
        loop {
            match events.recv().await {
                Ok(json) => {
                    let event = Event::default().event("live").data(&*json);
                    return Some((Ok(event), (events, permit)));
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    futures_util::StreamExt::chain(hello, rest)
}

impl Live {
    /// Starts to look. Ends with the runtime.
    pub(crate) fn start(app: Arc<App>) -> Self {
        let (events, _) = broadcast::channel(EVENTS_WAITING_MAX);
        let live = Self { events: events.clone(), streams: Arc::new(Semaphore::new(STREAMS_MAX)) };
        tokio::spawn(tick(app, events));
        live
    }
}

async fn tick(app: Arc<App>, events: Sender<Arc<str>>) {
    let mut look = Look::default();
    let mut interval = tokio::time::interval(LIVE_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        if events.receiver_count() == 0 {
            look = Look::default();
            continue;
        }
        let app = Arc::clone(&app);
        let looked = tokio::task::spawn_blocking(move || {
            let event = app.readers.read(|store| look.at(&app, store));
            (look, event)
        });
        let Ok((next, event)) = looked.await else { return };
        look = next;
        // A store that cannot be read now may be so in a second.
        let Ok(json) = event.map(|event| serde_json::to_string(&event).unwrap_or_default()) else { continue };
        let _ = events.send(json.into());
    }
}

/// What was there a second ago.
#[derive(Default)]
struct Look {
    before: Option<Before>,
}

struct Before {
    run: RunId,
    at: Instant,
    ordinal: u64,
    /// All requests of the newest buckets, by their begin.
    buckets: BTreeMap<u64, Rollup>,
}

impl Look {
    fn at(&mut self, app: &App, store: &Store) -> Result<api::Live, Failure> {
        let run = store.latest_run()?;
        let recording = Store::is_being_recorded(app.readers.dir());
        // Nothing comes into a run that is over.
        let now = Before::of(store, run.as_ref().filter(|_| recording))?;
        let before = std::mem::replace(&mut self.before, now);
        let mut event = api::Live {
            run: run.as_ref().map(|run| run.id.number()),
            recording,
            now_us: now_us(),
            transactions: run.as_ref().map_or(0, |run| run.transactions),
            dropped: run.as_ref().map_or(0, |run| run.dropped),
            edge_requests: run.as_ref().map_or(Ok(0), |run| store.edge_requests(run.id))?,
            figures: None,
            newest: Vec::new(),
            findings_version: app.findings.version(),
        };
        let (Some(now), Some(run)) = (&self.before, &run) else { return Ok(event) };
        // Whoever watches wants to know of new ones, too.
        app.findings.get(now.run, now.ordinal);
        if let Some(before) = before.filter(|before| before.run == now.run) {
            event.figures = Some(figures(&before, now));
            let newest = store.last_transactions(run.id, LIVE_NEWEST_MAX as u64)?;
            let is_new = |one: &&store::RecordedTransaction| one.ordinal > before.ordinal;
            event.newest = newest.iter().filter(is_new).map(convert::request_row).collect();
        }
        Ok(event)
    }
}

impl Before {
    fn of(store: &Store, run: Option<&Run>) -> Result<Option<Self>, Failure> {
        let Some(run) = run else { return Ok(None) };
        let mut buckets = BTreeMap::new();
        if let Some(span) =
            store.span(run.id, (Some(now_us().saturating_sub(LOOK_BACK_US)), None), SERIES_BUCKETS_MAX)?
        {
            let starts = (span.from_s..span.to_s).step_by(usize::try_from(span.width_s).unwrap_or(1));
            buckets = starts.zip(store.over_time(run.id, span, None)?).collect();
        }
        Ok(Some(Self { run: run.id, at: Instant::now(), ordinal: store.latest_ordinal(run.id)?, buckets }))
    }
}

/// What has come since.
fn figures(before: &Before, now: &Before) -> LiveFigures {
    let mut news = Rollup::default();
    for (begin, bucket) in &now.buckets {
        match before.buckets.get(begin) {
            Some(known) => news.merge(&bucket.since(known)),
            // A bucket that lies before all that was looked at has only moved into sight.
            None if before.buckets.first_key_value().is_some_and(|(first, _)| begin < first) => {}
            None => news.merge(bucket),
        }
    }
    let seconds = now.at.duration_since(before.at).as_secs_f64().max(f64::EPSILON);
    LiveFigures {
        requests_per_s: convert::rounded(news.requests as f64 / seconds),
        errors_per_s: convert::rounded(news.errors as f64 / seconds),
        queries_per_request: convert::mean(news.queries, news.requests),
        wall_ms: (news.requests > 0).then(|| convert::quantiles_ms(&news.wall_spread_ns)),
    }
}

#[cfg(test)]
mod tests;
