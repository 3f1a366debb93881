//! The project root: the only door to the user's files.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::limits::SOURCE_LIMIT_BYTES;
use crate::source::{Source, declared_encoding, is_utf8};

#[cfg(test)]
mod tests;

/// A path below the project root, with `/` between its parts: never absolute, never with `.` or `..` parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelativePath(String);

impl RelativePath {
    /// Checks the text of a path. Nothing is looked up on disk.
    pub fn new(path: &str) -> Result<Self, PathError> {
        let refuse = |reason| Err(PathError { path: path.to_owned(), reason });
        if path.is_empty() {
            return refuse("it is empty");
        }
        if path.starts_with('/') {
            return refuse("it is absolute");
        }
        if path.contains('\0') {
            return refuse("it holds a NUL byte");
        }
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return refuse("it has an empty, `.` or `..` part");
        }
        Ok(Self(path.to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that is not a path below the project root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is not a path inside the project: {reason}; name the file relative to the project root")]
pub struct PathError {
    path: String,
    reason: &'static str,
}

/// Why a source file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("{0} does not exist; it may have been moved or deleted since the trace was recorded")]
    NotFound(RelativePath),
    /// A symbolic link on the way leads out of the project.
    #[error("{0} is a link that leaves the project root; Escala reads and edits only files inside it")]
    OutsideRoot(RelativePath),
    /// The settings say that it is not the user's own.
    #[error("{0} is left alone: `source` and `exclude` in escala.toml say so")]
    LeftAlone(RelativePath),
    /// A directory, socket or device.
    #[error("{0} is not a regular file")]
    NotAFile(RelativePath),
    /// More than [`SOURCE_LIMIT_BYTES`].
    #[error("{path} is {size_bytes} bytes long; sources over {SOURCE_LIMIT_BYTES} bytes are not edited")]
    TooLarge {
        /// The file.
        path: RelativePath,
        /// Its size.
        size_bytes: u64,
    },
    /// Bytes that are not UTF-8, legal in Python only under another `coding:` line.
    #[error("{path} is not UTF-8 (byte {valid_bytes}); save it as UTF-8 to let Escala edit it")]
    NotUtf8 {
        /// The file.
        path: RelativePath,
        /// How many bytes from its start are good.
        valid_bytes: usize,
    },
    /// Bytes that are UTF-8 by accident: Python reads them as something else.
    #[error("{path} is {encoding} by its own `coding:` line; save it as UTF-8 to let Escala edit it")]
    OtherEncoding {
        /// The file.
        path: RelativePath,
        /// What the line says.
        encoding: String,
    },
    /// The operating system refused.
    #[error("{path} cannot be read; check its permissions")]
    Io {
        /// The file.
        path: RelativePath,
        /// What the system said.
        source: io::Error,
    },
}

/// The directory that holds the user's project.
#[derive(Debug, Clone)]
pub struct Root {
    /// Canonical, so that a file's canonical path can be compared with it.
    directory: PathBuf,
    territory: Territory,
}

/// Where files may be read and edited; absolute paths.
#[derive(Debug, Clone)]
struct Territory {
    sources: Vec<PathBuf>,
    excluded: Vec<PathBuf>,
}

impl Territory {
    /// Whether a source holds the file, and nothing that is excluded in that source. What is excluded around a source
    /// does not count: the source was named on purpose.
    fn holds(&self, file: &Path) -> bool {
        self.sources.iter().filter(|source| file.starts_with(source)).any(|source| {
            !self.excluded.iter().any(|excluded| excluded.starts_with(source) && file.starts_with(excluded))
        })
    }
}

impl Root {
    /// Opens an existing directory as the project root.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let directory = directory.canonicalize()?;
        if !directory.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        let territory = Territory { sources: vec![directory.clone()], excluded: Vec::new() };
        Ok(Self { directory, territory })
    }

    /// The same root, with every file left alone that lies in none of the sources, or in what is excluded. Both are
    /// absolute paths of directories and files.
    #[must_use]
    pub fn keeping_to(self, sources: &[PathBuf], excluded: &[PathBuf]) -> Self {
        Self { territory: Territory { sources: sources.to_vec(), excluded: excluded.to_vec() }, ..self }
    }

    /// The canonical directory.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    /// Reads one source file.
    pub fn read(&self, path: &RelativePath) -> Result<Source, ReadError> {
        let bytes = read_bytes(&self.resolve(path)?, path)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid_bytes = error.utf8_error().valid_up_to();
            ReadError::NotUtf8 { path: path.clone(), valid_bytes }
        })?;
        // The encodings that sources are written in agree on ASCII.
        match declared_encoding(&text).filter(|encoding| !is_utf8(encoding) && !text.is_ascii()) {
            Some(encoding) => {
                Err(ReadError::OtherEncoding { path: path.clone(), encoding: encoding.to_owned() })
            }
            None => Ok(Source::new(path.clone(), text)),
        }
    }

    /// The canonical path of an existing file, proved to lie inside the root after following every link.
    pub(crate) fn resolve(&self, path: &RelativePath) -> Result<PathBuf, ReadError> {
        let named = self.directory.join(path.as_str());
        let resolved = named.canonicalize().map_err(|source| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound(path.clone()),
            _ => ReadError::Io { path: path.clone(), source },
        })?;
        if !resolved.starts_with(&self.directory) {
            return Err(ReadError::OutsideRoot(path.clone()));
        }
        // Both names count: a link must not lead into what is excluded, nor out of it.
        if self.territory.holds(&named) && self.territory.holds(&resolved) {
            Ok(resolved)
        } else {
            Err(ReadError::LeftAlone(path.clone()))
        }
    }
}

/// Reads a resolved file, which must be a regular one of bounded size.
pub(crate) fn read_bytes(resolved: &Path, path: &RelativePath) -> Result<Vec<u8>, ReadError> {
    let io_error = |source| ReadError::Io { path: path.clone(), source };
    let metadata = fs::metadata(resolved).map_err(io_error)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile(path.clone()));
    }
    if metadata.len() > SOURCE_LIMIT_BYTES {
        return Err(ReadError::TooLarge { path: path.clone(), size_bytes: metadata.len() });
    }
    fs::read(resolved).map_err(io_error)
}
