//! The dashboard's page as it is checked in is the one that its sources give.

use super::{Problem, TextFile};
use crate::ui;

pub(super) fn problems(files: &[TextFile]) -> Option<Problem> {
    let built_from = files.iter().find(|file| file.path == ui::FINGERPRINT).map(|file| file.text.as_str());
    let stale = built_from != Some(ui::fingerprint(files).as_str());
    stale.then(|| {
        Problem::of_file(
            ui::FINGERPRINT,
            "the dashboard's page is older than its sources: run `cargo xtask ui`",
        )
    })
}

#[cfg(test)]
mod tests;
