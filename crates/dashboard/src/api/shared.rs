//! What several pages say.

use serde::{Deserialize, Serialize};

/// The answer to a request that failed, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ApiError {
    /// One sentence for people: what failed and what to do next.
    pub error: String,
}

/// Kind of a unit of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request.
    Http,
    /// One test method.
    Test,
    /// A management command.
    Command,
    /// A background task.
    Task,
}

/// What identifies an endpoint, in every run: it can stand in a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EndpointKey {
    /// Kind of its units of work.
    pub kind: Kind,
    /// Request method; empty unless `kind` is `http`.
    pub method: String,
    /// URL pattern with a leading slash, test id, command or task name. Empty for requests that matched no pattern.
    pub route: String,
}

/// A distribution, by nearest rank; off by less than one percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Quantiles {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
}

/// The time that an answer is about: what was asked for, widened to whole buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Range {
    /// First moment.
    pub from_us: u64,
    /// First moment after it.
    pub to_us: u64,
    /// Width of the buckets of time in it.
    pub bucket_s: u64,
}

/// What a place in the code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// A line of Python.
    Python,
    /// A tag or variable in a template.
    Template,
    /// A class whose framework method did the work; its line may be unknown.
    Class,
}

/// A place in the user's code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// File, relative to the project root when inside it, absolute otherwise.
    pub file: String,
    /// From 1; `null` when only the name is known.
    pub line: Option<u32>,
    /// Qualified name of the function or class; a template's name.
    pub name: String,
    /// Attribute or serializer field within the class; empty elsewhere.
    pub member: String,
    /// Whether the file is the project's, so that `/api/source` can show it.
    pub in_project: bool,
}

/// Whether code can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CodeState {
    /// As it was when it ran.
    Current,
    /// The file is another one now, so that the line may be.
    Changed,
    /// The file is gone, or is not text.
    Unreadable,
    /// The file is not the project's, or no unit of work of this run lies in it.
    Outside,
}

/// Lines of a source file around the one that matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Code {
    /// File, relative to the project root.
    pub file: String,
    /// The line that matters, from 1; `null` when it could not be found.
    pub line: Option<u32>,
    /// Whether it can be shown.
    pub state: CodeState,
    /// The lines, in order; empty when it cannot be shown. Long lines are cut.
    pub lines: Vec<CodeLine>,
}

/// A line of code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CodeLine {
    /// From 1.
    pub number: u32,
    /// Without its end.
    pub text: String,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Traced back, instance by instance, to one queryset.
    Certain,
    /// Traced back, but in part only.
    Likely,
    /// The origin is unknown.
    Possible,
}
