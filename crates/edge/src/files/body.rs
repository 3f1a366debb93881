//! A file that is sent as it is read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::threads::Threads;
use crate::limits::FILE_CHUNK_BYTES;

/// What is left of a file, or of a part of one.
#[derive(Debug)]
pub(crate) struct FileBody {
    file: Arc<File>,
    at: u64,
    left: u64,
    buffer: Vec<u8>,
    threads: Threads,
    /// Its place among the files that are open.
    _place: OwnedSemaphorePermit,
}

impl FileBody {
    /// So many bytes of an open file, from one on.
    pub(super) fn new(
        file: File,
        at: u64,
        length: u64,
        threads: Threads,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self { file: Arc::new(file), at, left: length, buffer: Vec::new(), threads, _place: place }
    }

    /// Bytes that are still to come.
    pub(crate) fn length(&self) -> u64 {
        self.left
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// As the operating system says; `UnexpectedEof` when the file has become shorter, `TimedOut` when the disk does not
    /// answer.
    pub(crate) async fn data(&mut self) -> io::Result<Option<&[u8]>> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(FILE_CHUNK_BYTES);
        if wanted == 0 {
            return Ok(None);
        }
        self.buffer.resize(wanted, 0);
        let length = match read_at_hand(&self.file, &mut self.buffer, self.at) {
            Some(read) => read?,
            None => self.read_from_disk().await?,
        };
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += length as u64;
        self.left -= length as u64;
        Ok(Some(&self.buffer[..length]))
    }

    async fn read_from_disk(&mut self) -> io::Result<usize> {
        let (file, at, mut buffer) = (Arc::clone(&self.file), self.at, std::mem::take(&mut self.buffer));
        let read = self.threads.run(move || {
            let read = file.read_at(&mut buffer, at);
            (read, buffer)
        });
        let (read, buffer) = read.await?;
        self.buffer = buffer;
        read
    }
}

/// Reads what the system has in memory; `None` when it would have to wait for the disk, or cannot tell.
#[cfg(target_os = "linux")]
fn read_at_hand(file: &File, buffer: &mut [u8], at: u64) -> Option<io::Result<usize>> {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};

    let mut slices = [io::IoSliceMut::new(buffer)];
    match preadv2(file, &mut slices, at, ReadWriteFlags::NOWAIT) {
        Ok(length) => Some(Ok(length)),
        Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INTR | Errno::PERM) => None,
        Err(error) => Some(Err(error.into())),
    }
}

#[cfg(not(target_os = "linux"))]
fn read_at_hand(_: &File, _: &mut [u8], _: u64) -> Option<io::Result<usize>> {
    None
}
