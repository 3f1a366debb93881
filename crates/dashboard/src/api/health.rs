//! Runs, and whether one is being recorded now.

use serde::Serialize;

/// `/api/health`: what is served, and whether more is coming.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Health {
    /// Version of Escala.
    pub escala_version: String,
    /// Name of the project's directory.
    pub project: String,
    /// What to add to a command line so that it means this store: empty, or ` --store DIR`.
    pub store_option: String,
    /// The run that is shown unless another is asked for: the latest with something in it. `null` for an empty store.
    pub run: Option<RunRow>,
    /// Whether a recorder is at work on the store. When not, nothing new will come until the next `escala run`.
    pub recording: bool,
    /// The clock of this machine.
    pub now_us: u64,
    /// What is wrong, one sentence each; empty when all is well.
    pub problems: Vec<Problem>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Problem {
    /// One sentence.
    pub message: String,
}

/// `/api/runs`: the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunList {
    /// The runs that have something in them.
    pub runs: Vec<RunRow>,
}

/// One `escala run`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunRow {
    /// Its number in the store: what every `run` parameter takes.
    pub run: i64,
    /// What was run: the program and its first argument.
    pub command: String,
    /// Start.
    pub started_at_us: u64,
    /// End; `null` while it runs, and for good when the recorder was killed.
    pub ended_at_us: Option<u64>,
    /// Whether it is being recorded now. Not so and without an end: the recorder was killed.
    pub recording: bool,
    /// Units of work in the store, of every kind; older ones may have gone.
    pub transactions: u64,
    /// Units of work that were lost on the way.
    pub dropped: u64,
}
