//! The sums of what the edge answered. A path becomes the route that it belongs to before it is written: a site has a few
//! routes and any number of paths.

use std::collections::{BTreeMap, HashMap, HashSet};

use observation::limits::ROUTES_MATCHED_MAX;
use observation::route::Router;
use observation::{EdgeFigures, EdgeOutcome, EdgeReport, EdgeTarget, Transaction, TransactionKind};
use rusqlite::{Connection, Error, Statement, params, params_from_iter};

use super::tally::kept_from_s;
use crate::encoding::{integer, target};
use crate::limits::{Limits, ROLLUP_LEVELS};
use crate::records::RunId;
use crate::rollup::bucket;

/// The columns that are sums, and those of which the largest is kept. What would be beyond SQLite's integers stays at
/// the largest of them.
const ADD_UP: &str = "requests = requests + min(excluded.requests, 9223372036854775807 - requests),
    bytes_sent = bytes_sent + min(excluded.bytes_sent, 9223372036854775807 - bytes_sent),
    took_ns = took_ns + min(excluded.took_ns, 9223372036854775807 - took_ns),
    took_max_ns = max(took_max_ns, excluded.took_max_ns),
    wait_ns = wait_ns + min(excluded.wait_ns, 9223372036854775807 - wait_ns),
    wait_max_ns = max(wait_max_ns, excluded.wait_max_ns)";

/// Rows of a run, as far as they are limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct EdgeRows {
    pub(super) routes: u64,
    pub(super) paths: u64,
}

/// What came since the last commit, and the routes that the run has met.
#[derive(Default)]
pub(super) struct EdgeTally {
    routes: HashSet<String>,
    /// None since a route was met that it does not know.
    router: Option<Router>,
    /// By method, path and outcome.
    arrived: HashMap<(String, String, EdgeOutcome), EdgeFigures>,
    /// By second.
    seconds: BTreeMap<(u64, EdgeOutcome), EdgeFigures>,
}

impl EdgeTally {
    /// Learns the route of a transaction.
    pub(super) fn meet(&mut self, transaction: &Transaction) {
        if transaction.kind == TransactionKind::Http
            && self.routes.len() < ROUTES_MATCHED_MAX
            && !self.routes.contains(&transaction.route)
        {
            self.routes.insert(transaction.route.clone());
            self.router = None;
        }
    }

    /// Counts a report. A clock that is ahead of ours does not open a bucket in the future.
    pub(super) fn add(&mut self, report: &EdgeReport, now_us: u64) {
        let middle_us = report.from_us + report.to_us.saturating_sub(report.from_us) / 2;
        let at_s = middle_us.min(now_us) / 1_000_000;
        for row in &report.rows {
            let key = (row.method.clone(), row.path.clone(), row.outcome);
            self.arrived.entry(key).or_default().merge(&row.figures);
            self.seconds.entry((at_s, row.outcome)).or_default().merge(&row.figures);
        }
    }

    /// Writes what came. `rows` is how many the run has; new ones are added to it.
    pub(super) fn write(
        &mut self,
        connection: &Connection,
        run: RunId,
        rows: &mut EdgeRows,
        limits: &Limits,
        now_us: u64,
    ) -> Result<(), Error> {
        if self.arrived.is_empty() {
            return Ok(());
        }
        let router = self.router.get_or_insert_with(|| Router::new(self.routes.iter().map(String::as_str)));
        let mut totals: BTreeMap<(EdgeTarget, String, EdgeOutcome), EdgeFigures> = BTreeMap::new();
        for ((method, path, outcome), figures) in self.arrived.drain() {
            let key = (target_of(router, path, outcome), method, outcome);
            totals.entry(key).or_default().merge(&figures);
        }
        let mut statements = Statements::prepare(connection, run)?;
        for ((target, method, outcome), figures) in &totals {
            statements.add_total(target, method, *outcome, figures, rows, limits)?;
        }
        for ((at_s, outcome), figures) in std::mem::take(&mut self.seconds) {
            statements.add_to_buckets(at_s, outcome, &figures, now_us)?;
        }
        statements.remove_old_buckets(now_us)
    }

    /// Lets go of what could not be written.
    pub(super) fn forget(&mut self) {
        self.arrived.clear();
        self.seconds.clear();
    }
}

/// What a request was for, as far as the routes tell.
pub(crate) fn target_of(router: &Router, path: String, outcome: EdgeOutcome) -> EdgeTarget {
    if path.is_empty() {
        return EdgeTarget::Further;
    }
    let route = if outcome.is_for_the_app() { router.find(&path) } else { None };
    route.map_or(EdgeTarget::Path(path), |route| EdgeTarget::Route(route.to_owned()))
}

