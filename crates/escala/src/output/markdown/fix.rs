//! The outcome of `escala fix` as the description of a pull request.

use analysis::{Finding, Remedy};
use verify::{Measured, Outcome, Status};

use super::plain;
use crate::output::number::milliseconds;

/// The whole text. The outcome's fixes are those of `findings`, in their order.
pub(crate) fn render(findings: &[Finding], outcome: &Outcome) -> String {
    let mut lines = Vec::new();
    if let Some(together) = &outcome.together {
        let measured = &together.measured;
        lines.push("### Fewer queries, same responses".to_owned());
        lines.push(String::new());
        lines.push(proof(measured));
        lines.push(String::new());
        lines.extend(table(measured));
        lines.push(String::new());
        lines.extend(fenced(&together.patch.diff()));
        lines.push(String::new());
    }
    lines.push("### Findings".to_owned());
    lines.push(String::new());
    if findings.is_empty() {
        lines.push("None.".to_owned());
    }
    for (finding, fix) in findings.iter().zip(&outcome.fixes) {
        let suggestion = match &finding.remedy {
            // The reason says it.
            None | Some(Remedy::ByHand(_)) => None,
            Some(remedy) => Some(format!(", `{remedy}`")),
        };
        let reason = match (&fix.status, &fix.reason) {
            (Status::Proved, _) | (_, None) => String::new(),
            (_, Some(reason)) => format!(": {}", plain(reason)),
        };
        lines.push(format!(
            "- **{}**{reason} — `{}` on `{}`{}",
            fix.status.name(),
            finding.rule.name(),
            finding.subject,
            suggestion.unwrap_or_default(),
        ));
    }
    lines.join("\n") + "\n"
}

/// What the proof rests on, in a paragraph.
fn proof(measured: &Measured) -> String {
    let mut sentences = Vec::new();
    if measured.replayed > 0 || measured.tests.is_none() {
        sentences.push(format!(
            "Proved by replaying recorded requests against the code before and after: {} of {} responses are identical.",
            measured.identical, measured.replayed
        ));
    }
    if let Some(tests) = measured.tests {
        let begin = if sentences.is_empty() {
            "Proved by the project's own tests"
        } else {
            "The project's own tests agree"
        };
        sentences.push(format!(
            "{begin}, run on the code before and after: {} end alike, and {} of {} responses in them are identical.",
            tests.tests, tests.identical, tests.responses
        ));
    }
    sentences.join(" ")
}

fn table(measured: &Measured) -> Vec<String> {
    let rows = measured.endpoints.iter().map(|change| {
        format!(
            "| `{}` | {} → {} | {} → {} |",
            plain(&change.request),
            change.queries.before,
            change.queries.after,
            milliseconds(change.ms.before),
            milliseconds(change.ms.after)
        )
    });
    ["| request | queries | ms |", "|---|---|---|"].map(str::to_owned).into_iter().chain(rows).collect()
}

/// A fence longer than any that the code has.
fn fenced(diff: &str) -> Vec<String> {
    let mut fence = "```".to_owned();
    while diff.contains(&fence) {
        fence.push('`');
    }
    vec![format!("{fence}diff"), diff.trim_end_matches('\n').to_owned(), fence]
}

#[cfg(test)]
mod tests;
