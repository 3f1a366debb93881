//! The HTTP cache (RFC 9111): what may be stored, for how long, and for whom.
//!
//! Receives heads of requests and responses and the time as values. Gives decisions, and keeps what was stored.
//!
//! Invariants: a decision depends on its arguments alone; a response is given only to a request that it was made for
//! (`key`, `vary`); one that was purged while it was on its way is not stored (`store`). Times are milliseconds since 1970
//! of one clock that never goes back; durations are whole seconds, as the fields have them.
//!
//! Start reading at [`storing`], then [`reuse`].

pub mod coding;
pub mod conditional;
pub mod control;
pub mod freshness;
pub mod key;
pub mod purges;
pub mod range;
pub mod reuse;
pub mod status;
pub mod store;
pub mod stored;
pub mod storing;
pub mod tags;
pub mod vary;

/// Milliseconds since 1970.
pub type UnixMs = u64;
