//! The outcome of `escala check` as the summary of a CI job, or a comment on a pull request.

use super::{plain, report};
use crate::output::check::{Checked, overrun};
use crate::output::number::counted;

/// The whole text.
pub(crate) fn render(checked: &Checked<'_>) -> String {
    let mark = if checked.passes() { "passed" } else { "failed" };
    let transactions = counted(checked.transactions, "transaction");
    let mut lines = vec![format!("### Escala {mark}: {} in {transactions}", checked.outcome())];
    if !checked.known().is_empty() {
        lines.extend([String::new(), format!("{}.", checked.known())]);
    }
    if !checked.new.is_empty() {
        lines.push(String::new());
        lines.extend(report::findings(&checked.new));
    }
    if !checked.audit.overruns.is_empty() {
        lines.push(String::new());
        lines.extend(checked.audit.overruns.iter().map(|one| format!("- {}", plain(&overrun(one)))));
    }
    if let Some(thanks) = checked.thanks() {
        lines.extend([String::new(), format!("{thanks}.")]);
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests;
