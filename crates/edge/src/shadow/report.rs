//! What the cache would have done, for people and for programs.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::cache::storing::Refusal;

/// What would have become of the requests for paths of a shape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// All of them.
    pub requests: u64,
    /// Would have been served.
    pub hits: u64,
    /// Would have been asked for and kept.
    pub misses: u64,
    /// From clients who are somebody to the app.
    pub somebody: u64,
    /// Known not to be for many.
    pub uncacheable: u64,
    /// Answers that were compared with what would have been served.
    pub compared: u64,
    /// Those that were not the same.
    pub differed: u64,
    /// One of them.
    pub difference: Option<Difference>,
    /// Why an answer would not have been kept, the last time.
    pub refusal: Option<Refusal>,
}

/// An answer that was not what would have been served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which path.
    pub path: String,
    /// The first byte that differs, from 0.
    pub at: u64,
}

/// What would have become of all requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// By the shape of their paths, the most requested first.
    pub rows: Vec<(String, Row)>,
    /// Of all together.
    pub total: Row,
}

impl Report {
    pub(super) fn new(rows: HashMap<String, Row>) -> Self {
        let mut rows: Vec<(String, Row)> = rows.into_iter().collect();
        rows.sort_by(|a, b| b.1.requests.cmp(&a.1.requests).then_with(|| a.0.cmp(&b.0)));
        let mut total = Row::default();
        for (_, row) in &rows {
            total.requests += row.requests;
            total.hits += row.hits;
            total.misses += row.misses;
            total.somebody += row.somebody;
            total.uncacheable += row.uncacheable;
            total.compared += row.compared;
            total.differed += row.differed;
        }
        Self { rows, total }
    }

    /// A table for people.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let Row { requests, hits, somebody, compared, differed, .. } = self.total;
        let _ = writeln!(
            out,
            "The cache would have served {hits} of {requests} requests ({}), {somebody} more were of somebody's own.",
            percent(hits, requests)
        );
        let _ = writeln!(
            out,
            "{differed} of {compared} answers that were compared differ from what would have been served."
        );
        let _ = writeln!(out, "\n{:>9} {:>6} {:>8} {:>8}  path", "requests", "hits", "own", "differ");
        for (shape, row) in &self.rows {
            let _ = writeln!(
                out,
                "{:>9} {:>6} {:>8} {:>8}  {shape}",
                row.requests,
                percent(row.hits, row.requests),
                row.somebody,
                row.differed
            );
            if let Some(difference) = &row.difference {
                let _ = writeln!(out, "{:35} differs at byte {} of {}", "", difference.at, difference.path);
            }
            if let Some(refusal) = row.refusal.filter(|_| row.hits == 0) {
                let _ = writeln!(out, "{:35} not kept: {}", "", refusal.as_str());
            }
        }
        out
    }
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.0} %", part as f64 / whole as f64 * 100.0) }
}
