use super::*;
use crate::testing::book_list;

#[test]
fn an_n_plus_one_is_one_row_and_the_rest_rows_of_their_own() {
    let found = of(&book_list(1, 100));
    let shape: Vec<_> =
        found.rows.iter().map(|row| (row.kind, row.queries, row.sql, row.chain, row.load)).collect();
    assert_eq!(shape, [(RowKind::Query, 1, 0, 0, None), (RowKind::Run, 100, 1, 1, Some(0))]);
    let run = &found.rows[1];
    assert_eq!((run.offset_ms, run.end_ms, run.duration_ms), (0.8, 30.7, 20.0));
    assert_eq!((run.spans_ms.len(), run.spans_ms[1], run.rows), (100, [1.1, 0.2], Some(100)));
    assert!(found.sql[1].formatted.contains("\nFROM \"shop_publisher\"\nWHERE"), "{:?}", found.sql);
    assert_eq!(run.database, "default");
    assert_eq!((found.chains, found.rows_omitted_queries), (vec![ChainId(0), ChainId(1)], 0));
    assert_eq!(found.loads.len(), 1);
}

#[test]
fn a_query_that_comes_three_times_from_one_place_is_folded_too() {
    for (times, rows) in [(2, 2), (3, 1)] {
        let mut transaction = book_list(1, times);
        let queries = &mut transaction.details.queries;
        queries.remove(0);
        for query in queries.iter_mut() {
            query.load = None;
        }
        assert_eq!(of(&transaction).rows.len(), rows, "{times}");
    }
}

#[test]
fn gaps_are_where_no_query_ran() {
    let mut transaction = book_list(1, 3);
    let queries = &mut transaction.details.queries;
    // The first one covers the second; between the third and the fourth lie five milliseconds.
    queries[0].duration_ns = 600_000;
    queries[3].offset_us = 6_300;
    transaction.wall_ns = 9_000_000;
    let gaps = of(&transaction).gaps;
    let found: Vec<_> = gaps.iter().map(|gap| (gap.offset_ms, gap.duration_ms)).collect();
    assert_eq!(found, [(0.0, 0.5), (1.3, 5.0), (6.5, 2.5)]);
    let silent = Transaction { wall_ns: 5_000_000, ..Transaction::default() };
    assert_eq!(of(&silent).gaps.len(), 1, "all of it is Python");
}

#[test]
fn what_is_beyond_the_limits_is_counted() {
    let mut transaction = book_list(1, 2_500);
    transaction.queries_total = 2_601;
    let details = &mut transaction.details;
    // Each from a place of its own.
    details.chains = (0..=2_500).map(|_| vec![observation::SiteId(0)]).collect();
    for (at, query) in (0..).zip(&mut details.queries) {
        query.load = None;
        query.position = ChainId(at);
    }
    let found = of(&transaction);
    assert_eq!((found.rows.len(), found.rows_omitted_queries), (ROWS_MAX, 2_601 - ROWS_MAX as u64));
    let folded = of(&book_list(1, 2_500));
    assert!(folded.rows[1].spans_ms.len() <= SPANS_PER_ROW_MAX, "{}", folded.rows[1].spans_ms.len());
    assert_eq!(folded.rows[1].queries, 2_500);
}

#[test]
fn summed_up_queries_are_rows_without_a_time() {
    let mut transaction = book_list(1, 2);
    transaction.details.overflow = vec![observation::Overflow {
        sql: transaction.details.queries[1].sql,
        position: ChainId(1),
        queries: 70,
        duration_ns: 7_000_000,
    }];
    transaction.queries_total = 100;
    let found = of(&transaction);
    let last = found.rows.last().unwrap();
    assert_eq!((last.kind, last.queries, last.duration_ms), (RowKind::SummedUp, 70, 7.0));
    assert_eq!(found.rows_omitted_queries, 27);
}
