//! A run over time: read from its rollups, and for a run of a version that kept none, from its transactions.

use std::collections::BTreeMap;

use observation::Transaction;
use rusqlite::{Connection, OptionalExtension, params};

use super::{HEAD_COLUMNS, ReadError, Store, has_table, head};
use crate::database::Fault;
use crate::encoding::{decode_kind, integer, kind, unsigned};
use crate::limits::{ROLLUP_LEVELS, SPAN_BUCKETS_MAX};
use crate::recorder::ALL_REQUESTS;
use crate::records::{EndpointActivity, EndpointId, RunId, Span};
use crate::rollup::{self, COLUMNS, Rollup, bucket, ended_at_s};

impl Store {
    /// The time from one moment to another as far as the run has something in it, in buckets that are fine enough to be
    /// drawn and few enough to be read; all of the run where a moment is left out. None for a run without requests.
    pub fn span(
        &self,
        run: RunId,
        from_us: Option<u64>,
        to_us: Option<u64>,
    ) -> Result<Option<Span>, ReadError> {
        self.read(|connection| {
            let levels = if has_rollups(connection, run)? {
                kept_levels(connection, run)?
            } else {
                scanned_levels(connection, run)?
            };
            Ok(choose(&levels, from_us, to_us))
        })
    }

    /// What happened in each bucket of a span: to one endpoint, or to all requests.
    pub fn over_time(
        &self,
        run: RunId,
        span: Span,
        endpoint: Option<&EndpointId>,
    ) -> Result<Vec<Rollup>, ReadError> {
        self.read(|connection| {
            let mut buckets = vec![Rollup::default(); span.buckets()];
            let mut count = |at_s, rollup: &Rollup| {
                if let Some(bucket) = buckets.get_mut(span.part(at_s, span.buckets())) {
                    bucket.merge(rollup);
                }
            };
            if has_rollups(connection, run)? {
                let id = match endpoint {
                    None => Some(ALL_REQUESTS),
                    Some(endpoint) => rolled_up_id(connection, run, endpoint)?,
                };
                if let Some(id) = id {
                    each_of_endpoint(connection, run, span, id, &mut count)?;
                }
            } else {
                scan(connection, run, Some(span), &mut |transaction, at_s| {
                    let is_meant = match endpoint {
                        None => transaction.kind == observation::TransactionKind::Http,
                        Some(endpoint) => is_of(transaction, endpoint),
                    };
                    if is_meant {
                        count(at_s, &one(transaction));
                    }
                })?;
            }
            Ok(buckets)
        })
    }

    /// Every endpoint that is kept over time and had something in a span. `parts` is how many parts of the time are told
    /// apart. The spreads cost most, and are left out unless asked for.
    pub fn endpoints_over_time(
        &self,
        run: RunId,
        span: Span,
        parts: usize,
        with_spreads: bool,
    ) -> Result<Vec<EndpointActivity>, ReadError> {
        self.read(|connection| {
            let mut found = Found { span, parts, endpoints: BTreeMap::new() };
            if has_rollups(connection, run)? {
                each_endpoint(connection, run, span, with_spreads, &mut found)?;
            } else {
                scan(connection, run, Some(span), &mut |transaction, at_s| {
                    found.count(id_of(transaction), at_s, &one(transaction));
                })?;
            }
            Ok(found.endpoints.into_values().collect())
        })
    }
}

/// Endpoints that were met on the way through a span.
struct Found {
    span: Span,
    parts: usize,
    endpoints: BTreeMap<EndpointId, EndpointActivity>,
}

impl Found {
    fn count(&mut self, endpoint: EndpointId, at_s: u64, rollup: &Rollup) {
        let parts = self.parts;
        let activity = self.endpoints.entry(endpoint).or_insert_with_key(|endpoint| EndpointActivity {
            endpoint: endpoint.clone(),
            sum: Rollup::default(),
            parts: vec![(0, 0); parts],
        });
        activity.sum.merge(rollup);
        if let Some(part) = activity.parts.get_mut(self.span.part(at_s, parts)) {
            *part = (part.0.saturating_add(rollup.requests), part.1.saturating_add(rollup.wall_ns));
        }
    }
}

/// Cuts what was asked for to what is there. A level is what there is of one width, from the begin of the first bucket to
/// the end of the last; they come finest first. The finest is taken that reaches back far enough with few enough buckets.
fn choose(levels: &[Span], from_us: Option<u64>, to_us: Option<u64>) -> Option<Span> {
    let (finest, coarsest) = (levels.first()?, levels.last()?);
    // A level is complete when its first bucket lies in the first one of the coarsest.
    let is_complete = |level: &&Span| level.from_s < coarsest.from_s.saturating_add(coarsest.width_s);
    let begin = levels.iter().find(is_complete).map_or(coarsest.from_s, |level| level.from_s);
    let end = finest.to_s;
    let first = from_us.map_or(begin, |from_us| (from_us / 1_000_000).clamp(begin, end - 1));
    let last = to_us.map_or(end, |to_us| to_us.div_ceil(1_000_000).clamp(first + 1, end)) - 1;
    let span = |level: &Span| {
        let width_s = level.width_s;
        Span { from_s: bucket(first, width_s), to_s: bucket(last, width_s) + width_s, width_s }
    };
    let fits = |level: &&Span| level.from_s <= first && span(level).buckets() <= SPAN_BUCKETS_MAX;
    Some(span(levels.iter().find(fits).unwrap_or(coarsest)))
}

