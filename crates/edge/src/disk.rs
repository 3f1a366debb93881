//! Responses on disk: what is to outlive a restart, the room in memory, or the app.
//!
//! Receives what was stored and is worth it, and what was purged. Gives back what answers a request that the memory has no
//! answer to.
//!
//! In the order of their use: `index` knows what is there; `reader` fetches it; `keeper` owns the directory, and is the only
//! one that writes and deletes in it; `file` is the format, `directory` the file system.
//!
//! Invariants: nobody who serves waits for a disk, but for [`DISK_READ_PATIENCE`] when the response is known to be there; what
//! cannot be read, or is not what was written, is not served; what was purged is not served from the moment on that
//! [`Disk::purge`] returns, although its file may go a moment later. A disk that is full, slow or gone costs hits, and
//! nothing else.

mod counts;
mod directory;
mod file;
mod index;
mod keeper;
mod name;
mod reader;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use tokio::sync::watch;
use tokio::time::timeout;

pub use counts::Numbers;
pub(crate) use index::Question;

use crate::cache::purges::Purge;
use crate::cache::store::Store;
use crate::cache::stored::Stored;
use crate::clock::Clock;
use crate::config::Config;
use crate::limits::{
    DISK_READ_PATIENCE, DISK_WRITES_WAITING_BYTES_MAX, DISK_WRITES_WAITING_MAX, SAVED_BYTES_MAX,
};
use counts::Counts;
use directory::Directory;
use index::{Answer, Index};
use keeper::{Job, Keeper};
use reader::Reading;

/// Where responses are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A directory, which is made if there is none. What is ours lies in `responses/` in it.
    pub directory: PathBuf,
    /// Bytes of all of them.
    pub bytes_max: u64,
}

impl Settings {
    /// What a configuration says; `None` when nothing is to be kept on disk.
    pub fn of(config: &Config) -> Option<Self> {
        if let Some(disk) = &config.cache.disk {
            return Some(Self { directory: disk.directory.clone(), bytes_max: disk.bytes_max });
        }
        let is_needed = config.routes.iter().any(|route| route.is_saved);
        let directory = config.saved_directory.clone().filter(|_| is_needed)?;
        Some(Self { directory, bytes_max: SAVED_BYTES_MAX })
    }
}

/// What a response is worth on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Worth {
    /// Whether it is a saved page, and goes only when there is nothing else that could.
    pub(crate) is_saved: bool,
    /// Whether it is stale so soon that it need not be written each time that it comes.
    pub(crate) is_brief: bool,
}

/// A response that is to be kept.
#[derive(Clone, Debug)]
pub(crate) struct Keep {
    /// The response.
    pub(crate) stored: Arc<Stored>,
    /// Its key.
    pub(crate) key: Vec<u8>,
    /// The rules that the key was made by.
    pub(crate) rules: u64,
    /// What it is worth.
    pub(crate) worth: Worth,
}

/// A moment between two purges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(u64);

