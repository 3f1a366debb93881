//! The tables of a transaction as bytes. Indices are checked against their tables once, here, so that readers of a
//! decoded value need not.

use crate::codec::{DecodeError, Reader, Writer};
use crate::{
    Ask, AtomicBlock, ChainId, Connection, Details, Glance, Load, LoadId, Overflow, Query, Relation,
    RelationId, RelationKind, ResultSet, ResultSetId, Site, SiteId, SiteKind, Source, SourceFile, Span,
    StringId, Via,
};

/// The tables alone, as the store keeps them.
pub fn encode_details(details: &Details) -> Vec<u8> {
    let mut writer = Writer::default();
    encode(details, &mut writer);
    writer.into_bytes()
}

/// Reads what [`encode_details`] wrote.
pub fn decode_details(bytes: &[u8]) -> Result<Details, DecodeError> {
    let mut reader = Reader::new(bytes);
    let details = decode(&mut reader)?;
    reader.finish()?;
    Ok(details)
}

pub(super) fn encode(details: &Details, writer: &mut Writer) {
    table(writer, &details.strings, |writer, text| writer.text(text));
    table(writer, &details.sites, encode_site);
    table(writer, &details.chains, |writer, chain| {
        table(writer, chain, |writer, site| writer.integer(u64::from(site.0)));
    });
    table(writer, &details.relations, encode_relation);
    table(writer, &details.result_sets, encode_result_set);
    table(writer, &details.loads, encode_load);
    table(writer, &details.queries, encode_query);
    table(writer, &details.overflow, |writer, row| {
        writer.integer(u64::from(row.sql.0));
        writer.integer(u64::from(row.position.0));
        writer.integer(u64::from(row.queries));
        writer.integer(row.duration_ns);
    });
    table(writer, &details.files, |writer, file| {
        writer.integer(u64::from(file.path.0));
        writer.integer(file.modified_at_us);
        writer.integer(file.size_bytes);
    });
    let numbered: Vec<(usize, u32)> = (0..)
        .zip(&details.queries)
        .filter_map(|(at, query)| query.parameters.map(|parameters| (at, parameters)))
        .collect();
    table(writer, &numbered, |writer, (at, parameters)| {
        writer.count(*at);
        writer.integer(u64::from(*parameters));
    });
    for set in &details.result_sets {
        writer.optional(set.evaluated.map(|chain| u64::from(chain.0)));
    }
    table(writer, &details.glances, |writer, glance| {
        writer.integer(u64::from(glance.query));
        writer.byte(encode_ask(glance.ask));
        writer.integer(u64::from(glance.rows));
        writer.byte(u8::from(glance.read));
    });
    table(writer, &details.connections, |writer, connection| {
        writer.integer(u64::from(connection.alias.0));
        writer.integer(connection.duration_ns);
    });
    table(writer, &details.blocks, |writer, block| {
        writer.integer(u64::from(block.alias.0));
        writer.integer(u64::from(block.position.0));
        writer.byte(u8::from(block.of_requests));
        writer.integer(block.open_ns);
        writer.integer(block.idle_ns);
    });
}

pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Details, DecodeError> {
    let strings = read_table(reader, |reader| reader.text().map(Into::into))?;
    let sites = read_table(reader, |reader| decode_site(reader, strings.len()))?;
    let chains =
        read_table(reader, |reader| read_table(reader, |reader| index(reader, sites.len()).map(SiteId)))?;
    let relations = read_table(reader, |reader| decode_relation(reader, strings.len()))?;
    let mut result_sets: Vec<ResultSet> = Vec::new();
    for _ in 0..reader.count()? {
        // A set's parent stands before it, so that walking up always ends.
        let limits = Limits {
            strings: strings.len(),
            chains: chains.len(),
            relations: relations.len(),
            sets: result_sets.len(),
        };
        result_sets.push(decode_result_set(reader, &limits)?);
    }
    let limits = Limits {
        strings: strings.len(),
        chains: chains.len(),
        relations: relations.len(),
        sets: result_sets.len(),
    };
    let loads = read_table(reader, |reader| decode_load(reader, &limits))?;
    let mut queries = read_table(reader, |reader| decode_query(reader, &limits, loads.len()))?;
    let overflow = read_table(reader, |reader| {
        Ok(Overflow {
            sql: StringId(index(reader, limits.strings)?),
            position: ChainId(index(reader, limits.chains)?),
            queries: reader.integer_u32()?,
            duration_ns: reader.integer()?,
        })
    })?;
    let files = read_table(reader, |reader| {
        Ok(SourceFile {
            path: StringId(index(reader, limits.strings)?),
            modified_at_us: reader.integer()?,
            size_bytes: reader.integer()?,
        })
    })?;
    // Tables that a store has kept since version 1 end here.
    let (mut glances, mut connections, mut blocks) = Default::default();
    if reader.remaining() > 0 {
        for _ in 0..reader.count()? {
            let at = index(reader, queries.len())? as usize;
            queries[at].parameters = Some(reader.integer_u32()?);
        }
        for set in &mut result_sets {
            set.evaluated = optional_index(reader, limits.chains)?.map(ChainId);
        }
        glances = read_table(reader, |reader| decode_glance(reader, queries.len()))?;
        connections = read_table(reader, |reader| {
            Ok(Connection { alias: StringId(index(reader, limits.strings)?), duration_ns: reader.integer()? })
        })?;
        blocks = read_table(reader, |reader| decode_block(reader, &limits))?;
    }
    Ok(Details {
        strings,
        sites,
        chains,
        relations,
        queries,
        overflow,
        result_sets,
        loads,
        glances,
        connections,
        blocks,
        files,
    })
}

