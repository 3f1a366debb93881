//! What makes the site slow, and whether it was proved.

use serde::Serialize;

use super::{Code, Confidence, EndpointKey, Place, Proof, RequestRow};

/// `/api/findings`: the costliest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FindingList {
    /// The run.
    pub run: i64,
    /// Whether they are known yet: the first time takes a moment after the start.
    pub ready: bool,
    /// Units of work that they come from, the newest of the run.
    pub examined: u64,
    /// Findings that a comment in the code keeps quiet: they are not in the list.
    pub suppressed: u64,
    /// The findings.
    pub findings: Vec<FindingRow>,
}

/// A finding in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FindingRow {
    /// Stable across runs: it can stand in a link.
    pub id: String,
    /// Name of the rule, as `n-plus-one`.
    pub rule: String,
    /// What the rule finds, in one sentence.
    pub summary: String,
    /// What it is about: a relation as `app.Model.field`, a statement, or a database.
    pub subject: String,
    /// Endpoints that have it.
    pub endpoints: Vec<EndpointKey>,
    /// Where the queryset was built.
    pub origin: Option<Place>,
    /// Where the relation was touched, or the statement asked for.
    pub access: Option<Place>,
    /// Queries per request, median; 0 of what is no query.
    pub queries_per_request: f64,
    /// Their time per request, median.
    pub ms_per_request: f64,
    /// The same time as a part of the requests that have it, from 0 to 1.
    pub share: f64,
    /// Their time over all that was examined.
    pub total_ms: f64,
    /// Requests that have it, of those examined.
    pub requests: u64,
    /// How sure.
    pub confidence: Confidence,
    /// What would help, as it would stand in the code.
    pub suggestion: Option<String>,
    /// Whether `escala fix` can try it.
    pub fixable: bool,
    /// What is known of a proof.
    pub proof_state: ProofState,
}

/// What is known of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProofState {
    /// `escala fix` was not asked yet.
    None,
    /// Proved, and the files are those that it was proved for.
    Proved,
    /// Proved, and the change is in the files.
    Applied,
    /// An experiment was made, and did not show that.
    Rejected,
    /// No experiment could be made.
    Unsupported,
    /// There is a proof, of files that have changed since.
    Stale,
}

/// `/api/finding`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FindingDetail {
    /// The run.
    pub run: i64,
    /// As in the list.
    #[serde(flatten)]
    pub row: FindingRow,
    /// Why it costs what it costs, one sentence each.
    pub why: Vec<String>,
    /// Where the queryset was built, innermost place first.
    pub origin_chain: Vec<Place>,
    /// Where it was touched or asked for, innermost place first.
    pub access_chain: Vec<Place>,
    /// The code at the origin.
    pub origin_code: Option<Code>,
    /// The code at the access.
    pub access_code: Option<Code>,
    /// Where the same statement was asked for before, when that is another place.
    pub before: Option<Place>,
    /// The code there.
    pub before_code: Option<Code>,
    /// Steps from the origin's instances to the relation.
    pub path: Vec<Hop>,
    /// How it grows with rows; `null` when unknown.
    pub growth: Option<Growth>,
    /// The statement, where there is one.
    pub statement: Option<StatementText>,
    /// Requests that have it, the slowest first.
    pub examples: Vec<RequestRow>,
    /// What `escala fix` made of it.
    pub proof: Option<Proof>,
    /// The command that tries to prove a fix.
    pub prove_command: String,
    /// The command that applies the proved fix; `null` unless its state is `proved`.
    pub apply_command: Option<String>,
}

/// One step along a relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Hop {
    /// The attribute.
    pub field: String,
    /// The relation's kind, in words: `foreign key`, `many to many`.
    pub kind: String,
}

/// How the queries grow with rows, as far as the requests seen show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Growth {
    /// Model of the rows, as `app.Model`.
    pub model: String,
    /// Queries per row, where they grow in step with the rows.
    pub queries_per_row: Option<f64>,
    /// The request with the fewest rows.
    pub fewest: GrowthPoint,
    /// The one with the most.
    pub most: GrowthPoint,
}

/// What requests with so many rows take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct GrowthPoint {
    /// Rows, in a request.
    pub rows: u64,
    /// Queries of the finding, median.
    pub queries: f64,
}

/// The statement that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StatementText {
    /// An example of it, with placeholders.
    pub text: String,
    /// Laid out on several lines.
    pub formatted: String,
}
