//! The directory that files are in: made, taken by one process at a time, written to.
//!
//! `responses/` in the directory that was configured is ours, and nobody else may look into it; what lies beside it is left
//! alone. A file is written under another name and gets its own when it is whole: whoever reads it finds all of it or
//! none, whenever the process was killed. (The machine may fail, too: then the hash in the file says so.)

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::file;
use super::name::Name;
use crate::cache::UnixMs;
use crate::limits::DISK_FILE_BYTES_MAX;

/// What is ours in the directory that was configured.
const RESPONSES: &str = "responses";

/// Files on their way.
const TEMPORARY: &str = "tmp";

/// Held as long as a process uses the directory.
const LOCK: &str = "lock";

/// Bytes of a file's beginning that are read at once: most heads are shorter.
const BEGINNING_BYTES: usize = 4 << 10;

/// The directory that files are in.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    root: PathBuf,
}

/// The right to write into a directory, until this is dropped.
#[derive(Debug)]
pub(super) struct Taken {
    _lock: File,
}

/// The beginning of a file, up to its body or further.
#[derive(Debug)]
pub(super) struct Beginning {
    /// As much as was read.
    pub(super) bytes: Vec<u8>,
    /// Bytes of the whole file.
    pub(super) file_bytes: u64,
    /// When it was written.
    pub(super) written: UnixMs,
}

impl Directory {
    /// The part that is ours of a directory.
    pub(super) fn of(configured: &Path) -> Self {
        Self { root: configured.join(RESPONSES) }
    }

    /// Makes the directory if there is none, takes it for this process, and deletes what an earlier one had not finished.
    ///
    /// # Errors
    /// When another process uses it (`WouldBlock`), when it is somebody else's, or cannot be written to.
    pub(super) fn take(&self) -> io::Result<Taken> {
        make(&self.root)?;
        // Whoever could put a link here, or a directory of their own, could choose what is served.
        let metadata = fs::symlink_metadata(&self.root)?;
        if !metadata.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        fs::set_permissions(&self.root, Permissions::from_mode(0o700))?;
        let lock = private().create(true).write(true).truncate(false).open(self.root.join(LOCK))?;
        lock.try_lock()?;
        let temporary = self.root.join(TEMPORARY);
        let _ = fs::remove_dir_all(&temporary);
        make(&temporary)?;
        if fs::metadata(&temporary)?.uid() == metadata.uid() {
            Ok(Taken { _lock: lock })
        } else {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }

    /// The file of that name.
    fn path(&self, name: Name) -> PathBuf {
        self.leaf(name.leaf()).join(name.to_string())
    }

    /// Two levels of sixteen directories.
    fn leaf(&self, leaf: u8) -> PathBuf {
        self.root.join(format!("{:x}/{:x}", leaf >> 4, leaf & 0xf))
    }

    /// Writes a file in parts, in the place of another one of that name.
    ///
    /// # Errors
    /// When it cannot be; then the other one is still there.
    pub(super) fn write(&self, name: Name, parts: [&[u8]; 2]) -> io::Result<()> {
        let temporary = self.root.join(TEMPORARY).join(name.to_string());
        let attempt = || {
            let mut file = private().create(true).write(true).truncate(true).open(&temporary)?;
            parts.iter().try_for_each(|part| file.write_all(part))?;
            fs::rename(&temporary, self.path(name))
        };
        let written = match attempt() {
            // The first file of its directory, or somebody has cleared all of them away.
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(&self.leaf(name.leaf()))
                .and_then(|()| make(&self.root.join(TEMPORARY)))
                .and_then(|()| attempt()),
            written => written,
        };
        if written.is_err() {
            // What a full disk has no room for makes none.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// When it is not there, is longer than any of ours, or cannot be read.
    pub(super) fn read(&self, name: Name) -> io::Result<Vec<u8>> {
        let file = File::open(self.path(name))?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        if length > DISK_FILE_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::with_capacity(length);
        file.take(DISK_FILE_BYTES_MAX as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads as much of a file as is needed to know what it is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read_beginning(&self, name: Name) -> io::Result<Beginning> {
        let file = File::open(self.path(name))?;
        let metadata = file.metadata()?;
        let mut bytes = Vec::with_capacity(BEGINNING_BYTES);
        (&file).take(BEGINNING_BYTES as u64).read_to_end(&mut bytes)?;
        let wanted = file::head_bytes(&bytes).unwrap_or(0);
        file.take(wanted.saturating_sub(bytes.len()) as u64).read_to_end(&mut bytes)?;
        let written = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let written = UnixMs::try_from(written.as_millis()).unwrap_or(UnixMs::MAX);
        Ok(Beginning { bytes, file_bytes: metadata.len(), written })
    }

    /// Marks a file as purged softly.
    ///
    /// # Errors
    /// When it cannot be.
    pub(super) fn mark_stale(&self, name: Name) -> io::Result<()> {
        OpenOptions::new().write(true).open(self.path(name))?.write_all_at(&file::MAGIC_STALE, 0)
    }

    /// Deletes a file; one that is not there is deleted.
    ///
    /// # Errors
    /// When it cannot be.
    pub(super) fn remove(&self, name: Name) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The files of one of the 256 directories; what is not called like one of ours is nobody's business of ours.
    pub(super) fn list(&self, leaf: u8) -> impl Iterator<Item = Name> + use<> {
        let files = fs::read_dir(self.leaf(leaf)).into_iter().flatten().flatten();
        files.filter_map(move |file| {
            let is_file = file.file_type().is_ok_and(|kind| kind.is_file());
            let name = file.file_name().to_str().and_then(Name::parse)?;
            (is_file && name.leaf() == leaf).then_some(name)
        })
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests;
