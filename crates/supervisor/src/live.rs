//! The live file: how a process that was not given our environment finds the run that is at work.
//!
//! Some servers start their workers with an environment of their own. An agent that was put there by
//! `escala agent install` or by an import reads the same variables here.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file's name in the store; the agent's `launch.py` looks for it.
const NAME: &str = "live";

/// The live file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", .path.display())]
pub struct LiveFileError {
    path: PathBuf,
    source: io::Error,
}

/// Removed when dropped. One that a killed run leaves behind leads to a socket where nobody listens.
pub(crate) struct LiveFile {
    path: PathBuf,
}

impl LiveFile {
    /// Writes the variables, as the system writes an environment. Only for the holder of the store's lock.
    ///
    /// The agent believes a file only when it belongs to its own user and nobody else may write to it.
    pub(crate) fn write<'a>(
        store_dir: &Path,
        variables: impl IntoIterator<Item = (&'a str, &'a OsStr)>,
    ) -> Result<Self, LiveFileError> {
        let path = store_dir.join(NAME);
        let mut bytes = Vec::new();
        for (name, value) in variables {
            bytes.extend_from_slice(name.as_bytes());
            bytes.push(b'=');
            bytes.extend_from_slice(value.as_encoded_bytes());
            bytes.push(0);
        }
        match replace(&path, &bytes) {
            Ok(()) => Ok(Self { path }),
            Err(source) => Err(LiveFileError { path, source }),
        }
    }
}

impl Drop for LiveFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Puts a whole file in place at once: a process may start at any moment.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?.write_all(bytes)?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests;
