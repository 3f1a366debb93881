//! Whether a source file on disk is what a process runs, and its hash.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use crate::limits::SOURCE_FILE_BYTES_MAX;

/// A file with the time and size that one observer saw.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SeenFile {
    pub(crate) path: Arc<str>,
    pub(crate) modified_at_us: u64,
    pub(crate) size_bytes: u64,
}

/// What the recorder found at the path of a [`SeenFile`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExaminedFile {
    pub(crate) sha256: Option<String>,
    pub(crate) changed_after_start: bool,
}

/// Whether the path stays inside the project by its text alone.
pub(crate) fn is_inside(path: &str) -> bool {
    let mut components = Path::new(path).components().peekable();
    components.peek().is_some() && components.all(|component| matches!(component, Component::Normal(_)))
}

/// Reads the file under `root`, which must be canonical. What cannot be read counts as changed: nobody can say that it
/// is what the process runs.
pub(crate) fn examine(root: &Path, seen: &SeenFile, process_started_at_us: u64) -> ExaminedFile {
    match read(root, &seen.path) {
        Ok((bytes, modified_at_us)) => ExaminedFile {
            changed_after_start: changed(seen, modified_at_us, bytes.len() as u64, process_started_at_us),
            sha256: Some(hexadecimal(&Sha256::digest(&bytes))),
        },
        Err(_) => ExaminedFile { sha256: None, changed_after_start: true },
    }
}

fn changed(seen: &SeenFile, modified_at_us: u64, size_bytes: u64, process_started_at_us: u64) -> bool {
    // Python's `st_mtime` is a float of seconds: an agent that starts from it is off by up to a microsecond.
    seen.modified_at_us > process_started_at_us
        || modified_at_us.abs_diff(seen.modified_at_us) > 1
        || size_bytes != seen.size_bytes
}

fn read(root: &Path, path: &str) -> io::Result<(Vec<u8>, u64)> {
    let path = resolve(root, path)?;
    // A pipe would block the writer for ever; the flag makes opening one harmless, and the check below refuses it.
    let file =
        OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    (&file).take(SOURCE_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SOURCE_FILE_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok((bytes, modified_at_us(&file)?))
}

fn resolve(root: &Path, path: &str) -> io::Result<PathBuf> {
    let resolved = fs::canonicalize(root.join(path))?;
    if resolved.starts_with(root) { Ok(resolved) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

fn modified_at_us(file: &File) -> io::Result<u64> {
    let metadata = file.metadata()?;
    let microseconds =
        metadata.mtime().saturating_mul(1_000_000).saturating_add(metadata.mtime_nsec() / 1_000);
    Ok(u64::try_from(microseconds).unwrap_or(0))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests;
