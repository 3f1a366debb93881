//! Requests for the same that meet: one asks the app, all get its answer.
//!
//! A flight begins with the first request for a key and lands when it is known what its answer is good for: as soon as the
//! head is there, not the body. An answer that is not for many lands all others at once, to ask for themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::shared_body::SharedBody;
use crate::cache::freshness::Timing;
use crate::cache::stored::Stored;
use crate::cache::storing::Refusal;
use crate::cache::vary::Variant;
use crate::http::ResponseHead;
use crate::limits::INTERIM_HEADS_MAX;
use crate::upstream::{Failure, ResponseBody};

/// Flights that are in the air, by what they are for.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    in_the_air: Mutex<HashMap<Box<[u8]>, Arc<Flight>>>,
}

/// A flight.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    state: Mutex<State>,
    has_news: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Heads that the app sent before its answer.
    interim: Vec<Arc<ResponseHead>>,
    landing: Option<Landing>,
}

/// How a flight ended for those who wait for it.
#[derive(Clone, Debug)]
pub(crate) enum Landing {
    /// With something that is stored: it still holds, or it is all there is.
    Stored {
        /// What is stored.
        stored: Arc<Stored>,
        /// What the app said, when it said something.
        status: Option<u16>,
        /// Why it is served although it is stale.
        detail: Option<&'static str>,
    },
    /// With a response for many, whose body is on its way.
    Shared(Arc<Shared>),
    /// With a response for one, or with none at all.
    Unshared(Refusal),
    /// Without a response.
    Failed(Failure),
}

/// A response for many.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Its head.
    pub(crate) head: ResponseHead,
    /// How it ages.
    pub(crate) timing: Timing,
    /// What it depends upon.
    pub(crate) variant: Variant,
    /// Its body.
    pub(crate) body: Arc<SharedBody>,
    /// Its length, when the app said it.
    pub(crate) length: Option<u64>,
}

/// A response for the one whose request was sent as it was.
#[derive(Debug)]
pub(crate) struct Own {
    /// Its head.
    pub(crate) head: ResponseHead,
    /// Its body.
    pub(crate) body: ResponseBody,
}

/// What is heard of a flight.
#[derive(Debug)]
pub(crate) enum News {
    /// The app sent a head before its answer.
    Interim(Arc<ResponseHead>),
    /// It landed.
    Landed(Landing),
}

/// Whether one asks, or waits for who does.
#[derive(Debug)]
pub(crate) enum Place {
    /// To begin the flight, and to land it.
    Leads(Arc<Flight>),
    /// To wait.
    Follows(Arc<Flight>),
}

impl Flights {
    /// Joins the flight for a key, or begins it.
    pub(crate) fn join(&self, key: &[u8]) -> Place {
        let mut flights = lock(&self.in_the_air);
        if let Some(flight) = flights.get(key) {
            return Place::Follows(Arc::clone(flight));
        }
        let flight = Arc::new(Flight::default());
        flights.insert(key.into(), Arc::clone(&flight));
        Place::Leads(flight)
    }

    /// Takes a flight out of the air: who comes now does not join it.
    pub(crate) fn close(&self, key: &[u8], flight: &Arc<Flight>) {
        let mut flights = lock(&self.in_the_air);
        if flights.get(key).is_some_and(|known| Arc::ptr_eq(known, flight)) {
            flights.remove(key);
        }
    }
}

impl Flight {
    /// Tells all who wait of a head that the app sent before its answer.
    pub(crate) fn tell_interim(&self, head: ResponseHead) {
        let mut state = lock(&self.state);
        if state.interim.len() < INTERIM_HEADS_MAX {
            state.interim.push(Arc::new(head));
        }
        drop(state);
        self.has_news.notify_waiters();
    }

    /// Tells all who wait how it ended.
    pub(crate) fn land(&self, landing: Landing) {
        lock(&self.state).landing.get_or_insert(landing);
        self.has_news.notify_waiters();
    }

    /// Waits for what is not yet heard; `heard` counts what was.
    pub(crate) async fn news(&self, heard: &mut usize) -> News {
        loop {
            let has_news = self.has_news.notified();
            {
                let state = lock(&self.state);
                if let Some(head) = state.interim.get(*heard) {
                    *heard += 1;
                    return News::Interim(Arc::clone(head));
                }
                if let Some(landing) = &state.landing {
                    return News::Landed(landing.clone());
                }
            }
            has_news.await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
