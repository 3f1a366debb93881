//! Every bound on what a client may ask for and what an answer holds, in one place.

use std::time::Duration;

/// The port of a dashboard unless it is taken or another one is named.
pub const PORT_DEFAULT: u16 = 7357;

/// Connections at the same time; further ones are closed.
pub const CONNECTIONS_MAX: usize = 64;

/// Streams of live events at the same time; further ones are refused.
pub const STREAMS_MAX: usize = 16;

/// Live events that wait for a stream that does not take them; it misses the oldest.
pub const EVENTS_WAITING_MAX: usize = 4;

/// Pause between two live events.
pub const LIVE_INTERVAL: Duration = Duration::from_secs(1);

/// The newest units of work in a live event.
pub const LIVE_NEWEST_MAX: usize = 20;

/// How long a connection may take to send a request's head, or be silent between two requests.
pub const HEAD_WAIT_MAX: Duration = Duration::from_secs(30);

/// Bytes of a request's head.
pub const HEAD_BYTES_MAX: usize = 16 << 10;

/// Headers of a request.
pub const HEADERS_MAX: usize = 64;

/// Bytes of a query string.
pub const QUERY_BYTES_MAX: usize = 4 << 10;

/// Answers that are computed at the same time, each with a connection to the store.
pub const READERS_MAX: usize = 4;

/// How long a connection to the store is used again: somebody may remove the store, and the next run make another one in its
/// place.
pub const READER_AGE_MAX: Duration = Duration::from_secs(10);

/// How long the end of a run waits for answers that are being computed.
pub const SHUTDOWN_WAIT_MAX: Duration = Duration::from_millis(500);

/// Pause after the operating system refused to accept a connection, typically for lack of file descriptors.
pub const ACCEPT_RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// Answers that are kept until something is recorded.
pub const ANSWERS_KEPT_MAX: usize = 32;

/// Bytes of an answer that may be kept.
pub const ANSWER_KEPT_BYTES_MAX: usize = 512 << 10;

/// Endpoints in one answer.
pub const ENDPOINTS_MAX: usize = 500;

/// Buckets of time in a series, unless the run is too long for that.
pub const SERIES_BUCKETS_MAX: usize = 432;

/// Buckets of time that a sparkline is read from, unless the run is too long for that.
pub const SPARKLINE_BUCKETS_MAX: usize = 72;

/// Points of an endpoint's sparkline.
pub const SPARKLINE_POINTS: usize = 30;

/// Requests in one list.
pub const REQUESTS_MAX: u64 = 200;

/// Slowest, and most typical, requests on an endpoint's page; examples of a finding.
pub const EXAMPLES_MAX: u64 = 10;

/// The newest requests of an endpoint that its queries are read from.
pub const QUERIES_FROM_REQUESTS_MAX: u64 = 100;

/// Bytes of their encoded tables.
pub const QUERIES_FROM_BYTES_MAX: u64 = 1 << 20;

/// Queries on an endpoint's page.
pub const QUERIES_MAX: usize = 100;

/// Rows of a waterfall; what is beyond them is counted.
pub const ROWS_MAX: usize = 1_000;

/// Spans drawn in one row of a waterfall; of more, neighbours become one.
pub const SPANS_PER_ROW_MAX: usize = 400;

/// Gaps named in a waterfall.
pub const GAPS_MAX: usize = 40;

/// A shorter time between two queries is no gap, in nanoseconds.
pub const GAP_NS_MIN: u64 = 200_000;

/// Requests of a test that its page lists.
pub const CHILDREN_MAX: usize = 100;

/// Places of a waterfall whose code comes with it.
pub const CODES_MAX: usize = 50;

/// Lines before and after the one that matters, unless asked otherwise.
pub const CONTEXT_LINES: u32 = 5;

/// Lines before and after the one that matters, at most.
pub const CONTEXT_LINES_MAX: u32 = 50;

/// Characters of a line of code; what is beyond them is cut.
pub const LINE_CHARACTERS_MAX: usize = 400;

/// Units of work that findings come from, the newest of a run.
pub const FINDINGS_FROM_MAX: u64 = 5_000;

/// Bytes of their encoded tables; in memory they take some five times as much, while findings are computed.
pub const FINDINGS_FROM_BYTES_MAX: u64 = 16 << 20;

/// Shortest time between two computations of the findings of a run that goes on.
pub const FINDINGS_INTERVAL_MIN: Duration = Duration::from_secs(5);

/// Part of the time that may go into computing findings: one in so many.
pub const FINDINGS_TIME_PART: u32 = 20;

/// Runs whose findings are kept.
pub const FINDINGS_RUNS_MAX: usize = 4;

/// Findings of a run, the costliest.
pub const FINDINGS_MAX: usize = 500;

/// Runs that are listed, the latest.
pub const RUNS_MAX: usize = 200;
