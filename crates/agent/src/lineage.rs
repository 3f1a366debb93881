//! Which result set an instance came from.
//!
//! Instances are remembered by weak reference for as long as their transaction runs: identity is exact, because an
//! address that was given to another object cannot match a reference that died; nothing is written onto the user's
//! instances and none is kept alive.

use observation::limits::{
    INSTANCES_PER_RESULT_SET_MAX, INSTANCES_PER_TRANSACTION_MAX, RESULT_SETS_PER_TRANSACTION_MAX,
};
use observation::{StringId, Via};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyWeakrefReference};

use crate::describe;
use crate::hasher::{NumberMap, NumberSet};
use crate::registry::{ChainNumber, RelationNumber};

/// Number of a result set in its transaction.
pub(crate) type SetNumber = u32;

/// How a result set came about, and how much it holds.
#[derive(Clone, Copy)]
pub(crate) struct SetEntry {
    pub(crate) model: StringId,
    pub(crate) origin: ChainNumber,
    pub(crate) source: SetSource,
    pub(crate) evaluations: u32,
    pub(crate) instances: u32,
    pub(crate) single: bool,
    /// Where the query ran; 0 when that is not known.
    pub(crate) evaluated: ChainNumber,
}

/// Where the instances of a set came from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum SetSource {
    QuerySet,
    Relation { parent: SetNumber, relation: RelationNumber, via: Via },
}

/// What makes two evaluations one set. The origin is part of it even below a parent: `forum.topics.filter(…)` here and
/// `forum.topics.exclude(…)` there are two querysets, and an eager load on one does nothing for the other.
#[derive(PartialEq, Eq, Hash)]
struct SetKey {
    model: StringId,
    origin: ChainNumber,
    source: SetSource,
}

/// The result sets of one transaction.
#[derive(Default)]
pub(crate) struct Lineage {
    sets: Vec<SetEntry>,
    numbers: NumberMap<SetKey, SetNumber>,
    /// Instances not yet in the index: it is only built when the first relation is touched.
    pending: Vec<(Py<PyWeakrefReference>, usize, SetNumber)>,
    index: NumberMap<usize, (Py<PyWeakrefReference>, SetNumber)>,
    /// Sets whose instances carry others that a join brought along, not yet walked.
    joined: Vec<(Vec<Py<PyWeakrefReference>>, SetNumber)>,
    remembered: usize,
    streams: NumberMap<SetNumber, Stream>,
}

/// A set whose instances come one by one and, as a rule, go one by one.
#[derive(Default)]
struct Stream {
    /// Iterators of this set under way whose instances will be prefetched for, before they are given.
    prefetching: u32,
    has_joins: bool,
    /// Addresses of its instances in the index. A new instance often gets the address of one that has gone.
    addresses: NumberSet<usize>,
    /// Too many are alive at once: no further one is remembered.
    is_full: bool,
}

/// An address that was given to another object cannot match a reference that died.
fn is_alive(
    py: Python<'_>,
    index: &NumberMap<usize, (Py<PyWeakrefReference>, SetNumber)>,
    address: usize,
) -> bool {
    index
        .get(&address)
        .and_then(|(reference, _)| reference.bind(py).upgrade())
        .is_some_and(|alive| alive.as_ptr() as usize == address)
}

impl Lineage {
    pub(crate) fn sets(&self) -> &[SetEntry] {
        &self.sets
    }

    /// Records one evaluation, unless there are too many sets to tell apart.
    pub(crate) fn add(&mut self, entry: SetEntry, instances: &Bound<'_, PyList>, has_joins: bool) {
        let Some(set) = self.number(entry) else { return };
        let mut joined = Vec::new();
        for instance in instances.iter().take(INSTANCES_PER_RESULT_SET_MAX) {
            if self.remembered >= INSTANCES_PER_TRANSACTION_MAX {
                break;
            }
            // values() and the like give rows that cannot be referred to weakly, and have no relations either.
            let Ok(reference) = PyWeakrefReference::new(&instance) else { return };
            self.remembered += 1;
            if has_joins {
                joined.push(reference.clone().unbind());
            }
            self.pending.push((reference.unbind(), instance.as_ptr() as usize, set));
        }
        if has_joins {
            self.joined.push((joined, set));
        }
    }