/// Responses on disk.
#[derive(Debug)]
pub struct Disk {
    shared: Arc<Shared>,
    jobs: SyncSender<Job>,
    reading: Reading,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

/// What the threads share.
#[derive(Debug)]
struct Shared {
    index: Mutex<Index>,
    directory: Directory,
    store: Arc<Store>,
    clock: Clock,
    counts: Counts,
    waiting_bytes: AtomicUsize,
    is_scanned: watch::Sender<bool>,
    is_ending: AtomicBool,
}

impl Disk {
    /// Starts the threads, which find out by themselves what is there: until they have, it is not served.
    ///
    /// # Errors
    /// When the system gives no threads. A directory that cannot be used is none: it is tried again, and counted.
    pub fn start(settings: &Settings, store: Arc<Store>, clock: Clock) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(settings, store, clock));
        let (jobs, told) = sync_channel(DISK_WRITES_WAITING_MAX);
        let keeper = Keeper { shared: Arc::clone(&shared), jobs: told };
        let keeper = Builder::new().name("edge-disk".to_owned()).spawn(move || keeper.run())?;
        let reading = Reading::start(&shared)?;
        Ok(Self { shared, jobs, reading, keeper: Mutex::new(Some(keeper)) })
    }

    /// Marks the moment: what is purged from now on is not kept by a fill that begins now.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.shared.index().purges())
    }

    /// Writes a response soon, unless too many wait already, or it was purged since that mark.
    pub(crate) fn keep(&self, mark: Mark, keep: Keep) {
        let bytes = keep.stored.bytes;
        let waiting = self.shared.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let has_room = waiting + bytes <= DISK_WRITES_WAITING_BYTES_MAX;
        if !has_room || self.jobs.try_send(Job::Write(keep, mark)).is_err() {
            self.shared.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.shared.counts.dropped.add();
        }
    }

    /// Purges at once, or makes stale what is softly purged. Returns how many responses that were.
    ///
    /// Who purges the memory, too, does this first: what is read meanwhile is then purged there.
    pub fn purge(&self, purge: Purge, is_soft: bool) -> usize {
        let count = self.shared.index().purge(purge, is_soft);
        self.look();
        count
    }

    /// What answers a request, if it is here and can be read in time. It is in memory then, too, if there is room.
    pub(crate) async fn recall(&self, question: &Question<'_>) -> Option<Arc<Stored>> {
        // Before it is looked for: a purge comes before, and it is not found, or after, and it is not served.
        let fill = self.shared.store.begin_fill();
        let answer = self.shared.index().find(question)?;
        let counts = &self.shared.counts;
        let Some(mut found) = self.reading.join(answer, fill) else {
            counts.late.add();
            return None;
        };
        match timeout(DISK_READ_PATIENCE, found.changed()).await {
            Err(_) => {
                counts.late.add();
                return None;
            }
            // The threads are gone.
            Ok(Err(_)) => return None,
            Ok(Ok(())) => {}
        }
        let stored = found.borrow().clone();
        match &stored {
            Some(_) => {
                self.shared.index().touch(answer.name, self.shared.clock.now());
                counts.hits.add();
            }
            // It cannot be read, and is to be deleted.
            None => self.look(),
        }
        stored
    }

    /// Waits until it is known what is on disk.
    pub(crate) async fn scanned(&self) {
        // The sender lives as long as this does.
        let _ = self.shared.is_scanned.subscribe().wait_for(|is_scanned| *is_scanned).await;
    }

    /// What is there, and how it went.
    pub fn numbers(&self) -> Numbers {
        let index = self.shared.index();
        let (entries, bytes, evicted) = (index.len(), index.bytes(), index.evicted());
        drop(index);
        self.shared.counts.numbers(entries, bytes, evicted)
    }

    /// Writes and deletes what is to be, and ends. What comes later is dropped.
    pub fn end(&self) {
        self.shared.is_ending.store(true, Ordering::Relaxed);
        // It fails when the thread has ended by itself.
        let _ = self.jobs.send(Job::End);
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            let _ = keeper.join();
        }
    }

    /// Lets the keeper see that there are errands. When it has too much to do for being told, it looks before the next job.
    fn look(&self) {
        let _ = self.jobs.try_send(Job::Look);
    }
}

impl Shared {
    fn new(settings: &Settings, store: Arc<Store>, clock: Clock) -> Self {
        Self {
            index: Mutex::new(Index::new(settings.bytes_max)),
            directory: Directory::of(&settings.directory),
            store,
            clock,
            counts: Counts::default(),
            waiting_bytes: AtomicUsize::new(0),
            is_scanned: watch::Sender::new(false),
            is_ending: AtomicBool::new(false),
        }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A response waits no longer.
    fn end_write(&self, keep: &Keep) {
        self.waiting_bytes.fetch_sub(keep.stored.bytes, Ordering::Relaxed);
    }

    /// A response is not written, for want of a directory.
    fn drop_write(&self, keep: &Keep) {
        self.end_write(keep);
        self.counts.dropped.add();
    }

    /// A file is of no use.
    fn discard(&self, answer: Answer) {
        self.index().discard(answer.name, answer.edition);
    }
}

#[cfg(test)]
mod tests;
