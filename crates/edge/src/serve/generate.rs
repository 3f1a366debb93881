//! Saved pages are asked for when the edge starts, so that they are there before the app is not.

use std::sync::Arc;

use tokio::time::{sleep, timeout};

use super::decide::{self, Way, decide};
use super::fill::{self, Fill};
use super::flight::{Flight, Landing, News, Place};
use super::request::{self, Asked, flight_key};
use crate::config::{self, Config};
use crate::forwarded;
use crate::gate::queue::Class;
use crate::http::framing::Framing;
use crate::http::target::{self, Target};
use crate::http::{Method, Name, RequestHead};
use crate::limits::{GENERATION_DISK_PATIENCE, GENERATION_INTERVAL, GENERATION_ROUNDS_MAX};
use crate::worker::Worker;

/// What browsers say that they take when somebody opens a page.
const BROWSER: &[u8] = b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// Asks for all saved pages, one after the other, and some more times for those that the app does not give: it may start
/// at the same time.
pub(crate) async fn run(worker: Arc<Worker>) {
    let config = worker.edge.config();
    let mut pages = pages(&config);
    if pages.is_empty() || config.cache.is_shadow {
        return;
    }
    if let Some(disk) = &worker.edge.disk {
        // What is there from before need not be asked for.
        let _ = timeout(GENERATION_DISK_PATIENCE, disk.scanned()).await;
    }
    for round in 0..GENERATION_ROUNDS_MAX {
        let mut missing = Vec::new();
        for page in pages {
            if !generate(&worker, &config, &page).await {
                missing.push(page);
            }
        }
        if missing.is_empty() {
            return;
        }
        pages = missing;
        sleep(GENERATION_INTERVAL * 2_u32.saturating_pow(round)).await;
    }
}

/// The requests for all saved routes that are one path, of all origins. Where a page depends upon what a client takes, they
/// are those of browsers and those of all others.
fn pages(config: &Config) -> Vec<RequestHead> {
    let is_saved =
        |path: &String| decide::route_of(config, path.as_bytes()).is_some_and(|route| route.is_saved);
    let is_target = |path: &String| matches!(target::parse(&Method::Get, path.as_bytes()), Ok(Target::Origin(target)) if target.starts_with(b"/"));
    let routes = config.routes.iter().filter(|route| route.is_saved);
    let paths: Vec<String> =
        routes.filter_map(|route| route.path.exact()).filter(is_saved).filter(is_target).collect();
    let is_keyed = config.cache.keyed_fields.iter().any(|name| name == Name::Accept.as_str());
    let accepts: &[Option<&[u8]>] = if is_keyed { &[Some(BROWSER), None] } else { &[Some(BROWSER)] };
    let mut pages = Vec::new();
    for (scheme, host) in config.generate_for.iter().filter_map(|origin| config::origin(origin)) {
        for path in &paths {
            for accept in accepts {
                let (host, target) = (host.clone(), path.as_bytes().to_vec());
                let mut head = RequestHead { scheme, host, target, ..RequestHead::default() };
                if let Some(accept) = accept {
                    head.fields.push_known(Name::Accept, accept);
                }
                pages.push(head);
            }
        }
    }
    pages
}

/// Asks for a page, unless it is stored and fresh. Returns whether there is nothing more to be done.
async fn generate(worker: &Arc<Worker>, config: &Arc<Config>, head: &RequestHead) -> bool {
    let edge = &worker.edge;
    let who = forwarded::Client { scheme: Some(head.scheme), ..forwarded::Client::default() };
    let asked = Asked {
        route: decide::route_of(config, head.path()),
        ..Asked::new(worker, config, &who, Framing::Empty)
    };
    let mut key = Vec::new();
    let Way::Cache(terms) = decide(config, &edge.cookies, head, &mut key) else { return true };
    let hash = edge.store.hash(&key);
    let found = request::find(&asked, head, hash, &key, terms).await;
    if found.stored.as_ref().is_some_and(|stored| stored.is_fresh(edge.clock.now())) {
        return true;
    }
    let flight_key = flight_key(&asked, head, hash, &key);
    let flight = match edge.flights.join(&flight_key) {
        Place::Follows(flight) => flight,
        Place::Leads(flight) => {
            let fill = Fill::new(&asked, head, hash, &key, flight_key, found.stored);
            fill::run(fill, Arc::clone(&flight), None, Class::Background).await;
            flight
        }
    };
    is_stored(&flight).await
}

/// Whether a flight has brought something that is stored.
async fn is_stored(flight: &Flight) -> bool {
    let mut heard = 0;
    loop {
        match flight.news(&mut heard).await {
            News::Interim(_) => {}
            // What is served although it is stale is not what was asked for.
            News::Landed(landing) => {
                return matches!(landing, Landing::Shared(_) | Landing::Stored { detail: None, .. });
            }
        }
    }
}

#[cfg(test)]
mod tests;
