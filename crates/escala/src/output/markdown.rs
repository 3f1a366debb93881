//! Results as Markdown, for pull requests and the summaries of CI jobs.

pub(crate) mod check;
pub(crate) mod fix;
pub(crate) mod report;

/// Text that cannot end a table's cell or a code span.
fn plain(text: &str) -> String {
    text.replace('|', "\\|").replace('`', "'").replace('\n', " ")
}