struct Statements<'connection> {
    run: RunId,
    has_total: Statement<'connection>,
    add_total: Statement<'connection>,
    add_to_bucket: Statement<'connection>,
    remove_buckets: Statement<'connection>,
}

impl<'connection> Statements<'connection> {
    fn prepare(connection: &'connection Connection, run: RunId) -> Result<Self, Error> {
        Ok(Self {
            run,
            has_total: connection.prepare(
                "SELECT 1 FROM edge_totals
                 WHERE run_id = ?1 AND target_kind = ?2 AND target = ?3 AND method = ?4 AND outcome = ?5",
            )?,
            add_total: connection.prepare(&format!(
                "INSERT INTO edge_totals (run_id, target_kind, target, method, outcome, requests, bytes_sent, took_ns,
                    took_max_ns, wait_ns, wait_max_ns)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO UPDATE SET {ADD_UP}"
            ))?,
            add_to_bucket: connection.prepare(&format!(
                "INSERT INTO edge_rollups (run_id, width_s, started_at_s, outcome, requests, bytes_sent, took_ns,
                    took_max_ns, wait_ns, wait_max_ns)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET {ADD_UP}"
            ))?,
            remove_buckets: connection
                .prepare("DELETE FROM edge_rollups WHERE run_id = ?1 AND width_s = ?2 AND started_at_s < ?3")?,
        })
    }

    /// Adds to a row; to the one of all others when it is a new one beyond the limit.
    fn add_total(
        &mut self,
        its_target: &EdgeTarget,
        method: &str,
        outcome: EdgeOutcome,
        figures: &EdgeFigures,
        rows: &mut EdgeRows,
        limits: &Limits,
    ) -> Result<(), Error> {
        let (kind, text) = target(its_target);
        let (count, max) = match its_target {
            EdgeTarget::Route(_) => (&mut rows.routes, limits.edge_routes),
            EdgeTarget::Path(_) => (&mut rows.paths, limits.edge_paths),
            EdgeTarget::Further => return self.write_total((kind, text, ""), outcome, figures),
        };
        if !self.has_total.exists(params![self.run.0, kind, text, method, outcome.code()])? {
            if *count >= max {
                let (kind, text) = target(&EdgeTarget::Further);
                return self.write_total((kind, text, ""), outcome, figures);
            }
            *count += 1;
        }
        self.write_total((kind, text, method), outcome, figures)
    }

    fn write_total(
        &mut self,
        (kind, target, method): (i64, &str, &str),
        outcome: EdgeOutcome,
        figures: &EdgeFigures,
    ) -> Result<(), Error> {
        let [requests, bytes_sent, took_ns, took_max_ns, wait_ns, wait_max_ns] = values(figures);
        let row = params![
            self.run.0,
            kind,
            target,
            method,
            outcome.code(),
            requests,
            bytes_sent,
            took_ns,
            took_max_ns,
            wait_ns,
            wait_max_ns
        ];
        self.add_total.execute(row).map(drop)
    }

    fn add_to_buckets(
        &mut self,
        at_s: u64,
        outcome: EdgeOutcome,
        figures: &EdgeFigures,
        now_us: u64,
    ) -> Result<(), Error> {
        for level in ROLLUP_LEVELS {
            let started_at_s = bucket(at_s, level.width_s);
            if started_at_s >= kept_from_s(now_us, level.width_s, level.buckets) {
                let key = [self.run.0, integer(level.width_s), integer(started_at_s), outcome.code().into()];
                self.add_to_bucket.execute(params_from_iter(key.into_iter().chain(values(figures))))?;
            }
        }
        Ok(())
    }

    fn remove_old_buckets(&mut self, now_us: u64) -> Result<(), Error> {
        for level in ROLLUP_LEVELS {
            let kept_from_s = kept_from_s(now_us, level.width_s, level.buckets);
            self.remove_buckets.execute([self.run.0, integer(level.width_s), integer(kept_from_s)])?;
        }
        Ok(())
    }
}

fn values(figures: &EdgeFigures) -> [i64; 6] {
    let EdgeFigures { requests, bytes_sent, took_ns, took_max_ns, wait_ns, wait_max_ns } = *figures;
    [requests, bytes_sent, took_ns, took_max_ns, wait_ns, wait_max_ns].map(integer)
}

#[cfg(test)]
mod tests;
