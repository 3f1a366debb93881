//! What the edge is told to do, resolved: every value is one that can be used.

mod cache;
mod gate;
mod route;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use cache::{CacheConfig, Cookies, DiskConfig, Profile};
pub use gate::{GateConfig, Rate};
pub use route::{Audience, PathPattern, Route, StaticFiles};

use crate::forwarded::{Told, Trust};
use crate::upstream::Address;
use crate::upstream::exchange::Patience;

/// The settings of an edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Where clients come.
    pub listen: Vec<Listen>,
    /// The app's servers.
    pub upstreams: Vec<Address>,
    /// Threads that serve.
    pub threads: usize,
    /// What is cached, and for how long.
    pub cache: CacheConfig,
    /// How much the app is asked at once.
    pub gate: GateConfig,
    /// Paths with rules of their own; the first that matches counts.
    pub routes: Vec<Route>,
    /// Directories that are served without the app.
    pub statics: Vec<StaticFiles>,
    /// How long the app may take.
    pub patience: Patience,
    /// How long a connection to the app waits for the next request: less than the app's own limit, or it is closed just
    /// when a request comes.
    pub upstream_idle: Duration,
    /// A path that is asked for to learn whether a server of the app is well.
    pub health: Option<Health>,
    /// How long a client may take.
    pub client: ClientPatience,
    /// Bytes of a request's body; a longer one is answered with 413.
    pub body_bytes_max: u64,
    /// How long idle connections stay open when the edge is about to end.
    pub drain_grace: Duration,
    /// How long requests that are being answered then may take.
    pub drain_patience: Duration,
    /// Whose word on the client is taken.
    pub trust: Trust,
    /// What the app is told of the client.
    pub told: Told,
    /// Where each request is written down.
    pub access_log: Option<AccessLog>,
    /// Where the edge is told to purge, and says how it does.
    pub admin: Option<Admin>,
    /// Where Prometheus may read how the edge does.
    pub metrics: Option<SocketAddr>,
}

/// An address where clients come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Where.
    pub address: SocketAddr,
    /// With these, it speaks TLS.
    pub tls: Option<Tls>,
    /// Whether each connection begins with a header of the PROXY protocol; one without it is refused.
    pub proxy_protocol: bool,
}

impl Listen {
    /// Without TLS and without a header.
    pub fn plain(address: SocketAddr) -> Self {
        Self { address, tls: None, proxy_protocol: false }
    }
}

/// A certificate and its key, which are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tls {
    /// The chain, in PEM.
    pub certificate: PathBuf,
    /// The key, in PEM.
    pub key: PathBuf,
}

/// How the app's health is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Path and query; an answer below 500 is well.
    pub path: String,
    /// Time between two looks.
    pub interval: Duration,
}

/// How long a client may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientPatience {
    /// Between two requests.
    pub idle: Duration,
    /// From the first byte of a head to the last.
    pub head: Duration,
    /// To send the next bytes of a body.
    pub body: Duration,
    /// To take bytes of an answer.
    pub write: Duration,
}

/// Where each request is written down, as a line of JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessLog {
    /// Standard output.
    Stdout,
    /// A file, which lines are added to.
    File(PathBuf),
}

/// Where the edge takes orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    /// A Unix socket, which the owner alone can use.
    pub socket: PathBuf,
    /// With it, orders must carry it, also from the owner.
    pub token: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            upstreams: Vec::new(),
            threads: 1,
            cache: CacheConfig::default(),
            gate: GateConfig::default(),
            routes: Vec::new(),
            statics: Vec::new(),
            patience: Patience { connect: Duration::from_secs(5), answer: Duration::from_mins(1) },
            upstream_idle: Duration::from_millis(1_500),
            health: None,
            client: ClientPatience {
                idle: Duration::from_secs(75),
                head: Duration::from_secs(10),
                body: Duration::from_secs(30),
                write: Duration::from_secs(30),
            },
            body_bytes_max: 64 << 20,
            drain_grace: Duration::from_secs(1),
            drain_patience: Duration::from_secs(30),
            trust: Trust::default(),
            told: Told::default(),
            access_log: None,
            admin: None,
            metrics: None,
        }
    }
}

impl Config {
    /// Whether it is counted how often a client asks.
    pub fn has_rates(&self) -> bool {
        self.gate.rate.is_some() || self.routes.iter().any(|route| route.rate.is_some())
    }
}

/// Whether an address is this machine's own: only such are listened at unless another is named.
pub fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
