//! Where responses are kept: in memory, bounded by bytes.
//!
//! Eviction is S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023): what is new waits in a
//! small queue and goes on to the large one only if it is used, so that a crawler that asks for everything once evicts
//! nothing that is in use. A hit moves nothing: it sets a number.
//!
//! What was purged while a fill of it was under way is not stored: a fill begins with [`Store::begin_fill`], and purges
//! since then are looked through before its response goes in.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hashbrown::HashTable;

use super::coding::Coding;
use super::key;
use super::purges::{Fate, Purge, Purges};
use super::stored::Stored;
use super::storing::Refusal;
use crate::http::Fields;
use crate::limits::{SHARD_BYTES_MIN, SHARDS_MAX, VARIANTS_MAX};

/// Share of a shard that new entries may take: one in so many bytes.
const SMALL_PART: usize = 10;

/// Entries whose keys are remembered after they were evicted from the small queue.
const GHOSTS_MAX: usize = 4_096;

/// Places in the queues beyond two for each entry, before those without one are dropped.
const QUEUE_SLACK: usize = 64;

/// Responses of all keys.
#[derive(Debug)]
pub struct Store {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
    shard_bytes_max: usize,
    bytes: AtomicUsize,
    entries: AtomicUsize,
    purges: Mutex<Purges>,
}

/// What is known of a key.
#[derive(Debug, Default)]
pub struct Found {
    /// What may answer the request.
    pub stored: Option<Arc<Stored>>,
    /// Whether something is stored that was made for other fields.
    pub has_other_variants: bool,
}

/// A fill that is under way: it is not stored if it was purged meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Fill {
    began: u64,
}

impl Store {
    /// Bytes of the largest response, with its head and its key, that a store of so many bytes keeps.
    pub fn object_bytes_max(bytes_max: usize) -> usize {
        bytes_max / shards(bytes_max) / 2
    }

    /// A store that keeps at most so many bytes.
    pub fn new(bytes_max: usize) -> Self {
        let shards = shards(bytes_max);
        Self {
            shards: (0..shards).map(|_| Mutex::new(Shard::default())).collect(),
            hasher: RandomState::new(),
            shard_bytes_max: bytes_max / shards,
            bytes: AtomicUsize::new(0),
            entries: AtomicUsize::new(0),
            purges: Mutex::new(Purges::default()),
        }
    }

    /// The hash of a key, or of a tag.
    pub fn hash(&self, text: &[u8]) -> u64 {
        self.hasher.hash_one(text)
    }

    /// The hash of a key's path, which it can be purged by.
    pub(crate) fn path_hash(&self, key: &[u8]) -> u64 {
        self.hash(key::path(key))
    }

