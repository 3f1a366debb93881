//! Every bound on what a client or the app may make the edge keep or do, in one place.

// Edge Side Includes.

/// ESI elements, and `<!--esi`, that may be open at once in one document; a `try` and its `attempt` are two.
pub const ESI_OPEN_MAX: usize = 32;

/// Includes in one document; those in both branches of a `try` count.
pub const ESI_INCLUDES_MAX: usize = 256;

/// Pieces that one document may be cut into.
pub const ESI_PIECES_MAX: usize = 8_192;

/// Longest `src` or `alt` of an include as it is written, in bytes.
pub const ESI_SOURCE_BYTES_MAX: usize = 4 << 10;

/// Notices kept for one document; further ones are counted.
pub const ESI_NOTICES_MAX: usize = 32;

/// Longest element or attribute name that a message repeats, in bytes; longer ones are cut.
pub const ESI_NAME_BYTES_MAX: usize = 64;
