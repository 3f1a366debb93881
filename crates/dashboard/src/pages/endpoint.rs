//! `/api/endpoint`.

use analysis::QueryShape;
use store::{EndpointId, RecordedTransaction, Run, Store, TransactionOrder};

use super::edge;
use super::findings::Proved;
use super::over_time::{empty_span, histogram, series};
use super::rows::{Shown, rows};
use crate::api::params::EndpointParams;
use crate::api::{EndpointPage, FindingRow, QueryRow};
use crate::app::{App, Failure};
use crate::convert::{self, is_same, quantiles_measured, range, recorded_kind, request_row, rounded};
use crate::limits::{EXAMPLES_MAX, QUERIES_FROM_BYTES_MAX, QUERIES_FROM_REQUESTS_MAX, QUERIES_MAX};

pub(crate) fn endpoint(
    app: &App,
    store: &Store,
    run: &Run,
    params: &EndpointParams,
) -> Result<EndpointPage, Failure> {
    let id = EndpointId {
        kind: recorded_kind(params.kind),
        method: params.method.clone(),
        route: params.route.clone(),
    };
    let found = rows(app, store, run, (params.from_us, params.to_us), Shown::Only(&id))?;
    let row = found.rows.into_iter().next();
    let row = row.ok_or(Failure::NotFound("no unit of work of this endpoint is recorded in this time"))?;
    let span = found.span.unwrap_or_else(|| empty_span(run));
    let trend = match (&row.shown.sparkline, found.span) {
        (Some(_), Some(span)) => Some(series(span, &store.over_time(run.id, span, Some(&id))?)),
        _ => None,
    };
    let within = match (params.from_us, params.to_us) {
        (None, None) => (0, u64::MAX),
        _ => (range(span).from_us, range(span).to_us),
    };
    let examples =
        |order| store.transactions_of(run.id, &id, within, order, EXAMPLES_MAX).map(|found| listed(&found));
    let slowest = examples(TransactionOrder::Slowest)?;
    let typical = examples(TransactionOrder::Near(row.wall_spread_ns.quantile(50)))?;
    let (queries, queries_from_requests) = queries(store, run, &id)?;
    Ok(EndpointPage {
        run: run.id.number(),
        range: range(span),
        statuses: row.statuses,
        histogram: histogram(&row.wall_spread_ns),
        trend,
        slowest,
        typical,
        findings: findings(app, store, run, &id)?,
        queries,
        queries_from_requests,
        edge: edge::endpoint(store, run, &id)?,
        endpoint: row.shown,
    })
}

fn listed(found: &[RecordedTransaction]) -> Vec<crate::api::RequestRow> {
    found.iter().map(request_row).collect()
}

fn findings(
    app: &App,
    store: &Store,
    run: &Run,
    id: &EndpointId,
) -> Result<Option<Vec<FindingRow>>, Failure> {
    let Some(found) = app.findings.get(run.id, store.latest_ordinal(run.id)?) else { return Ok(None) };
    let proved = Proved::of(app);
    let its = found.findings.iter().filter(|finding| finding.endpoints.iter().any(|key| is_same(id, key)));
    Ok(Some(its.map(|finding| proved.row(finding)).collect()))
}

/// Its queries, and how many requests they come from.
fn queries(store: &Store, run: &Run, id: &EndpointId) -> Result<(Vec<QueryRow>, u64), Failure> {
    let transactions = store.newest_of(run.id, id, QUERIES_FROM_REQUESTS_MAX, QUERIES_FROM_BYTES_MAX)?;
    let count = transactions.len() as u64;
    let window = analysis::Window { transactions, dropped: 0 };
    let key = analysis::EndpointKey { kind: id.kind, method: id.method.clone(), route: id.route.clone() };
    let shapes = analysis::queries(&window, &key);
    let all_ms: f64 = shapes.iter().map(|shape| shape.total_ms).sum();
    Ok((shapes.into_iter().take(QUERIES_MAX).map(|shape| query(shape, all_ms)).collect(), count))
}

fn query(shape: QueryShape, all_ms: f64) -> QueryRow {
    QueryRow {
        sql_formatted: sql::layout(&shape.sql),
        sql: shape.sql,
        place: shape.place.as_ref().map(convert::place),
        requests: shape.requests,
        count: quantiles_measured(shape.count),
        ms: quantiles_measured(shape.ms),
        total_ms: rounded(shape.total_ms),
        share: if all_ms > 0.0 { rounded(shape.total_ms / all_ms) } else { 0.0 },
    }
}
