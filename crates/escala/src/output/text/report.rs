//! The page of `escala report`.

use analysis::{Edge, Endpoint, Remedy, Report};

use super::{edge, table};
use crate::output::number::{count, counted, grouped, milliseconds, percentage};
use crate::output::screen::{fitted, fitted_at_end, printable, wrapped};
use crate::output::source::{Located, Spot, State};
use crate::output::{Screen, cost, growth, names};

/// Findings on the page, unless all are asked for.
const FINDINGS_MAX: usize = 10;

/// Rows of the table of endpoints, unless all are asked for.
const ENDPOINTS_MAX: usize = 15;

/// Endpoints named with one finding.
const ENDPOINTS_PER_FINDING_MAX: usize = 3;

/// Queries of one transaction that are kept one by one.
const QUERIES_KEPT: u64 = observation::limits::QUERIES_PER_TRANSACTION_MAX as u64;

/// Columns before what belongs to a finding.
const INDENT: usize = 3;

/// Columns before a place and before its code: after the indent, a word or a line number.
const GUTTER: usize = INDENT + 8;

/// What the page says beside the report itself.
#[derive(Debug)]
pub(crate) struct About<'a> {
    /// What was run.
    pub(crate) command: &'a str,
    /// Findings that comments in the code accept.
    pub(crate) suppressed: usize,
    /// What names the store on a command line.
    pub(crate) store_option: &'a str,
    /// Whether nothing is cut off.
    pub(crate) all: bool,
    /// What the edge did, where there is one.
    pub(crate) edge: Option<&'a Edge>,
}

/// The whole page.
pub(crate) fn render(report: &Report, findings: &[Located<'_>], about: &About<'_>, screen: Screen) -> String {
    let [findings_max, endpoints_max] =
        [FINDINGS_MAX, ENDPOINTS_MAX].map(|max| if about.all { usize::MAX } else { max });
    let mut lines = opening(report, about, screen);
    for (rank, located) in findings.iter().take(findings_max).enumerate() {
        lines.push(String::new());
        lines.extend(finding(rank + 1, located, about, screen));
    }
    lines.extend(more(findings.len(), findings_max, "finding", about, screen));
    lines.push(String::new());
    lines.extend(endpoints(&report.endpoints, endpoints_max, screen));
    lines.extend(more(report.endpoints.len(), endpoints_max, "endpoint", about, screen));
    if let Some(at_edge) = about.edge {
        lines.push(String::new());
        lines.extend(edge::section(at_edge, about, screen));
    }
    lines.join("\n") + "\n"
}

fn opening(report: &Report, about: &About<'_>, screen: Screen) -> Vec<String> {
    let found = match report.findings.len() {
        0 => "No findings".to_owned(),
        count => counted(count as u64, "finding"),
    };
    let transactions = counted(report.transactions, "transaction");
    let mut parts = vec![format!("{found} in {transactions} of `{}`", printable(about.command))];
    if about.suppressed > 0 {
        parts.push(format!("{} more are ignored by comments", grouped(about.suppressed as u64)));
    }
    if report.dropped > 0 {
        parts.push(format!("{} more were dropped", grouped(report.dropped)));
    }
    if report.examined < report.transactions {
        parts.push(format!("findings from the newest {}", grouped(report.examined)));
    }
    if report.summed_up_queries > 0 {
        let [queries, kept] = [report.summed_up_queries, QUERIES_KEPT].map(grouped);
        parts.push(format!("{queries} queries beyond {kept} in one transaction are kept as sums"));
    }
    wrapped(&parts.join("; "), screen.width).iter().map(|line| screen.heading(line)).collect()
}

pub(super) fn finding(rank: usize, located: &Located<'_>, about: &About<'_>, screen: Screen) -> Vec<String> {
    let finding = located.finding;
    let mut lines = vec![title(rank, located, screen)];
    let cost = format!(
        "{}, in {}; {}",
        cost::in_words(finding),
        counted(finding.cost.requests, "request"),
        names::confidence(finding.confidence)
    );
    lines.extend(paragraph(&endpoint_names(located), screen));
    lines.extend(paragraph(&cost, screen));
    if let Some(growth) = growth::in_words(finding) {
        lines.extend(paragraph(&printable(&growth), screen));
    }
    if finding.database().is_some() {
        if located.access.is_some() {
            lines.extend(spot("begun", located.access.as_ref(), screen));
        }
    } else if finding.relation().is_some() {
        lines.extend(spot("built", located.origin.as_ref(), screen));
        lines.extend(spot("loaded", located.access.as_ref(), screen));
    } else {
        if located.before.is_some() {
            lines.extend(spot("before", located.before.as_ref(), screen));
        }
        lines.extend(spot("asked", located.access.as_ref(), screen));
    }
    lines.extend(paragraph(&advice(located, about), screen));
    lines
}

/// Rank, rule and relation to the left, the id to the right.
fn title(rank: usize, located: &Located<'_>, screen: Screen) -> String {
    let finding = located.finding;
    let id_width = finding.id.chars().count();
    let title = format!("{rank}. {}: {}", finding.rule.name(), printable(&finding.subject.to_string()));
    let title = fitted(&title, screen.width.saturating_sub(id_width + 2));
    let gap = screen.width.saturating_sub(title.chars().count() + id_width).max(2);
    format!("{}{:gap$}{}", screen.heading(&title), "", screen.quiet(&finding.id))
}

fn endpoint_names(located: &Located<'_>) -> String {
    let endpoints = &located.finding.endpoints;
    let shown = endpoints.iter().take(ENDPOINTS_PER_FINDING_MAX);
    let mut names: Vec<_> = shown.map(|key| printable(&key.to_string())).collect();
    if endpoints.len() > ENDPOINTS_PER_FINDING_MAX {
        names.push(format!("{} more", endpoints.len() - ENDPOINTS_PER_FINDING_MAX));
    }
    names.join(", ")
}

/// A place with its line of code: `built` is where the queryset comes from, `loaded` where it hurts.
fn spot(what: &str, spot: Option<&Spot>, screen: Screen) -> Vec<String> {
    let line_of = |text: String| format!("{:INDENT$}{what:<6}  {text}", "");
    let Some(spot) = spot else { return vec![line_of(screen.quiet("at an unknown place"))] };
    let line = spot.line.map(|line| format!(":{line}")).unwrap_or_default();
    let function = if spot.function.is_empty() { String::new() } else { format!(" in {}", spot.function) };
    let place = printable(&format!("{}{line}{function}", spot.file));
    let mut lines = vec![line_of(screen.place(&fitted_at_end(&place, screen.width.saturating_sub(GUTTER))))];
    if let Some(note) = note(&spot.state) {
        lines.push(format!("{:GUTTER$}{}", "", screen.quiet(note)));
    }
    if let (State::Current(code) | State::Changed(code), Some(line)) = (&spot.state, spot.line) {
        let code = fitted(printable(code).trim(), screen.width.saturating_sub(GUTTER + 2));
        lines.push(format!("{:INDENT$}{line:>6}  {} {code}", "", screen.quiet("│")));
    }
    lines
}

fn note(state: &State) -> Option<&'static str> {
    match state {
        State::Current(_) => None,
        State::Changed(_) => Some("(the file has changed since, so this may be another line)"),
        State::Unreadable => Some("(cannot be read here)"),
        State::Outside => Some("(not a file of this project)"),
    }
}

