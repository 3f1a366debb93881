//! Results as Markdown, for pull requests and the summaries of CI jobs.

pub(crate) mod check;
mod edge;
pub(crate) mod fix;
pub(crate) mod report;

fn table<const COLUMNS: usize>(
    heading: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> Vec<String> {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let rule = format!("|{}", "---|".repeat(COLUMNS));
    [line(&heading.map(str::to_owned)), rule].into_iter().chain(rows.map(|row| line(&row))).collect()
}

/// Text that cannot end a table's cell or a code span.
fn plain(text: &str) -> String {
    text.replace('|', "\\|").replace('`', "'").replace('\n', " ")
}
