//! Every bound on what a client or the app may make the edge keep or do, in one place.

// Partial responses (`partial`).

/// Longest list of fields, in bytes after percent-decoding; also of its canonical form.
pub const MASK_BYTES_MAX: usize = 2 << 10;

/// Names in a list of fields; counted too where `*` beside names makes several selections of one.
pub const MASK_NAMES_MAX: usize = 256;

/// Levels of names in a list of fields: `a/b(c)` has three.
pub const MASK_DEPTH_MAX: usize = 16;

/// Levels of objects and arrays in JSON that is filtered. At most 128: one bit is kept for each.
pub const JSON_DEPTH_MAX: usize = 128;