    fn number(&mut self, entry: SetEntry) -> Option<SetNumber> {
        let key = SetKey { model: entry.model, origin: entry.origin, source: entry.source };
        if let Some(&set) = self.numbers.get(&key) {
            let known = &mut self.sets[set as usize];
            known.evaluations = known.evaluations.saturating_add(entry.evaluations);
            known.instances = known.instances.saturating_add(entry.instances);
            known.single &= entry.single;
            return Some(set);
        }
        if self.sets.len() >= RESULT_SETS_PER_TRANSACTION_MAX {
            return None;
        }
        let set = self.sets.len() as SetNumber;
        self.sets.push(entry);
        self.numbers.insert(key, set);
        Some(set)
    }

    /// Records that an iterator begins: the number of its set, unless there are too many to tell apart.
    pub(crate) fn open_stream(
        &mut self,
        entry: SetEntry,
        has_joins: bool,
        prefetches: bool,
    ) -> Option<SetNumber> {
        let set = self.number(entry)?;
        let stream = self.streams.entry(set).or_default();
        stream.has_joins |= has_joins;
        stream.prefetching += u32::from(prefetches);
        Some(set)
    }

    /// The counterpart of [`Self::open_stream`].
    pub(crate) fn close_stream(&mut self, set: SetNumber) {
        if let Some(stream) = self.streams.get_mut(&set) {
            stream.prefetching = stream.prefetching.saturating_sub(1);
        }
    }

    /// The set that iterators with prefetches give instances of this model to.
    pub(crate) fn prefetching_stream(&self, model: StringId) -> Option<SetNumber> {
        let is_open = |set: &&SetNumber| self.streams[*set].prefetching > 0;
        let is_of_model =
            |set: &&SetNumber| self.sets.get(**set as usize).is_some_and(|set| set.model == model);
        self.streams.keys().filter(is_open).filter(is_of_model).max().copied()
    }

    /// Records one instance of a stream.
    pub(crate) fn stream(&mut self, set: SetNumber, instance: &Bound<'_, PyAny>) {
        let py = instance.py();
        self.settle();
        let address = instance.as_ptr() as usize;
        if self.indexed(py, address) == Some(set) {
            return;
        }
        let (Some(entry), Some(stream)) = (self.sets.get_mut(set as usize), self.streams.get_mut(&set))
        else {
            return;
        };
        entry.instances = entry.instances.saturating_add(1);
        if stream.is_full {
            return;
        }
        if stream.addresses.len() >= INSTANCES_PER_RESULT_SET_MAX && !stream.addresses.contains(&address) {
            let index = &mut self.index;
            stream.addresses.retain(|address| {
                let is_own = index.get(address).is_some_and(|(_, owner)| *owner == set);
                let is_alive = is_own && is_alive(py, index, *address);
                if is_own && !is_alive {
                    index.remove(address);
                }
                is_alive
            });
            // Looking again for every further instance would cost more than it finds.
            stream.is_full = stream.addresses.len() > INSTANCES_PER_RESULT_SET_MAX / 2;
        }
        // values() and the like give rows that cannot be referred to weakly, and have no relations either.
        let Ok(reference) = PyWeakrefReference::new(instance) else {
            stream.is_full = true;
            return;
        };
        stream.addresses.insert(address);
        self.index.insert(address, (reference.unbind(), set));
    }

    /// Puts what was recorded into the index.
    fn settle(&mut self) {
        for (reference, address, set) in self.pending.drain(..) {
            // The newest claim on an address wins: an older one must be dead.
            self.index.insert(address, (reference, set));
        }
    }

