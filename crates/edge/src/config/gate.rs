//! How much the app is asked at once.

use std::time::Duration;

use crate::gate::breaker::BreakerConfig;
use crate::gate::retry::RetryConfig;

/// How much the app is asked at once, and what happens to the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct GateConfig {
    /// Requests in the app at once: its workers, times the threads of each.
    pub concurrency: usize,
    /// How long a request may wait for its turn.
    pub deadline: Duration,
    /// Requests that wait.
    pub waiting_max: usize,
    /// Requests of one client that wait.
    pub waiting_per_client_max: usize,
    /// Requests of one client.
    pub rate: Option<Rate>,
    /// When a server of the app is left alone.
    pub breaker: BreakerConfig,
    /// How many requests are sent again.
    pub retry: RetryConfig,
}

/// So many in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many.
    pub requests: u32,
    /// In so long.
    pub window: Duration,
    /// At once, when there were none before.
    pub burst: u32,
}

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            // What an app can take is not known: nobody waits who would be served at once today.
            concurrency: 128,
            deadline: Duration::from_secs(10),
            waiting_max: 2_048,
            waiting_per_client_max: 256,
            rate: None,
            breaker: BreakerConfig::default(),
            retry: RetryConfig::default(),
        }
    }
}
