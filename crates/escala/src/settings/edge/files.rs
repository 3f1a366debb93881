//! What the configuration names on disk: looked at before anything begins, so that a slip is told with its line.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use edge::limits::TOKEN_BYTES_MAX;

use crate::settings::SettingsError;
use crate::settings::document::Found;

/// Bits of a mode by which others than the owner may do something.
const OTHERS: u32 = 0o077;

/// Something that has to be there.
#[derive(Debug)]
pub(super) struct Need {
    pub(super) what: What,
    pub(super) path: PathBuf,
    /// As it stands in the file.
    pub(super) written: Found<String>,
}

/// In which way it has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A file that can be read.
    File,
    /// A directory.
    Directory,
    /// A file, or a place for one.
    Appendable,
}

impl Need {
    /// Looks whether it is there.
    pub(super) fn meet(&self) -> Result<(), SettingsError> {
        match self.what {
            What::File => open(&self.path, &self.written).map(drop),
            What::Directory => {
                let is_directory = look(&self.path, &self.written)?.is_dir();
                is_directory.then_some(()).ok_or_else(|| self.written.refuse("which is no directory"))
            }
            What::Appendable => self.meet_appendable(),
        }
    }

    fn meet_appendable(&self) -> Result<(), SettingsError> {
        let parent = self.path.parent().unwrap_or(Path::new("/"));
        if !parent.is_dir() {
            return Err(self.written.refuse("whose directory does not exist"));
        }
        if self.path.is_dir() { Err(self.written.refuse("which is a directory")) } else { Ok(()) }
    }
}

/// A file with a secret, which nobody but its owner may use.
#[derive(Debug)]
pub(super) struct Secret {
    pub(super) path: PathBuf,
    /// As it stands in the file.
    pub(super) written: Found<String>,
}

impl Secret {
    /// Reads it. White space around it does not count.
    pub(super) fn read(&self) -> Result<String, SettingsError> {
        let written = &self.written;
        let file = open(&self.path, written)?;
        let mode = file.metadata().map_err(|source| unreadable(written, source))?.permissions().mode();
        if mode & OTHERS != 0 {
            let mode = mode & 0o777;
            let reason = format!("which others than its owner may use (mode {mode:o}): `chmod 600` it");
            return Err(written.refuse(reason));
        }
        let mut bytes = Vec::new();
        let most = TOKEN_BYTES_MAX as u64 + 1;
        file.take(most).read_to_end(&mut bytes).map_err(|source| unreadable(written, source))?;
        let secret = bytes.trim_ascii();
        let is_word = !secret.is_empty() && secret.iter().all(u8::is_ascii_graphic);
        match str::from_utf8(secret) {
            Ok(secret) if is_word && bytes.len() <= TOKEN_BYTES_MAX => Ok(secret.to_owned()),
            _ => {
                let reason = format!("which is not one word of visible ASCII in {TOKEN_BYTES_MAX} bytes");
                Err(written.refuse(reason))
            }
        }
    }
}

fn open(path: &Path, written: &Found<String>) -> Result<File, SettingsError> {
    // Before it is opened: nobody may ever write to a pipe.
    if !look(path, written)?.is_file() {
        return Err(written.refuse("which is no file"));
    }
    File::open(path).map_err(|source| unreadable(written, source))
}

fn look(path: &Path, written: &Found<String>) -> Result<Metadata, SettingsError> {
    fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => written.refuse("which does not exist"),
        _ => unreadable(written, error),
    })
}

fn unreadable(written: &Found<String>, source: io::Error) -> SettingsError {
    SettingsError::File { place: written.place.clone(), written: written.value.clone(), source }
}