fn has_rollups(connection: &Connection, run: RunId) -> Result<bool, Fault> {
    if !has_table(connection, "rollups")? {
        return Ok(false);
    }
    let any = "SELECT 1 FROM rollups WHERE run_id = ?1 LIMIT 1";
    Ok(connection.prepare(any)?.exists([run.0])?)
}

fn kept_levels(connection: &Connection, run: RunId) -> Result<Vec<Span>, Fault> {
    let mut statement = connection.prepare(
        "SELECT min(started_at_s), max(started_at_s) FROM rollups
         WHERE run_id = ?1 AND width_s = ?2 AND endpoint_id = ?3",
    )?;
    let mut levels = Vec::new();
    for level in ROLLUP_LEVELS {
        let values = params![run.0, integer(level.width_s), ALL_REQUESTS];
        let (first, last): (Option<i64>, Option<i64>) =
            statement.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let (Some(first), Some(last)) = (first, last) {
            let to_s = unsigned(last).saturating_add(level.width_s);
            levels.push(Span { width_s: level.width_s, from_s: unsigned(first), to_s });
        }
    }
    Ok(levels)
}

/// All levels of a run without rollups: its transactions have them all.
fn scanned_levels(connection: &Connection, run: RunId) -> Result<Vec<Span>, Fault> {
    let mut ends_s: Option<(u64, u64)> = None;
    scan(connection, run, None, &mut |_, at_s| {
        let (first, last) = ends_s.unwrap_or((at_s, at_s));
        ends_s = Some((first.min(at_s), last.max(at_s)));
    })?;
    let Some((first, last)) = ends_s else { return Ok(Vec::new()) };
    let kept =
        |width_s| Span { width_s, from_s: bucket(first, width_s), to_s: bucket(last, width_s) + width_s };
    Ok(ROLLUP_LEVELS.into_iter().map(|level| kept(level.width_s)).collect())
}

fn rolled_up_id(connection: &Connection, run: RunId, endpoint: &EndpointId) -> Result<Option<i64>, Fault> {
    let mut statement = connection.prepare(
        "SELECT id FROM endpoint_totals
         WHERE run_id = ?1 AND kind = ?2 AND method = ?3 AND route = ?4 AND rolled_up",
    )?;
    let values = params![run.0, kind(endpoint.kind), endpoint.method, endpoint.route];
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
}

fn each_of_endpoint(
    connection: &Connection,
    run: RunId,
    span: Span,
    endpoint_id: i64,
    each: &mut dyn FnMut(u64, &Rollup),
) -> Result<(), Fault> {
    let mut statement = connection.prepare(&format!(
        "SELECT started_at_s, {COLUMNS} FROM rollups
         WHERE run_id = ?1 AND width_s = ?2 AND endpoint_id = ?3 AND started_at_s >= ?4 AND started_at_s < ?5"
    ))?;
    let values = params![run.0, integer(span.width_s), endpoint_id, integer(span.from_s), integer(span.to_s)];
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        each(unsigned(row.get("started_at_s")?), &rollup::from_row(row)?);
    }
    Ok(())
}

fn each_endpoint(
    connection: &Connection,
    run: RunId,
    span: Span,
    with_spreads: bool,
    found: &mut Found,
) -> Result<(), Fault> {
    // The order of the join is given: a seek for each endpoint, where a scan would meet every bucket there is.
    let mut statement = connection.prepare(
        "SELECT kind, method, route, started_at_s, requests, errors, client_errors, queries, wall_ns, db_ns,
            CASE WHEN ?5 THEN spread END AS spread
         FROM endpoint_totals CROSS JOIN rollups
            ON rollups.run_id = endpoint_totals.run_id AND width_s = ?2 AND endpoint_id = endpoint_totals.id
                AND started_at_s >= ?3 AND started_at_s < ?4
         WHERE endpoint_totals.run_id = ?1 AND rolled_up",
    )?;
    let values =
        params![run.0, integer(span.width_s), integer(span.from_s), integer(span.to_s), with_spreads];
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        let endpoint = EndpointId {
            kind: decode_kind(row.get("kind")?)?,
            method: row.get("method")?,
            route: row.get("route")?,
        };
        found.count(endpoint, unsigned(row.get("started_at_s")?), &rollup::from_row(row)?);
    }
    Ok(())
}

/// Looks at every transaction of a run, and says when it ended; with a span at those that ended in it, and says in which
/// bucket.
fn scan(
    connection: &Connection,
    run: RunId,
    span: Option<Span>,
    each: &mut dyn FnMut(&Transaction, u64),
) -> Result<(), Fault> {
    let sql = format!("SELECT {HEAD_COLUMNS} FROM transactions WHERE run_id = ?1");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([run.0])?;
    while let Some(row) = rows.next()? {
        let transaction = head(row)?;
        let at_s = ended_at_s(&transaction, u64::MAX);
        match span {
            None => each(&transaction, at_s),
            Some(span) if (span.from_s..span.to_s).contains(&at_s) => {
                each(&transaction, bucket(at_s, span.width_s));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn one(transaction: &Transaction) -> Rollup {
    let mut rollup = Rollup::default();
    rollup.add(transaction);
    rollup
}

fn id_of(transaction: &Transaction) -> EndpointId {
    EndpointId {
        kind: transaction.kind,
        method: transaction.method.clone(),
        route: transaction.route.clone(),
    }
}

fn is_of(transaction: &Transaction, endpoint: &EndpointId) -> bool {
    transaction.kind == endpoint.kind
        && transaction.method == endpoint.method
        && transaction.route == endpoint.route
}

#[cfg(test)]
mod tests;
