//! What all threads of an edge share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::access_log::AccessLog;
use crate::cache::purges::Purge;
use crate::cache::store::{self, Store};
use crate::clock::Clock;
use crate::compress::Compressor;
use crate::config::Config;
use crate::disk::{Disk, Mark};
use crate::files::Files;
use crate::gate::breaker::State;
use crate::gate::{RetryBudget, Turns};
use crate::metrics::{self, Counters, Gauges};
use crate::serve::{Flights, Learned, Memo, Rates};
use crate::shadow::Shadow;
use crate::upstream::{Server, Servers};

/// An edge.
#[derive(Debug)]
pub struct Edge {
    config: RwLock<Arc<Config>>,
    /// Grows with each new configuration.
    generation: AtomicU64,
    /// The one clock.
    pub clock: Clock,
    /// Requests that wait for their turn in the app.
    pub turns: Arc<Turns>,
    servers: RwLock<Arc<Servers>>,
    retries: Mutex<RetryBudget>,
    started: Instant,
    /// Stored responses.
    pub store: Arc<Store>,
    /// Those that are on disk as well.
    pub disk: Option<Disk>,
    /// Makes compressed forms of them.
    pub compressor: Compressor,
    /// Files that are served without the app.
    pub files: Files,
    counters: Mutex<Vec<Arc<Counters>>>,
    /// Where requests are written down.
    pub log: Option<AccessLog>,
    /// What is not worth waiting for each other.
    pub memo: Memo,
    /// What the app has said that it may be kept.
    pub promised: Memo,
    /// How often clients asked.
    pub rates: Rates,
    /// What the cache would have served.
    pub shadow: Shadow,
    /// The app's own cookies.
    pub cookies: Learned,
    /// Requests that wait for each other.
    pub(crate) flights: Flights,
    is_draining: watch::Sender<bool>,
}

/// A fill that is under way: what is purged from now on is not kept by it, neither in memory nor on disk.
#[derive(Clone, Copy, Debug)]
pub struct Began {
    memory: store::Fill,
    disk: Option<Mark>,
}

impl Began {
    /// For the memory.
    pub(crate) fn memory(self) -> store::Fill {
        self.memory
    }

    /// For the disk, if there was one.
    pub(crate) fn disk(self) -> Option<Mark> {
        self.disk
    }
}

impl Edge {
    /// An edge that has stored nothing, and has no disk.
    pub fn new(config: Config, log: Option<AccessLog>) -> Self {
        Self {
            clock: Clock::start(),
            turns: Arc::new(Turns::new(&config.gate)),
            servers: RwLock::new(Arc::new(Servers::new(&config.upstreams, config.gate.breaker))),
            retries: Mutex::new(RetryBudget::new(config.gate.retry)),
            started: Instant::now(),
            store: Arc::new(Store::new(config.cache.bytes_max)),
            disk: None,
            compressor: Compressor::default(),
            files: Files::default(),
            counters: Mutex::default(),
            log,
            memo: Memo::default(),
            promised: Memo::default(),
            rates: Rates::default(),
            shadow: Shadow::default(),
            cookies: Learned::default(),
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

    /// The app's servers as they are now.
    pub fn servers(&self) -> Arc<Servers> {
        Arc::clone(&self.servers.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Numbers for a thread to count in.
    pub fn counters(&self) -> Arc<Counters> {
        let counters = Arc::new(Counters::default());
        self.counters.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&counters));
        counters
    }

    /// Writes how the edge does, for Prometheus.
    pub fn write_metrics(&self, out: &mut String) {
        let now = self.elapsed();
        let (in_app, waiting) = self.turns.counts();
        let server = |server: &Arc<Server>| {
            let is_up = server.is_well() && !matches!(server.state(now), State::Open { .. });
            (server.address.to_string(), is_up, server.in_flight())
        };
        let gauges = Gauges {
            cache_bytes: self.store.bytes(),
            cache_entries: self.store.entries(),
            in_app,
            waiting,
            servers: self.servers().iter().map(server).collect(),
            disk: self.disk.as_ref().map(Disk::numbers),
            log_lines_dropped: self.log.as_ref().map_or(0, AccessLog::dropped),
        };
        metrics::write(&self.counters.lock().unwrap_or_else(PoisonError::into_inner), &gauges, out);
    }

    /// Begins a fill.
    pub fn begin_fill(&self) -> Began {
        Began { disk: self.disk.as_ref().map(Disk::mark), memory: self.store.begin_fill() }
    }

    /// Purges at once, in memory and on disk, or makes stale what is softly purged. Returns how many responses that were:
    /// in memory or on disk, whichever are more, since most are in both.
    pub fn purge(&self, purge: Purge, is_soft: bool) -> usize {
        // In this order: what is read from disk meanwhile is in memory then, and is purged there.
        let on_disk = self.disk.as_ref().map_or(0, |disk| disk.purge(purge, is_soft));
        self.store.purge(purge, is_soft).max(on_disk)
    }

    /// Time since the edge started, for what only compares times.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Counts a request to the app.
    pub fn note_request(&self) {
        self.retries.lock().unwrap_or_else(PoisonError::into_inner).on_request(self.elapsed());
    }

    /// Whether one more request may be sent a second time.
    pub fn may_retry(&self) -> bool {
        self.retries.lock().unwrap_or_else(PoisonError::into_inner).may_retry(self.elapsed())
    }

    /// A number that changes when the configuration does.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Takes a new configuration for all requests from now on. Returns what it changes that an edge at work cannot.
    pub fn reconfigure(&self, mut config: Config) -> Vec<&'static str> {
        let before = self.config();
        let unchanged = keep_what_is_fixed(&before, &mut config);
        if let Some(log) = &self.log {
            log.reopen();
        }
        if before.upstreams != config.upstreams || before.gate.breaker != config.gate.breaker {
            let servers = Servers::new(&config.upstreams, config.gate.breaker);
            *self.servers.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(servers);
        }
        self.turns.resize(config.gate.concurrency);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        self.generation.fetch_add(1, Ordering::AcqRel);
        unchanged
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

/// Puts back what an edge at work cannot change, and names it.
fn keep_what_is_fixed(before: &Config, after: &mut Config) -> Vec<&'static str> {
    let mut names = Vec::new();
    macro_rules! keep {
        ($($name:literal: $($field:ident).+,)+) => {
            $(if before.$($field).+ != after.$($field).+ {
                after.$($field).+ = before.$($field).+.clone();
                names.push($name);
            })+
        };
    }
    keep! {
        "where clients come": listen,
        "the number of threads": threads,
        "the cache's memory": cache.bytes_max,
        "the cache's disk": cache.disk,
        "where saved pages are kept": saved_directory,
        "the access log's place": access_log,
        "the admin socket": admin,
        "the address of the metrics": metrics,
    }
    names
}
