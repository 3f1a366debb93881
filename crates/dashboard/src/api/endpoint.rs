//! One endpoint.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{EdgeSums, EndpointRow, FindingRow, Place, Quantiles, Range, RequestRow, Series};

/// `/api/endpoint`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EndpointPage {
    /// The run.
    pub run: i64,
    /// The time that the figures are about.
    pub range: Range,
    /// The endpoint, summed up.
    pub endpoint: EndpointRow,
    /// Answers by status, over the whole run.
    pub statuses: BTreeMap<u16, u64>,
    /// How its wall times are spread; empty parts are left out.
    pub histogram: Vec<HistogramBar>,
    /// Its latency over time; `null` for what is not kept over time.
    pub trend: Option<Series>,
    /// The slowest requests that are in the store, the slowest first.
    pub slowest: Vec<RequestRow>,
    /// Those nearest to the median.
    pub typical: Vec<RequestRow>,
    /// Its findings, the costliest first; `null` until they are known for the first time.
    pub findings: Option<Vec<FindingRow>>,
    /// Its queries, the costliest first, from its newest requests.
    pub queries: Vec<QueryRow>,
    /// How many requests the queries come from.
    pub queries_from_requests: u64,
    /// What the edge answered of its requests, over the whole run; `null` where it had none.
    pub edge: Option<EdgeSums>,
}

/// Requests of similar wall time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HistogramBar {
    /// From this, inclusive.
    pub from_ms: f64,
    /// To this, exclusive.
    pub to_ms: f64,
    /// Requests.
    pub requests: u64,
}

/// The same query from the same place.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct QueryRow {
    /// Its text without values, on one line.
    pub sql: String,
    /// The same, laid out on several lines.
    pub sql_formatted: String,
    /// Where the user's code was; `null` when there was none.
    pub place: Option<Place>,
    /// Requests that make it.
    pub requests: u64,
    /// How often, per request that makes it.
    pub count: Quantiles,
    /// Its time per request that makes it.
    pub ms: Quantiles,
    /// Its time over all requests that were looked at.
    pub total_ms: f64,
    /// Its part of the database time of the requests that were looked at, from 0 to 1.
    pub share: f64,
}
