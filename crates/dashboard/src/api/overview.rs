//! The site at a glance.

use serde::Serialize;

use super::{EdgeOverview, EndpointKey, Quantiles, Range};

/// `/api/overview`: requests over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Overview {
    /// The run.
    pub run: i64,
    /// The time that everything here is about.
    pub range: Range,
    /// All requests.
    pub totals: Totals,
    /// Them over time.
    pub series: Series,
    /// Their latency over time.
    pub heat_map: HeatMap,
    /// Endpoints with requests in this time.
    pub endpoints: u64,
    /// Findings; `null` until they are known for the first time.
    pub findings: Option<u64>,
    /// What the edge answered; `null` when the run has none.
    pub edge: Option<EdgeOverview>,
}

/// Requests, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Totals {
    /// Requests.
    pub requests: u64,
    /// Those answered with a status of 500 or more.
    pub errors: u64,
    /// Those answered with a status from 400 to 499.
    pub client_errors: u64,
    /// Requests per second, over the part of the range that the run lasted.
    pub requests_per_s: f64,
    /// Queries per request, mean.
    pub queries_per_request: f64,
    /// Wall time.
    pub wall_ms: Quantiles,
    /// Part of the wall time that was spent in the database, from 0 to 1.
    pub db_share: f64,
}

/// One array per quantity, all as long as `at_us`. A bucket without requests has 0 requests and `null` for what cannot
/// be told then.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Series {
    /// Start of each bucket, ascending, without gaps: one every `range.bucket_s`.
    pub at_us: Vec<u64>,
    /// Requests.
    pub requests: Vec<u64>,
    /// Answers of 500 or more.
    pub errors: Vec<u64>,
    /// Queries per request, mean.
    pub queries_per_request: Vec<Option<f64>>,
    /// Median wall time.
    pub p50_ms: Vec<Option<f64>>,
    /// 95th percentile.
    pub p95_ms: Vec<Option<f64>>,
    /// 99th percentile.
    pub p99_ms: Vec<Option<f64>>,
}

/// Requests by time and latency.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HeatMap {
    /// Edges of the latency bands, ascending, one more than there are bands. The first is 0; what is slower than the last
    /// counts in the last band.
    pub edges_ms: Vec<f64>,
    /// For each bucket of `series.at_us`, the requests in each band.
    pub requests: Vec<Vec<u64>>,
}

/// `/api/endpoints`: the one with the largest share of time first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EndpointList {
    /// The run.
    pub run: i64,
    /// The time that everything here is about.
    pub range: Range,
    /// Endpoints that match, those beyond `limit` included.
    pub total: u64,
    /// The rows asked for.
    pub endpoints: Vec<EndpointRow>,
}

/// An endpoint, summed up.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EndpointRow {
    /// Which.
    #[serde(flatten)]
    pub key: EndpointKey,
    /// Dotted path of the view; empty when none was reached.
    pub view: String,
    /// Requests, or units of work.
    pub requests: u64,
    /// Those answered with a status of 500 or more.
    pub errors: u64,
    /// Those answered with a status from 400 to 499.
    pub client_errors: u64,
    /// Wall time.
    pub wall_ms: Quantiles,
    /// Sum of the wall times.
    pub total_ms: f64,
    /// Its part of the wall time of all endpoints of its kinds, from 0 to 1.
    pub share: f64,
    /// Part of its wall time that was spent in the database, from 0 to 1; `null` when it was not kept.
    pub db_share: Option<f64>,
    /// Queries per request.
    pub queries: Quantiles,
    /// Findings that it has; `null` until they are known for the first time.
    pub findings: Option<u64>,
    /// It over time; `null` for tests, and for endpoints beyond the limit of what is kept over time.
    pub sparkline: Option<Sparkline>,
}

/// An endpoint over time, in few equal parts of the range.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Sparkline {
    /// Requests in each part.
    pub requests: Vec<u64>,
    /// Mean wall time in each part; `null` where there was no request.
    pub mean_ms: Vec<Option<f64>>,
}
