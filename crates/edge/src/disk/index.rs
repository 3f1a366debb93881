//! What is on disk, in memory: which responses there are, which of them goes first, and what is to be done to files.
//!
//! Receives what was written, found, used and purged, with the time. Gives what answers a request, and errands: files to
//! delete or to mark. Whoever owns the directory does them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::name::Name;
use crate::cache::UnixMs;
use crate::cache::purges::{Fate, Purge, Purges};
use crate::cache::vary::Variant;
use crate::http::Fields;
use crate::limits::{DISK_INDEX_BYTES_MAX, VARIANTS_MAX};

/// What an entry costs in memory beside its texts: four tables and their allocations.
const OVERHEAD_BYTES: usize = 512;

/// What a tag of an entry costs in memory.
const TAG_BYTES: usize = 64;

/// A disk gives space in blocks of that size.
const BLOCK_BYTES: u64 = 4 << 10;

/// What is on disk.
#[derive(Debug)]
pub(super) struct Index {
    entries: HashMap<Name, Entry>,
    /// The responses of each key, the newest last.
    keys: HashMap<Arc<[u8]>, Vec<Name>>,
    tags: BTreeSet<(u64, Name)>,
    /// In the order in which they go: saved ones last, of the others the one that was not used for the longest time first.
    uses: BTreeSet<(bool, UnixMs, Name)>,
    purges: Purges,
    errands: HashMap<Name, Errand>,
    bytes: u64,
    bytes_max: u64,
    memory_bytes: usize,
    memory_bytes_max: usize,
    editions: u64,
    evicted: u64,
}

/// A response on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The rules that its key was made by.
    pub(super) rules: u64,
    /// All of its key.
    pub(super) key: Arc<[u8]>,
    /// What it depends upon besides its key.
    pub(super) variant: Variant,
    /// Whether those may see it, too, who are somebody to the app.
    pub(super) is_for_everyone: bool,
    /// Whether it is a saved page, and goes last.
    pub(super) is_saved: bool,
    /// Whether it was purged softly.
    pub(super) is_stale: bool,
    /// Hashes of all names that it can be purged by.
    pub(super) tags: Box<[u64]>,
    /// The hash of its path.
    pub(super) path: u64,
    /// Bytes of its file.
    pub(super) file_bytes: u64,
    /// When its file was written.
    pub(super) written: UnixMs,
    /// When it was last read, or written.
    pub(super) used: UnixMs,
    /// Which file of its name it is; set by the index.
    pub(super) edition: u64,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    /// The rules that keys are made by.
    pub(crate) rules: u64,
    /// The key.
    pub(crate) key: &'a [u8],
    /// The request's fields.
    pub(crate) request: &'a Fields,
    /// Whether it must be for those who are somebody, too.
    pub(crate) only_for_everyone: bool,
}

/// What answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// Its file.
    pub(super) name: Name,
    /// Which file of that name: one that was written since is another.
    pub(super) edition: u64,
    /// Whether it was purged softly.
    pub(super) is_stale: bool,
}

/// What is to be done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// Delete it.
    Delete,
    /// Mark it as purged softly.
    MarkStale,
}

impl Entry {
    /// What it takes of a disk, in bytes.
    fn disk_bytes(&self) -> u64 {
        self.file_bytes.next_multiple_of(BLOCK_BYTES)
    }

    /// What it takes of memory, in bytes.
    fn memory_bytes(&self) -> usize {
        OVERHEAD_BYTES + self.key.len() + self.variant.bytes() + self.tags.len() * TAG_BYTES
    }

    fn turn(&self, name: Name) -> (bool, UnixMs, Name) {
        (self.is_saved, self.used, name)
    }
}

impl Index {
    /// Nothing is on disk, and never more than so many bytes.
    pub(super) fn new(bytes_max: u64) -> Self {
        Self {
            entries: HashMap::new(),
            keys: HashMap::new(),
            tags: BTreeSet::new(),
            uses: BTreeSet::new(),
            purges: Purges::default(),
            errands: HashMap::new(),
            bytes: 0,
            bytes_max,
            memory_bytes: 0,
            memory_bytes_max: DISK_INDEX_BYTES_MAX,
            editions: 0,
            evicted: 0,
        }
    }

    /// Bytes on disk.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Responses on disk.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Responses that went for want of room.
    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// How many purges there were: what begins now is not kept if one that follows concerns it.
    pub(super) fn purges(&self) -> u64 {
        self.purges.count()
    }

    /// The newest response that answers a request.
    pub(super) fn find(&self, question: &Question<'_>) -> Option<Answer> {
        let names = self.keys.get(question.key)?;
        names.iter().rev().find_map(|&name| {
            let entry = self.entries.get(&name)?;
            let is_good = entry.rules == question.rules
                && (entry.is_for_everyone || !question.only_for_everyone)
                && entry.variant.matches(question.request);
            is_good.then_some(Answer { name, edition: entry.edition, is_stale: entry.is_stale })
        })
    }

    /// Whether there is a file of that name.
    pub(super) fn has(&self, name: Name) -> bool {
        self.entries.contains_key(&name)
    }

    /// Whether the response of that name is no older, and was not purged softly.
    pub(super) fn has_since(&self, name: Name, time: UnixMs) -> bool {
        self.entries.get(&name).is_some_and(|entry| entry.written >= time && !entry.is_stale)
    }

