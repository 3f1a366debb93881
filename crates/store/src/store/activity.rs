//! A run over time: read from its rollups, and for a run of a version that kept none, from its transactions.

use std::collections::{BTreeMap, BTreeSet};

use observation::{Transaction, TransactionKind};
use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::{HEAD_COLUMNS, ReadError, Store, edge, has_table, head, rows};
use crate::database::Fault;
use crate::encoding::{decode_kind, integer, kind, unsigned};
use crate::limits::ROLLUP_LEVELS;
use crate::recorder::ALL_REQUESTS;
use crate::records::{EndpointActivity, EndpointId, RunId, Span};
use crate::rollup::{self, Rollup, bucket, ended_at_s};

impl Store {
    /// The time from one moment to another as far as the run has something in it, in buckets that are fine enough to be
    /// drawn and, unless the run is too long for that, no more than `buckets_max`; all of the run where a moment is left
    /// out. None for a run without requests.
    pub fn span(
        &self,
        run: RunId,
        (from_us, to_us): (Option<u64>, Option<u64>),
        buckets_max: usize,
    ) -> Result<Option<Span>, ReadError> {
        self.read(|connection| {
            let levels = if has_rollups(connection, run)? {
                kept_levels(connection, run)?
            } else {
                scanned_levels(connection, run)?
            };
            Ok(choose(&levels, (from_us, to_us), buckets_max))
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
                if let Some(bucket) = span.bucket(at_s).and_then(|bucket| buckets.get_mut(bucket)) {
                    bucket.merge(rollup);
                }
            };
            if has_rollups(connection, run)? {
                let id = match endpoint {
                    None => Some(ALL_REQUESTS),
                    Some(endpoint) => rolled_up_id(connection, run, endpoint)?,
                };
                if let Some(id) = id {
                    Buckets::prepare(connection, run, true)?.each(span, id, &mut count)?;
                }
            } else {
                scan(connection, run, Some(span), &mut |transaction, at_s| {
                    let is_meant = match endpoint {
                        None => transaction.kind == TransactionKind::Http,
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

    /// What happened to every endpoint that is kept over time and had something in a span, or only to the one that is
    /// named.
    pub fn endpoint_sums(
        &self,
        run: RunId,
        span: Span,
        only: Option<&EndpointId>,
    ) -> Result<Vec<(EndpointId, Rollup)>, ReadError> {
        self.read(|connection| {
            if !has_rollups(connection, run)? {
                let mut sums: BTreeMap<EndpointId, Rollup> = BTreeMap::new();
                scan_endpoints(connection, run, span, only, &mut |id, _, rollup| {
                    sums.entry(id).or_default().merge(rollup);
                })?;
                return Ok(sums.into_iter().collect());
            }
            let mut buckets = Buckets::prepare(connection, run, true)?;
            let stretches = cover(span);
            let mut sums = Vec::new();
            for (id, endpoint) in rolled_up(connection, run, only)? {
                let mut sum = Rollup::default();
                for stretch in &stretches {
                    buckets.each(*stretch, id, &mut |_, rollup| sum.merge(rollup))?;
                }
                sums.extend((sum.requests > 0).then_some((endpoint, sum)));
            }
            Ok(sums)
        })
    }

    /// The same endpoints over time, in equal parts of as few buckets as there must be for no more than `parts_max`.
    pub fn endpoints_over_time(
        &self,
        run: RunId,
        span: Span,
        only: Option<&EndpointId>,
        parts_max: usize,
    ) -> Result<Vec<EndpointActivity>, ReadError> {
        let buckets_per_part = span.buckets().div_ceil(parts_max.max(1)).max(1);
        let parts = span.buckets().div_ceil(buckets_per_part);
        let new = |endpoint: EndpointId| EndpointActivity { endpoint, parts: vec![(0, 0); parts] };
        let count = |activity: &mut EndpointActivity, at_s, rollup: &Rollup| {
            let part = span.bucket(at_s).and_then(|bucket| activity.parts.get_mut(bucket / buckets_per_part));
            if let Some(part) = part {
                *part = (part.0.saturating_add(rollup.requests), part.1.saturating_add(rollup.wall_ns));
            }
        };
        self.read(|connection| {
            if !has_rollups(connection, run)? {
                let mut found: BTreeMap<EndpointId, EndpointActivity> = BTreeMap::new();
                scan_endpoints(connection, run, span, only, &mut |id, at_s, rollup| {
                    count(found.entry(id).or_insert_with_key(|id| new(id.clone())), at_s, rollup);
                })?;
                return Ok(found.into_values().collect());
            }
            let mut buckets = Buckets::prepare(connection, run, false)?;
            let mut found = Vec::new();
            for (id, endpoint) in rolled_up(connection, run, only)? {
                let mut activity = new(endpoint);
                buckets.each(span, id, &mut |at_s, rollup| count(&mut activity, at_s, rollup))?;
                found.extend(activity.parts.iter().any(|part| part.0 > 0).then_some(activity));
            }
            Ok(found)
        })
    }

    /// How many endpoints of requests are kept over time and had something in a span.
    pub fn endpoints_active(&self, run: RunId, span: Span) -> Result<u64, ReadError> {
        self.read(|connection| {
            if has_rollups(connection, run)? {
                let sql = "SELECT count(*) FROM endpoint_totals
                    WHERE run_id = ?1 AND kind = ?2 AND rolled_up AND EXISTS (
                        SELECT 1 FROM rollups
                        WHERE rollups.run_id = ?1 AND width_s = ?3 AND endpoint_id = endpoint_totals.id
                            AND started_at_s >= ?4 AND started_at_s < ?5)";
                let [width_s, from_s, to_s] = [span.width_s, span.from_s, span.to_s].map(integer);
                let values = params![run.0, kind(TransactionKind::Http), width_s, from_s, to_s];
                return Ok(unsigned(connection.query_row(sql, values, |row| row.get(0))?));
            }
            let mut endpoints = BTreeSet::new();
            scan(connection, run, Some(span), &mut |transaction, _| {
                if transaction.kind == TransactionKind::Http {
                    endpoints.insert(id_of(transaction));
                }
            })?;
            Ok(endpoints.len() as u64)
        })
    }
}

/// Cuts what was asked for to what is there. A level is what there is of one width, from the begin of the first bucket to
/// the end of the last; they come finest first. The finest is taken that reaches back far enough with few enough buckets.
fn choose(levels: &[Span], (from_us, to_us): (Option<u64>, Option<u64>), buckets_max: usize) -> Option<Span> {
    let (finest, coarsest) = (levels.first()?, levels.last()?);
    // A level is complete when its first bucket lies in the first one of the next wider level that is.
    let begins_with = |wider: &Span, level: &Span| level.from_s < wider.from_s.saturating_add(wider.width_s);
    let complete = levels
        .iter()
        .rev()
        .fold(coarsest, |complete, level| if begins_with(complete, level) { level } else { complete });
    let begin = complete.from_s;
    let end = finest.to_s;
    let first = from_us.map_or(begin, |from_us| (from_us / 1_000_000).clamp(begin, end - 1));
    let last = to_us.map_or(end, |to_us| to_us.div_ceil(1_000_000).clamp(first + 1, end)) - 1;
    let span = |level: &Span| {
        let width_s = level.width_s;
        Span { from_s: bucket(first, width_s), to_s: bucket(last, width_s) + width_s, width_s }
    };
    let fits = |level: &&Span| level.from_s <= first && span(level).buckets() <= buckets_max;
    Some(span(levels.iter().find(fits).unwrap_or(coarsest)))
}

/// The same stretch in as few buckets as there can be: wide ones, and finer ones at both ends. Every width counts
/// everything, so that they can be put together.
fn cover(span: Span) -> Vec<Span> {
    let wider = ROLLUP_LEVELS.iter().map(|level| level.width_s).find(|width_s| *width_s > span.width_s);
    let Some(width_s) = wider else { return vec![span] };
    let (from_s, to_s) = (span.from_s.next_multiple_of(width_s), bucket(span.to_s, width_s));
    if from_s >= to_s {
        return vec![span];
    }
    let mut stretches = cover(Span { from_s, to_s, width_s });
    let ends = [Span { to_s: from_s, ..span }, Span { from_s: to_s, ..span }];
    stretches.extend(ends.into_iter().filter(|end| end.from_s < end.to_s));
    stretches
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
        // An edge goes on answering while nobody asks the app.
        let of_app = first.zip(last).map(|(first, last)| (unsigned(first), unsigned(last)));
        let of_edge = edge::ends_s(connection, run, level.width_s)?;
        let ends_s = of_app.into_iter().chain(of_edge);
        let ends_s = ends_s.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
        if let Some((from_s, last_s)) = ends_s {
            let to_s = last_s.saturating_add(level.width_s);
            levels.push(Span { width_s: level.width_s, from_s, to_s });
        }
    }
    Ok(levels)
}

/// All levels of a run without rollups: its requests have them all.
fn scanned_levels(connection: &Connection, run: RunId) -> Result<Vec<Span>, Fault> {
    let mut ends_s: Option<(u64, u64)> = None;
    scan(connection, run, None, &mut |transaction, at_s| {
        if transaction.kind == TransactionKind::Http {
            let (first, last) = ends_s.unwrap_or((at_s, at_s));
            ends_s = Some((first.min(at_s), last.max(at_s)));
        }
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

/// The endpoints of a run that have rollups, or the one that is named.
fn rolled_up(
    connection: &Connection,
    run: RunId,
    only: Option<&EndpointId>,
) -> Result<Vec<(i64, EndpointId)>, Fault> {
    if let Some(only) = only {
        return Ok(rolled_up_id(connection, run, only)?.map(|id| (id, only.clone())).into_iter().collect());
    }
    let sql = "SELECT id, kind, method, route FROM endpoint_totals WHERE run_id = ?1 AND rolled_up";
    rows(connection, sql, [run.0], |row| {
        let id = EndpointId {
            kind: decode_kind(row.get("kind")?)?,
            method: row.get("method")?,
            route: row.get("route")?,
        };
        Ok((row.get("id")?, id))
    })
}

/// Reads the buckets of one endpoint after the other. The spreads cost most, and may be left out.
struct Buckets<'connection> {
    run: RunId,
    with_spreads: bool,
    statement: Statement<'connection>,
}

impl<'connection> Buckets<'connection> {
    fn prepare(connection: &'connection Connection, run: RunId, with_spreads: bool) -> Result<Self, Fault> {
        let statement = connection.prepare(
            "SELECT started_at_s, requests, errors, client_errors, queries, wall_ns, db_ns,
                CASE WHEN ?6 THEN spread END AS spread
             FROM rollups
             WHERE run_id = ?1 AND width_s = ?2 AND endpoint_id = ?3 AND started_at_s >= ?4 AND started_at_s < ?5",
        )?;
        Ok(Self { run, with_spreads, statement })
    }

    fn each(
        &mut self,
        span: Span,
        endpoint_id: i64,
        each: &mut dyn FnMut(u64, &Rollup),
    ) -> Result<(), Fault> {
        let [width_s, from_s, to_s] = [span.width_s, span.from_s, span.to_s].map(integer);
        let mut rows = self.statement.query(params![
            self.run.0,
            width_s,
            endpoint_id,
            from_s,
            to_s,
            self.with_spreads
        ])?;
        while let Some(row) = rows.next()? {
            each(unsigned(row.get("started_at_s")?), &rollup::from_row(row)?);
        }
        Ok(())
    }
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

/// Looks at every transaction of a span, or at those of the endpoint that is named.
fn scan_endpoints(
    connection: &Connection,
    run: RunId,
    span: Span,
    only: Option<&EndpointId>,
    each: &mut dyn FnMut(EndpointId, u64, &Rollup),
) -> Result<(), Fault> {
    scan(connection, run, Some(span), &mut |transaction, at_s| {
        if only.is_none_or(|only| is_of(transaction, only)) {
            each(id_of(transaction), at_s, &one(transaction));
        }
    })
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
