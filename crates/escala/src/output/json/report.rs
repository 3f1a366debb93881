//! `escala report --format json`: docs/reference/report-json.md.

use std::collections::BTreeMap;

use analysis::{Edge, Endpoint, Finding, GrowthPoint, Report};
use serde::Serialize;

use super::edge::EdgeRow;
use crate::output::names;
use crate::output::number::Rounded;
use crate::output::source::{Located, Spot};

/// The whole document.
pub(crate) fn render(
    report: &Report,
    findings: &[Located<'_>],
    suppressed: usize,
    edge: Option<&Edge>,
) -> serde_json::Result<String> {
    super::render(&Document {
        schema: super::SCHEMA,
        transactions: report.transactions,
        examined: report.examined,
        dropped: report.dropped,
        summed_up_queries: report.summed_up_queries,
        suppressed,
        endpoints: report.endpoints.iter().map(EndpointRow::new).collect(),
        findings: findings.iter().map(FindingRow::new).collect(),
        edge: edge.map(EdgeRow::new),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    transactions: u64,
    examined: u64,
    dropped: u64,
    summed_up_queries: u64,
    suppressed: usize,
    endpoints: Vec<EndpointRow<'a>>,
    findings: Vec<FindingRow<'a>>,
    edge: Option<EdgeRow<'a>>,
}

#[derive(Serialize)]
pub(super) struct EndpointRow<'a> {
    kind: &'static str,
    method: &'a str,
    route: &'a str,
    view: &'a str,
    requests: u64,
    status: BTreeMap<u16, u64>,
    ms: WallMs,
    db_ms: DatabaseMs,
    queries: Queries,
}

#[derive(Serialize)]
struct WallMs {
    p50: Rounded,
    p95: Rounded,
    p99: Rounded,
}

#[derive(Serialize)]
struct DatabaseMs {
    p50: Rounded,
}

#[derive(Serialize)]
struct Queries {
    p50: Rounded,
    max: Rounded,
}

impl<'a> EndpointRow<'a> {
    pub(super) fn new(endpoint: &'a Endpoint) -> Self {
        let Endpoint { key, view, requests, status, wall_ms, db_ms, queries, total_ms: _ } = endpoint;
        Self {
            kind: key.kind.name(),
            method: &key.method,
            route: &key.route,
            view,
            requests: *requests,
            status: status.clone(),
            ms: WallMs {
                p50: Rounded::milliseconds(wall_ms.p50),
                p95: Rounded::milliseconds(wall_ms.p95),
                p99: Rounded::milliseconds(wall_ms.p99),
            },
            db_ms: DatabaseMs { p50: Rounded::milliseconds(db_ms.p50) },
            queries: Queries { p50: Rounded::count(queries.p50), max: Rounded::count(queries.max) },
        }
    }
}

#[derive(Serialize)]
pub(super) struct FindingRow<'a> {
    id: &'a str,
    rule: &'static str,
    endpoints: Vec<String>,
    relation: Option<String>,
    statement: Option<String>,
    database: Option<&'a str>,
    origin: Option<OriginPlace<'a>>,
    access: Option<AccessPlace<'a>>,
    before: Option<AccessPlace<'a>>,
    queries_per_request: Rounded,
    ms_per_request: Rounded,
    share: Rounded,
    growth: Option<GrowthRow<'a>>,
    confidence: &'static str,
    fixable: bool,
    suggestion: Option<String>,
}

#[derive(Serialize)]
struct OriginPlace<'a> {
    file: &'a str,
    line: Option<u32>,
    function: &'a str,
}

#[derive(Serialize)]
struct AccessPlace<'a> {
    file: &'a str,
    line: Option<u32>,
}

#[derive(Serialize)]
struct GrowthRow<'a> {
    model: &'a str,
    queries_per_row: Option<Rounded>,
    fewest: PointRow,
    most: PointRow,
}

#[derive(Serialize)]
struct PointRow {
    rows: u64,
    queries: Rounded,
}

impl<'a> GrowthRow<'a> {
    fn of(finding: &'a Finding) -> Option<Self> {
        let growth = finding.growth.as_ref()?;
        let point =
            |point: GrowthPoint| PointRow { rows: point.rows, queries: Rounded::count(point.queries) };
        Some(Self {
            model: &growth.model,
            queries_per_row: growth.per_row.map(Rounded::count),
            fewest: point(growth.fewest),
            most: point(growth.most),
        })
    }
}

impl<'a> FindingRow<'a> {
    pub(super) fn new(located: &'a Located<'_>) -> Self {
        let finding = located.finding;
        let place = |spot: &'a Option<Spot>| {
            spot.as_ref().map(|Spot { file, line, .. }| AccessPlace { file, line: *line })
        };
        Self {
            id: &finding.id,
            rule: finding.rule.name(),
            endpoints: finding.endpoints.iter().map(ToString::to_string).collect(),
            relation: finding.relation().map(ToString::to_string),
            statement: finding.statement().map(ToString::to_string),
            database: finding.database(),
            origin: located.origin.as_ref().map(|spot| OriginPlace {
                file: &spot.file,
                line: spot.line,
                function: &spot.function,
            }),
            access: place(&located.access),
            before: place(&located.before),
            queries_per_request: Rounded::count(finding.cost.queries_per_request),
            ms_per_request: Rounded::milliseconds(finding.cost.ms_per_request),
            share: Rounded::share(finding.cost.share),
            growth: GrowthRow::of(finding),
            confidence: names::confidence(finding.confidence),
            fixable: located.fixable(),
            suggestion: finding.suggestion(),
        }
    }
}

#[cfg(test)]
mod tests;
