//! What the command finds in its environment beside what it had: the whole of the injection.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Where things are for one run; all paths are absolute, because the command may change directory.
pub(crate) struct Places<'a> {
    pub(crate) bootstrap: &'a Path,
    pub(crate) socket: &'a Path,
    pub(crate) journal: &'a Path,
    pub(crate) project_root: &'a Path,
}

/// The agent's place cannot be said in `PYTHONPATH`.
#[derive(Debug, thiserror::Error)]
#[error("Escala's agent lies in {}, and PYTHONPATH cannot name a directory with a colon", .0.display())]
pub struct EnvironmentError(PathBuf);

/// The variables to set; `python_path` is the user's `PYTHONPATH`.
pub(crate) fn environment(
    places: &Places<'_>,
    python_path: Option<&OsStr>,
) -> Result<[(&'static str, OsString); 4], EnvironmentError> {
    if places.bootstrap.as_os_str().as_encoded_bytes().contains(&b':') {
        return Err(EnvironmentError(places.bootstrap.to_owned()));
    }
    let mut path = places.bootstrap.as_os_str().to_owned();
    // Python reads an empty PYTHONPATH as none, but a trailing colon as the current directory.
    if let Some(user_path) = python_path.filter(|value| !value.is_empty()) {
        path.push(":");
        path.push(user_path);
    }
    Ok([
        ("PYTHONPATH", path),
        ("ESCALA_SOCKET", places.socket.into()),
        ("ESCALA_JOURNAL", places.journal.into()),
        ("ESCALA_PROJECT_ROOT", places.project_root.into()),
    ])
}

#[cfg(test)]
mod tests;