    /// Bytes that are kept.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Responses that are kept.
    pub fn entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }

    /// What may answer a request with that key; of one who is somebody to the app, only what is for everyone.
    pub fn find(&self, hash: u64, key: &[u8], request: &Fields, only_for_everyone: bool) -> Found {
        let shard = self.shard(hash);
        let Some(resource) = shard.resources.find(hash, |resource| *resource.key == *key) else {
            return Found::default();
        };
        let stored =
            resource.variants.iter().rev().find(|stored| {
                (stored.is_for_everyone || !only_for_everyone) && stored.variant.matches(request)
            });
        if let Some(stored) = stored {
            stored.note_use();
        }
        Found { stored: stored.cloned(), has_other_variants: !resource.variants.is_empty() }
    }

    /// The names of fields that responses of a key were chosen by, in lower case.
    pub fn vary_names(&self, hash: u64, key: &[u8]) -> Vec<Box<[u8]>> {
        let shard = self.shard(hash);
        let resource = shard.resources.find(hash, |resource| *resource.key == *key);
        let newest = resource.and_then(|resource| resource.variants.last());
        newest.map_or_else(Vec::new, |stored| stored.variant.names().map(Into::into).collect())
    }

    /// Begins a fill: what is purged from now on is not stored by it.
    pub fn begin_fill(&self) -> Fill {
        Fill { began: lock(&self.purges).count() }
    }

    /// Stores a response in the place of the one that it is a newer version of.
    ///
    /// # Errors
    /// When it is too large for a shard, or was purged since the fill began.
    pub fn insert(&self, fill: Fill, hash: u64, key: &[u8], stored: &Arc<Stored>) -> Result<(), Refusal> {
        self.put(fill, hash, key, stored, |_| true)
    }

    /// Stores a response that was kept elsewhere meanwhile, unless a newer one is here. `fill` began before it was looked
    /// for.
    ///
    /// # Errors
    /// When it is too large for a shard, or was purged since the fill began.
    pub fn restore(&self, fill: Fill, hash: u64, key: &[u8], stored: &Arc<Stored>) -> Result<(), Refusal> {
        self.put(fill, hash, key, stored, |shard| !shard.has_newer(hash, key, stored))
    }

    fn put(
        &self,
        fill: Fill,
        hash: u64,
        key: &[u8],
        stored: &Arc<Stored>,
        is_wanted: impl FnOnce(&Shard) -> bool,
    ) -> Result<(), Refusal> {
        if stored.weight() > self.shard_bytes_max / 2 {
            return Err(Refusal::TooLarge);
        }
        // Held until it is in: a purge comes before, and is seen, or after, and finds it.
        let purges = lock(&self.purges);
        if purges.fate_since(fill.began, &stored.tags, self.path_hash(key)) != Fate::Kept {
            return Err(Refusal::Purged);
        }
        let mut shard = self.shard(hash);
        if !is_wanted(&shard) {
            return Ok(());
        }
        let before = shard.measure();
        shard.insert(hash, key, stored, &|text| self.hash(text));
        shard.evict(self.shard_bytes_max);
        self.account(before, shard.measure());
        Ok(())
    }

    /// Keeps a compressed body with a response, or the knowledge that it is not smaller, and makes room for it.
    pub fn add_compressed(&self, hash: u64, stored: &Arc<Stored>, coding: Coding, body: Option<Bytes>) {
        // Held while it grows heavier: what is taken out of the accounts weighs what was put in.
        let mut shard = self.shard(hash);
        let before = shard.measure();
        let bytes = stored.add_compressed(coding, body);
        if shard.has(hash, stored) {
            shard.bytes += bytes;
            shard.evict(self.shard_bytes_max);
        }
        self.account(before, shard.measure());
    }

    /// Purges at once, or makes stale what is softly purged; what is on disk is not: see [`crate::edge::Edge::purge`].
    /// Returns how many responses that were.
    pub(crate) fn purge(&self, purge: Purge, is_soft: bool) -> usize {
        lock(&self.purges).remember(purge, is_soft);
        self.shards.iter().map(|shard| self.purge_shard(&mut lock(shard), purge, is_soft)).sum()
    }

    fn purge_shard(&self, shard: &mut Shard, purge: Purge, is_soft: bool) -> usize {
        let concerned = shard.concerned(purge, &|key| self.path_hash(key));
        if is_soft {
            for (_, stored) in &concerned {
                stored.purge_softly();
            }
        } else {
            let before = shard.measure();
            for (hash, stored) in &concerned {
                shard.remove(*hash, stored);
            }
            self.account(before, shard.measure());
        }
        concerned.len()
    }

    fn account(&self, before: (usize, usize), after: (usize, usize)) {
        self.bytes.fetch_add(after.0.wrapping_sub(before.0), Ordering::Relaxed);
        self.entries.fetch_add(after.1.wrapping_sub(before.1), Ordering::Relaxed);
    }

    fn shard_index(&self, hash: u64) -> usize {
        // The upper bits: the lower ones choose the place in the shard's table.
        (hash >> 48) as usize % self.shards.len()
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        lock(&self.shards[self.shard_index(hash)])
    }
}

/// How many parts a store of so many bytes is divided into.
fn shards(bytes_max: usize) -> usize {
    (bytes_max / SHARD_BYTES_MIN).clamp(1, SHARDS_MAX)
}

/// A panic elsewhere left nothing half done that matters: an entry more or less.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, Default)]
struct Shard {
    resources: HashTable<Resource>,
    small: VecDeque<Place>,
    main: VecDeque<Place>,
    ghosts: VecDeque<u64>,
    ghost_set: HashSet<u64>,
    tags: HashMap<u64, Vec<Place>>,
    bytes: usize,
    small_bytes: usize,
    entries: usize,
}

/// What is stored under one key: the newest last.
#[derive(Debug)]
struct Resource {
    hash: u64,
    key: Box<[u8]>,
    variants: Vec<Arc<Stored>>,
}

/// Where a response is; it may have gone since.
#[derive(Clone, Debug)]
struct Place {
    hash: u64,
    stored: std::sync::Weak<Stored>,
    bytes: usize,
}

impl Shard {
    fn measure(&self) -> (usize, usize) {
        (self.bytes, self.entries)
    }

    fn insert(&mut self, hash: u64, key: &[u8], stored: &Arc<Stored>, hasher: &dyn Fn(&[u8]) -> u64) {
        let place = Place { hash, stored: Arc::downgrade(stored), bytes: stored.weight() };
        let bytes = place.bytes;
        let known = self.resources.find_mut(hash, |resource| *resource.key == *key);
        let old = if let Some(resource) = known {
            resource.replace(Arc::clone(stored))
        } else {
            let resource = Resource { hash, key: key.into(), variants: vec![Arc::clone(stored)] };
            self.resources.insert_unique(hash, resource, |resource| hasher(&resource.key));
            None
        };
        self.bytes += bytes;
        self.entries += 1;
        if let Some(old) = old {
            self.forget(&old);
            stored.note_use();
        }
        for tag in &stored.tags {
            self.tags.entry(*tag).or_default().push(place.clone());
        }
        if self.ghost_set.remove(&hash) {
            self.main.push_back(place);
        } else {
            self.small_bytes += bytes;
            self.small.push_back(place);
        }
        if self.small.len() + self.main.len() > 2 * self.entries + QUEUE_SLACK {
            self.tidy_queues();
        }
    }

