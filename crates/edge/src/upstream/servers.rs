//! The app's servers: which of them is asked, and which is left alone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Address;
use crate::gate::Breaker;
use crate::gate::breaker::{BreakerConfig, CallPermit, Outcome, State};

/// The app's servers.
#[derive(Debug)]
pub struct Servers {
    list: Vec<Arc<Server>>,
}

/// A server of the app.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub address: Address,
    breaker: Mutex<Breaker>,
    in_flight: AtomicUsize,
    is_well: AtomicBool,
}

/// A server that is being asked, until this is dropped.
#[derive(Debug)]
pub struct Call {
    /// Who is asked.
    pub server: Arc<Server>,
    permit: Option<CallPermit>,
}

impl Servers {
    /// Servers at these addresses; none of them has failed yet.
    pub fn new(addresses: &[Address], config: BreakerConfig) -> Self {
        let server = |address: &Address| {
            Arc::new(Server {
                address: address.clone(),
                breaker: Mutex::new(Breaker::new(config)),
                in_flight: AtomicUsize::new(0),
                is_well: AtomicBool::new(true),
            })
        };
        Self { list: addresses.iter().map(server).collect() }
    }

    /// The servers.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.list.iter()
    }

    /// Calls the server with the least to do of those that may be asked, and not one that was tried just now.
    ///
    /// # Errors
    /// When none may be asked: after what time one may again.
    pub fn call(&self, now: Duration, tried: Option<&Address>) -> Result<Call, Duration> {
        let mut candidates: Vec<&Arc<Server>> = self.list.iter().collect();
        let rank = |server: &&Arc<Server>| {
            let was_tried = Some(&server.address) == tried;
            (was_tried, !server.is_well(), server.in_flight.load(Ordering::Relaxed))
        };
        candidates.sort_by_key(rank);
        for server in candidates {
            let permit = server.breaker().allow(now);
            if let Some(permit) = permit {
                server.in_flight.fetch_add(1, Ordering::Relaxed);
                return Ok(Call { server: Arc::clone(server), permit: Some(permit) });
            }
        }
        let until = self.list.iter().filter_map(|server| match server.breaker().state(now) {
            State::Open { until } => Some(until.saturating_sub(now)),
            State::Closed | State::HalfOpen => None,
        });
        Err(until.min().unwrap_or_default())
    }
}

impl Server {
    /// What the last look at its health said.
    pub fn is_well(&self) -> bool {
        self.is_well.load(Ordering::Relaxed)
    }

    /// Notes what a look at its health said.
    pub fn set_well(&self, is_well: bool) {
        self.is_well.store(is_well, Ordering::Relaxed);
    }

    /// Whether it is asked, left alone, or tried.
    pub fn state(&self, now: Duration) -> State {
        self.breaker().state(now)
    }

    /// Requests that it is asked now.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    /// Tells how it went; what is told first counts.
    pub fn report(&mut self, outcome: Outcome, now: Duration) {
        if let Some(permit) = self.permit.take() {
            self.server.breaker().record(permit, outcome, now);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.server.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
