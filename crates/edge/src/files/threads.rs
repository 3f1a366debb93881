//! Work that waits for a disk, on threads of its own: a few at once, and none is waited for without end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::limits::{DISK_THREADS_MAX, DISK_WAIT_MAX};

/// The threads that there may be.
#[derive(Clone, Debug)]
pub(super) struct Threads {
    free: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Threads {
    fn default() -> Self {
        Self::new(DISK_WAIT_MAX)
    }
}

impl Threads {
    /// None in use; nobody waits for longer than that.
    pub(super) fn new(patience: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(DISK_THREADS_MAX)), patience }
    }

    /// Does something that blocks. It is done to its end, also when nobody waits for it any more, and a disk that hangs
    /// keeps its threads.
    ///
    /// # Errors
    /// `TimedOut` when the disk does not answer in time.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> io::Result<T> {
        let done = timeout(self.patience, async {
            let slot = Arc::clone(&self.free).acquire_owned().await.map_err(io::Error::other)?;
            let work = move || {
                let done = work();
                drop(slot);
                done
            };
            spawn_blocking(work).await.map_err(io::Error::other)
        });
        done.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Takes all of them, as a disk that hangs does.
    #[cfg(test)]
    pub(super) async fn occupy(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.free.acquire_many(DISK_THREADS_MAX as u32).await.expect("it is never closed")
    }
}
