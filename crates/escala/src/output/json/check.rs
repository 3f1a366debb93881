//! `escala check --format json`: docs/reference/check.md.

use serde::Serialize;

use super::report::FindingRow;
use crate::output::check::Checked;
use crate::output::number::Rounded;

/// The whole document.
pub(crate) fn render(checked: &Checked<'_>) -> serde_json::Result<String> {
    super::render(&Document {
        schema: super::SCHEMA,
        passed: checked.passes(),
        transactions: checked.transactions,
        new: checked.new.iter().map(FindingRow::new).collect(),
        over_budget: checked
            .audit
            .overruns
            .iter()
            .map(|overrun| OverrunRow {
                endpoint: overrun.endpoint.key.to_string(),
                queries: Rounded::count(overrun.endpoint.queries.max),
                budget: overrun.budget.queries_max,
                pattern: &overrun.budget.pattern,
            })
            .collect(),
        accepted: checked.accepted,
        gone: &checked.gone,
        suppressed: checked.suppressed,
    })
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    passed: bool,
    transactions: u64,
    new: Vec<FindingRow<'a>>,
    over_budget: Vec<OverrunRow<'a>>,
    accepted: usize,
    gone: &'a [&'a str],
    suppressed: usize,
}

#[derive(Serialize)]
struct OverrunRow<'a> {
    endpoint: String,
    queries: Rounded,
    budget: u64,
    pattern: &'a str,
}

#[cfg(test)]
mod tests;
