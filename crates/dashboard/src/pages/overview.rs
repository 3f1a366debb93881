//! `/api/overview`.

use store::{Rollup, Run, Store};

use super::edge;
use super::over_time::{empty_span, heat_map, seconds_at_work, series};
use crate::api::params::OverviewParams;
use crate::api::{Overview, Totals};
use crate::app::{App, Failure};
use crate::convert::{quantiles_ms, range, rounded, share};
use crate::limits::SERIES_BUCKETS_MAX;

pub(crate) fn overview(
    app: &App,
    store: &Store,
    run: &Run,
    params: &OverviewParams,
) -> Result<Overview, Failure> {
    let found = store.span(run.id, (params.from_us, params.to_us), SERIES_BUCKETS_MAX)?;
    let span = found.unwrap_or_else(|| empty_span(run));
    let (buckets, endpoints) = match found {
        Some(span) => (store.over_time(run.id, span, None)?, store.endpoints_active(run.id, span)?),
        None => (Vec::new(), 0),
    };
    let mut sum = Rollup::default();
    for bucket in &buckets {
        sum.merge(bucket);
    }
    let findings = app.findings.get(run.id, store.latest_ordinal(run.id)?);
    Ok(Overview {
        run: run.id.number(),
        range: range(span),
        totals: Totals {
            requests: sum.requests,
            errors: sum.errors,
            client_errors: sum.client_errors,
            requests_per_s: rounded(sum.requests as f64 / seconds_at_work(run, span)),
            queries_per_request: rounded(sum.queries as f64 / sum.requests.max(1) as f64),
            wall_ms: quantiles_ms(&sum.wall_spread_ns),
            db_share: share(sum.db_ns, sum.wall_ns),
        },
        series: series(span, &buckets),
        heat_map: heat_map(&buckets),
        endpoints,
        findings: findings.map(|found| found.findings.len() as u64),
        edge: edge::overview(store, run, span)?,
    })
}
