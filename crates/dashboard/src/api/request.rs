//! One request as a waterfall, and lists of requests.

use serde::Serialize;

use super::{Code, EndpointKey, Place};

/// `/api/requests`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RequestList {
    /// The run.
    pub run: i64,
    /// In the order asked for.
    pub requests: Vec<RequestRow>,
}

/// A unit of work in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RequestRow {
    /// Its number within the run, from 1.
    pub ordinal: u64,
    /// Its endpoint.
    #[serde(flatten)]
    pub endpoint: EndpointKey,
    /// Response status; `null` when there was none.
    pub status: Option<u16>,
    /// Start.
    pub started_at_us: u64,
    /// Wall time.
    pub wall_ms: f64,
    /// Time in the database.
    pub db_ms: f64,
    /// Queries.
    pub queries: u32,
}

/// `/api/request`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RequestPage {
    /// The run.
    pub run: i64,
    /// The request, summed up.
    pub head: RequestHead,
    /// The waterfall: in the order in which the rows begin.
    pub rows: Vec<Row>,
    /// The longest times between queries, in the order in which they begin.
    pub gaps: Vec<Gap>,
    /// Texts that the rows name by their position here.
    pub sql: Vec<SqlText>,
    /// Call chains that the rows name by their position here: innermost place first.
    pub chains: Vec<Vec<Place>>,
    /// Relations that were loaded one instance at a time, which the rows name by their position here.
    pub loads: Vec<LoadRow>,
    /// Queries that are in no row, because there are too many.
    pub rows_omitted_queries: u64,
    /// The user's code at the first place of the first chains, in their order; `null` for a chain without one.
    pub code: Vec<Option<Code>>,
}

/// A request, summed up.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RequestHead {
    /// As in a list.
    #[serde(flatten)]
    pub row: RequestRow,
    /// Dotted path of the view; empty when none was reached.
    pub view: String,
    /// Path and query string as they were sent; `null` unless this request was kept for replay.
    pub path: Option<String>,
    /// CPU time of the thread.
    pub cpu_ms: f64,
    /// Length of the response body, 0 for a streamed one.
    pub response_bytes: u64,
    /// The unit of work around this one: the test that made this request.
    pub parent: Option<RequestRow>,
    /// Units of work inside this one: the requests of a test.
    pub children: Vec<RequestRow>,
}

/// What a row of the waterfall is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// One query.
    Query,
    /// The same query again and again: an N+1, or a loop.
    Run,
    /// Queries beyond what is kept one by one, summed up: it has no place on the time axis.
    SummedUp,
}

/// A row of the waterfall.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Queries in it.
    pub queries: u32,
    /// Begin of the first query after the request's.
    pub offset_ms: f64,
    /// End of the last query after the request's begin.
    pub end_ms: f64,
    /// Time of all its queries.
    pub duration_ms: f64,
    /// Each query as offset and duration; of many, neighbours are drawn as one.
    pub spans_ms: Vec<[f64; 2]>,
    /// Position in `sql`.
    pub sql: u32,
    /// Position in `chains`: where the user's code was.
    pub chain: u32,
    /// Position in `loads`.
    pub load: Option<u32>,
    /// Rows affected or returned, over all queries; `null` where the driver does not tell.
    pub rows: Option<u64>,
    /// Database alias in Django's `DATABASES`.
    pub database: String,
}

/// A time in which no query ran: Python, or anything else that the code waits for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Gap {
    /// Begin, after the request's.
    pub offset_ms: f64,
    /// Length.
    pub duration_ms: f64,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SqlText {
    /// As it was sent, with placeholders.
    pub text: String,
    /// Laid out on several lines.
    pub formatted: String,
}

/// A relation that was loaded one instance at a time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LoadRow {
    /// The relation as `app.Model.field`.
    pub relation: String,
    /// What was asked of it: `object`, `all`, `count`, `exists`, `narrowed`.
    pub ask: String,
    /// Queries.
    pub queries: u32,
    /// Their time.
    pub duration_ms: f64,
    /// Where the queryset behind it was built, innermost place first; empty when unknown.
    pub origin: Vec<Place>,
    /// The finding of which it is a case; `null` when there is none, or it is not known yet.
    pub finding: Option<String>,
}
