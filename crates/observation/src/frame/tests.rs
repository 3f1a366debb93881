use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::{
    Ask, AtomicBlock, ChainId, Connection, Details, Glance, Load, LoadId, Query, Relation, RelationId,
    RelationKind, ResultSet, ResultSetId, Site, SiteId, SiteKind, Source, Span, StringId, Via,
};

prop_compose! {
    fn any_request()(
        path in ".{0,40}", query_string in ".{0,40}", secure: bool, redacted: bool,
        headers in vec((".{0,9}", ".{0,9}"), 0..4),
        body in proptest::option::of(vec(any::<u8>(), 0..40)),
        user_pk in proptest::option::of(".{0,9}"),
    ) -> CapturedRequest {
        CapturedRequest { method: "GET".into(), path, query_string, secure, headers, body, user_pk, redacted }
    }
}

prop_compose! {
    /// Tables of arbitrary sizes whose indices are all valid.
    fn any_details()(
        strings in vec(".{0,20}", 1..6),
        seed in vec(any::<u32>(), 1..12),
        span: bool,
    ) -> Details {
        let string = |number: u32| StringId(number % strings.len() as u32);
        let span = span.then_some(Span { column: 4, end_line: 9, end_column: 80 });
        let sites: Vec<Site> = seed.iter().map(|&number| Site {
            kind: [SiteKind::Python, SiteKind::Template, SiteKind::Class][number as usize % 3],
            file: string(number), line: number, span, name: string(number >> 3), member: string(number >> 5),
        }).collect();
        let chains: Vec<Vec<SiteId>> = vec![vec![], (0..sites.len() as u32).map(SiteId).collect()];
        let chain = |number: u32| ChainId(number % 2);
        let relations: Vec<Relation> = seed.iter().map(|&number| Relation {
            model: string(number), field: string(number >> 1), target: string(number >> 2),
            target_module: string(number >> 4), kind: RelationKind::ManyToMany,
        }).collect();
        let mut result_sets: Vec<ResultSet> = vec![];
        for (position, &number) in seed.iter().enumerate() {
            let source = if position == 0 { Source::QuerySet } else {
                Source::Relation {
                    parent: ResultSetId(number % position as u32),
                    relation: RelationId(number % relations.len() as u32),
                    via: [Via::Lazy, Via::Prefetch, Via::Join][number as usize % 3],
                }
            };
            result_sets.push(ResultSet {
                model: string(number), origin: chain(number), source,
                evaluations: number, instances: number >> 1, single: number % 2 == 0,
                evaluated: (number % 3 < 2).then_some(chain(number >> 2)),
            });
        }
        let loads: Vec<Load> = seed.iter().map(|&number| Load {
            result_set: (number % 3 > 0).then_some(ResultSetId(number % result_sets.len() as u32)),
            relation: RelationId(number % relations.len() as u32), ask: Ask::Narrowed,
            access: chain(number), sql: string(number), queries: number, duration_ns: u64::from(number) << 20,
        }).collect();
        let queries: Vec<Query> = seed.iter().map(|&number| Query {
            sql: string(number), alias: string(number >> 1), offset_us: number, duration_ns: u64::from(number) << 30,
            rows: (number % 2 == 0).then_some(number), position: chain(number),
            load: (number % 3 > 0).then_some(LoadId(number % loads.len() as u32)),
            parameters: (number % 5 < 2).then_some(number >> 4),
        }).collect();
        let glances: Vec<Glance> = seed.iter().map(|&number| Glance {
            query: number % queries.len() as u32, ask: [Ask::Count, Ask::Exists][number as usize % 2], rows: number,
            read: number % 3 == 0,
        }).collect();
        let connections: Vec<Connection> = seed.iter().map(|&number| Connection {
            alias: string(number), duration_ns: u64::from(number) << 9,
        }).collect();
        let blocks: Vec<AtomicBlock> = seed.iter().map(|&number| AtomicBlock {
            alias: string(number >> 2), position: chain(number), of_requests: number % 2 == 0,
            open_ns: u64::from(number) << 10, idle_ns: u64::from(number),
        }).collect();
        Details {
            strings: strings.iter().map(|text| text.as_str().into()).collect(),
            sites, chains, relations, queries, overflow: vec![], result_sets, loads, glances, connections, blocks,
            files: vec![],
        }
    }
}

