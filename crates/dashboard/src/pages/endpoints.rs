//! `/api/endpoints`.

use std::cmp::Ordering;

use observation::TransactionKind;
use store::{Run, Store};

use super::over_time::empty_span;
use super::rows::{Shown, rows};
use crate::api::params::{EndpointsParams, Sort, Tab};
use crate::api::{EndpointList, EndpointRow};
use crate::app::{App, Failure};
use crate::convert::range;
use crate::limits::ENDPOINTS_MAX;

const LIMIT_DEFAULT: usize = 100;

pub(crate) fn endpoints(
    app: &App,
    store: &Store,
    run: &Run,
    params: &EndpointsParams,
) -> Result<EndpointList, Failure> {
    let shown = match params.tab.unwrap_or(Tab::Requests) {
        Tab::Requests => Shown::Kinds(|kind| kind == TransactionKind::Http),
        Tab::Work => Shown::Kinds(|kind| kind != TransactionKind::Http),
    };
    let found = rows(app, store, run, (params.from_us, params.to_us), shown)?;
    let filter = params.filter.as_deref().unwrap_or_default().to_lowercase();
    let mut endpoints: Vec<EndpointRow> =
        found.rows.into_iter().map(|row| row.shown).filter(|row| matches(row, &filter)).collect();
    let sort = params.sort.unwrap_or(Sort::TotalMs);
    endpoints.sort_by(|one, other| compare(sort, one, other));
    let total = endpoints.len() as u64;
    let offset = params.offset.unwrap_or(0) as usize;
    let limit = params.limit.map_or(LIMIT_DEFAULT, |limit| limit as usize).min(ENDPOINTS_MAX);
    Ok(EndpointList {
        run: run.id.number(),
        range: range(found.span.unwrap_or_else(|| empty_span(run))),
        total,
        endpoints: endpoints.into_iter().skip(offset).take(limit).collect(),
    })
}

fn matches(row: &EndpointRow, filter: &str) -> bool {
    let name = format!("{} {} {}", row.key.method, row.key.route, row.view);
    filter.is_empty() || name.to_lowercase().contains(filter)
}

/// The largest first; equals by name, so that rows do not dance.
fn compare(sort: Sort, one: &EndpointRow, other: &EndpointRow) -> Ordering {
    let descending = |of: fn(&EndpointRow) -> f64| of(other).total_cmp(&of(one));
    let by_name = || (&one.key.route, &one.key.method).cmp(&(&other.key.route, &other.key.method));
    let order = match sort {
        Sort::TotalMs => descending(|row| row.total_ms),
        Sort::Requests => descending(|row| row.requests as f64),
        Sort::Errors => (other.errors, other.client_errors).cmp(&(one.errors, one.client_errors)),
        Sort::P50 => descending(|row| row.wall_ms.p50),
        Sort::P95 => descending(|row| row.wall_ms.p95),
        Sort::P99 => descending(|row| row.wall_ms.p99),
        Sort::Queries => descending(|row| row.queries.p50),
        Sort::QueriesMax => descending(|row| row.queries.max),
        Sort::DbShare => descending(|row| row.db_share.unwrap_or(-1.0)),
        Sort::Route => Ordering::Equal,
    };
    order.then_with(by_name)
}
