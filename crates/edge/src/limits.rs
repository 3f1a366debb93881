//! Every bound on what a client or the app may make the edge keep or do, in one place.

// The gate.

/// Probes that are on their way at once to an upstream that failed.
pub const PROBES_MAX: u32 = 16;
