use super::*;
use crate::recorder::Recorder;
use crate::testing::{Place, connect, frame, process, requested, send, transaction};

const BEGAN_US: u64 = 1_800_000_000_000_000;

/// Twenty pages, the first 20 ms and each later one a millisecond faster, and one of another endpoint.
fn recorded(place: &Place) -> (Store, RunId) {
    let recorder = Recorder::start(place.config()).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    for serial in 1..=20 {
        let mut page = transaction(serial, 5);
        page.parent_serial = (serial < 20).then_some(20);
        page.started_at_us = BEGAN_US + serial * 1_000_000;
        page.wall_ns = (21 - serial) * 1_000_000;
        send(&mut stream, &frame(if serial == 3 { requested(page, "/books/") } else { page }));
    }
    let other = Transaction { route: "/about/".to_owned(), parent_serial: None, ..transaction(21, 0) };
    send(&mut stream, &frame(other));
    drop(stream);
    let run = recorder.run();
    assert_eq!(recorder.finish().transactions, 21);
    (Store::open(&place.store()).unwrap(), run)
}

fn books() -> EndpointId {
    EndpointId { kind: TransactionKind::Http, method: "GET".to_owned(), route: "/books/".to_owned() }
}

fn ordinals(found: &[RecordedTransaction]) -> Vec<u64> {
    found.iter().map(|one| one.ordinal).collect()
}

#[test]
fn an_endpoint_gives_its_newest_slowest_and_most_typical() {
    let place = Place::new();
    let (store, run) = recorded(&place);
    let of = |order, within| ordinals(&store.transactions_of(run, &books(), within, order, 3).unwrap());
    let always = (0, u64::MAX);
    assert_eq!(of(TransactionOrder::Newest, always), [20, 19, 18]);
    assert_eq!(of(TransactionOrder::Slowest, always), [1, 2, 3]);
    assert_eq!(of(TransactionOrder::Near(10_000_000), always), [11, 10, 12]);
    let later = (BEGAN_US + 5_000_000, BEGAN_US + 8_000_000);
    assert_eq!(of(TransactionOrder::Newest, later), [7, 6, 5]);
    assert_eq!(of(TransactionOrder::Slowest, later), [5, 6, 7]);
    assert_eq!(of(TransactionOrder::Near(0), later), [7, 6, 5]);
}

#[test]
fn these_are_found_without_a_look_at_the_transactions_of_others() {
    let place = Place::new();
    let (store, _) = recorded(&place);
    for order in ["started_at_us DESC, id DESC", "wall_ns DESC, id DESC", "abs(wall_ns - 7), id"] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT id FROM transactions WHERE run_id = 1 AND kind = 0 AND method = 'GET'
             AND route = '/books/' AND started_at_us >= 0 AND started_at_us < 9 ORDER BY {order} LIMIT 9"
        );
        let plan: String = store.connection.query_row(&sql, [], |row| row.get(3)).unwrap();
        assert!(plan.contains("USING COVERING INDEX transactions_by_endpoint"), "{plan}");
    }
}

#[test]
fn one_is_found_by_its_number_after_older_ones_have_gone() {
    let place = Place::new();
    let (store, run) = recorded(&place);
    Connection::open(place.database())
        .unwrap()
        .execute("DELETE FROM transactions WHERE ordinal < 8", [])
        .unwrap();
    let found = store.transaction(run, 9).unwrap().unwrap();
    assert_eq!((found.ordinal, found.transaction.serial, found.transaction.details.queries.len()), (9, 9, 5));
    for gone in [0, 7, 22, u64::MAX] {
        assert_eq!(store.transaction(run, gone).unwrap(), None);
    }
    assert_eq!(store.transaction(RunId(9), 9).unwrap(), None);
    assert_eq!((store.latest_ordinal(run).unwrap(), store.latest_ordinal(RunId(9)).unwrap()), (21, 0));
    assert_eq!(ordinals(&store.last_transactions(run, 2).unwrap()), [21, 20]);
}

#[test]
fn what_is_around_and_inside_is_found() {
    let place = Place::new();
    let (store, run) = recorded(&place);
    let (parent, children) = store.relatives(run, 20).unwrap();
    assert_eq!((parent, ordinals(&children)), (None, (1..20).collect()));
    let (parent, children) = store.relatives(run, 5).unwrap();
    assert_eq!((parent.map(|one| one.ordinal), children), (Some(20), vec![]));
}

#[test]
fn a_request_that_was_kept_has_its_path() {
    let place = Place::new();
    let (store, run) = recorded(&place);
    let path = |ordinal| {
        let found = store.transaction(run, ordinal).unwrap().unwrap();
        store.request_path(run, &found).unwrap()
    };
    assert_eq!((path(3).as_deref(), path(4)), (Some("/books/?page=2"), None));
}

#[test]
fn the_newest_of_an_endpoint_come_with_their_tables_within_bounds() {
    let place = Place::new();
    let (store, run) = recorded(&place);
    let newest = store.newest_of(run, &books(), 4, u64::MAX).unwrap();
    assert_eq!(newest.iter().map(|one| one.serial).collect::<Vec<_>>(), [20, 19, 18, 17]);
    assert!(newest.iter().all(|one| one.details.queries.len() == 5));
    assert_eq!(store.newest_of(run, &books(), 4, 1).unwrap().len(), 1, "never none at all");
}
