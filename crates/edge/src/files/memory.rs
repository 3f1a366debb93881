//! Files in memory, bounded by bytes, and names that are known to be no file's.
//!
//! Evicted is what was not used since its turn came last (second chance). What is kept says when the disk was last asked.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hashbrown::HashTable;

use super::form::Resource;
use super::lookup::Place;
use crate::cache::UnixMs;
use crate::limits::{FILE_CHECK_INTERVAL, FILES_KEPT_BYTES_MAX};
use crate::serve::Memo;

/// What keeping a file costs beside what is sent.
const OVERHEAD_BYTES: usize = 256;

const CHECK_INTERVAL_MS: u64 = FILE_CHECK_INTERVAL.as_millis() as u64;

/// What is known of places.
#[derive(Debug)]
pub(super) struct Memory {
    table: RwLock<Table>,
    hasher: RandomState,
    bytes_max: usize,
    /// Made when something is missing: a site without files does without it.
    absent: OnceLock<Memo>,
}

#[derive(Debug, Default)]
struct Table {
    kept: HashTable<Arc<Kept>>,
    queue: VecDeque<Arc<Kept>>,
    bytes: usize,
}

/// What a file is kept under: two prefixes may lead to one directory, with other lifetimes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) directory: PathBuf,
    pub(super) relative: Box<str>,
    pub(super) lifetime_s: u64,
}

/// A file in memory; of a large one, only its head.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(super) key: Key,
    pub(super) resource: Resource,
    hash: u64,
    bytes: usize,
    checked: AtomicU64,
    is_used: AtomicBool,
}

/// What is known of a place.
#[derive(Debug)]
pub(super) enum Known {
    /// The file was there a moment ago.
    Fresh(Arc<Kept>),
    /// It was there, and the disk is to be asked whether it still is.
    Due(Arc<Kept>),
    /// There was none a moment ago.
    Absent,
    /// Nothing.
    Nothing,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(FILES_KEPT_BYTES_MAX)
    }
}

impl Key {
    pub(super) fn of(place: &Place<'_>) -> Self {
        Self {
            directory: place.files.directory.clone(),
            relative: (*place.relative).into(),
            lifetime_s: place.files.lifetime_s,
        }
    }

    fn is_of(&self, place: &Place<'_>) -> bool {
        *self.relative == *place.relative
            && self.lifetime_s == place.files.lifetime_s
            && self.directory.as_os_str() == place.files.directory.as_os_str()
    }

    fn bytes(&self) -> usize {
        self.directory.as_os_str().len() + self.relative.len()
    }
}

impl Kept {
    /// Whether the caller is the one to ask the disk: of all who see that it is time, one.
    pub(super) fn begin_check(&self, now: UnixMs) -> bool {
        let checked = self.checked.load(Ordering::Relaxed);
        now.saturating_sub(checked) >= CHECK_INTERVAL_MS
            && self.checked.compare_exchange(checked, now, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    fn is_due(&self, now: UnixMs) -> bool {
        now.saturating_sub(self.checked.load(Ordering::Relaxed)) >= CHECK_INTERVAL_MS
    }
}

impl Memory {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { table: RwLock::default(), hasher: RandomState::new(), bytes_max, absent: OnceLock::new() }
    }

    /// The hash of a place.
    pub(super) fn hash(&self, place: &Place<'_>) -> u64 {
        let directory = place.files.directory.as_os_str().as_encoded_bytes();
        self.hasher.hash_one((directory, place.relative.as_bytes(), place.files.lifetime_s))
    }

    /// What is known of a place.
    pub(super) fn find(&self, hash: u64, place: &Place<'_>, now: UnixMs) -> Known {
        let kept = self.read().kept.find(hash, |kept| kept.key.is_of(place)).cloned();
        match kept {
            Some(kept) if kept.is_due(now) => Known::Due(kept),
            Some(kept) => {
                // Written once in its turn: threads that use the same file do not take its memory from each other.
                if !kept.is_used.load(Ordering::Relaxed) {
                    kept.is_used.store(true, Ordering::Relaxed);
                }
                Known::Fresh(kept)
            }
            None if self.absent.get().is_some_and(|absent| absent.has(hash, now)) => Known::Absent,
            None => Known::Nothing,
        }
    }

    /// A file that is kept and not due, by its key.
    pub(super) fn get(&self, hash: u64, key: &Key, now: UnixMs) -> Option<Arc<Kept>> {
        let table = self.read();
        table.kept.find(hash, |kept| kept.key == *key && !kept.is_due(now)).cloned()
    }

    /// Keeps a file that was read just now, in the place of what was known of it.
    pub(super) fn keep(&self, hash: u64, key: Key, resource: Resource, now: UnixMs) -> Arc<Kept> {
        let kept = Arc::new(Kept {
            bytes: OVERHEAD_BYTES + key.bytes() + resource.bytes(),
            key,
            resource,
            hash,
            checked: AtomicU64::new(now),
            is_used: AtomicBool::new(false),
        });
        if let Some(absent) = self.absent.get() {
            absent.forget(hash);
        }
        let mut table = self.write();
        table.remove(hash, &kept.key);
        table.insert(Arc::clone(&kept));
        table.evict(self.bytes_max);
        kept
    }

    /// Notes that a place has no file, for as long as a file is believed to be what it was.
    pub(super) fn note_absence(&self, hash: u64, key: &Key, now: UnixMs) {
        self.write().remove(hash, key);
        let absent = self.absent.get_or_init(Memo::default);
        absent.put(hash, now, FILE_CHECK_INTERVAL.as_secs());
    }

    /// Forgets a file that is not what it was.
    pub(super) fn forget(&self, kept: &Kept) {
        self.write().remove(kept.hash, &kept.key);
    }

    /// Bytes that are kept.
    pub(super) fn bytes(&self) -> usize {
        self.read().bytes
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn insert(&mut self, kept: Arc<Kept>) {
        self.bytes += kept.bytes;
        self.queue.push_back(Arc::clone(&kept));
        self.kept.insert_unique(kept.hash, kept, |kept| kept.hash);
    }

    fn remove(&mut self, hash: u64, key: &Key) {
        if let Ok(entry) = self.kept.find_entry(hash, |kept| kept.key == *key) {
            let (kept, _) = entry.remove();
            self.bytes -= kept.bytes;
            self.queue.retain(|queued| !Arc::ptr_eq(queued, &kept));
        }
    }

    fn evict(&mut self, bytes_max: usize) {
        while self.bytes > bytes_max {
            let Some(kept) = self.queue.pop_front() else { return };
            if kept.is_used.swap(false, Ordering::Relaxed) {
                self.queue.push_back(kept);
            } else if let Ok(entry) = self.kept.find_entry(kept.hash, |one| Arc::ptr_eq(one, &kept)) {
                entry.remove();
                self.bytes -= kept.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests;
