//! What the dashboard says over HTTP: one module per page, plain data that becomes JSON.
//!
//! The units stand last in every name; times of day are microseconds since the Unix epoch. What is not known is `null`,
//! never left out. `docs/reference/dashboard-openapi.json` is made from these types.

mod edge;
mod endpoint;
mod finding;
mod health;
mod live;
mod overview;
pub mod params;
mod proof;
mod request;
mod shared;

#[cfg(test)]
mod openapi;

pub use edge::{EdgeOutcomes, EdgeOverview, EdgeSeries, EdgeSums};
pub use endpoint::{EndpointPage, HistogramBar, QueryRow};
pub use finding::{
    FindingDetail, FindingList, FindingRow, Growth, GrowthPoint, Hop, ProofState, StatementText,
};
pub use health::{Health, Problem, RunList, RunRow};
pub use live::{Live, LiveFigures};
pub use overview::{EndpointList, EndpointRow, HeatMap, Overview, Series, Sparkline, Totals};
pub use proof::{EndpointGain, Gain, GainMs, PatchedFile, Proof, ProofStatus, TestsRun};
pub use request::{Gap, LoadRow, RequestHead, RequestList, RequestPage, RequestRow, Row, RowKind, SqlText};
pub use shared::{
    ApiError, Code, CodeLine, CodeState, Confidence, EndpointKey, Kind, Place, PlaceKind, Quantiles, Range,
};
