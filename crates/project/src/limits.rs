//! Every bound of this crate, in one place.

/// The largest source file that is read. Hand-written modules stay far below; generated ones are not edited.
pub const SOURCE_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// How deep a syntax tree may nest before it is refused.
///
/// Trees are walked by recursion, so this bounds the stack. Hand-written Python stays under 100.
pub const SYNTAX_DEPTH_LIMIT: usize = 400;