    /// Notes that a response was used.
    pub(super) fn touch(&mut self, name: Name, now: UnixMs) {
        if let Some(entry) = self.entries.get_mut(&name) {
            self.uses.remove(&entry.turn(name));
            entry.used = now;
            self.uses.insert(entry.turn(name));
        }
    }

    /// What the purges since then mean for a response with these tags and that path.
    pub(super) fn fate_since(&self, purges: u64, tags: &[u64], path: u64) -> Fate {
        self.purges.fate_since(purges, tags, path)
    }

    /// Makes room for a file before it is written; `false` when there is none for one so large.
    pub(super) fn make_room(&mut self, entry: &Entry) -> bool {
        let (bytes, memory_bytes) = (entry.disk_bytes(), entry.memory_bytes());
        if bytes > self.bytes_max || memory_bytes > self.memory_bytes_max {
            return false;
        }
        while self.bytes > self.bytes_max - bytes || self.memory_bytes > self.memory_bytes_max - memory_bytes
        {
            let Some(&(_, _, first)) = self.uses.first() else { break };
            self.remove(first, Errand::Delete);
            self.evicted += 1;
        }
        true
    }

    /// Takes note of a file that is there now, unless it was purged since that many purges: then it is to be deleted, and
    /// so is what it took the place of.
    pub(super) fn insert(&mut self, name: Name, mut entry: Entry, purges: u64) -> Fate {
        let fate = self.fate_since(purges, &entry.tags, entry.path);
        self.remove(name, Errand::Delete);
        if fate == Fate::Gone {
            self.errands.insert(name, Errand::Delete);
            return fate;
        }
        self.errands.remove(&name);
        if fate == Fate::Stale && !entry.is_stale {
            entry.is_stale = true;
            self.errands.insert(name, Errand::MarkStale);
        }
        self.editions += 1;
        entry.edition = self.editions;
        let names = self.keys.entry(Arc::clone(&entry.key)).or_default();
        names.push(name);
        let oldest = (names.len() > VARIANTS_MAX).then(|| names[0]);
        self.tags.extend(entry.tags.iter().map(|&tag| (tag, name)));
        self.uses.insert(entry.turn(name));
        self.bytes += entry.disk_bytes();
        self.memory_bytes += entry.memory_bytes();
        self.entries.insert(name, entry);
        if let Some(oldest) = oldest {
            self.remove(oldest, Errand::Delete);
        }
        fate
    }

    /// Takes out a response whose file cannot be read, if it is still that file.
    pub(super) fn discard(&mut self, name: Name, edition: u64) {
        if self.entries.get(&name).is_some_and(|entry| entry.edition == edition) {
            self.remove(name, Errand::Delete);
        }
    }

    /// Purges at once, or makes stale what is softly purged. Returns how many responses that were.
    pub(super) fn purge(&mut self, purge: Purge, is_soft: bool) -> usize {
        self.purges.remember(purge, is_soft);
        if purge == Purge::All && !is_soft {
            return self.clear();
        }
        let concerned = self.concerned(purge);
        for &name in &concerned {
            if !is_soft {
                self.remove(name, Errand::Delete);
            } else if let Some(entry) = self.entries.get_mut(&name)
                && !entry.is_stale
            {
                entry.is_stale = true;
                self.errands.insert(name, Errand::MarkStale);
            }
        }
        concerned.len()
    }

    /// Takes out everything: not one by one, for others wait meanwhile.
    fn clear(&mut self) -> usize {
        let count = self.entries.len();
        self.errands.extend(self.entries.drain().map(|(name, _)| (name, Errand::Delete)));
        self.keys.clear();
        self.tags.clear();
        self.uses.clear();
        (self.bytes, self.memory_bytes) = (0, 0);
        count
    }

    fn concerned(&self, purge: Purge) -> Vec<Name> {
        if let Purge::Tag(tag) = purge {
            let tagged = self.tags.range((tag, Name::FIRST)..=(tag, Name::LAST));
            return tagged.map(|&(_, name)| name).collect();
        }
        let is_meant = |entry: &Entry| purge.concerns(&entry.tags, entry.path);
        self.entries.iter().filter(|(_, entry)| is_meant(entry)).map(|(&name, _)| name).collect()
    }

    fn remove(&mut self, name: Name, errand: Errand) {
        let Some(entry) = self.entries.remove(&name) else { return };
        if let Some(names) = self.keys.get_mut(&entry.key) {
            names.retain(|one| *one != name);
            if names.is_empty() {
                self.keys.remove(&entry.key);
            }
        }
        for &tag in &entry.tags {
            self.tags.remove(&(tag, name));
        }
        self.uses.remove(&entry.turn(name));
        self.bytes -= entry.disk_bytes();
        self.memory_bytes -= entry.memory_bytes();
        self.errands.insert(name, errand);
    }

    /// What is to be done to files; it is not said twice.
    pub(super) fn take_errands(&mut self) -> HashMap<Name, Errand> {
        std::mem::take(&mut self.errands)
    }

    /// An errand could not be done: what cannot be marked, or deleted, is to be deleted later. It is not served again.
    pub(super) fn put_back(&mut self, name: Name) {
        self.remove(name, Errand::Delete);
        self.errands.insert(name, Errand::Delete);
    }
}

#[cfg(test)]
mod tests;
