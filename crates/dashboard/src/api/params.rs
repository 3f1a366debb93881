//! What may stand after the `?` of each path. Anything else is refused.

use serde::Deserialize;

use super::Kind;

/// Of paths that take only a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RunParams {
    /// The run; the latest with something in it when left out.
    pub run: Option<i64>,
}

/// Of `/api/overview`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OverviewParams {
    /// The run; the latest with something in it when left out.
    pub run: Option<i64>,
    /// First moment; the begin of the run when left out.
    pub from_us: Option<u64>,
    /// First moment after it; the end of what the run recorded when left out.
    pub to_us: Option<u64>,
}

/// Of `/api/endpoints`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndpointsParams {
    /// The run; the latest with something in it when left out.
    pub run: Option<i64>,
    /// First moment; the begin of the run when left out.
    pub from_us: Option<u64>,
    /// First moment after it; the end of what the run recorded when left out.
    pub to_us: Option<u64>,
    /// Which tab; `requests` when left out.
    pub tab: Option<Tab>,
    /// Text that method, route or view contain, in any case.
    pub filter: Option<String>,
    /// What they are sorted by, the largest first; `total_ms` when left out.
    pub sort: Option<Sort>,
    /// Rows to leave out at the beginning; 0 when left out.
    pub offset: Option<u32>,
    /// Rows, 500 at most; 100 when left out.
    pub limit: Option<u32>,
}

/// Units of work that are shown together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// Requests.
    Requests,
    /// Tests, management commands and background tasks.
    Work,
}

/// A column of the list of endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Share of time.
    TotalMs,
    /// Requests.
    Requests,
    /// Errors, then client errors.
    Errors,
    /// Median wall time.
    P50,
    /// 95th percentile.
    P95,
    /// 99th percentile.
    P99,
    /// Queries per request, median.
    Queries,
    /// Queries of the request with the most.
    QueriesMax,
    /// Share of its time in the database.
    DbShare,
    /// Name of the route; the only one that ascends.
    Route,
}

/// Of `/api/endpoint`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndpointParams {
    /// The run; the latest with something in it when left out.
    pub run: Option<i64>,
    /// First moment; the begin of the run when left out.
    pub from_us: Option<u64>,
    /// First moment after it; the end of what the run recorded when left out.
    pub to_us: Option<u64>,
    /// Of the endpoint.
    pub kind: Kind,
    /// Of the endpoint; left out or empty for what is not HTTP.
    #[serde(default)]
    pub method: String,
    /// Of the endpoint; left out or empty for requests that matched no pattern.
    #[serde(default)]
    pub route: String,
}

/// Of `/api/requests`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestsParams {
    /// The run; the latest with something in it when left out.
    pub run: Option<i64>,
    /// First moment; the begin of the run when left out.
    pub from_us: Option<u64>,
    /// First moment after it; the end of the run when left out.
    pub to_us: Option<u64>,
    /// Of the endpoint.
    pub kind: Kind,
    /// Of the endpoint; left out or empty for what is not HTTP.
    #[serde(default)]
    pub method: String,
    /// Of the endpoint; left out or empty for requests that matched no pattern.
    #[serde(default)]
    pub route: String,
    /// In which order; `newest` when left out.
    pub order: Option<Order>,
    /// Requests, 200 at most; 20 when left out.
    pub limit: Option<u32>,
}

/// Which requests of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest, by their end.
    Newest,
    /// The slowest.
    Slowest,
}

/// Of `/api/request`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RequestParams {
    /// The run; the latest with something in it when left out.
    pub run: Option<i64>,
    /// Its number within the run.
    pub ordinal: u64,
}

/// Of `/api/finding`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FindingParams {
    /// The run; the latest with something in it when left out.
    pub run: Option<i64>,
    /// Its id.
    pub id: String,
}

/// Of `/api/source`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceParams {
    /// The run; the latest with something in it when left out.
    pub run: Option<i64>,
    /// File, relative to the project root; one that this run's units of work lie in.
    pub file: String,
    /// The line that matters, from 1.
    pub line: u32,
    /// Lines before and after it, 50 at most; 5 when left out.
    pub context: Option<u32>,
}
