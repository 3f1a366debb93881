//! Every bound on what a client or the app may make the edge keep or do, in one place.

// The gate.

/// Keys that one throttle remembers, of 24 bytes each.
pub const THROTTLE_KEYS_MAX: usize = 65_536;

/// Probes that are on their way at once to an upstream that failed.
pub const PROBES_MAX: u32 = 16;
