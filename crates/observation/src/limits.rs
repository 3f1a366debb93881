//! Every bound on what one unit of work, or one report of an edge, may put into memory or onto the socket, in one place.

/// Largest frame either side accepts, in bytes. A full transaction at the other limits stays well under it.
pub const FRAME_BYTES_MAX: usize = 4 << 20;

/// Queries recorded one by one in a transaction; further ones are summed up in [`crate::Overflow`] rows.
pub const QUERIES_PER_TRANSACTION_MAX: usize = 8_192;

/// Distinct (SQL, position) pairs summed up after [`QUERIES_PER_TRANSACTION_MAX`]; the rest is one further row without
/// either.
pub const OVERFLOW_ROWS_MAX: usize = 256;

/// Result sets, and lazy-load groups, recorded in a transaction.
pub const RESULT_SETS_PER_TRANSACTION_MAX: usize = 4_096;

/// Instances of one result set that are remembered so that a lazy load can be traced back to it.
pub const INSTANCES_PER_RESULT_SET_MAX: usize = 1_000;

/// Instances remembered in one transaction, over all its result sets.
pub const INSTANCES_PER_TRANSACTION_MAX: usize = 50_000;

/// Positions kept in one chain of user code, innermost first.
pub const CHAIN_SITES_MAX: usize = 6;

/// Interpreter frames looked at to find those positions; deeper user code stays unseen.
pub const STACK_FRAMES_MAX: usize = 160;

/// Longest SQL template kept, in bytes; longer ones are cut and end in an ellipsis.
pub const SQL_BYTES_MAX: usize = 16 << 10;

/// Largest request body captured for replay, in bytes; a request with a larger one is not replayed.
pub const REQUEST_BODY_BYTES_MAX: usize = 64 << 10;

/// Longest path and query string captured for replay, in bytes each.
pub const REQUEST_TARGET_BYTES_MAX: usize = 8 << 10;

/// Longest value of a header captured for replay, in bytes.
pub const REQUEST_HEADER_BYTES_MAX: usize = 1 << 10;

/// Longest route, test id, name of a view, or name in the code, in bytes; longer ones are cut.
pub const NAME_BYTES_MAX: usize = 1 << 10;

/// Distinct SQL templates kept apart in one transaction; the queries of further ones are kept without their SQL.
pub const SQL_TEMPLATES_PER_TRANSACTION_MAX: usize = 4_096;

/// Bytes of SQL templates in one transaction, over all of them.
pub const SQL_BYTES_PER_TRANSACTION_MAX: usize = 1 << 20;

// Reports of an edge.

/// Rows of one report, those without a path included. At the longest method and path they stay under
/// [`FRAME_BYTES_MAX`].
pub const EDGE_ROWS_MAX: usize = 4_096;

/// Longest request method in a report, in bytes; what a client invents as one may be of any length.
pub const EDGE_METHOD_BYTES_MAX: usize = 32;

/// Longest path in a report, in bytes; longer ones are cut.
pub const EDGE_PATH_BYTES_MAX: usize = 512;

/// Routes that paths are matched with; further ones are not met again.
pub const ROUTES_MATCHED_MAX: usize = 10_000;