    /// Records that a single instance belongs to a set: a copy to its original's.
    pub(crate) fn join(&mut self, instance: &Bound<'_, PyAny>, set: SetNumber) {
        if self.remembered >= INSTANCES_PER_TRANSACTION_MAX {
            return;
        }
        let Ok(reference) = PyWeakrefReference::new(instance) else { return };
        self.remembered += 1;
        self.pending.push((reference.unbind(), instance.as_ptr() as usize, set));
    }

    /// The set of one more evaluation of the same queryset, unless there are too many sets to tell apart.
    pub(crate) fn set(&mut self, entry: SetEntry) -> Option<SetNumber> {
        self.number(entry)
    }

    /// The set that an instance came from.
    pub(crate) fn find(&mut self, instance: &Bound<'_, PyAny>) -> PyResult<Option<SetNumber>> {
        self.find_at(instance.py(), instance.as_ptr() as usize)
    }

    /// The set that the living instance at this address came from.
    pub(crate) fn find_at(&mut self, py: Python<'_>, address: usize) -> PyResult<Option<SetNumber>> {
        self.settle();
        if let Some(set) = self.indexed(py, address) {
            return Ok(Some(set));
        }
        for (references, set) in std::mem::take(&mut self.joined) {
            for reference in references {
                if let Some(parent) = reference.bind(py).upgrade() {
                    self.walk_joins(&parent, set, 0)?;
                }
            }
        }
        for parent in self.streamed_with_joins(py) {
            let Some(set) = self.indexed(py, parent.as_ptr() as usize) else { continue };
            self.walk_joins(&parent, set, 0)?;
        }
        Ok(self.indexed(py, address))
    }

    fn indexed(&self, py: Python<'_>, address: usize) -> Option<SetNumber> {
        let (_, set) = self.index.get(&address)?;
        is_alive(py, &self.index, address).then_some(*set)
    }

    /// Living instances of streams that brought others along: seldom more than the one in the loop's hand.
    fn streamed_with_joins<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyAny>> {
        let streams = self.streams.iter().filter(|(_, stream)| stream.has_joins);
        let entries = streams.flat_map(|(set, stream)| {
            let own = move |address| self.index.get(address).filter(move |(_, owner)| owner == set);
            stream.addresses.iter().filter_map(own)
        });
        entries.filter_map(|(reference, _)| reference.bind(py).upgrade()).collect()
    }

    /// Indexes what `select_related()` hung below an instance: the caches of its to-one relations.
    fn walk_joins(&mut self, parent: &Bound<'_, PyAny>, parent_set: SetNumber, depth: u32) -> PyResult<()> {
        const DEPTH_MAX: u32 = 6;
        if depth >= DEPTH_MAX {
            return Ok(());
        }
        let py = parent.py();
        let cache = parent.getattr(intern!(py, "_state"))?.getattr(intern!(py, "fields_cache"))?;
        let Ok(cache) = cache.cast_into::<PyDict>() else { return Ok(()) };
        for (name, child) in cache {
            // A cached object that is already known came another way; a back-reference must not hide it.
            if child.is_none()
                || self.indexed(py, child.as_ptr() as usize).is_some()
                || self.remembered >= INSTANCES_PER_TRANSACTION_MAX
            {
                continue;
            }
            let Ok(name) = name.extract::<String>() else { continue };
            let Some((relation, model)) = describe::joined_relation(parent, &name)? else { continue };
            let Ok(reference) = PyWeakrefReference::new(&child) else { continue };
            let entry = SetEntry {
                model,
                origin: 0,
                source: SetSource::Relation { parent: parent_set, relation, via: Via::Join },
                evaluations: 1,
                instances: 1,
                single: false,
                evaluated: 0,
            };
            let Some(set) = self.number(entry) else { return Ok(()) };
            self.sets[set as usize].evaluations = 1;
            self.remembered += 1;
            self.index.insert(child.as_ptr() as usize, (reference.unbind(), set));
            self.walk_joins(&child, set, depth + 1)?;
        }
        Ok(())
    }
}
