//! Every bound on what a client or the app may make the edge keep or do, in one place.

// The gate.

/// Requests in the app at once.
pub const CONCURRENCY_MAX: usize = 4_096;

/// Requests of all clients together that wait for the app.
pub const WAITING_MAX: usize = 16_384;

/// Requests of one client that wait for the app.
pub const WAITING_PER_CLIENT_MAX: usize = 4_096;

/// Refreshes of stored responses that wait for the app.
pub const WAITING_BACKGROUND_MAX: usize = 1_024;

/// Keys that one throttle remembers, of 24 bytes each.
pub const THROTTLE_KEYS_MAX: usize = 65_536;

/// Probes that are on their way at once to an upstream that failed.
pub const PROBES_MAX: u32 = 16;
