//! The report as the summary of a CI job.

use analysis::{Edge, Endpoint, Remedy, Report};

use super::{edge, plain, table};
use crate::output::growth;
use crate::output::number::{count, counted, milliseconds, percentage};
use crate::output::source::{Located, Spot};

/// The whole text.
pub(crate) fn render(report: &Report, findings: &[Located<'_>], at_edge: Option<&Edge>) -> String {
    let title = match findings.len() {
        0 => "No findings".to_owned(),
        found => counted(found as u64, "finding"),
    };
    let mut lines = vec![format!("### {title} in {}", counted(report.transactions, "transaction"))];
    if report.dropped > 0 {
        lines.extend([
            String::new(),
            format!("{} more were dropped.", counted(report.dropped, "transaction")),
        ]);
    }
    if !findings.is_empty() {
        lines.push(String::new());
        lines.extend(self::findings(findings));
    }
    if !report.endpoints.is_empty() {
        let total: f64 = report.endpoints.iter().map(|endpoint| endpoint.total_ms).sum();
        lines.push(String::new());
        lines.extend(table(
            ["endpoint", "time", "requests", "p50 ms", "p95 ms", "queries"],
            report.endpoints.iter().map(|row| endpoint(row, total)),
        ));
    }
    if let Some(at_edge) = at_edge {
        lines.push(String::new());
        lines.extend(edge::section(at_edge));
    }
    lines.join("\n") + "\n"
}

/// Findings as a table.
pub(super) fn findings(findings: &[Located<'_>]) -> Vec<String> {
    table(["finding", "where", "queries", "ms", "try"], findings.iter().map(finding))
}

fn finding(located: &Located<'_>) -> [String; 5] {
    let finding = located.finding;
    let endpoints: Vec<_> =
        finding.endpoints.iter().map(|key| format!("`{}`", plain(&key.to_string()))).collect();
    let places: Vec<_> =
        [&located.origin, &located.before, &located.access].into_iter().flatten().map(place).collect();
    let advice = match &finding.remedy {
        None => "–".to_owned(),
        Some(Remedy::ByHand(advice)) => plain(advice),
        Some(remedy) => format!("`{}`", plain(&remedy.to_string())),
    };
    let queries = match finding.database() {
        None => count(finding.cost.queries_per_request),
        Some(_) => "–".to_owned(),
    };
    let queries = match growth::in_words(finding) {
        Some(growth) => format!("{queries}<br>{}", plain(&growth)),
        None => queries,
    };
    [
        format!(
            "{} `{}` on {}",
            finding.rule.name(),
            plain(&finding.subject.to_string()),
            endpoints.join(", ")
        ),
        places.join("<br>"),
        queries,
        milliseconds(finding.cost.ms_per_request),
        advice,
    ]
}

fn place(spot: &Spot) -> String {
    let line = spot.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("`{}{line}`", plain(&spot.file))
}

fn endpoint(endpoint: &Endpoint, total_ms: f64) -> [String; 6] {
    [
        format!("`{}`", plain(&endpoint.key.to_string())),
        percentage(endpoint.total_ms, total_ms),
        endpoint.requests.to_string(),
        milliseconds(endpoint.wall_ms.p50),
        milliseconds(endpoint.wall_ms.p95),
        count(endpoint.queries.p50),
    ]
}

#[cfg(test)]
mod tests;
