use std::os::unix::net::UnixStream;

use super::*;
use crate::recorder::Recorder;
use crate::testing::{Place, connect, frame, process, send, transaction};

/// A store with one finished run of `count` transactions of ten queries.
fn recorded(place: &Place, count: u64) -> RunId {
    let recorder = Recorder::start(place.config()).unwrap();
    let mut stream: UnixStream = connect(recorder.socket_path(), process(1));
    for serial in 1..=count {
        send(&mut stream, &frame(transaction(serial, 10)));
    }
    drop(stream);
    assert_eq!(recorder.finish().transactions, count);
    Store::open(&place.store()).unwrap().runs().unwrap()[0].id
}

#[test]
fn the_newest_transactions_are_kept_and_the_others_counted() {
    let place = Place::new();
    let run = recorded(&place, 30);
    let store = Store::open(&place.store()).unwrap();
    let newest = window(&store.connection, run, 12, u64::MAX).unwrap();
    let serials: Vec<_> = newest.transactions.iter().map(|each| each.serial).collect();
    assert_eq!(serials, (19..=30).collect::<Vec<_>>());
    assert_eq!((newest.first_ordinal, newest.omitted), (19, 18));
}

#[test]
fn large_transactions_fill_a_window_sooner() {
    let place = Place::new();
    let run = recorded(&place, 30);
    let store = Store::open(&place.store()).unwrap();
    let bytes = observation::frame::encode_details(&transaction(1, 10).details).len() as u64;
    let newest = window(&store.connection, run, u64::MAX, 5 * bytes + bytes / 2).unwrap();
    assert_eq!((newest.transactions.len(), newest.first_ordinal, newest.omitted), (5, 26, 25));
    let newest = window(&store.connection, run, u64::MAX, 1).unwrap();
    assert_eq!((newest.transactions.len(), newest.omitted), (1, 29), "never none at all");
}

#[test]
fn runs_come_latest_first_and_those_without_traffic_are_passed_over() {
    let place = Place::new();
    let first = recorded(&place, 1);
    let second = recorded(&place, 2);
    let empty = recorded(&place, 0);
    let store = Store::open(&place.store()).unwrap();
    let runs: Vec<_> = store.runs().unwrap().into_iter().map(|run| (run.id, run.transactions)).collect();
    assert_eq!(runs, [(empty, 0), (second, 2), (first, 1)]);
    assert_eq!(store.latest_run().unwrap().unwrap().id, second);
}

#[test]
fn an_unknown_run_is_empty() {
    let place = Place::new();
    recorded(&place, 1);
    let store = Store::open(&place.store()).unwrap();
    let unknown = RunId(99);
    assert_eq!(store.window(unknown).unwrap(), Window::default());
    assert_eq!(store.processes(unknown).unwrap(), []);
    assert_eq!(store.captured_requests(unknown).unwrap(), []);
    assert_eq!(store.source_files(unknown).unwrap(), []);
}

#[test]
fn what_this_version_never_wrote_is_damage() {
    let place = Place::new();
    let run = recorded(&place, 1);
    let damaged = |sql: &str| {
        Connection::open(place.database()).unwrap().execute(sql, []).unwrap();
        Store::open(&place.store()).unwrap().window(run).err().unwrap()
    };
    for sql in [
        "UPDATE transactions SET status = 70000",
        "UPDATE transactions SET status = 200, kind = 9",
        "UPDATE transactions SET kind = 0, details = x'ff'",
    ] {
        let error = damaged(sql);
        assert!(matches!(error, ReadError::Damaged(_)), "{sql}: {error:?}");
        assert!(std::error::Error::source(&error).is_some());
    }
}
