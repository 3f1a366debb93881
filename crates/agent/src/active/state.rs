//! The tables of a unit of work while it runs, and what goes into them one query at a time.

use observation::Ask;
use observation::limits::{OVERFLOW_ROWS_MAX, QUERIES_PER_TRANSACTION_MAX, RESULT_SETS_PER_TRANSACTION_MAX};
use pyo3::prelude::*;

use crate::connections::Connections;
use crate::glances::Glances;
use crate::hasher::NumberMap;
use crate::lineage::{Lineage, SetNumber};
use crate::loading::Loading;
use crate::registry::{self, ChainNumber, RelationNumber};
use crate::texts::Texts;
use crate::{frames, shape};

/// Loads of one relation, from one set, with one SQL, seen at one place in a row before their place is trusted.
const STREAK_TRUSTED: u32 = 4;
/// While it is trusted, every load is looked at all the same whose number in the streak is a power of two or a multiple
/// of this: the longer a loop has kept its place, the more it is trusted.
const STREAK_CHECKED_EVERY: u32 = 32;

/// A relation of one instance that is about to be loaded.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct PendingLoad {
    pub(crate) relation: RelationNumber,
    pub(crate) set: Option<SetNumber>,
    pub(crate) origin: ChainNumber,
    /// For a to-many relation, the conditions that its plain `.all()` has; none for a to-one relation.
    pub(crate) base: Option<shape::Base>,
    /// Whether what comes are instances; a deferred field is a column.
    pub(crate) gives_instances: bool,
}

/// One query, its SQL by number.
#[derive(Clone, Copy)]
pub(crate) struct QueryEntry {
    pub(crate) sql: u32,
    pub(crate) alias: u32,
    pub(crate) offset_us: u32,
    pub(crate) duration_ns: u64,
    pub(crate) rows: Option<u32>,
    pub(crate) position: ChainNumber,
    pub(crate) load: Option<u32>,
    /// See [`crate::parameters::hash`].
    pub(crate) parameters: Option<u64>,
}

/// Loads of one relation, from one set, at one place.
#[derive(Clone, Copy)]
pub(crate) struct LoadEntry {
    pub(crate) key: LoadKey,
    pub(crate) sql: u32,
    pub(crate) queries: u32,
    pub(crate) duration_ns: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LoadKey {
    pub(crate) set: Option<SetNumber>,
    pub(crate) relation: RelationNumber,
    pub(crate) ask: Ask,
    pub(crate) access: ChainNumber,
}

/// What the compiler is about to run.
#[derive(Clone, Copy)]
pub(super) struct Compiling {
    pub(super) load: Option<PendingLoad>,
    pub(super) narrowing: shape::Narrowing,
    /// Where the queryset was constructed, or the manager asked.
    pub(super) built: ChainNumber,
}

/// Lazy loads that came one after the other from the same place, as those of an N+1 do. Walking the stack is most of
/// what a query costs, and a loop's stack does not change.
#[derive(Clone, Copy)]
struct Streak {
    load: (RelationNumber, Option<SetNumber>, u32),
    position: ChainNumber,
    length: u32,
}

/// All of them.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) lineage: Lineage,
    pub(super) pending_loads: Vec<PendingLoad>,
    pub(super) compiling: Option<Compiling>,
    streak: Option<Streak>,
    pub(super) in_descriptor: u32,
    pub(crate) loading: Vec<Loading>,
    pub(crate) prefetching: Vec<Option<(SetNumber, RelationNumber)>>,
    pub(crate) texts: Texts,
    pub(crate) queries: Vec<QueryEntry>,
    pub(crate) overflow: NumberMap<(u32, ChainNumber), (u32, u64)>,
    pub(crate) loads: Vec<LoadEntry>,
    load_numbers: NumberMap<LoadKey, u32>,
    pub(crate) glances: Glances,
    pub(crate) connections: Connections,
    pub(crate) queries_total: u32,
    pub(crate) db_ns: u64,
}

impl State {
    /// Where the user's code is; none when the registry is taken further up this stack.
    pub(super) fn position(
        &mut self,
        py: Python<'_>,
        compiling: Option<Compiling>,
        sql: u32,
    ) -> PyResult<Option<ChainNumber>> {
        let built = compiling.map_or(0, |compiling| compiling.built);
        let load = compiling.and_then(|compiling| compiling.load).map(|load| (load.relation, load.set, sql));
        let continued = self.streak.filter(|streak| Some(streak.load) == load);
        if let (Some(streak), Some(continued)) = (&mut self.streak, continued)
            && continued.length >= STREAK_TRUSTED
            && !continued.length.is_power_of_two()
            && !continued.length.is_multiple_of(STREAK_CHECKED_EVERY)
        {
            streak.length = streak.length.wrapping_add(1);
            return Ok(Some(continued.position));
        }
        let Some(mut registry) = registry::take(py) else { return Ok(None) };
        let mut position = frames::current_chain(py, &mut registry)?;
        if position == 0 {
            // With nothing of the user's on the stack, the queryset is the next best that is known.
            position = built;
        }
        self.streak = load.map(|load| {
            let length =
                continued.filter(|streak| streak.position == position).map_or(0, |streak| streak.length);
            Streak { load, position, length: length.wrapping_add(1) }
        });
        Ok(Some(position))
    }

    /// Whether this is a load of an N+1: nobody compares its parameters.
    pub(super) fn is_in_loop_over_rows(&self, compiling: Option<Compiling>) -> bool {
        let set = compiling.and_then(|compiling| compiling.load?.set);
        self.streak.is_some_and(|streak| streak.length >= STREAK_TRUSTED)
            && set.and_then(|set| self.lineage.sets().get(set as usize)).is_some_and(|set| set.instances > 1)
    }

    pub(super) fn count_load(&mut self, key: LoadKey, sql: u32, duration_ns: u64) -> Option<u32> {
        let number = match self.load_numbers.get(&key) {
            Some(&number) => number,
            None if self.loads.len() >= RESULT_SETS_PER_TRANSACTION_MAX => return None,
            None => {
                let number = self.loads.len() as u32;
                self.loads.push(LoadEntry { key, sql, queries: 0, duration_ns: 0 });
                self.load_numbers.insert(key, number);
                number
            }
        };
        let load = &mut self.loads[number as usize];
        load.queries = load.queries.saturating_add(1);
        load.duration_ns = load.duration_ns.saturating_add(duration_ns);
        Some(number)
    }

    pub(super) fn push_query(&mut self, query: QueryEntry) {
        if self.queries.len() < QUERIES_PER_TRANSACTION_MAX {
            self.queries.push(query);
            return;
        }
        let mut key = (query.sql, query.position);
        if self.overflow.len() >= OVERFLOW_ROWS_MAX && !self.overflow.contains_key(&key) {
            key = (self.texts.further(), 0);
        }
        let (queries, duration_ns) = self.overflow.entry(key).or_default();
        *queries = queries.saturating_add(1);
        *duration_ns = duration_ns.saturating_add(query.duration_ns);
    }
}
