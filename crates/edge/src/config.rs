//! What the edge is told to do, resolved: every value is one that can be used.

use std::net::SocketAddr;
use std::time::Duration;

use crate::cache::key::IgnoredParameters;
use crate::forwarded::{Told, Trust};
use crate::upstream::Address;
use crate::upstream::exchange::Patience;

/// The settings of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where clients come.
    pub listen: Vec<SocketAddr>,
    /// The app's servers.
    pub upstreams: Vec<Address>,
    /// Threads that serve.
    pub threads: usize,
    /// How the cache behaves.
    pub profile: Profile,
    /// What is cached, and for how long.
    pub cache: CacheConfig,
    /// How long the app may take.
    pub patience: Patience,
    /// How long a connection to the app waits for the next request: less than the app's own limit, or it is closed just
    /// when a request comes.
    pub upstream_idle: Duration,
    /// How long a client may take.
    pub client: ClientPatience,
    /// Whose word on the client is taken.
    pub trust: Trust,
    /// What the app is told of the client.
    pub told: Told,
}

/// How the cache behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// As a Django site needs it: what is stored for many was made for nobody.
    #[default]
    Django,
    /// As RFC 9111 has it, and nothing else.
    Rfc,
}

/// What is cached, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheConfig {
    /// Bytes of memory for responses.
    pub bytes_max: usize,
    /// Bytes of one response.
    pub object_bytes_max: usize,
    /// How long a stale response is kept for the time that the app cannot be asked, in seconds.
    pub if_error_s: u64,
    /// How long a URL that cannot be cached is known for that, in seconds.
    pub uncacheable_s: u64,
    /// Parameters of a query that mean nothing to the app.
    pub ignored_parameters: IgnoredParameters,
}

/// How long a client may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientPatience {
    /// Between two requests.
    pub idle: Duration,
    /// From the first byte of a head to the last.
    pub head: Duration,
    /// To take bytes of an answer.
    pub write: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            upstreams: Vec::new(),
            threads: 1,
            profile: Profile::Django,
            cache: CacheConfig {
                bytes_max: 256 << 20,
                object_bytes_max: 4 << 20,
                if_error_s: 3_600,
                uncacheable_s: 120,
                ignored_parameters: IgnoredParameters::default(),
            },
            patience: Patience { connect: Duration::from_secs(5), answer: Duration::from_secs(60) },
            upstream_idle: Duration::from_millis(1_500),
            client: ClientPatience {
                idle: Duration::from_secs(75),
                head: Duration::from_secs(10),
                write: Duration::from_secs(30),
            },
            trust: Trust::default(),
            told: Told::default(),
        }
    }
}
