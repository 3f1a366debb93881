//! The dashboard: what a store knows, as JSON and live events over HTTP, and the pages that show it.
//!
//! Receives a store's directory and the project's root. Gives a web server that reads both, on one thread of its own,
//! beside a recorder or long after.
//!
//! Invariants: it changes nothing, neither the store nor the project; no other site can read it, neither by a name that
//! is rebound nor across origins; off loopback nothing is served without a token; whatever a client does, what it costs
//! is bounded (see [`limits`]); no source file is shown that no unit of work of the run lies in.
//!
//! Start reading at [`Bound`] and [`serve`], then at `guard` (who may read) and `pages` (what is read). The answers
//! themselves are in [`api`].

pub mod api;
pub mod limits;

mod bind;
mod guard;
mod server;

mod assets;
mod params;
mod routes;

mod app;
mod code;
mod convert;
mod findings;
mod live;
mod pages;
mod readers;

#[cfg(test)]
mod testing;

pub use app::Config;
pub use bind::{BindError, Bound};
pub use server::{ServeError, Serving, serve};
