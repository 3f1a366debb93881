//! `cargo xtask ui`: the dashboard's page, from TypeScript to the files that the binary holds.
//!
//! What is built is checked in, so that only who changes the page needs Node.js. A fingerprint of the sources lies
//! beside it; `tidy` says when the two no longer belong together.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::program;
use crate::tidy::{self, TextFile};
use crate::workspace::Workspace;

/// Sources, tools and what is built.
const DIRECTORY: &str = "crates/dashboard/ui/";

/// What is built.
const BUILT: &str = "crates/dashboard/ui/dist/";

/// The API that the page's types are made from.
const API: &str = "docs/reference/dashboard-openapi.json";

/// Which sources the files beside it were built from.
pub(crate) const FINGERPRINT: &str = "crates/dashboard/ui/dist/sources.sha256";

pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::find()?;
    let npm = |arguments: &[&str]| {
        program::run(Command::new("npm").args(arguments).current_dir(workspace.root.join(DIRECTORY)))
    };
    // Exactly the versions of the lock file, and no package's own script.
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    npm(&["run", "--silent", "build"])?;
    let fingerprint = fingerprint(&tidy::read_tree(&workspace.root)?);
    fs::write(workspace.root.join(FINGERPRINT), fingerprint)
        .with_context(|| format!("cannot write {FINGERPRINT}"))
}

/// SHA-256 over the names and texts of all that the page is built from, in hexadecimal, with a newline.
pub(crate) fn fingerprint(files: &[TextFile]) -> String {
    let mut hash = Sha256::new();
    for TextFile { path, text } in files.iter().filter(|file| is_source(&file.path)) {
        for part in [path, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    let mut digits = hash.finalize().iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    digits.push('\n');
    digits
}

fn is_source(path: &str) -> bool {
    path == API || (path.starts_with(DIRECTORY) && !path.starts_with(BUILT))
}

#[cfg(test)]
mod tests;