prop_compose! {
    fn any_transaction()(
        serial: u64, parent_serial in proptest::option::of(0..u64::MAX), route in ".{0,30}", status: u16,
        wall_ns: u64, request in proptest::option::of(any_request()), details in any_details(),
    ) -> Transaction {
        Transaction { serial, parent_serial, route, status, wall_ns, request, details, ..Transaction::default() }
    }
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded(transaction in any_transaction(), dropped_before: u32) {
        let frame = Frame::Transaction { dropped_before, transaction: Box::new(transaction) };
        let bytes = frame.encode(Vec::new());
        prop_assert_eq!(Frame::decode(&bytes[4..]), Ok(frame));
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in vec(any::<u8>(), 0..400)) {
        let _ = Frame::decode(&bytes);
        let mut splitter = Splitter::default();
        splitter.push(&bytes);
        while let Ok(Some(_)) = splitter.next_frame() {}
    }

    #[test]
    fn a_damaged_frame_is_an_error_or_a_valid_value(
        transaction in any_transaction(), at: proptest::sample::Index, value: u8,
    ) {
        let mut bytes = Frame::Transaction { dropped_before: 0, transaction: Box::new(transaction) }.encode(Vec::new());
        bytes.drain(..4);
        let at = at.index(bytes.len());
        bytes[at] = value;
        if let Ok(Frame::Transaction { transaction, .. }) = Frame::decode(&bytes) {
            // Every index that survived points into its table.
            let details = &transaction.details;
            for set in &details.result_sets {
                if let Source::Relation { parent, relation, .. } = set.source {
                    prop_assert!(parent.index() < details.result_sets.len());
                    prop_assert!(relation.index() < details.relations.len());
                }
            }
            for query in &details.queries {
                prop_assert!(query.sql.index() < details.strings.len());
                prop_assert!(query.load.is_none_or(|load| load.index() < details.loads.len()));
            }
            for glance in &details.glances {
                prop_assert!((glance.query as usize) < details.queries.len());
            }
            for block in &details.blocks {
                prop_assert!(block.alias.index() < details.strings.len());
                prop_assert!(block.position.index() < details.chains.len());
            }
        }
    }

    #[test]
    fn frames_survive_any_cutting(transactions in vec(any_transaction(), 1..4), cut in 1_usize..90) {
        let frames: Vec<Frame> = transactions
            .into_iter()
            .map(|transaction| Frame::Transaction { dropped_before: 0, transaction: Box::new(transaction) })
            .collect();
        let bytes = frames.iter().fold(Vec::new(), |bytes, frame| frame.encode(bytes));
        let mut splitter = Splitter::default();
        let mut seen = vec![];
        for piece in bytes.chunks(cut) {
            splitter.push(piece);
            while let Some(frame) = splitter.next_frame().unwrap() {
                seen.push(frame);
            }
        }
        prop_assert_eq!(seen, frames);
    }
}

#[test]
fn tables_of_version_1_are_read() {
    let strings = vec!["SELECT 1".into(), "default".into()];
    let query = Query {
        sql: StringId(0),
        alias: StringId(1),
        offset_us: 7,
        duration_ns: 9,
        rows: None,
        position: ChainId(0),
        load: None,
        parameters: None,
    };
    let details = Details { strings, chains: vec![vec![]], queries: vec![query; 3], ..Details::default() };
    let mut bytes = encode_details(&details);
    // What came later is four empty tables.
    assert_eq!(bytes.split_off(bytes.len() - 4), [0; 4]);
    assert_eq!(decode_details(&bytes), Ok(details));
}

#[test]
fn another_version_is_named() {
    let mut bytes = Frame::Lost { dropped: 3 }.encode(Vec::new());
    bytes[4] = 9;
    let error = Frame::decode(&bytes[4..]).unwrap_err();
    assert_eq!(error, FrameError::Version(9));
    assert!(error.to_string().contains("version 9"));
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_it_is_read() {
    let mut splitter = Splitter::default();
    splitter.push(&u32::MAX.to_le_bytes());
    assert_eq!(splitter.next_frame(), Err(FrameError::Length(u32::MAX)));
}
