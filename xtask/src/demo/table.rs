//! The table at the end of the demo: every page before and after.

use anyhow::{Context as _, Result};

use super::site::{Endpoint, Seen};
use super::visit::{Answers, Page};

/// One visit to all pages.
#[derive(Debug, PartialEq)]
pub(super) struct Measured {
    rows: Vec<Row>,
    findings: usize,
}

#[derive(Debug, PartialEq)]
struct Row {
    page: Page,
    bodies: Vec<Vec<u8>>,
    queries: f64,
    ms: f64,
}

impl Measured {
    /// Joins what the visitor got with what Escala saw.
    pub(super) fn bring_together(answers: Vec<Answers>, seen: &Seen) -> Result<Self> {
        let row = |Answers { page, bodies }: Answers| {
            let endpoint = seen.endpoints.iter().find(|endpoint| endpoint.route == page.route);
            let Endpoint { queries, ms, .. } =
                endpoint.with_context(|| format!("`escala report` has no endpoint GET {}", page.route))?;
            Ok(Row { page, bodies, queries: *queries, ms: *ms })
        };
        let rows = answers.into_iter().map(row).collect::<Result<_>>()?;
        Ok(Self { rows, findings: seen.findings })
    }
}

/// Pages that answered otherwise in any round.
pub(super) fn different(before: &Measured, after: &Measured) -> Vec<&'static str> {
    let pairs = before.rows.iter().zip(&after.rows);
    pairs
        .filter(|(before, after)| before.bodies != after.bodies)
        .map(|(before, _)| before.page.target)
        .collect()
}

pub(super) fn render(before: &Measured, after: &Measured) -> String {
    let mut lines = vec![format!("{:<24}{:>16}{:>22}{:>14}", "page", "queries", "ms", "identical")];
    for (before, after) in before.rows.iter().zip(&after.rows) {
        let queries = format!("{:.0} → {:<4.0}", before.queries, after.queries);
        let ms = format!("{:.1} → {:<6.1}", before.ms, after.ms);
        let identical = if before.bodies == after.bodies { "yes" } else { "NO" };
        lines.push(format!("{:<24}{queries:>16}{ms:>22}{identical:>14}", before.page.target));
    }
    lines.push(format!("findings: {} → {}", before.findings, after.findings));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests;
