//! The page of `escala fix`.

use analysis::Finding;
use verify::{EndpointChange, Fix, Measured, Outcome, Status, TestsMeasured, Together};

use super::table;
use crate::output::Screen;
use crate::output::number::{counted, grouped, milliseconds};
use crate::output::screen::{fitted, printable, wrapped};

/// Columns before what belongs to a finding. A diff is not indented: it can be copied into `git apply`.
const INDENT: usize = 3;

/// Whether the proved change is in the working tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied<'a> {
    /// It is.
    Yes,
    /// It is not, but this command would put it there.
    Not {
        /// The command line.
        command: &'a str,
    },
}

/// The whole page. The outcome's fixes are those of `findings`, in their order.
pub(crate) fn render(
    findings: &[Finding],
    outcome: &Outcome,
    applied: Applied<'_>,
    screen: Screen,
) -> String {
    let mut lines = Vec::new();
    for (number, (finding, fix)) in findings.iter().zip(&outcome.fixes).enumerate() {
        lines.extend(one(number + 1, finding, fix, screen));
        lines.push(String::new());
    }
    if let Some(together) = outcome.together.as_ref().filter(|together| together.findings.len() > 1) {
        lines.extend(combined(together, &outcome.fixes, screen));
        lines.push(String::new());
    }
    lines.extend(wrapped(&closing(outcome, applied), screen.width));
    lines.join("\n") + "\n"
}

fn closing(outcome: &Outcome, applied: Applied<'_>) -> String {
    match (&outcome.together, applied) {
        _ if outcome.fixes.is_empty() => "Nothing to fix: there are no findings.".to_owned(),
        (None, _) => "No fix is proved, so there is nothing to apply.".to_owned(),
        (Some(together), Applied::Yes) => {
            let files: Vec<_> = together.patch.files.iter().map(|file| printable(&file.path)).collect();
            format!("Written: {}.", files.join(", "))
        }
        (Some(_), Applied::Not { command }) => format!("Run `{command}` to apply."),
    }
}

fn one(number: usize, finding: &Finding, fix: &Fix, screen: Screen) -> Vec<String> {
    let id_width = fix.finding.chars().count();
    let status = fix.status.name();
    let taken = status.len() + 2 + id_width + 2;
    let title = format!("{number}. {}: {}", finding.rule.name(), printable(&finding.subject.to_string()));
    let title = fitted(&title, screen.width.saturating_sub(taken));
    let gap = screen.width.saturating_sub(title.chars().count() + taken) + 2;
    let status = match fix.status {
        Status::Proved => screen.good(status),
        Status::Rejected => screen.bad(status),
        Status::Unsupported => screen.quiet(status),
    };
    let mut lines =
        vec![format!("{}  {status}{:gap$}{}", screen.heading(&title), "", screen.quiet(&fix.finding))];
    if let Some(reason) = &fix.reason {
        lines.extend(paragraph(&printable(reason), screen));
    }
    lines.extend(measurement(&fix.measured, screen));
    if fix.status == Status::Rejected && !fix.patch.files.is_empty() {
        lines.extend(paragraph("tried, and not to be applied:", screen));
    }
    lines.extend(diff(&fix.patch.diff(), screen));
    lines
}

/// What the fixes do as one change. Its diff is only shown when it is not the fixes' own diffs one after the other.
fn combined(together: &Together, fixes: &[Fix], screen: Screen) -> Vec<String> {
    let mut lines = vec![screen.heading(&format!("{} fixes together", together.findings.len()))];
    lines.extend(measurement(&together.measured, screen));
    let parts = fixes.iter().filter(|fix| together.findings.contains(&fix.finding));
    if parts.map(|fix| fix.patch.files.len()).sum::<usize>() > together.patch.files.len() {
        lines.extend(diff(&together.patch.diff(), screen));
    }
    lines
}

/// How many requests agree, what the tests say, and the table of endpoints.
fn measurement(measured: &Measured, screen: Screen) -> Vec<String> {
    let mut lines = Vec::new();
    if measured.replayed > 0 {
        let agreement = format!(
            "{} of {} answered identically",
            grouped(measured.identical as u64),
            counted(measured.replayed as u64, "replayed request")
        );
        lines.extend(paragraph(&agreement, screen));
    }
    if let Some(tests) = measured.tests.filter(|tests| tests.tests > 0) {
        lines.extend(paragraph(&in_tests(tests), screen));
    }
    for reason in &measured.left_out {
        lines.extend(paragraph(&format!("left out: {}", printable(reason)), screen));
    }
    if measured.tests.is_some() && measured.replayed == 0 && !measured.endpoints.is_empty() {
        lines.extend(paragraph("measured in the tests, the fastest of all runs:", screen));
    }
    if !measured.endpoints.is_empty() {
        let rows: Vec<_> = measured.endpoints.iter().map(row).collect();
        let narrower = Screen { width: screen.width.saturating_sub(INDENT), ..screen };
        let headers = ["timed", "request", "queries", "after", "ms", "after"];
        lines.extend(indented(&table::render(headers, &rows, narrower)));
    }
    lines
}

fn in_tests(tests: TestsMeasured) -> String {
    let TestsMeasured { tests, responses, identical, runs } = tests;
    format!(
        "{} compared in {} with the change: {} of {} in them identical",
        counted(tests as u64, "test"),
        counted(runs as u64, "run"),
        grouped(identical as u64),
        counted(responses as u64, "response"),
    )
}

fn row(change: &EndpointChange) -> [String; 6] {
    [
        grouped(change.requests as u64),
        change.request.clone(),
        grouped(change.queries.before.into()),
        grouped(change.queries.after.into()),
        milliseconds(change.ms.before),
        milliseconds(change.ms.after),
    ]
}

fn diff(diff: &str, screen: Screen) -> Vec<String> {
    diff.split_terminator('\n').map(|line| screen.diff_line(line)).collect()
}

fn paragraph(text: &str, screen: Screen) -> Vec<String> {
    indented(&wrapped(text, screen.width.saturating_sub(INDENT)))
}

fn indented(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| format!("{:INDENT$}{line}", "")).collect()
}

#[cfg(test)]
mod tests;
