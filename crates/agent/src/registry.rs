//! Process-wide tables: what the agent learned about code objects, and the places and chains it has met.
//!
//! Chains outlive transactions, because a queryset built in a class body at import is evaluated in some later
//! request. Everything here is bounded; a full table answers "unknown" and goes on.

use std::collections::HashMap;

use observation::limits::NAME_BYTES_MAX;
use observation::{RelationKind, SiteKind, SourceFile, Span, StringId};
use pyo3::prelude::*;
use pyo3::types::{PyCode, PyWeakrefReference};

use crate::assemble::Numbers;
use crate::code::{CodeKind, ProjectRoots};
use crate::hasher::NumberMap;
use crate::lock::{self, Lock};

/// Code objects remembered; beyond it they are looked at anew each time. Each is kept alive, which costs nothing for
/// a module's functions; code made from text has a file name in angle brackets and is not remembered.
const CODES_MAX: usize = 16_384;
/// Places remembered, and relations.
const SITES_MAX: usize = 32_768;
/// Chains remembered; must fit the bits that a mark has for it (see [`crate::mark`]).
const CHAINS_MAX: usize = 32_768;
/// Distinct strings remembered for places and relations.
const STRINGS_MAX: usize = 32_768;

/// Number of a chain in this process. Zero is the empty chain.
pub(crate) type ChainNumber = u32;
/// Number of a place in this process.
pub(crate) type SiteNumber = u32;
/// Number of a relation in this process.
pub(crate) type RelationNumber = u32;

/// A place, with strings by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SiteEntry {
    pub(crate) kind: SiteKind,
    pub(crate) file: StringId,
    pub(crate) line: u32,
    pub(crate) span: Option<Span>,
    pub(crate) name: StringId,
    pub(crate) member: StringId,
}

/// A relation, with strings by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RelationEntry {
    pub(crate) model: StringId,
    pub(crate) field: StringId,
    pub(crate) kind: RelationKind,
    pub(crate) target: StringId,
    pub(crate) target_module: StringId,
}

/// A code object: kept alive so that its address stays its own.
pub(crate) struct CodeEntry {
    pub(crate) kind: CodeKind,
    _alive: Py<PyCode>,
}

/// An append-only table of distinct values.
pub(crate) struct Interned<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
    limit: usize,
}

impl<T: Clone + Eq + std::hash::Hash> Interned<T> {
    fn new(limit: usize) -> Self {
        Self { numbers: HashMap::new(), values: Vec::new(), limit }
    }

    /// The value's number, or none when the table is full.
    pub(crate) fn intern(&mut self, value: T) -> Option<u32> {
        if let Some(&number) = self.numbers.get(&value) {
            return Some(number);
        }
        if self.values.len() >= self.limit {
            return None;
        }
        let number = self.values.len() as u32;
        self.numbers.insert(value.clone(), number);
        self.values.push(value);
        Some(number)
    }

    /// The value behind a number.
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)
    }
}

/// The tables.
pub(crate) struct Registry {
    pub(crate) roots: ProjectRoots,
    pub(crate) codes: NumberMap<usize, CodeEntry>,
    /// Places by code object and instruction: the line table is read once per call site.
    pub(crate) code_sites: NumberMap<(usize, i32), SiteNumber>,
    /// Places of template nodes by node; nodes are the cached loader's and may go when a template changes.
    pub(crate) node_sites: NumberMap<usize, (Py<PyWeakrefReference>, SiteNumber)>,
    /// Places of classes by type object.
    pub(crate) class_sites: NumberMap<usize, Option<SiteNumber>>,
    pub(crate) strings: Interned<std::sync::Arc<str>>,
    pub(crate) sites: Interned<SiteEntry>,
    pub(crate) chains: Interned<Box<[SiteNumber]>>,
    pub(crate) relations: Interned<RelationEntry>,
    /// Labels of models by type object.
    pub(crate) model_labels: NumberMap<usize, StringId>,
    /// To-one relations by type object and name of their cache; none for caches that are no relation.
    pub(crate) joined: NumberMap<(usize, StringId), Option<RelationNumber>>,
    /// The project's source files by their string, as they were when first met.
    pub(crate) files: NumberMap<StringId, Option<SourceFile>>,
    /// Of the transaction that is put together; empty of meaning in between.
    pub(crate) numbers: Numbers,
}

impl Registry {
    fn new(roots: ProjectRoots) -> Self {
        let mut chains = Interned::new(CHAINS_MAX);
        chains.intern(Box::from([]));
        let mut strings = Interned::new(STRINGS_MAX);
        strings.intern("".into());
        Self {
            roots,
            codes: NumberMap::default(),
            code_sites: NumberMap::default(),
            node_sites: NumberMap::default(),
            class_sites: NumberMap::default(),
            strings,
            sites: Interned::new(SITES_MAX),
            chains,
            relations: Interned::new(SITES_MAX),
            model_labels: NumberMap::default(),
            joined: NumberMap::default(),
            files: NumberMap::default(),
            numbers: Numbers::default(),
        }
    }

    /// The text's number; the empty string when the table is full.
    pub(crate) fn string(&mut self, text: &str) -> StringId {
        if let Some(&number) = self.strings.numbers.get(text) {
            return StringId(number);
        }
        // Names that a program makes up can be of any length.
        let text = &text[..text.floor_char_boundary(NAME_BYTES_MAX)];
        StringId(self.strings.intern(text.into()).unwrap_or(0))
    }

    /// The chain's number; the empty chain when the table is full.
    pub(crate) fn chain(&mut self, sites: &[SiteNumber]) -> ChainNumber {
        if let Some(&number) = self.chains.numbers.get(sites) {
            return number;
        }
        self.chains.intern(sites.into()).unwrap_or(0)
    }

    /// What a code object is, looked up by address or classified on first sight.
    pub(crate) fn code_kind(&mut self, code: &Bound<'_, PyCode>) -> PyResult<CodeKind> {
        let address = code.as_ptr() as usize;
        if let Some(entry) = self.codes.get(&address) {
            return Ok(entry.kind);
        }
        let kind = CodeKind::of(code, &self.roots)?;
        if self.codes.len() < CODES_MAX && !CodeKind::is_made_from_text(code)? {
            self.codes.insert(address, CodeEntry { kind, _alive: code.clone().unbind() });
        }
        Ok(kind)
    }

    /// Whether places of this code object may be remembered by its address.
    pub(crate) fn keeps_code(&self, address: usize) -> bool {
        self.codes.contains_key(&address)
    }
}

static REGISTRY: Lock<Option<Registry>> = Lock::new(None);

/// Sets the tables up, once per process.
pub(crate) fn install(roots: ProjectRoots) {
    if let Some(mut registry) = REGISTRY.take_now() {
        registry.get_or_insert_with(|| Registry::new(roots));
    }
}

/// The tables, or none when somebody up this very stack holds them: a finaliser that runs a query while the agent
/// allocates must find the agent absent, not waiting for itself.
pub(crate) fn take(py: Python<'_>) -> Option<Held> {
    let held = REGISTRY.take(py)?;
    held.is_some().then_some(Held(held))
}

/// The tables while they are held.
pub(crate) struct Held(lock::Held<'static, Option<Registry>>);

impl std::ops::Deref for Held {
    type Target = Registry;

    fn deref(&self) -> &Registry {
        self.0.as_ref().expect("take() checked it")
    }
}

impl std::ops::DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Registry {
        self.0.as_mut().expect("take() checked it")
    }
}
