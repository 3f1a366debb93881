//! Endpoints, summed up: over a whole run from its totals, over a part of it from its rollups.

use std::collections::{BTreeMap, HashMap};

use observation::TransactionKind;
use store::{EndpointId, EndpointTotals, Histogram, Rollup, Run, Span, Store};

use crate::api::{EndpointRow, Quantiles, Sparkline};
use crate::app::{App, Failure};
use crate::convert::{endpoint_key, is_same, mean, ms, quantiles_ms, quantiles_of, rounded, share};
use crate::limits::{SERIES_BUCKETS_MAX, SPARKLINE_BUCKETS_MAX, SPARKLINE_POINTS};

const SERVER_ERROR: u16 = 500;
const CLIENT_ERROR: u16 = 400;

/// Every endpoint of a run that had something in a stretch of time.
pub(crate) struct Rows {
    /// The time; none for a run without requests.
    pub(crate) span: Option<Span>,
    pub(crate) rows: Vec<Row>,
}

/// One endpoint.
pub(crate) struct Row {
    pub(crate) id: EndpointId,
    pub(crate) shown: EndpointRow,
    pub(crate) wall_spread_ns: Histogram,
    pub(crate) statuses: BTreeMap<u16, u64>,
    wall_ns: u64,
}

/// Which endpoints are shown.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'a> {
    /// Those whose kind is one of these.
    Kinds(fn(TransactionKind) -> bool),
    /// One.
    Only(&'a EndpointId),
}

impl Shown<'_> {
    fn has(self, id: &EndpointId) -> bool {
        match self {
            Self::Kinds(has) => has(id.kind),
            Self::Only(only) => id == only,
        }
    }
}

/// Reads them. Tests are not kept over time: whatever the stretch, they are those of the whole run.
pub(crate) fn rows(
    app: &App,
    store: &Store,
    run: &Run,
    asked: (Option<u64>, Option<u64>),
    shown: Shown<'_>,
) -> Result<Rows, Failure> {
    let span = store.span(run.id, asked, SERIES_BUCKETS_MAX)?;
    let totals = store.totals(run.id)?;
    let is_whole = asked == (None, None) && !totals.is_empty();
    let only = if let Shown::Only(only) = shown { Some(only) } else { None };
    let mut lines = sparklines(store, run, asked, only)?;
    let mut sums: HashMap<EndpointId, Rollup> = match span {
        // Of a whole run the totals know more.
        Some(span) if !is_whole => store.endpoint_sums(run.id, span, only)?.into_iter().collect(),
        _ => HashMap::new(),
    };
    let mut rows = Vec::new();
    let mut all_ns = 0_u64;
    for one in totals {
        let id = EndpointId { kind: one.kind, method: one.method.clone(), route: one.route.clone() };
        if is_whole && only.is_some_and(|only| only.kind == id.kind) {
            all_ns = all_ns.saturating_add(one.wall_total_ns);
        }
        if !shown.has(&id) {
            continue;
        }
        if is_whole || one.kind == TransactionKind::Test {
            rows.push(of_totals(id, one));
        } else if let Some(sum) = sums.remove(&id) {
            rows.push(of_sum(id, sum, one.view, one.statuses));
        }
    }
    // Those of a run that has no totals.
    let rest = sums.into_iter().filter(|(id, _)| shown.has(id));
    rows.extend(rest.map(|(id, sum)| of_sum(id, sum, String::new(), BTreeMap::new())));
    all_ns = match (only, span) {
        (Some(only), Some(span)) if !is_whole => all_of_kind(store, run, span, only.kind)?,
        (Some(_), _) => all_ns,
        (None, _) => rows.iter().fold(0, |sum, row| sum.saturating_add(row.wall_ns)),
    };
    for row in &mut rows {
        row.shown.sparkline = lines.remove(&row.id);
    }
    complete(app, store, run, &mut rows, all_ns)?;
    Ok(Rows { span, rows })
}

