//! What the edge before the app answered.

use serde::Serialize;

/// What it answered, over the time of a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EdgeOverview {
    /// All its requests.
    pub sums: EdgeSums,
    /// Them over time, in the buckets of the page's series.
    pub series: EdgeSeries,
}

/// Requests to the edge, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EdgeSums {
    /// Requests.
    pub requests: u64,
    /// Bytes sent to its clients.
    pub bytes_sent: u64,
    /// Of those answered with a page of the app's, the part that the app was not asked for, from 0 to 1; `null` without
    /// any.
    pub hit_rate: Option<f64>,
    /// Requests by how they were answered.
    pub outcomes: EdgeOutcomes,
    /// How long those waited for a turn in the app that came as far, mean; `null` without any.
    pub wait_mean_ms: Option<f64>,
    /// The longest of these times.
    pub wait_max_ms: f64,
}

/// Requests by how they were answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EdgeOutcomes {
    /// From the cache, fresh.
    pub hit: u64,
    /// From the cache, stale.
    pub stale: u64,
    /// With the app's answer to another request for the same.
    pub collapsed: u64,
    /// By the app, and stored.
    pub miss: u64,
    /// By the app, for one client alone.
    pub pass: u64,
    /// With a file that the edge serves.
    #[serde(rename = "static")]
    pub static_file: u64,
    /// 503: the app had enough to do.
    pub shed: u64,
    /// 429: the client asked too often.
    pub throttled: u64,
    /// Another 4xx of the edge.
    pub refused: u64,
    /// 502 or 504: the app gave no answer.
    pub failed: u64,
}

/// One array per quantity, all as long as `at_us` of the page's series.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EdgeSeries {
    /// Requests.
    pub requests: Vec<u64>,
    /// Those that the app answered.
    pub to_app: Vec<u64>,
    /// Those that were shed, throttled, refused or failed.
    pub turned_away: Vec<u64>,
    /// See `EdgeSums`.
    pub hit_rate: Vec<Option<f64>>,
}
