//! From the tables of a running unit of work to an [`observation::Transaction`] with tables of its own.

use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::Arc;

use observation::{
    AtomicBlock, ChainId, Details, Load, LoadId, Overflow, Query, Relation, RelationId, ResultSet,
    ResultSetId, Site, SiteId, Source, StringId,
};

use crate::active::{QueryEntry, State};
use crate::hasher::NumberMap;
use crate::lineage::SetSource;
use crate::registry::{ChainNumber, Registry, RelationNumber, SiteNumber};

/// Builds the tables, renumbering what the process shares.
pub(crate) fn details(state: &State, registry: &Registry, numbers: &mut Numbers) -> Details {
    numbers.clear();
    let mut tables = Tables { registry, details: Details::default(), numbers };
    // Texts of the transaction first: queries refer to them by the same numbers.
    tables.details.strings = state.texts.values().to_vec();
    let result_sets = state.lineage.sets().iter().map(|set| ResultSet {
        model: tables.string(set.model),
        origin: tables.chain(set.origin),
        source: match set.source {
            SetSource::QuerySet => Source::QuerySet,
            SetSource::Relation { parent, relation, via } => {
                Source::Relation { parent: ResultSetId(parent), relation: tables.relation(relation), via }
            }
        },
        evaluations: set.evaluations,
        instances: set.instances,
        single: set.single,
        evaluated: (set.evaluated != 0).then(|| tables.chain(set.evaluated)),
    });
    let result_sets = result_sets.collect();
    let loads = state.loads.iter().map(|load| Load {
        result_set: load.key.set.map(ResultSetId),
        relation: tables.relation(load.key.relation),
        ask: load.key.ask,
        access: tables.chain(load.key.access),
        sql: StringId(load.sql),
        queries: load.queries,
        duration_ns: load.duration_ns,
    });
    let loads = loads.collect();
    tables.numbers.number_repeated(&state.queries);
    let queries = state.queries.iter().map(|query| Query {
        sql: StringId(query.sql),
        alias: StringId(query.alias),
        offset_us: query.offset_us,
        duration_ns: query.duration_ns,
        rows: query.rows,
        position: tables.chain(query.position),
        load: query.load.map(LoadId),
        parameters: query.parameters.and_then(|hash| known(&tables.numbers.parameters, &hash)?),
    });
    let queries: Vec<Query> = queries.collect();
    let overflow = state.overflow.iter().map(|(&(sql, position), &(queries, duration_ns))| Overflow {
        sql: StringId(sql),
        position: tables.chain(position),
        queries,
        duration_ns,
    });
    let overflow = overflow.collect();
    let glances = state.glances.observed(queries.len());
    let connections = state.connections.opened().to_vec();
    let blocks = state.connections.blocks().iter().map(|block| AtomicBlock {
        alias: StringId(block.alias),
        position: tables.chain(block.position),
        of_requests: block.of_requests,
        open_ns: block.open_ns,
        idle_ns: block.idle_ns,
    });
    let blocks = blocks.collect();
    Details { result_sets, loads, queries, overflow, glances, connections, blocks, ..tables.details }
}

/// Tables under construction.
struct Tables<'a> {
    registry: &'a Registry,
    details: Details,
    numbers: &'a mut Numbers,
}

/// Numbers in the process to numbers in this transaction. Kept between transactions for its memory: most are so small
/// that making and freeing the maps would cost more than filling them.
#[derive(Default)]
pub(crate) struct Numbers {
    strings: NumberMap<StringId, StringId>,
    sites: NumberMap<SiteNumber, SiteId>,
    chains: NumberMap<ChainNumber, ChainId>,
    relations: NumberMap<RelationNumber, RelationId>,
    /// Of hashes; none of one that no other query has.
    parameters: NumberMap<u64, Option<u32>>,
}

/// Entries for which a map keeps its memory after a transaction that was larger.
const NUMBERS_KEPT: usize = 1_024;

impl Numbers {
    fn clear(&mut self) {
        fn clear<K: Hash + Eq, V>(map: &mut NumberMap<K, V>) {
            map.clear();
            if map.capacity() > 2 * NUMBERS_KEPT {
                map.shrink_to(NUMBERS_KEPT);
            }
        }
        clear(&mut self.strings);
        clear(&mut self.sites);
        clear(&mut self.chains);
        clear(&mut self.relations);
        clear(&mut self.parameters);
    }

    fn number_repeated(&mut self, queries: &[QueryEntry]) {
        let mut next = 0;
        for hash in queries.iter().filter_map(|query| query.parameters) {
            match self.parameters.entry(hash) {
                Entry::Vacant(first) => {
                    first.insert(None);
                }
                Entry::Occupied(mut again) => {
                    again.get_mut().get_or_insert_with(|| {
                        next += 1;
                        next - 1
                    });
                }
            }
        }
    }
}

fn push<T>(table: &mut Vec<T>, value: T) -> u32 {
    table.push(value);
    table.len() as u32 - 1
}

fn known<K: Hash + Eq, V: Copy>(numbers: &NumberMap<K, V>, number: &K) -> Option<V> {
    numbers.get(number).copied()
}

impl Tables<'_> {
    fn string(&mut self, number: StringId) -> StringId {
        if let Some(id) = known(&self.numbers.strings, &number) {
            return id;
        }
        let text = self.registry.strings.get(number.0).map_or_else(|| Arc::from(""), Arc::clone);
        let id = StringId(push(&mut self.details.strings, text));
        self.numbers.strings.insert(number, id);
        id
    }

    fn site(&mut self, number: SiteNumber) -> Option<SiteId> {
        if let Some(id) = known(&self.numbers.sites, &number) {
            return Some(id);
        }
        let entry = *self.registry.sites.get(number)?;
        let site = Site {
            kind: entry.kind,
            file: self.string(entry.file),
            line: entry.line,
            span: entry.span,
            name: self.string(entry.name),
            member: self.string(entry.member),
        };
        if let Some(Some(file)) = self.registry.files.get(&entry.file)
            && !self.details.files.iter().any(|known| known.path == site.file)
        {
            self.details.files.push(observation::SourceFile { path: site.file, ..*file });
        }
        let id = SiteId(push(&mut self.details.sites, site));
        self.numbers.sites.insert(number, id);
        Some(id)
    }

    fn chain(&mut self, number: ChainNumber) -> ChainId {
        if let Some(id) = known(&self.numbers.chains, &number) {
            return id;
        }
        let sites = self.registry.chains.get(number).map_or(&[][..], |chain| chain);
        let sites = sites.iter().filter_map(|site| self.site(*site)).collect();
        let id = ChainId(push(&mut self.details.chains, sites));
        self.numbers.chains.insert(number, id);
        id
    }

    fn relation(&mut self, number: RelationNumber) -> RelationId {
        if let Some(id) = known(&self.numbers.relations, &number) {
            return id;
        }
        let entry = *self.registry.relations.get(number).expect("relations are numbered by this registry");
        let relation = Relation {
            model: self.string(entry.model),
            field: self.string(entry.field),
            kind: entry.kind,
            target: self.string(entry.target),
            target_module: self.string(entry.target_module),
        };
        let id = RelationId(push(&mut self.details.relations, relation));
        self.numbers.relations.insert(number, id);
        id
    }
}
