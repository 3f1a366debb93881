//! What all threads of an edge share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use crate::cache::store::Store;
use crate::clock::Clock;
use crate::compress::Compressor;
use crate::config::Config;
use crate::files::Files;
use crate::serve::{Flights, Memo};

/// An edge.
#[derive(Debug)]
pub struct Edge {
    config: RwLock<Arc<Config>>,
    /// Grows with each new configuration.
    generation: AtomicU64,
    /// The one clock.
    pub clock: Clock,
    /// Stored responses.
    pub store: Store,
    /// Makes compressed forms of them.
    pub compressor: Compressor,
    /// Files that are served without the app.
    pub files: Files,
    /// What is not worth waiting for each other.
    pub memo: Memo,
    /// Requests that wait for each other.
    pub(crate) flights: Flights,
    is_draining: watch::Sender<bool>,
}

impl Edge {
    /// An edge that has stored nothing.
    pub fn new(config: Config) -> Self {
        Self {
            clock: Clock::start(),
            store: Store::new(config.cache.bytes_max),
            compressor: Compressor::default(),
            files: Files::default(),
            memo: Memo::default(),
            flights: Flights::default(),
            config: RwLock::new(Arc::new(config)),
            generation: AtomicU64::new(0),
            is_draining: watch::Sender::new(false),
        }
    }

    /// The configuration as it is now.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A number that changes when the configuration does.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Takes a new configuration for all requests from now on.
    pub fn reconfigure(&self, config: Config) {
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether the edge is about to end: connections end with their next answer.
    pub fn is_draining(&self) -> bool {
        *self.is_draining.borrow()
    }

    /// Begins to end.
    pub fn drain(&self) {
        self.is_draining.send_replace(true);
    }

    /// Waits until the edge is about to end.
    pub async fn drained(&self) {
        // The sender lives as long as this does.
        let _ = self.is_draining.subscribe().wait_for(|is_draining| *is_draining).await;
    }
}