/// Lengths of the tables that an index may point into.
struct Limits {
    strings: usize,
    chains: usize,
    relations: usize,
    sets: usize,
}

fn table<T>(writer: &mut Writer, rows: &[T], mut encode: impl FnMut(&mut Writer, &T)) {
    writer.count(rows.len());
    for row in rows {
        encode(writer, row);
    }
}

fn read_table<T>(
    reader: &mut Reader<'_>,
    mut decode: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let count = reader.count()?;
    // A row can be larger in memory than on the wire: grow with what arrives, not with what was announced.
    let mut rows = Vec::new();
    for _ in 0..count {
        rows.push(decode(reader)?);
    }
    Ok(rows)
}

fn index(reader: &mut Reader<'_>, length: usize) -> Result<u32, DecodeError> {
    let index = reader.integer_u32()?;
    if (index as usize) < length { Ok(index) } else { Err(DecodeError::Index) }
}

fn encode_site(writer: &mut Writer, site: &Site) {
    writer.byte(match site.kind {
        SiteKind::Python => 0,
        SiteKind::Template => 1,
        SiteKind::Class => 2,
    });
    writer.integer(u64::from(site.file.0));
    writer.integer(u64::from(site.line));
    writer.byte(u8::from(site.span.is_some()));
    if let Some(span) = site.span {
        writer.integer(u64::from(span.column));
        writer.integer(u64::from(span.end_line));
        writer.integer(u64::from(span.end_column));
    }
    writer.integer(u64::from(site.name.0));
    writer.integer(u64::from(site.member.0));
}

fn decode_site(reader: &mut Reader<'_>, strings: usize) -> Result<Site, DecodeError> {
    Ok(Site {
        kind: match reader.byte()? {
            0 => SiteKind::Python,
            1 => SiteKind::Template,
            2 => SiteKind::Class,
            tag => return Err(DecodeError::Tag(tag)),
        },
        file: StringId(index(reader, strings)?),
        line: reader.integer_u32()?,
        span: if reader.flag()? {
            Some(Span {
                column: reader.integer_u32()?,
                end_line: reader.integer_u32()?,
                end_column: reader.integer_u32()?,
            })
        } else {
            None
        },
        name: StringId(index(reader, strings)?),
        member: StringId(index(reader, strings)?),
    })
}

fn encode_relation(writer: &mut Writer, relation: &Relation) {
    writer.integer(u64::from(relation.model.0));
    writer.integer(u64::from(relation.field.0));
    writer.byte(match relation.kind {
        RelationKind::ForeignKey => 0,
        RelationKind::OneToOne => 1,
        RelationKind::ReverseOneToOne => 2,
        RelationKind::ReverseForeignKey => 3,
        RelationKind::ManyToMany => 4,
        RelationKind::GenericForeignKey => 5,
        RelationKind::GenericRelation => 6,
        RelationKind::Deferred => 7,
    });
    writer.integer(u64::from(relation.target.0));
    writer.integer(u64::from(relation.target_module.0));
}

fn decode_relation(reader: &mut Reader<'_>, strings: usize) -> Result<Relation, DecodeError> {
    Ok(Relation {
        model: StringId(index(reader, strings)?),
        field: StringId(index(reader, strings)?),
        kind: match reader.byte()? {
            0 => RelationKind::ForeignKey,
            1 => RelationKind::OneToOne,
            2 => RelationKind::ReverseOneToOne,
            3 => RelationKind::ReverseForeignKey,
            4 => RelationKind::ManyToMany,
            5 => RelationKind::GenericForeignKey,
            6 => RelationKind::GenericRelation,
            7 => RelationKind::Deferred,
            tag => return Err(DecodeError::Tag(tag)),
        },
        target: StringId(index(reader, strings)?),
        target_module: StringId(index(reader, strings)?),
    })
}

