//! The private directory of one run: the socket and the journal, gone when the run is over.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::limits::{RUN_DIRECTORY_TRIES_MAX, SOCKET_PATH_BYTES_MAX};

const SOCKET: &str = "agent.sock";
const JOURNAL: &str = "journal";
/// Where the agents, each by mapping the file, count units of work of which the recorder does not know the end.
const OPEN_UNITS: &str = "journal.open";

/// The directory, or the journal in it, could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot create {}", .path.display())]
pub struct RunDirectoryError {
    path: PathBuf,
    source: io::Error,
}

/// Removed when dropped.
pub(crate) struct RunDirectory {
    path: PathBuf,
}

impl RunDirectory {
    /// Chooses `<store>/run/<pid>`, or makes a directory under `temporary_dir` when a socket's path would be too long
    /// there. Both must be absolute. What lies in the store is left for the recorder to make: it knows better what to
    /// say of a store that cannot be written.
    pub(crate) fn choose(
        store_dir: &Path,
        temporary_dir: &Path,
        pid: u32,
    ) -> Result<Self, RunDirectoryError> {
        let inside = run_root(store_dir).join(pid.to_string());
        if fits(&inside) {
            return Ok(Self { path: inside });
        }
        Self::create_outside(temporary_dir, pid)
    }

    fn create_outside(temporary_dir: &Path, pid: u32) -> Result<Self, RunDirectoryError> {
        let system = Path::new("/tmp");
        let parent = if fits(&temporary_dir.join(outside_name(pid, 0))) { temporary_dir } else { system };
        let mut attempt = 0;
        loop {
            let path = parent.join(outside_name(pid, attempt));
            // Not recursive: a directory that exists belongs to somebody else, and must not be used.
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error)
                    if error.kind() == io::ErrorKind::AlreadyExists && attempt < RUN_DIRECTORY_TRIES_MAX =>
                {
                    attempt += 1;
                }
                Err(source) => return Err(RunDirectoryError { path, source }),
            }
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path.join(SOCKET)
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL)
    }

    /// Makes the files beside the socket. The agents only write to them: one that outlives the run writes nowhere.
    pub(crate) fn create_files(&self) -> Result<(), RunDirectoryError> {
        for (path, content) in [(self.journal(), &[][..]), (self.path.join(OPEN_UNITS), &0_u32.to_ne_bytes())]
        {
            let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            if let Err(source) = created.and_then(|mut file| file.write_all(content)) {
                return Err(RunDirectoryError { path, source });
            }
        }
        Ok(())
    }

    /// Units of work that began and whose end the recorder was not told. When the command is over, they are lost.
    pub(crate) fn open_units(&self) -> u32 {
        let bytes = fs::read(self.path.join(OPEN_UNITS)).unwrap_or_default();
        // A process that was killed between taking a number off and noting it could leave less than nothing.
        bytes.try_into().map(i32::from_ne_bytes).ok().and_then(|units| u32::try_from(units).ok()).unwrap_or(0)
    }

    /// Removes what killed runs left behind. Only for the holder of the store's lock: nobody else's run is alive.
    pub(crate) fn remove_stale(&self, store_dir: &Path) {
        let Ok(entries) = fs::read_dir(run_root(store_dir)) else { return };
        for entry in entries.flatten().filter(|entry| entry.path() != self.path) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for RunDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
        // `<store>/run` goes too when it is empty; otherwise, and for the temporary directory, this fails harmlessly.
        if let Some(parent) = self.path.parent().filter(|parent| parent.ends_with("run")) {
            let _ = fs::remove_dir(parent);
        }
    }
}

fn run_root(store_dir: &Path) -> PathBuf {
    store_dir.join("run")
}

fn outside_name(pid: u32, attempt: u32) -> String {
    format!("escala-{pid}-{attempt}")
}

fn fits(directory: &Path) -> bool {
    directory.join(SOCKET).as_os_str().len() <= SOCKET_PATH_BYTES_MAX
}

#[cfg(test)]
mod tests;
