//! Writing changed files: all of them or none, and never over a file that changed in the meantime.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::root::{PathError, ReadError, RelativePath, Root, read_bytes};
use crate::source::content_hash;

#[cfg(test)]
mod tests;

/// The new text of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file, relative to the project root.
    pub path: String,
    /// The hash of the source that the change was made from.
    pub expected_hash: String,
    /// What the file is to hold.
    pub new_text: String,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A path that is not below the project root.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A file cannot be read, or is not inside the project.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file is not what it was when the change was planned.
    #[error("{0} changed since it was analysed; nothing was written: record a new trace and try again")]
    Changed(RelativePath),
    /// Two changes name one file.
    #[error("{0} is changed twice; this is a fault of Escala, please report it: nothing was written")]
    Duplicate(RelativePath),
    /// A file is marked read-only.
    #[error("{0} is read-only; nothing was written: make it writable first")]
    ReadOnly(RelativePath),
    /// The system refused; the files written before are as they were.
    #[error("{path} cannot be written; all files are as they were: check permissions and free space")]
    Io {
        /// The file.
        path: RelativePath,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused, and refused to restore files as well.
    #[error("{path} cannot be written, and these files keep their change: {}; restore them from version control", list(.kept))]
    NotRestored {
        /// The file that could not be written.
        path: RelativePath,
        /// The files that were written before and could not be restored.
        kept: Vec<RelativePath>,
        /// What the system said of the first.
        source: io::Error,
    },
}

fn list(paths: &[RelativePath]) -> String {
    paths.iter().map(RelativePath::as_str).collect::<Vec<_>>().join(", ")
}

/// Writes all changes or none.
///
/// Every file is checked and its new text lies on disk beside it before the first one is replaced, so that what can
/// fail fails early. A replaced file keeps its permission bits and owner.
pub fn write(root: &Root, changes: &[FileChange]) -> Result<(), WriteError> {
    let mut resolved = BTreeMap::new();
    for change in changes {
        let path = RelativePath::new(&change.path)?;
        let file = root.resolve(&path)?;
        if let Some((path, _)) = resolved.insert(file, (path, change)) {
            return Err(WriteError::Duplicate(path));
        }
    }
    let staged = resolved
        .into_iter()
        .map(|(file, (path, change))| Staged::prepare(file, path, change))
        .collect::<Result<Vec<_>, _>>()?;
    commit(&staged, &mut |new, file| fs::rename(new, file))
}

/// A change whose new text and old text are both ready to be moved into place.
struct Staged {
    path: RelativePath,
    file: PathBuf,
    hash: String,
    new: NamedTempFile,
    old: NamedTempFile,
}

impl Staged {
    fn prepare(file: PathBuf, path: RelativePath, change: &FileChange) -> Result<Self, WriteError> {
        let bytes = read_bytes(&file, &path)?;
        if content_hash(&bytes) != change.expected_hash {
            return Err(WriteError::Changed(path));
        }
        let failed = |source| WriteError::Io { path: path.clone(), source };
        let metadata = fs::metadata(&file).map_err(failed)?;
        // Renaming over a read-only file would succeed; its owner meant otherwise.
        if metadata.permissions().readonly() {
            return Err(WriteError::ReadOnly(path));
        }
        Ok(Self {
            new: beside(&file, change.new_text.as_bytes(), &metadata).map_err(failed)?,
            old: beside(&file, &bytes, &metadata).map_err(failed)?,
            hash: change.expected_hash.clone(),
            file,
            path,
        })
    }

    fn check_unchanged(&self) -> Result<(), WriteError> {
        if content_hash(&read_bytes(&self.file, &self.path)?) == self.hash {
            Ok(())
        } else {
            Err(WriteError::Changed(self.path.clone()))
        }
    }
}

/// A temporary file in the same directory, on disk, with the permissions and owner of the file it is for.
fn beside(file: &Path, bytes: &[u8], metadata: &fs::Metadata) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let directory = file.parent().unwrap_or(Path::new("/"));
    let mut temporary = tempfile::Builder::new().prefix(".escala-").suffix(".tmp").tempfile_in(directory)?;
    temporary.write_all(bytes)?;
    let created = temporary.as_file().metadata()?;
    if (created.uid(), created.gid()) != (metadata.uid(), metadata.gid()) {
        fchown(temporary.as_file(), Some(metadata.uid()), Some(metadata.gid()))?;
    }
    temporary.as_file().set_permissions(metadata.permissions())?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// Moves the new texts into place; when one cannot be, moves the old texts back.
///
/// Looks at every file once more before the first move: writing the texts took time in which an editor may have saved.
fn commit(
    staged: &[Staged],
    rename: &mut dyn FnMut(&Path, &Path) -> io::Result<()>,
) -> Result<(), WriteError> {
    for change in staged {
        change.check_unchanged()?;
    }
    let mut written: Vec<&Staged> = Vec::new();
    for change in staged {
        if let Err(source) = rename(change.new.path(), &change.file) {
            let restore = |done: &&Staged| rename(done.old.path(), &done.file).is_err();
            let kept: Vec<RelativePath> =
                written.into_iter().filter(restore).map(|done| done.path.clone()).collect();
            let path = change.path.clone();
            return Err(if kept.is_empty() {
                WriteError::Io { path, source }
            } else {
                WriteError::NotRestored { path, kept, source }
            });
        }
        written.push(change);
    }
    for change in staged {
        // The renames are done; a directory that cannot be synced only makes them less durable.
        let _ =
            change.file.parent().and_then(|directory| File::open(directory).ok()).map(|open| open.sync_all());
    }
    Ok(())
}