    /// Drops the places of what was replaced or purged, which are not searched for when that happens.
    fn tidy_queues(&mut self) {
        let is_there = |place: &Place| place.stored.strong_count() > 0;
        self.small.retain(is_there);
        self.main.retain(is_there);
        self.small_bytes = self.small.iter().map(|place| place.bytes).sum();
    }

    /// Drops entries until the shard is as small as it must be.
    fn evict(&mut self, bytes_max: usize) {
        while self.bytes > bytes_max {
            let from_small = self.small_bytes > bytes_max / SMALL_PART || self.main.is_empty();
            let is_done = if from_small { self.evict_small() } else { self.evict_main() };
            if !is_done {
                break;
            }
        }
    }

    fn evict_small(&mut self) -> bool {
        let Some(place) = self.small.pop_front() else { return false };
        self.small_bytes -= place.bytes;
        if let Some(stored) = place.stored.upgrade() {
            if stored.take_use() {
                self.main.push_back(place);
            } else {
                self.remove(place.hash, &stored);
                self.haunt(place.hash);
            }
        }
        true
    }

    fn evict_main(&mut self) -> bool {
        let Some(place) = self.main.pop_front() else { return false };
        if let Some(stored) = place.stored.upgrade() {
            if stored.take_use() {
                self.main.push_back(place);
            } else {
                self.remove(place.hash, &stored);
            }
        }
        true
    }

    fn haunt(&mut self, hash: u64) {
        if self.ghost_set.insert(hash) {
            self.ghosts.push_back(hash);
        }
        while self.ghosts.len() > GHOSTS_MAX {
            if let Some(oldest) = self.ghosts.pop_front() {
                self.ghost_set.remove(&oldest);
            }
        }
    }

    fn has(&self, hash: u64, stored: &Arc<Stored>) -> bool {
        let is_here = |resource: &Resource| resource.variants.iter().any(|one| Arc::ptr_eq(one, stored));
        self.resources.find(hash, is_here).is_some()
    }

    /// Takes a response out, and its key with the last of them.
    fn remove(&mut self, hash: u64, stored: &Arc<Stored>) {
        let is_here = |resource: &Resource| resource.variants.iter().any(|one| Arc::ptr_eq(one, stored));
        if let Ok(mut entry) = self.resources.find_entry(hash, is_here) {
            entry.get_mut().variants.retain(|one| !Arc::ptr_eq(one, stored));
            if entry.get().variants.is_empty() {
                entry.remove();
            }
            self.forget(stored);
        }
    }

    /// Takes a response out of the accounts that is out of the table already.
    fn forget(&mut self, stored: &Arc<Stored>) {
        self.bytes -= stored.weight();
        self.entries -= 1;
        for tag in &stored.tags {
            if let Some(places) = self.tags.get_mut(tag) {
                places.retain(|place| place.stored.as_ptr() != Arc::as_ptr(stored));
                if places.is_empty() {
                    self.tags.remove(tag);
                }
            }
        }
    }

    /// Whether a response for the same fields came later than this one.
    fn has_newer(&self, hash: u64, key: &[u8], stored: &Stored) -> bool {
        let resource = self.resources.find(hash, |resource| *resource.key == *key);
        resource.is_some_and(|resource| {
            resource
                .variants
                .iter()
                .any(|one| one.variant == stored.variant && one.timing.responded >= stored.timing.responded)
        })
    }

    fn concerned(&self, purge: Purge, path_hash: &dyn Fn(&[u8]) -> u64) -> Vec<(u64, Arc<Stored>)> {
        match purge {
            Purge::Tag(tag) => {
                let places = self.tags.get(&tag).into_iter().flatten();
                places.filter_map(|place| Some((place.hash, place.stored.upgrade()?))).collect()
            }
            Purge::Path(path) => {
                let meant = self.resources.iter().filter(|resource| path_hash(&resource.key) == path);
                meant.flat_map(Resource::all).collect()
            }
            Purge::All => self.resources.iter().flat_map(Resource::all).collect(),
        }
    }
}

impl Resource {
    /// Its responses, with their place.
    fn all(&self) -> Vec<(u64, Arc<Stored>)> {
        self.variants.iter().map(|stored| (self.hash, Arc::clone(stored))).collect()
    }

    /// Puts a response in the place of the one for the same fields, or of the oldest when there are too many. Returns what
    /// went.
    fn replace(&mut self, stored: Arc<Stored>) -> Option<Arc<Stored>> {
        let same = self.variants.iter().position(|one| one.variant == stored.variant);
        let goes = same.or((self.variants.len() >= VARIANTS_MAX).then_some(0));
        let old = goes.map(|at| self.variants.remove(at));
        self.variants.push(stored);
        old
    }
}

#[cfg(test)]
mod tests;
