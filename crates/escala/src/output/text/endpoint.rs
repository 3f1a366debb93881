//! The page of `escala report GET /books/`: one endpoint, its findings, and its queries by what they cost.

use analysis::{Endpoint, QueryShape};

use super::edge;
use super::report::{self, About};
use crate::output::Screen;
use crate::output::number::{count, counted, milliseconds, percentage, queries};
use crate::output::screen::{fitted, fitted_at_end, printable, wrapped};
use crate::output::source::Located;

/// Queries on the page, unless all are asked for.
const QUERIES_MAX: usize = 10;

/// Columns before a query's text.
const INDENT: usize = 6;

/// The whole page.
pub(crate) fn render(
    endpoint: &Endpoint,
    findings: &[Located<'_>],
    queries: &[QueryShape],
    about: &About<'_>,
    screen: Screen,
) -> String {
    let mut lines = opening(endpoint, about, screen);
    for (rank, located) in findings.iter().enumerate() {
        lines.push(String::new());
        lines.extend(report::finding(rank + 1, located, about, screen));
    }
    let total_ms: f64 = queries.iter().map(|query| query.total_ms).sum();
    let shown = if about.all { queries.len() } else { QUERIES_MAX };
    for shape in queries.iter().take(shown) {
        lines.push(String::new());
        lines.extend(query(shape, total_ms, screen));
    }
    lines.extend(report::more(queries.len(), shown, "kind of query", about, screen));
    lines.join("\n") + "\n"
}

fn opening(endpoint: &Endpoint, about: &About<'_>, screen: Screen) -> Vec<String> {
    let name = printable(&endpoint.key.to_string());
    let mut lines = vec![screen.heading(&fitted(&name, screen.width))];
    let text = format!(
        "{}: p50 {} ms, p95 {} ms, p99 {} ms, of which {} in the database; {} queries, at most {}",
        counted(endpoint.requests, "request"),
        milliseconds(endpoint.wall_ms.p50),
        milliseconds(endpoint.wall_ms.p95),
        milliseconds(endpoint.wall_ms.p99),
        percentage(endpoint.db_ms.p50, endpoint.wall_ms.p50),
        count(endpoint.queries.p50),
        count(endpoint.queries.max),
    );
    lines.extend(wrapped(&text, screen.width));
    if let Some(answers) =
        about.edge.and_then(|edge| edge.endpoint(&endpoint.key.method, &endpoint.key.route))
    {
        lines.extend(wrapped(&format!("edge: {}", edge::in_words(answers)), screen.width));
    }
    if !endpoint.view.is_empty() {
        lines.push(screen.quiet(&fitted(&printable(&endpoint.view), screen.width)));
    }
    lines
}

/// Its share, how often and how long per request, from where; and its text.
fn query(shape: &QueryShape, total_ms: f64, screen: Screen) -> Vec<String> {
    let part = percentage(shape.total_ms, total_ms);
    let place = shape.place.as_ref().map_or_else(
        || "from no line of this project".to_owned(),
        |place| match place.line {
            0 => format!("{} in {}", place.name, place.file),
            line => format!("{}:{line}", place.file),
        },
    );
    let times = queries(shape.count.p50);
    let figures = format!("{part:>4}  {times}, {} ms  ", milliseconds(shape.ms.p50));
    let room = screen.width.saturating_sub(figures.chars().count());
    vec![
        format!("{figures}{}", screen.place(&fitted_at_end(&printable(&place), room))),
        format!("{:INDENT$}{}", "", screen.quiet(&fitted(&printable(&shape.sql), screen.width - INDENT))),
    ]
}

#[cfg(test)]
mod tests;
