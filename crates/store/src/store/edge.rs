//! What the edge answered in a run. A store of a version without an edge has nothing of it.

use std::collections::BTreeMap;

use observation::route::Router;
use observation::{EdgeAnswers, EdgeFigures, EdgeOutcome, EdgeTarget, EdgeTotal, TransactionKind};
use rusqlite::{Connection, Row, params};

use super::{ReadError, Store, has_table, rows};
use crate::database::Fault;
use crate::encoding::{decode_outcome, decode_target, integer, kind, unsigned};
use crate::limits::ROLLUP_LEVELS;
use crate::recorder::target_of;
use crate::records::{RunId, Span};

impl Store {
    /// Everything that the edge answered in a run, whenever it was: by target, then method, then outcome. A path whose
    /// route was met only later is counted as that route. Empty without an edge.
    pub fn edge(&self, run: RunId) -> Result<Vec<EdgeTotal>, ReadError> {
        let sql = "SELECT target_kind, target, method, outcome, requests, bytes_sent, took_ns, took_max_ns, wait_ns,
                wait_max_ns
             FROM edge_totals WHERE run_id = ?1";
        self.read(|connection| {
            if !has_table(connection, "edge_totals")? {
                return Ok(Vec::new());
            }
            let mut found = rows(connection, sql, [run.0], total)?;
            if found.iter().any(|total| matches!(total.target, EdgeTarget::Path(_))) {
                let router = router(connection, run)?;
                for total in &mut found {
                    if let EdgeTarget::Path(path) = &mut total.target {
                        total.target = target_of(&router, std::mem::take(path), total.outcome);
                    }
                }
            }
            Ok(together(found))
        })
    }

    /// What the edge answered in each bucket of a span; as many as it has buckets.
    pub fn edge_over_time(&self, run: RunId, span: Span) -> Result<Vec<EdgeAnswers>, ReadError> {
        let sql = "SELECT started_at_s, outcome, requests, bytes_sent, took_ns, took_max_ns, wait_ns, wait_max_ns
             FROM edge_rollups WHERE run_id = ?1 AND width_s = ?2 AND started_at_s >= ?3 AND started_at_s < ?4";
        self.read(|connection| {
            let mut buckets = vec![EdgeAnswers::default(); span.buckets()];
            if !has_table(connection, "edge_rollups")? {
                return Ok(buckets);
            }
            let [width_s, from_s, to_s] = [span.width_s, span.from_s, span.to_s].map(integer);
            for (at_s, outcome, figures) in
                rows(connection, sql, params![run.0, width_s, from_s, to_s], part)?
            {
                if let Some(bucket) = span.bucket(at_s).and_then(|bucket| buckets.get_mut(bucket)) {
                    bucket.add(outcome, &figures);
                }
            }
            Ok(buckets)
        })
    }

    /// How many requests the edge has answered in the last thirty days of a run. It tells whether anything has come since.
    pub fn edge_requests(&self, run: RunId) -> Result<u64, ReadError> {
        let sql = "SELECT coalesce(sum(min(requests, 1 << 52)), 0) FROM edge_rollups WHERE run_id = ?1 AND width_s = ?2";
        self.read(|connection| {
            if !has_table(connection, "edge_rollups")? {
                return Ok(0);
            }
            let coarsest = ROLLUP_LEVELS[ROLLUP_LEVELS.len() - 1];
            let values = params![run.0, integer(coarsest.width_s)];
            Ok(unsigned(connection.query_row(sql, values, |row| row.get(0))?))
        })
    }
}

/// The begin of the first and the last bucket of a width; none without an edge.
pub(super) fn ends_s(connection: &Connection, run: RunId, width_s: u64) -> Result<Option<(u64, u64)>, Fault> {
    if !has_table(connection, "edge_rollups")? {
        return Ok(None);
    }
    let sql =
        "SELECT min(started_at_s), max(started_at_s) FROM edge_rollups WHERE run_id = ?1 AND width_s = ?2";
    let (first, last): (Option<i64>, Option<i64>) =
        connection.query_row(sql, params![run.0, integer(width_s)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(first.zip(last).map(|(first, last)| (unsigned(first), unsigned(last))))
}

/// The routes of a run's requests.
fn router(connection: &Connection, run: RunId) -> Result<Router, Fault> {
    if !has_table(connection, "endpoint_totals")? {
        return Ok(Router::default());
    }
    let sql = "SELECT DISTINCT route FROM endpoint_totals WHERE run_id = ?1 AND kind = ?2";
    let values = params![run.0, kind(TransactionKind::Http)];
    let routes = rows(connection, sql, values, |row| Ok(row.get::<_, String>(0)?))?;
    Ok(Router::new(routes.iter().map(String::as_str)))
}

/// One for each target, method and outcome, in that order.
fn together(totals: Vec<EdgeTotal>) -> Vec<EdgeTotal> {
    let mut sums: BTreeMap<(EdgeTarget, String, EdgeOutcome), EdgeFigures> = BTreeMap::new();
    for EdgeTotal { method, target, outcome, figures } in totals {
        sums.entry((target, method, outcome)).or_default().merge(&figures);
    }
    let total = |((target, method, outcome), figures)| EdgeTotal { method, target, outcome, figures };
    sums.into_iter().map(total).collect()
}

fn total(row: &Row<'_>) -> Result<EdgeTotal, Fault> {
    Ok(EdgeTotal {
        method: row.get("method")?,
        target: decode_target(row.get("target_kind")?, row.get("target")?)?,
        outcome: decode_outcome(row.get("outcome")?)?,
        figures: figures(row)?,
    })
}

fn part(row: &Row<'_>) -> Result<(u64, EdgeOutcome, EdgeFigures), Fault> {
    Ok((unsigned(row.get("started_at_s")?), decode_outcome(row.get("outcome")?)?, figures(row)?))
}

fn figures(row: &Row<'_>) -> Result<EdgeFigures, Fault> {
    let value = |name| row.get(name).map(unsigned);
    Ok(EdgeFigures {
        requests: value("requests")?,
        bytes_sent: value("bytes_sent")?,
        took_ns: value("took_ns")?,
        took_max_ns: value("took_max_ns")?,
        wait_ns: value("wait_ns")?,
        wait_max_ns: value("wait_max_ns")?,
    })
}

#[cfg(test)]
mod tests;