/// What is drawn beside the figures: from few buckets, whatever the figures are read from.
fn sparklines(
    store: &Store,
    run: &Run,
    asked: (Option<u64>, Option<u64>),
    only: Option<&EndpointId>,
) -> Result<HashMap<EndpointId, Sparkline>, Failure> {
    let Some(span) = store.span(run.id, asked, SPARKLINE_BUCKETS_MAX)? else { return Ok(HashMap::new()) };
    let found = store.endpoints_over_time(run.id, span, only, SPARKLINE_POINTS)?;
    // A test that is read from its transaction is not drawn either.
    let drawn = found.into_iter().filter(|one| one.endpoint.kind != TransactionKind::Test);
    Ok(drawn.map(|one| (one.endpoint, sparkline(&one.parts))).collect())
}

fn sparkline(parts: &[(u64, u64)]) -> Sparkline {
    let mean_ms =
        |(requests, wall_ns): &(u64, u64)| mean(*wall_ns / 1_000, *requests).map(|us| rounded(us / 1e3));
    Sparkline {
        requests: parts.iter().map(|part| part.0).collect(),
        mean_ms: parts.iter().map(mean_ms).collect(),
    }
}

/// The wall time of all endpoints of a kind, in nanoseconds.
fn all_of_kind(store: &Store, run: &Run, span: Span, kind: TransactionKind) -> Result<u64, Failure> {
    let sum = |times: &mut dyn Iterator<Item = u64>| times.fold(0, u64::saturating_add);
    if kind == TransactionKind::Http {
        return Ok(sum(&mut store.over_time(run.id, span, None)?.iter().map(|bucket| bucket.wall_ns)));
    }
    let all = store.endpoint_sums(run.id, span, None)?;
    Ok(sum(&mut all.iter().filter(|(id, _)| id.kind == kind).map(|(_, sum)| sum.wall_ns)))
}

/// What is known only of all together: shares, and findings.
fn complete(app: &App, store: &Store, run: &Run, rows: &mut [Row], all_ns: u64) -> Result<(), Failure> {
    let findings = app.findings.get(run.id, store.latest_ordinal(run.id)?);
    for row in rows {
        row.shown.share = share(row.wall_ns, all_ns);
        row.shown.findings = findings.as_ref().map(|found| {
            let has_it =
                |finding: &&analysis::Finding| finding.endpoints.iter().any(|key| is_same(&row.id, key));
            found.findings.iter().filter(has_it).count() as u64
        });
    }
    Ok(())
}

fn of_totals(id: EndpointId, totals: EndpointTotals) -> Row {
    let counted = |is_it: fn(u16) -> bool| {
        totals.statuses.iter().filter(|(status, _)| is_it(**status)).map(|(_, count)| count).sum()
    };
    let store::Distribution { p50, p95, p99, max } = totals.queries;
    let [p50, p95, p99, max] = [p50, p95, p99, max].map(|value| value as f64);
    Row {
        shown: EndpointRow {
            key: endpoint_key(&id),
            view: totals.view,
            requests: totals.transactions,
            errors: counted(|status| status >= SERVER_ERROR),
            client_errors: counted(|status| (CLIENT_ERROR..SERVER_ERROR).contains(&status)),
            wall_ms: quantiles_ms(&totals.wall_spread_ns),
            total_ms: ms(totals.wall_total_ns),
            share: 0.0,
            db_share: totals.db_total_ns.map(|db_ns| share(db_ns, totals.wall_total_ns)),
            queries: Quantiles { p50, p95, p99, max },
            findings: None,
            sparkline: None,
        },
        id,
        wall_spread_ns: totals.wall_spread_ns,
        statuses: totals.statuses,
        wall_ns: totals.wall_total_ns,
    }
}

fn of_sum(id: EndpointId, sum: Rollup, view: String, statuses: BTreeMap<u16, u64>) -> Row {
    Row {
        shown: EndpointRow {
            key: endpoint_key(&id),
            view,
            requests: sum.requests,
            errors: sum.errors,
            client_errors: sum.client_errors,
            wall_ms: quantiles_ms(&sum.wall_spread_ns),
            total_ms: ms(sum.wall_ns),
            share: 0.0,
            db_share: Some(share(sum.db_ns, sum.wall_ns)),
            queries: quantiles_of(&sum.queries_spread),
            findings: None,
            sparkline: None,
        },
        id,
        wall_spread_ns: sum.wall_spread_ns,
        statuses,
        wall_ns: sum.wall_ns,
    }
}