fn encode_result_set(writer: &mut Writer, set: &ResultSet) {
    writer.integer(u64::from(set.model.0));
    writer.integer(u64::from(set.origin.0));
    match set.source {
        Source::QuerySet => writer.byte(0),
        Source::Relation { parent, relation, via } => {
            writer.byte(match via {
                Via::Lazy => 1,
                Via::Prefetch => 2,
                Via::Join => 3,
            });
            writer.integer(u64::from(parent.0));
            writer.integer(u64::from(relation.0));
        }
    }
    writer.integer(u64::from(set.evaluations));
    writer.integer(u64::from(set.instances));
    writer.byte(u8::from(set.single));
}

fn decode_result_set(reader: &mut Reader<'_>, limits: &Limits) -> Result<ResultSet, DecodeError> {
    let model = StringId(index(reader, limits.strings)?);
    let origin = ChainId(index(reader, limits.chains)?);
    let via = match reader.byte()? {
        0 => None,
        1 => Some(Via::Lazy),
        2 => Some(Via::Prefetch),
        3 => Some(Via::Join),
        tag => return Err(DecodeError::Tag(tag)),
    };
    let source = match via {
        None => Source::QuerySet,
        Some(via) => Source::Relation {
            parent: ResultSetId(index(reader, limits.sets)?),
            relation: RelationId(index(reader, limits.relations)?),
            via,
        },
    };
    Ok(ResultSet {
        model,
        origin,
        source,
        evaluations: reader.integer_u32()?,
        instances: reader.integer_u32()?,
        single: reader.flag()?,
        evaluated: None,
    })
}

fn encode_load(writer: &mut Writer, load: &Load) {
    writer.optional(load.result_set.map(|set| u64::from(set.0)));
    writer.integer(u64::from(load.relation.0));
    writer.byte(encode_ask(load.ask));
    writer.integer(u64::from(load.access.0));
    writer.integer(u64::from(load.sql.0));
    writer.integer(u64::from(load.queries));
    writer.integer(load.duration_ns);
}

fn decode_load(reader: &mut Reader<'_>, limits: &Limits) -> Result<Load, DecodeError> {
    Ok(Load {
        result_set: optional_index(reader, limits.sets)?.map(ResultSetId),
        relation: RelationId(index(reader, limits.relations)?),
        ask: decode_ask(reader)?,
        access: ChainId(index(reader, limits.chains)?),
        sql: StringId(index(reader, limits.strings)?),
        queries: reader.integer_u32()?,
        duration_ns: reader.integer()?,
    })
}

fn decode_glance(reader: &mut Reader<'_>, queries: usize) -> Result<Glance, DecodeError> {
    Ok(Glance {
        query: index(reader, queries)?,
        ask: decode_ask(reader)?,
        rows: reader.integer_u32()?,
        read: reader.flag()?,
    })
}

fn decode_block(reader: &mut Reader<'_>, limits: &Limits) -> Result<AtomicBlock, DecodeError> {
    Ok(AtomicBlock {
        alias: StringId(index(reader, limits.strings)?),
        position: ChainId(index(reader, limits.chains)?),
        of_requests: reader.flag()?,
        open_ns: reader.integer()?,
        idle_ns: reader.integer()?,
    })
}

fn encode_ask(ask: Ask) -> u8 {
    match ask {
        Ask::Object => 0,
        Ask::All => 1,
        Ask::Count => 2,
        Ask::Exists => 3,
        Ask::Narrowed => 4,
    }
}

fn decode_ask(reader: &mut Reader<'_>) -> Result<Ask, DecodeError> {
    Ok(match reader.byte()? {
        0 => Ask::Object,
        1 => Ask::All,
        2 => Ask::Count,
        3 => Ask::Exists,
        4 => Ask::Narrowed,
        tag => return Err(DecodeError::Tag(tag)),
    })
}

fn encode_query(writer: &mut Writer, query: &Query) {
    writer.integer(u64::from(query.sql.0));
    writer.integer(u64::from(query.alias.0));
    writer.integer(u64::from(query.offset_us));
    writer.integer(query.duration_ns);
    writer.optional(query.rows.map(u64::from));
    writer.integer(u64::from(query.position.0));
    writer.optional(query.load.map(|load| u64::from(load.0)));
}

fn decode_query(reader: &mut Reader<'_>, limits: &Limits, loads: usize) -> Result<Query, DecodeError> {
    Ok(Query {
        sql: StringId(index(reader, limits.strings)?),
        alias: StringId(index(reader, limits.strings)?),
        offset_us: reader.integer_u32()?,
        duration_ns: reader.integer()?,
        rows: reader.optional_u32()?,
        position: ChainId(index(reader, limits.chains)?),
        load: optional_index(reader, loads)?.map(LoadId),
        parameters: None,
    })
}

fn optional_index(reader: &mut Reader<'_>, length: usize) -> Result<Option<u32>, DecodeError> {
    match reader.optional_u32()? {
        Some(index) if (index as usize) >= length => Err(DecodeError::Index),
        index => Ok(index),
    }
}
