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
use crate::hasher::NumberMap;
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
}

/// Where the instances of a set came from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum SetSource {
    QuerySet,
    Relation { parent: SetNumber, relation: RelationNumber, via: Via },
}

/// What makes two evaluations one set. The origin of a lazy load is left out: the parents and the relation say it.
#[derive(PartialEq, Eq, Hash)]
struct SetKey {
    model: StringId,
    origin: Option<ChainNumber>,
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
        let is_lazy = matches!(entry.source, SetSource::Relation { via: Via::Lazy | Via::Join, .. });
        let key =
            SetKey { model: entry.model, origin: (!is_lazy).then_some(entry.origin), source: entry.source };
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

    /// The set that an instance came from.
    pub(crate) fn find(&mut self, instance: &Bound<'_, PyAny>) -> PyResult<Option<SetNumber>> {
        for (reference, address, set) in self.pending.drain(..) {
            // The newest claim on an address wins: an older one must be dead.
            self.index.insert(address, (reference, set));
        }
        if let Some(set) = self.indexed(instance) {
            return Ok(Some(set));
        }
        if self.joined.is_empty() {
            return Ok(None);
        }
        for (references, set) in std::mem::take(&mut self.joined) {
            for reference in references {
                if let Some(parent) = reference.bind(instance.py()).upgrade() {
                    self.walk_joins(&parent, set, 0)?;
                }
            }
        }
        Ok(self.indexed(instance))
    }

    fn indexed(&self, instance: &Bound<'_, PyAny>) -> Option<SetNumber> {
        let (reference, set) = self.index.get(&(instance.as_ptr() as usize))?;
        let alive = reference.bind(instance.py()).upgrade()?;
        alive.is(instance).then_some(*set)
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
                || self.indexed(&child).is_some()
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