fn advice(located: &Located<'_>, about: &About<'_>) -> String {
    let finding = located.finding;
    match (&finding.remedy, &finding.origin) {
        (Some(Remedy::ByHand(advice)), _) => format!("try {advice}"),
        (Some(remedy), _) if located.fixable() => {
            format!("try {remedy}: escala fix {}{}", finding.id, about.store_option)
        }
        (Some(remedy), _) => {
            format!("{remedy} would help, but the queryset is not built in this project")
        }
        (None, Some(_)) => "no eager load can help, so `escala fix` has nothing to try".to_owned(),
        (None, None) => {
            "where the queryset is built is not known, so `escala fix` has nothing to try".to_owned()
        }
    }
}

fn paragraph(text: &str, screen: Screen) -> Vec<String> {
    let lines = wrapped(text, screen.width.saturating_sub(INDENT));
    lines.iter().map(|line| format!("{:INDENT$}{line}", "")).collect()
}

fn endpoints(endpoints: &[Endpoint], max: usize, screen: Screen) -> Vec<String> {
    let total: f64 = endpoints.iter().map(|endpoint| endpoint.total_ms).sum();
    let row = |endpoint: &Endpoint| {
        [
            percentage(endpoint.total_ms, total),
            endpoint.key.to_string(),
            grouped(endpoint.requests),
            milliseconds(endpoint.wall_ms.p50),
            milliseconds(endpoint.wall_ms.p95),
            count(endpoint.queries.p50),
            count(endpoint.queries.max),
            percentage(endpoint.db_ms.p50, endpoint.wall_ms.p50),
        ]
    };
    let rows: Vec<_> = endpoints.iter().take(max).map(row).collect();
    table::render(["time", "endpoint", "requests", "p50 ms", "p95 ms", "queries", "max", "db"], &rows, screen)
}

/// Says what the page leaves out.
pub(super) fn more(
    count: usize,
    shown: usize,
    noun: &str,
    about: &About<'_>,
    screen: Screen,
) -> Option<String> {
    let hidden = count.saturating_sub(shown);
    // The noun may have words behind it: "kind of query".
    let (head, rest) =
        noun.split_once(' ').map_or((noun, String::new()), |(head, rest)| (head, format!(" {rest}")));
    let hidden_ones = counted(hidden as u64, &format!("more {head}"));
    let text = format!("… {hidden_ones}{rest}: escala report --all{}", about.store_option);
    (hidden > 0).then(|| screen.quiet(&text))
}

#[cfg(test)]
mod tests;
