//! Opening files below a directory, and nothing outside of it.
//!
//! On Linux the kernel sees to it: `openat2` with `RESOLVE_BENEATH` (since 5.6) follows symbolic links as long as they stay
//! below the directory, and fails at the first that does not, also when names change meanwhile. Where there is no such
//! call, the names are opened one after the other and no symbolic link is followed at all. Canonical names, compared
//! before the file is opened, would leave a moment in which a link can be put in the place of what was compared.
//!
//! Everything here blocks.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use bytes::Bytes;
use rustix::fs::{CWD, Mode, OFlags, openat};

/// How often a name is looked up again that was being renamed.
#[cfg(target_os = "linux")]
const TRIES: usize = 3;

/// A directory whose files are served.
#[derive(Debug)]
pub(super) struct Directory(OwnedFd);

/// A file with what it was when it was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) stamp: Stamp,
}

/// What changes when a file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    /// Bytes.
    pub(super) length: u64,
    pub(super) modified: Time,
    /// The last change of anything, which nobody can set: of those that keep the time of modification, too.
    changed: Time,
}

/// Seconds since 1970, and the nanoseconds of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time {
    pub(super) s: i64,
    pub(super) ns: i64,
}

impl Directory {
    /// Opens it; its own path may lead over symbolic links, as `current -> releases/7` does.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(openat(CWD, path, flags, Mode::empty())?))
    }

    /// Opens a regular file below it.
    pub(super) fn file(&self, relative: &str) -> io::Result<Opened> {
        let file = File::from(self.beneath(relative)?);
        let stamp = Stamp::of(&file)?;
        Ok(Opened { file, stamp })
    }

    #[cfg(target_os = "linux")]
    fn beneath(&self, relative: &str) -> io::Result<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};
        use rustix::io::Errno;

        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        for _ in 0..TRIES {
            match openat2(&self.0, relative, FLAGS, Mode::empty(), resolve) {
                // Something was renamed, and the kernel cannot say whether it stays below.
                Err(Errno::AGAIN) => {}
                // An old kernel, or a sandbox that does not know the call.
                Err(Errno::NOSYS | Errno::PERM) => return self.walk(relative),
                opened => return Ok(opened?),
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    #[cfg(not(target_os = "linux"))]
    fn beneath(&self, relative: &str) -> io::Result<OwnedFd> {
        self.walk(relative)
    }

    /// Opens name after name, and follows no symbolic link.
    fn walk(&self, relative: &str) -> io::Result<OwnedFd> {
        let mut names = relative.split('/').peekable();
        let mut at: Option<OwnedFd> = None;
        while let Some(name) = names.next() {
            if matches!(name, "" | "." | "..") {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            let flags = if names.peek().is_some() {
                OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
            } else {
                FLAGS | OFlags::NOFOLLOW
            };
            let directory = at.as_ref().map_or_else(|| self.0.as_fd(), AsFd::as_fd);
            at = Some(openat(directory, name, flags, Mode::empty())?);
        }
        at.ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }
}

/// Without waiting: a named pipe would have one wait for whoever writes into it.
const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

impl Opened {
    /// All of it; the file stays where it is.
    ///
    /// # Errors
    /// Also when it changes while it is read.
    pub(super) fn read(&self) -> io::Result<Bytes> {
        let length = usize::try_from(self.stamp.length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, 0)?;
        if Stamp::of(&self.file)? == self.stamp {
            Ok(bytes.into())
        } else {
            Err(io::ErrorKind::ResourceBusy.into())
        }
    }
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: Time { s: metadata.mtime(), ns: metadata.mtime_nsec() },
            changed: Time { s: metadata.ctime(), ns: metadata.ctime_nsec() },
        })
    }

    /// Of a file of so many bytes, modified at some time: for tests of what is made of it.
    #[cfg(test)]
    pub(super) fn example(length: u64, s: i64, ns: i64) -> Self {
        let modified = Time { s, ns };
        Self { device: 1, inode: 1, length, modified, changed: modified }
    }

    /// Whether this, made from the other, is not older than it. Some compressors hand the time on without what is less
    /// than a second.
    pub(super) fn is_as_new_as(&self, other: &Self) -> bool {
        self.modified >= other.modified || (self.modified.ns == 0 && self.modified.s >= other.modified.s)
    }
}

#[cfg(test)]
mod tests;
