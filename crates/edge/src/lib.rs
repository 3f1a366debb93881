//! The edge: an HTTP server before the app that caches what many may see, and lets in as much as the app can take.
//!
//! Receives HTTP/1.1 and HTTP/2 from anybody. Gives the app (an upstream) requests that are well formed, at most as many
//! at once as it has workers, and clients the app's answers or stored ones.
//!
//! Invariants: a response is stored for many only if the request that produced it carried nothing outside its cache key;
//! what is not plainly one message is refused, never guessed at; no request is answered twice, and none is sent again
//! that might have done something; everything that grows has a bound in [`limits`]. Protocols, cache decisions and
//! admission are values in, values out: only `server`, `upstream`, `disk` and what they call do IO or read a clock.
//!
//! Start reading at `http` (what a message is).

pub mod access_log;
pub mod admin;
pub mod cache;
pub mod chores;
pub mod clock;
pub mod compress;
pub mod config;
pub mod disk;
pub mod edge;
pub mod esi;
pub mod files;
pub mod forwarded;
pub mod gate;
pub mod http;
pub mod limits;
pub mod metrics;
pub mod partial;
pub mod proxy_protocol;
pub mod serve;
pub mod server;
pub mod shadow;
pub mod stream;
pub mod tally;
pub mod upstream;
pub mod worker;
