//! The browser that the dashboard is looked at with.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::{debian, program};

/// What it is called on Debian, Fedora, Ubuntu's older releases, and by its makers.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// Its program, installed first when that is possible.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    debian::install("chromium", "Chromium is missing")?;
    match find() {
        Some(browser) => Ok(browser),
        None => bail!("the package `chromium` is installed, yet its program is not on PATH"),
    }
}

fn find() -> Option<PathBuf> {
    NAMES.into_iter().find_map(program::on_path)
}
