//! Every bound on what the recorder accepts, holds and keeps, and on what a read returns, in one place.

use std::time::Duration;

/// Connections served at the same time, one thread each; further ones are closed and counted.
pub const CONNECTIONS_MAX: usize = 256;

/// Processes of one run that are kept apart; transactions of further ones are dropped and counted.
pub const PROCESSES_PER_RUN_MAX: u64 = 10_000;

/// Decoded frames between the connections and the writer; when they are that many, the connections wait, the kernel's
/// socket buffers fill up, and the agents drop and count.
pub const QUEUED_FRAMES_MAX: usize = 128;

/// Bytes read from a connection at once.
pub const READ_BYTES: usize = 64 << 10;

/// Pause after a read that took all there was. What arrives meanwhile waits in the kernel, whose buffer holds many times
/// as much as a busy worker says in that time.
pub const READ_INTERVAL: Duration = Duration::from_millis(10);

/// A connection that has said nothing for so long is waited for instead of looked at.
pub const QUIET_AFTER: Duration = Duration::from_secs(1);

/// How long a quiet connection waits before it looks whether the recorder stops.
pub const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Pause after the operating system refused to accept a connection, typically for lack of file descriptors.
pub const ACCEPT_RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Time that [`crate::Recorder::finish`] spends on what the agents had sent but nobody had read yet.
pub const DRAIN_MAX: Duration = Duration::from_secs(2);

/// Age of the oldest observation in memory at which the writer commits.
pub const COMMIT_INTERVAL: Duration = Duration::from_millis(200);

/// Frames in one commit.
pub const FRAMES_PER_COMMIT_MAX: usize = 512;

/// Bytes of tables in one commit, give or take one frame.
pub const BYTES_PER_COMMIT_MAX: usize = 16 << 20;

/// Distinct problems remembered; further ones are summed up in one entry.
pub const DIAGNOSTICS_MAX: usize = 32;

/// Distinct requests kept for replay in one run, per endpoint.
pub const REQUESTS_PER_ENDPOINT_MAX: u64 = 20;

/// Requests kept for replay in one run, over all endpoints.
pub const REQUESTS_PER_RUN_MAX: u64 = 5_000;

/// Distinct source files (path and modification time) recorded in one run.
pub const SOURCE_FILES_PER_RUN_MAX: usize = 10_000;

/// Largest source file that is hashed; a larger one counts as unreadable.
pub const SOURCE_FILE_BYTES_MAX: u64 = 4 << 20;

/// Files, each for every process that named it, that are remembered as looked at; beyond it they are looked at anew.
pub const FILES_REMEMBERED_MAX: usize = 65_536;

/// Transactions in a store, over all runs; the oldest go first.
pub const TRANSACTIONS_MAX: u64 = 200_000;

/// Size of a store above which the oldest transactions go.
pub const STORE_BYTES_MAX: u64 = 1 << 30;

/// Size that a store never passes, whatever happens: SQLite itself refuses to grow it, as on a full disk. Above
/// [`STORE_BYTES_MAX`], so that it is only reached when removing the oldest does not help.
pub const STORE_BYTES_CEILING: u64 = STORE_BYTES_MAX + (STORE_BYTES_MAX >> 2);

/// Endpoints of one run that are counted apart for good; further ones are one row, [`FURTHER_ENDPOINTS`]. A test is an
/// endpoint too.
pub const ENDPOINTS_PER_RUN_MAX: u64 = 50_000;

/// Route of the row that counts the endpoints beyond [`ENDPOINTS_PER_RUN_MAX`].
pub const FURTHER_ENDPOINTS: &str = "(further endpoints)";

/// Of these, how many the writer holds in memory before it starts over from the database.
pub const ENDPOINTS_CACHED_MAX: usize = 4_096;

/// How finely a run is kept over time, and for how long: the finest first. Together with [`ROLLED_UP_ENDPOINTS_MAX`] they
/// bound what a run keeps over time, however long it goes on. What the edge answered is kept as finely, by outcome.
pub const ROLLUP_LEVELS: [RollupLevel; 5] = [
    RollupLevel { width_s: 1, buckets: 300 },     // five minutes
    RollupLevel { width_s: 10, buckets: 360 },    // an hour
    RollupLevel { width_s: 60, buckets: 360 },    // six hours
    RollupLevel { width_s: 600, buckets: 432 },   // three days
    RollupLevel { width_s: 3_600, buckets: 720 }, // thirty days
];

