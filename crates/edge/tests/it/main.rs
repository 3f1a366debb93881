//! The edge as its neighbours see it: real sockets, an app that does as it is told, clients that do as they like.

#![expect(clippy::unwrap_used, reason = "what a test cannot do without fails it")]

mod cache;
mod coalescing;
mod composed;
mod compress;
mod connections;
mod disk;
mod django;
mod files;
mod gate;
mod refused;
mod support;
mod unwell;
