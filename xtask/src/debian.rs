//! Debian packages, installed when that can be done without asking anybody.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::program;

/// Installs a package when this is Debian or a relative of it and we are root; otherwise says who must do what.
pub(crate) fn install(package: &str, why: &str) -> Result<()> {
    if program::on_path("apt-get").is_none() {
        bail!("{why}: install it with the system's package manager (on Debian the package is `{package}`)");
    }
    if !is_root()? {
        bail!("{why}: run `sudo apt-get install {package}`");
    }
    eprintln!("xtask: {why}; installing the Debian package `{package}`");
    // The lists of a fresh image are empty or old: the first failure is worth one refresh.
    apt(&["install", "--yes", "--no-install-recommends", package])
        .or_else(|_| {
            apt(&["update"])?;
            apt(&["install", "--yes", "--no-install-recommends", package])
        })
        .with_context(|| format!("{why}, and the Debian package `{package}` cannot be installed"))
}

fn apt(arguments: &[&str]) -> Result<()> {
    program::run(
        Command::new("apt-get").arg("--quiet").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

fn is_root() -> Result<bool> {
    Ok(program::capture(Command::new("id").arg("-u"))?.trim() == "0")
}
