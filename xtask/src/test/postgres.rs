//! The PostgreSQL server programs that tests start clusters of their own with.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{debian, program};

/// Where Debian keeps them, one directory per major version, off PATH.
const DEBIAN_DIRECTORY: &str = "/usr/lib/postgresql";

/// All that a cluster needs.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// The directory that holds them, installed first when that is possible.
pub(crate) fn programs() -> Result<PathBuf> {
    if let Some(directory) = find() {
        return Ok(directory);
    }
    debian::install("postgresql", "PostgreSQL's server programs are missing")?;
    match find() {
        Some(directory) => Ok(directory),
        None => bail!(
            "the package `postgresql` is installed, yet `initdb` is neither on PATH nor below {DEBIAN_DIRECTORY}"
        ),
    }
}

fn find() -> Option<PathBuf> {
    // On PATH there is often a link, to a directory that has the other programs too.
    let on_path = program::on_path("initdb")
        .and_then(|link| Some(fs::canonicalize(link).ok()?.parent()?.to_path_buf()))
        .filter(|directory| is_complete(directory));
    on_path.or_else(|| newest(Path::new(DEBIAN_DIRECTORY)))
}

/// The complete installation with the highest version number.
fn newest(parent: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(parent).ok()?;
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, directory)| is_complete(directory))
        .max()
        .map(|(_, directory)| directory)
}

fn is_complete(directory: &Path) -> bool {
    PROGRAMS.iter().all(|program| directory.join(program).is_file())
}

#[cfg(test)]
mod tests;
