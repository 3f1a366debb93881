//! What the edge did, as a section of the report.

use analysis::{Edge, EdgeEndpoint};
use observation::{EdgeAnswers, EdgeOutcome};

use super::report::{About, more};
use super::table;
use crate::output::Screen;
use crate::output::number::{counted, grouped, milliseconds, percentage};
use crate::output::screen::wrapped;

/// Rows of the table, unless all are asked for.
const ROWS_MAX: usize = 10;

const NS_PER_MS: f64 = 1e6;

/// Outcomes that somebody should know of, in the order in which they are told.
const REFUSALS: [EdgeOutcome; 4] =
    [EdgeOutcome::Shed, EdgeOutcome::Throttled, EdgeOutcome::Refused, EdgeOutcome::Failed];

/// Sums, and a row for each endpoint. Routes come first; paths without one fill what is left.
pub(super) fn section(edge: &Edge, about: &About<'_>, screen: Screen) -> Vec<String> {
    let title = wrapped(&format!("Edge: {}", hits(&edge.all)), screen.width);
    let mut lines: Vec<String> = title.iter().map(|line| screen.heading(line)).collect();
    if let Some(troubles) = troubles(&edge.all) {
        lines.extend(wrapped(&troubles, screen.width));
    }
    let rows_max = if about.all { usize::MAX } else { ROWS_MAX };
    let named: Vec<&EdgeEndpoint> = edge.endpoints.iter().chain(&edge.paths).collect();
    let mut rows: Vec<_> = named
        .iter()
        .take(rows_max)
        .map(|one| row(format!("{} {}", one.method, one.name), &one.answers))
        .collect();
    if edge.other.all().requests > 0 && named.len() <= rows_max {
        rows.push(row("(other paths)".to_owned(), &edge.other));
    }
    lines.push(String::new());
    lines.extend(table::render(
        ["hits", "at the edge", "requests", "to app", "shed", "wait ms"],
        &rows,
        screen,
    ));
    lines.extend(more(named.len(), rows_max, "endpoint", about, screen));
    lines
}

/// On one line.
pub(super) fn in_words(answers: &EdgeAnswers) -> String {
    [Some(hits(answers)), troubles(answers)].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// `12,345 requests, hit rate 87% (2% stale, 1% collapsed)`.
fn hits(answers: &EdgeAnswers) -> String {
    let requests = counted(answers.all().requests, "request");
    let Some(rate) = answers.hit_rate() else { return requests };
    let parts = [EdgeOutcome::Stale, EdgeOutcome::Collapsed].map(|outcome| {
        let part = answers.part_of_answered(&[outcome]).filter(|part| *part > 0.0)?;
        Some(format!("{} {}", percentage(part, 1.0), outcome.name()))
    });
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let parts = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    format!("{requests}, hit rate {}{parts}", percentage(rate, 1.0))
}

/// `12 shed, 3 throttled; wait for a turn: mean 2.00 ms, max 30.0 ms`; none where all went well.
fn troubles(answers: &EdgeAnswers) -> Option<String> {
    let refused = REFUSALS.map(|outcome| {
        let requests = answers.of(outcome).requests;
        (requests > 0).then(|| format!("{} {}", grouped(requests), outcome.name()))
    });
    let refused: Vec<_> = refused.into_iter().flatten().collect();
    let max_ns = answers.together(&EdgeOutcome::AT_THE_GATE).wait_max_ns;
    let wait = answers.wait_mean_ns().filter(|_| max_ns > 0).map(|mean_ns| {
        let [mean, max] = [mean_ns, max_ns as f64].map(|ns| milliseconds(ns / NS_PER_MS));
        format!("wait for a turn: mean {mean} ms, max {max} ms")
    });
    let refused = (!refused.is_empty()).then(|| refused.join(", "));
    let all: Vec<_> = [refused, wait].into_iter().flatten().collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn row(name: String, answers: &EdgeAnswers) -> [String; 6] {
    let unknown = || "–".to_owned();
    [
        answers.hit_rate().map_or_else(unknown, |rate| percentage(rate, 1.0)),
        name,
        grouped(answers.all().requests),
        grouped(answers.together(&EdgeOutcome::ASKED).requests),
        grouped(answers.of(EdgeOutcome::Shed).requests),
        answers.wait_mean_ns().map_or_else(unknown, |ns| milliseconds(ns / NS_PER_MS)),
    ]
}

#[cfg(test)]
mod tests;
