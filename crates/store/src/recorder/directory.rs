//! The store's directory, and the lock that makes it one recorder's.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::thread;

use super::RecordError;
use crate::database::{Intent, OpenError};
use crate::limits::{LOCK_RETRY_INTERVAL, LOCK_TRIES};
use crate::proofs::PROOFS_DIRECTORY;

const IGNORE_FILE: &str = ".gitignore";
const LOCK_FILE: &str = "lock";

/// Held as long as a recorder writes; the operating system releases it however the process ends.
pub(super) struct StoreLock {
    _file: File,
}

/// Makes the directory, closed to other users and invisible to version control.
pub(super) fn prepare(dir: &Path) -> Result<(), OpenError> {
    let refused = |error| OpenError::from_io(dir, Intent::Write, error);
    if let Err(error) = DirBuilder::new().recursive(true).mode(0o700).create(dir) {
        // The error of a file in the way is `AlreadyExists`, which says the opposite of what is wrong.
        let in_the_way = dir.ancestors().find(|path| path.exists() && !path.is_dir());
        return Err(match in_the_way {
            Some(path) => OpenError::NotADirectory { path: path.to_path_buf() },
            None => refused(error),
        });
    }
    // `--store` may name a directory with other things in it. Hiding those from version control, or closing them to
    // others, is not ours to do.
    if is_ours(dir).map_err(refused)? {
        fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(refused)?;
        let path = dir.join(IGNORE_FILE);
        // An empty one was left by an attempt on a full disk.
        if fs::metadata(&path).map_or(true, |metadata| metadata.len() == 0) {
            fs::write(&path, "*\n").map_err(|error| OpenError::from_io(&path, Intent::Write, error))?;
        }
    }
    Ok(())
}

/// Makes this process the only recorder of the store.
pub(super) fn lock(dir: &Path) -> Result<StoreLock, RecordError> {
    let path = dir.join(LOCK_FILE);
    let refused = |error| OpenError::from_io(&path, Intent::Write, error);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(refused)?;
    let mut tries = 1;
    let outcome = loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if tries < LOCK_TRIES => {
                tries += 1;
                thread::sleep(LOCK_RETRY_INTERVAL);
            }
            outcome => break outcome,
        }
    };
    match outcome {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Whoever holds it may not have written its number yet: the message does without.
            let _ = (&file).take(16).read_to_string(&mut holder);
            return Err(RecordError::Locked { dir: dir.to_path_buf(), pid: holder.trim().parse().ok() });
        }
        Err(TryLockError::Error(error)) => return Err(refused(error).into()),
    }
    let pid = format!("{}\n", std::process::id());
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(pid.as_bytes()))
        .map_err(refused)?;
    Ok(StoreLock { _file: file })
}

/// Whether a recorder is at work on the store. The answer may be old when it arrives.
pub(crate) fn is_locked(dir: &Path) -> bool {
    // Shared, so that two who look do not take each other for a recorder.
    File::open(dir.join(LOCK_FILE))
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether everything in the directory is of the kind that Escala puts there.
fn is_ours(dir: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if ![IGNORE_FILE, LOCK_FILE, PROOFS_DIRECTORY, "run"].contains(&&*name)
            && !name.starts_with("escala.db")
        {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
