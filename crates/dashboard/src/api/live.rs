//! What comes over `/api/events` while a run is recorded.

use serde::Serialize;

use super::{Quantiles, RequestRow};

/// The event `live`: sent once a second.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Live {
    /// The latest run; `null` for an empty store.
    pub run: Option<i64>,
    /// Whether it is being recorded. When this turns false, the site has ended: the "recorder gone" state.
    pub recording: bool,
    /// The clock of this machine.
    pub now_us: u64,
    /// Units of work that the run has recorded.
    pub transactions: u64,
    /// Units of work that were lost on the way.
    pub dropped: u64,
    /// Requests that the edge has answered: it grows while nobody asks the app.
    pub edge_requests: u64,
    /// What happened since the last event; `null` in the first one of a connection, and after a longer pause.
    pub figures: Option<LiveFigures>,
    /// The newest units of work since the last event, the newest first: a few of them.
    pub newest: Vec<RequestRow>,
    /// Grows when the findings of the run were computed anew: fetch them again then.
    pub findings_version: u64,
}

/// Requests since the last event.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LiveFigures {
    /// Requests per second.
    pub requests_per_s: f64,
    /// Answers of 500 or more per second.
    pub errors_per_s: f64,
    /// Queries per request, mean; `null` without a request.
    pub queries_per_request: Option<f64>,
    /// Wall time; `null` without a request.
    pub wall_ms: Option<Quantiles>,
}
