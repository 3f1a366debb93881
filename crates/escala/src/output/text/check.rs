//! The page of `escala check`.

use super::report;
use crate::output::Screen;
use crate::output::check::{Checked, overrun};
use crate::output::number::counted;
use crate::output::screen::{printable, wrapped};

/// The whole page.
pub(crate) fn render(checked: &Checked<'_>, store_option: &str, screen: Screen) -> String {
    let transactions = counted(checked.transactions, "transaction");
    let mut opening = format!("{} in {transactions} of `{}`", checked.outcome(), printable(checked.command));
    if !checked.known().is_empty() {
        opening = format!("{opening}; {}", checked.known());
    }
    let mut lines: Vec<String> =
        wrapped(&opening, screen.width).iter().map(|line| screen.heading(line)).collect();
    let about = report::About {
        command: checked.command,
        suppressed: checked.suppressed,
        store_option,
        all: true,
        edge: None,
    };
    for (rank, located) in checked.new.iter().enumerate() {
        lines.push(String::new());
        lines.extend(report::finding(rank + 1, located, &about, screen));
    }
    if !checked.audit.overruns.is_empty() {
        lines.push(String::new());
        let all = checked.audit.overruns.iter().map(|one| printable(&overrun(one)));
        lines.extend(all.flat_map(|text| wrapped(&text, screen.width)));
    }
    if let Some(thanks) = checked.thanks() {
        lines.push(String::new());
        lines.extend(wrapped(&thanks, screen.width));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests;
