//! What the command finds in its environment beside what it had: the whole of the injection.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Where things are for one run; all paths are absolute, because the command may change directory.
pub(crate) struct Places<'a> {
    pub(crate) bootstrap: &'a Path,
    pub(crate) socket: &'a Path,
    pub(crate) journal: &'a Path,
    pub(crate) project_root: &'a Path,
    /// Directories and files with the user's code.
    pub(crate) source: &'a [PathBuf],
    /// Those inside them whose code does not count.
    pub(crate) exclude: &'a [PathBuf],
    /// Names of parameters that hold no secret although they sound like it.
    pub(crate) not_secret: &'a [String],
}

/// The agent's place cannot be said in `PYTHONPATH`.
#[derive(Debug, thiserror::Error)]
#[error("Escala's agent lies in {}, and PYTHONPATH cannot name a directory with a colon", .0.display())]
pub struct EnvironmentError(PathBuf);

/// Python's own variable; all others are ours.
const PYTHON_PATH: &str = "PYTHONPATH";

/// Names and values.
pub(crate) type Variables = Vec<(&'static str, OsString)>;

/// Those that the agent reads, without the one that brings it in.
pub(crate) fn of_the_agent(variables: &Variables) -> impl Iterator<Item = (&str, &OsStr)> {
    variables.iter().filter(|(name, _)| *name != PYTHON_PATH).map(|(name, value)| (*name, value.as_os_str()))
}

/// The variables to set; `python_path` is the user's `PYTHONPATH`.
pub(crate) fn environment(
    places: &Places<'_>,
    python_path: Option<&OsStr>,
) -> Result<Variables, EnvironmentError> {
    if places.bootstrap.as_os_str().as_encoded_bytes().contains(&b':') {
        return Err(EnvironmentError(places.bootstrap.to_owned()));
    }
    let mut path = places.bootstrap.as_os_str().to_owned();
    // Python reads an empty PYTHONPATH as none, but a trailing colon as the current directory.
    if let Some(user_path) = python_path.filter(|value| !value.is_empty()) {
        path.push(":");
        path.push(user_path);
    }
    Ok(vec![
        (PYTHON_PATH, path),
        ("ESCALA_SOCKET", places.socket.into()),
        ("ESCALA_JOURNAL", places.journal.into()),
        ("ESCALA_PROJECT_ROOT", places.project_root.into()),
        ("ESCALA_SOURCE", list(places.source)),
        ("ESCALA_EXCLUDE", list(places.exclude)),
        ("ESCALA_NOT_SECRET", places.not_secret.join(",").into()),
    ])
}

/// Paths in one value. The settings refuse a colon in them.
fn list(paths: &[PathBuf]) -> OsString {
    paths.iter().map(|path| path.as_os_str()).collect::<Vec<_>>().join(OsStr::new(":"))
}

#[cfg(test)]
mod tests;