/// Buckets of time of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollupLevel {
    /// Their width in seconds.
    pub width_s: u64,
    /// How many are kept of an endpoint; the oldest go first.
    pub buckets: u64,
}

/// Endpoints of one run that are kept over time each; further ones only in the sum of all, and in their totals. Tests
/// are none of them: each is run once.
pub const ROLLED_UP_ENDPOINTS_MAX: u64 = 500;

/// Rows of one run for what the edge answered of the app's routes: one for each method, route and outcome. Further ones
/// are counted by their outcome alone.
pub const EDGE_ROUTE_ROWS_PER_RUN_MAX: u64 = 20_000;

/// The same for paths that belong to no route: static files, what is refused, and what visitors make up.
pub const EDGE_PATH_ROWS_PER_RUN_MAX: u64 = 2_000;

/// Response statuses counted apart for one endpoint.
pub const STATUSES_PER_ENDPOINT_MAX: usize = 64;

/// Free bytes in the file of a run that has ended; more are given back to the file system.
pub const FREE_BYTES_KEPT: u64 = 16 << 20;

/// Transactions removed in one step: short enough that the writer is back at the queue before it fills up.
pub const TRANSACTIONS_REMOVED_PER_STEP: u64 = 256;

/// Such steps after one commit; together they remove more than one commit can add.
pub const REMOVAL_STEPS_PER_COMMIT: u32 = 16;

/// Transactions that one read of a window returns; the newest are kept.
pub const TRANSACTIONS_READ_MAX: u64 = 20_000;

/// Bytes of encoded tables that one read of a window decodes; in memory they take some five times as much.
pub const DETAILS_READ_BYTES_MAX: u64 = 128 << 20;

/// Transactions before and after one among which the requests of a test, and the test of a request, are looked for.
pub const RELATIVES_SEARCHED_MAX: i64 = 1_000;

/// Proofs that are kept beside the traffic; the oldest go first.
pub const PROOFS_MAX: usize = 500;

/// Bytes of one proof; a larger one is not kept.
pub const PROOF_BYTES_MAX: u64 = 1 << 20;

/// How often a recorder that finds its store locked looks again. A reader holds the lock for a moment to see whether a
/// recorder does.
pub const LOCK_TRIES: u32 = 5;

/// Pause between two such looks.
pub const LOCK_RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// How long SQLite waits for a lock that another process holds.
pub const LOCK_WAIT_MAX: Duration = Duration::from_secs(5);

/// How long a recorder that ends waits for readers before it leaves the store in more than one file.
pub const FOLD_WAIT_MAX: Duration = Duration::from_millis(200);

/// The bounds that a test lowers to reach them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) processes: u64,
    pub(crate) requests_per_endpoint: u64,
    pub(crate) requests_per_run: u64,
    pub(crate) source_files: usize,
    pub(crate) endpoints: u64,
    pub(crate) rolled_up_endpoints: u64,
    pub(crate) edge_routes: u64,
    pub(crate) edge_paths: u64,
    pub(crate) transactions: u64,
    pub(crate) store_bytes: u64,
    pub(crate) store_bytes_ceiling: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS_MAX,
            processes: PROCESSES_PER_RUN_MAX,
            requests_per_endpoint: REQUESTS_PER_ENDPOINT_MAX,
            requests_per_run: REQUESTS_PER_RUN_MAX,
            source_files: SOURCE_FILES_PER_RUN_MAX,
            endpoints: ENDPOINTS_PER_RUN_MAX,
            rolled_up_endpoints: ROLLED_UP_ENDPOINTS_MAX,
            edge_routes: EDGE_ROUTE_ROWS_PER_RUN_MAX,
            edge_paths: EDGE_PATH_ROWS_PER_RUN_MAX,
            transactions: TRANSACTIONS_MAX,
            store_bytes: STORE_BYTES_MAX,
            store_bytes_ceiling: STORE_BYTES_CEILING,
        }
    }
}
