//! What `escala fix` made of a finding. It writes this beside the store, and the dashboard reads it.

use serde::{Deserialize, Serialize};

use super::EndpointKey;

/// The verdict on one finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Proof {
    /// Id of the finding.
    pub finding: String,
    /// The verdict.
    pub status: ProofStatus,
    /// Why it is not proved, or what else there is to say: the first difference, where responses differ.
    pub reason: Option<String>,
    /// When it was made.
    pub made_at_us: u64,
    /// Version of Escala that made it.
    pub escala_version: String,
    /// The change as a unified diff; empty when there was none to try.
    pub diff: String,
    /// The files that it changes.
    pub files: Vec<PatchedFile>,
    /// Requests that were replayed.
    pub replayed: u64,
    /// Those among them whose every response was identical.
    pub identical: u64,
    /// What the project's own tests showed, where they were asked.
    pub tests: Option<TestsRun>,
    /// Endpoints before and after, the one that gains the most queries first.
    pub endpoints: Vec<EndpointGain>,
    /// Requests that could not be replayed or compared, and why.
    pub left_out: Vec<String>,
    /// The command that applies it.
    pub apply_command: String,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProofStatus {
    /// Every response identical, fewer queries, no more time.
    Proved,
    /// An experiment was made, and did not show that.
    Rejected,
    /// No experiment could be made.
    Unsupported,
}

/// A file that a proof changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PatchedFile {
    /// Path, relative to the project root.
    pub path: String,
    /// SHA-256 of the file that the change was made for, in lower-case hexadecimal.
    pub sha256_before: String,
    /// SHA-256 of the file with the change.
    pub sha256_after: String,
    /// Lines of the old text that change, or before which something is added; from 1.
    pub lines: Vec<u32>,
}

/// What the project's own tests showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TestsRun {
    /// Tests that were run.
    pub tests: u64,
    /// Responses that they got.
    pub responses: u64,
    /// Those among them that were identical.
    pub identical: u64,
    /// Runs with the change.
    pub runs: u64,
}

/// One endpoint before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EndpointGain {
    /// Which.
    #[serde(flatten)]
    pub endpoint: EndpointKey,
    /// The request that the figures are of, as `GET /books/?page=2`.
    pub request: String,
    /// Requests of this endpoint that were timed.
    pub requests: u64,
    /// Its queries.
    pub queries: Gain,
    /// Its time, the fastest of all rounds.
    pub wall_ms: GainMs,
}

/// A count before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Gain {
    /// With the files as they are.
    pub before: u32,
    /// With the change.
    pub after: u32,
}

/// A time before and after, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GainMs {
    /// With the files as they are.
    pub before: f64,
    /// With the change.
    pub after: f64,
}
