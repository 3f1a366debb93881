//! Every bound on what a client or the app may make the edge keep or do, in one place.

// The gate.
