//! What a store gives back: plain values, with nothing of the database in them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use observation::{CapturedRequest, Process, Transaction, TransactionKind};

use crate::histogram::Histogram;

/// One `escala run`, within its store. Never given to another run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub(crate) i64);

impl RunId {
    /// The number that people and links know it by; see [`crate::Store::run`].
    pub fn number(self) -> i64 {
        self.0
    }
}

/// A process of a run, within its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessId(pub(crate) i64);

/// One `escala run`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which.
    pub id: RunId,
    /// What was run, as [`crate::RecorderConfig::command`] had it.
    pub command: String,
    /// Root of the project, absolute.
    pub project_root: PathBuf,
    /// Version of the recorder, as in `Cargo.toml`.
    pub escala_version: String,
    /// Start, microseconds since the Unix epoch.
    pub started_at_us: u64,
    /// End; none while it runs, and for good when the recorder was killed.
    pub ended_at_us: Option<u64>,
    /// Transactions in the store.
    pub transactions: u64,
    /// See [`Window::dropped`].
    pub dropped: u64,
}

/// The transactions of a run, as far as one read returns them.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Window {
    /// The newest transactions of the run in the order they arrived, without their requests (see
    /// [`crate::Store::captured_requests`]).
    pub transactions: Vec<Transaction>,
    /// Ordinal of the first of them; the others follow without a gap. 0 when there are none.
    pub first_ordinal: u64,
    /// Older transactions of the run that are in the store but beyond the limits of a read.
    pub omitted: u64,
    /// Units of work that were observed but lost on the way, as the agents and the recorder counted them.
    pub dropped: u64,
}

/// Everything that a run recorded of one endpoint, whether its transactions are still in the store or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointTotals {
    /// Kind of its transactions.
    pub kind: TransactionKind,
    /// Request method; empty unless `kind` is [`TransactionKind::Http`].
    pub method: String,
    /// See [`Transaction::route`]; [`crate::limits::FURTHER_ENDPOINTS`] for all those beyond the limit together.
    pub route: String,
    /// Dotted path of the first view that was reached.
    pub view: String,
    /// Transactions.
    pub transactions: u64,
    /// Transactions by response status; those without one are not in it.
    pub statuses: BTreeMap<u16, u64>,
    /// Queries of all of them.
    pub queries_total: u64,
    /// Wall time of all of them in nanoseconds.
    pub wall_total_ns: u64,
    /// Time in the database of all of them in nanoseconds; none in a run of a version that did not count it.
    pub db_total_ns: Option<u64>,
    /// Wall time in nanoseconds.
    pub wall_ns: Distribution,
    /// The same in buckets: what the four above are read from.
    pub wall_spread_ns: Histogram,
    /// Time in the database in nanoseconds.
    pub db_ns: Distribution,
    /// Queries per transaction.
    pub queries: Distribution,
}

/// How values are spread: each is off by less than one percent, the largest is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Distribution {
    /// Median, by nearest rank.
    pub p50: u64,
    /// 95th percentile.
    pub p95: u64,
    /// 99th percentile.
    pub p99: u64,
    /// Largest.
    pub max: u64,
}

/// What identifies an endpoint within a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId {
    /// Kind of its transactions.
    pub kind: TransactionKind,
    /// Request method; empty unless `kind` is [`TransactionKind::Http`].
    pub method: String,
    /// See [`Transaction::route`].
    pub route: String,
}

/// A stretch of time, in whole buckets of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Begin, seconds since the Unix epoch.
    pub from_s: u64,
    /// First second after it.
    pub to_s: u64,
    /// Width of a bucket; the length of the stretch is a multiple of it.
    pub width_s: u64,
}

impl Span {
    /// Buckets in it.
    pub fn buckets(self) -> usize {
        usize::try_from((self.to_s - self.from_s) / self.width_s).unwrap_or(0)
    }

    /// Which of its buckets a moment lies in.
    pub(crate) fn bucket(self, at_s: u64) -> Option<usize> {
        let passed = at_s.checked_sub(self.from_s)?;
        usize::try_from(passed / self.width_s).ok().filter(|bucket| *bucket < self.buckets())
    }
}

/// One endpoint over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointActivity {
    /// Which.
    pub endpoint: EndpointId,
    /// Requests, and their wall time in nanoseconds, in equal parts of the time; the last may be shorter.
    pub parts: Vec<(u64, u64)>,
}

/// A transaction, and where it stands in its run.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedTransaction {
    /// Number within the run, from 1, in the order of arrival.
    pub ordinal: u64,
    /// The transaction, without its request; in lists without its tables as well.
    pub transaction: Transaction,
}

/// Which transactions of an endpoint come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionOrder {
    /// Those that began last.
    Newest,
    /// Those that took longest.
    Slowest,
    /// Those that took about as long as this, in nanoseconds.
    Near(u64),
}

/// A process that reported to the recorder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedProcess {
    /// Which.
    pub id: ProcessId,
    /// What it said about itself.
    pub process: Process,
}

/// A request that can be replayed. It stays in the store when the transaction that it was taken from has gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// Kind of its transaction.
    pub kind: TransactionKind,
    /// Request method of its transaction.
    pub method: String,
    /// Route of its transaction.
    pub route: String,
    /// Number of its transaction within the run, from 1, in the order of arrival.
    pub transaction_ordinal: u64,
    /// Queries that its transaction ran.
    pub queries_total: u32,
    /// The process that answered it.
    pub process: ProcessId,
    /// The request.
    pub request: CapturedRequest,
}

/// A source file of the project in one state that a process of the run met it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFile {
    /// Path, relative to the project root.
    pub path: String,
    /// SHA-256 of its bytes in lower-case hexadecimal; none when the recorder could not read it inside the project: it
    /// was gone, too large, or a link that leads out.
    pub sha256: Option<String>,
    /// Modification time that the agent saw, microseconds since the Unix epoch.
    pub modified_at_us: u64,
    /// Size that the agent saw, in bytes.
    pub size_bytes: u64,
    /// True unless it is sure that the hashed bytes are what the processes run: the file was modified after a process
    /// started, or between the agent's look at it and the recorder's.
    pub changed_after_start: bool,
}
