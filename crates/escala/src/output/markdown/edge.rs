//! What the edge did, as a section of the summary.

use analysis::{Edge, EdgeEndpoint};
use observation::{EdgeAnswers, EdgeOutcome};

use super::{plain, table};
use crate::output::number::{counted, grouped, milliseconds, percentage};

/// Rows of the table.
const ROWS_MAX: usize = 20;

const NS_PER_MS: f64 = 1e6;

pub(super) fn section(edge: &Edge) -> Vec<String> {
    let mut lines =
        vec![format!("#### Edge: {}", counted(edge.all.all().requests, "request")), String::new()];
    let named = edge.endpoints.iter().chain(&edge.paths).take(ROWS_MAX);
    let rows = std::iter::once(row("all".to_owned(), &edge.all)).chain(named.map(endpoint));
    lines.extend(table(
        ["at the edge", "requests", "hit rate", "shed", "throttled", "failed", "wait ms"],
        rows,
    ));
    lines
}

fn endpoint(one: &EdgeEndpoint) -> [String; 7] {
    row(format!("`{}`", plain(&format!("{} {}", one.method, one.name))), &one.answers)
}

fn row(name: String, answers: &EdgeAnswers) -> [String; 7] {
    let unknown = || "–".to_owned();
    let count = |outcome| grouped(answers.of(outcome).requests);
    [
        name,
        grouped(answers.all().requests),
        answers.hit_rate().map_or_else(unknown, |rate| percentage(rate, 1.0)),
        count(EdgeOutcome::Shed),
        count(EdgeOutcome::Throttled),
        count(EdgeOutcome::Failed),
        answers.wait_mean_ns().map_or_else(unknown, |ns| milliseconds(ns / NS_PER_MS)),
    ]
}

#[cfg(test)]
mod tests;
