//! Every bound of the experiment, in one place.

use std::time::Duration;

/// Until a worker has imported the project and says that it is ready.
pub const STARTUP_TIME_MAX: Duration = Duration::from_mins(1);

/// Until a worker answers one request.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// For all candidates of one finding, or for one combination of fixes; no candidate is begun after it.
pub const FINDING_TIME_MAX: Duration = Duration::from_mins(3);

/// For everything that one call of `prove` does; no finding is begun after it.
pub const PROOF_TIME_MAX: Duration = Duration::from_mins(30);

/// Candidates tried for one finding.
pub const CANDIDATES_MAX: usize = 8;

/// Distinct requests replayed for an endpoint that a finding is about.
pub const AFFECTED_REQUESTS_PER_ENDPOINT_MAX: usize = 8;

/// Requests replayed for all the endpoints that a finding is about.
pub const AFFECTED_REQUESTS_MAX: usize = 32;

/// Distinct requests replayed for every other endpoint, to see that nothing else changes.
pub const CONTROL_REQUESTS_PER_ENDPOINT_MAX: usize = 2;

/// Requests replayed for all the other endpoints together.
pub const CONTROL_REQUESTS_MAX: usize = 60;

/// Timed rounds, after one that only warms up. Even, so that each version goes first as often as the other. One is
/// enough for a candidate that is clearly faster, two for one that is no slower.
pub const ROUNDS: u32 = 4;

/// Further rounds when nothing but the time speaks against a candidate.
pub const EXTRA_ROUNDS: u32 = 6;

/// Further processes of the baseline that are asked before an answer counts as different.
pub const PEERS_MAX: usize = 3;

/// Further replies of the baseline to a request that it has just begun to answer otherwise, to see it agree with itself.
pub const SETTLING_REPLIES_MAX: usize = 4;

/// Times that a candidate is asked again, when the baseline has begun to answer otherwise meanwhile.
pub const ASKED_AGAIN_MAX: usize = 3;

/// Earlier answers of the baseline to one request that are remembered, to see it come back to one.
pub const MOMENTS_MAX: usize = 8;

/// Largest response body that is compared token by token, in bytes; a larger one is compared by its hash.
pub const BODY_BYTES_MAX: u64 = 4 << 20;

/// Bytes after which a streamed response is no longer read.
pub const STREAM_BYTES_MAX: u64 = 64 << 20;

/// Largest message accepted from a worker, in bytes: a response body, and its description.
pub const MESSAGE_BYTES_MAX: usize = 8 << 20;

/// The end of a worker's standard error that is kept, in bytes, for the reason why it failed.
pub const STDERR_BYTES_MAX: usize = 16 << 10;

/// Distinct baseline replies remembered for one request, to learn what varies from run to run.
pub const SAMPLES_MAX: usize = 6;

/// Positions of a response that may hold short values of no consequence: a time, a duration, a counter.
pub const SHORT_VALUES_MAX: usize = 16;

/// Length from which a value that is new in every run counts as a token (a nonce, a CSRF token, a session key), in bytes.
pub const TOKEN_BYTES_MIN: usize = 16;

/// For one run of the project's own tests, a command of the user's.
pub const TEST_RUN_TIME_MAX: Duration = Duration::from_mins(10);

/// What a run with a candidate may take beyond three times the longest run without.
pub const TEST_RUN_TIME_SLACK: Duration = Duration::from_secs(30);

/// For a test runner that was interrupted to take down its databases.
pub const TEST_GRACE_TIME_MAX: Duration = Duration::from_secs(10);

/// Runs of the tests with one candidate, while nothing but the time speaks against it. Whole runs are dear.
pub const TEST_ROUNDS_MAX: usize = 3;

/// Runs without a candidate that are kept to compare with.
pub const TEST_BASELINES_MAX: usize = 6;

/// Candidates whose runs are kept: of one that is tried again with others, or alone, nothing has to run again.
pub const TEST_TRIALS_MAX: usize = 16;

/// Processes of one run that may note something.
pub const TEST_PROCESSES_MAX: usize = 4096;

/// What one process may note in a run, in bytes, without the bodies of responses.
pub const TEST_RECORDS_BYTES_MAX: u64 = 64 << 20;

/// Bodies of responses that one process keeps in a run, in bytes; further ones are compared by their hash.
pub const TEST_BODIES_BYTES_MAX: u64 = 256 << 20;

/// Responses that are named because they could not be compared; the others are counted.
pub const LEFT_OUT_NAMED_MAX: usize = 10;
