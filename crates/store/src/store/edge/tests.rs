use std::os::unix::net::UnixStream;

use observation::frame::Frame;
use rusqlite::Connection;

use super::*;
use crate::recorder::{Recorder, now_us};
use crate::testing::{Place, connect, edge_report, eventually, frame, process, send, transaction};

/// An edge that has a connection of its own, and an app that answers a page.
fn recorded(place: &Place) -> RunId {
    let recorder = Recorder::start(place.config()).unwrap();
    let now_s = now_us() / 1_000_000;
    let mut edge = UnixStream::connect(recorder.socket_path()).unwrap();
    let early = [("/about/", EdgeOutcome::Miss, 2), ("/books/", EdgeOutcome::Hit, 1)];
    send(&mut edge, &Frame::Edge(Box::new(edge_report(now_s - 30, &early))));
    let store = Store::open(&place.store()).unwrap();
    eventually("the first report is written", || store.edge_requests(recorder.run()).unwrap() == 3);

    let mut stream = connect(recorder.socket_path(), process(1));
    for (serial, route) in [(1, "/books/"), (2, "/<slug>/")] {
        let mut page = transaction(serial, 3);
        page.route = route.to_owned();
        page.started_at_us = (now_s - 20) * 1_000_000;
        send(&mut stream, &frame(page));
    }
    drop(stream);
    eventually("the pages are written", || recorder.progress().transactions == 2);
    let late =
        [("/books/", EdgeOutcome::Hit, 4), ("/books/", EdgeOutcome::Shed, 1), ("", EdgeOutcome::Refused, 6)];
    send(&mut edge, &Frame::Edge(Box::new(edge_report(now_s - 2, &late))));
    drop((edge, store));
    let run = recorder.run();
    let summary = recorder.finish();
    assert_eq!((summary.transactions, summary.dropped, &summary.diagnostics[..]), (2, 0, &[][..]));
    assert_eq!(summary.processes, 1, "an edge is no process of the app");
    run
}

fn told(totals: &[EdgeTotal]) -> Vec<(EdgeTarget, EdgeOutcome, u64)> {
    totals.iter().map(|total| (total.target.clone(), total.outcome, total.figures.requests)).collect()
}

#[test]
fn what_an_edge_reports_comes_back_by_route() {
    let place = Place::new();
    let run = recorded(&place);
    let store = Store::open(&place.store()).unwrap();
    let route = |route: &str| EdgeTarget::Route(route.to_owned());
    let totals = store.edge(run).unwrap();
    assert_eq!(
        told(&totals),
        [
            (route("/<slug>/"), EdgeOutcome::Miss, 2),
            (route("/books/"), EdgeOutcome::Hit, 5),
            (route("/books/"), EdgeOutcome::Shed, 1),
            (EdgeTarget::Further, EdgeOutcome::Refused, 6),
        ],
        "a path that came before its route is counted as it"
    );
    let expected = EdgeFigures {
        requests: 5,
        bytes_sent: 5_000,
        took_ns: 5_000_000,
        took_max_ns: 1_000_000,
        wait_ns: 500_000,
        wait_max_ns: 100_000,
    };
    assert_eq!((&totals[1].method, totals[1].figures), (&"GET".to_owned(), expected));
    assert_eq!(store.edge_requests(run).unwrap(), 14);
    assert_eq!(store.edge(RunId(9)).unwrap(), []);
}

#[test]
fn the_time_of_a_run_is_also_that_in_which_only_the_edge_answered() {
    let place = Place::new();
    let run = recorded(&place);
    let store = Store::open(&place.store()).unwrap();
    let span = store.span(run, (None, None), 400).unwrap().unwrap();
    assert_eq!((span.width_s, span.buckets()), (1, 29), "from the first report to the last");
    let buckets = store.edge_over_time(run, span).unwrap();
    assert_eq!(buckets.len(), 29);
    let requests = |at: usize, outcome| buckets[at].of(outcome).requests;
    assert_eq!((requests(0, EdgeOutcome::Miss), requests(28, EdgeOutcome::Hit)), (2, 4));
    assert_eq!(requests(28, EdgeOutcome::Refused), 6);
    assert!(buckets[1..28].iter().all(|bucket| bucket.all().requests == 0));
    let app = store.over_time(run, span, None).unwrap();
    assert_eq!((app.len(), app[10].requests, app[28].requests), (29, 2, 0));
    let half = Span { from_s: span.from_s + 9, ..span };
    let part = store.edge_over_time(run, half).unwrap();
    assert_eq!(part.iter().map(|bucket| bucket.all().requests).sum::<u64>(), 11);
}

#[test]
fn stores_of_all_versions_are_read_alike() {
    let place = Place::new();
    let run = recorded(&place);
    // Of the version before, and of the one before that could tell routes.
    for sql in ["DROP TABLE edge_totals", "DROP TABLE edge_rollups"] {
        Connection::open(place.database()).unwrap().execute(sql, []).unwrap();
        let store = Store::open(&place.store()).unwrap();
        assert_eq!(store.edge(run).unwrap(), [], "{sql}");
    }
    let store = Store::open(&place.store()).unwrap();
    let span = store.span(run, (None, None), 400).unwrap().unwrap();
    assert_eq!(span.buckets(), 1, "the requests of the app alone");
    assert_eq!(store.edge_over_time(run, span).unwrap(), [EdgeAnswers::default()]);
    assert_eq!(store.edge_requests(run).unwrap(), 0);
    drop(store);

    // A store of version 3 in which the next run has an edge.
    let connection = Connection::open(place.database()).unwrap();
    connection.pragma_update(None, "user_version", 3).unwrap();
    drop(connection);
    let next = recorded(&place);
    let store = Store::open(&place.store()).unwrap();
    assert_eq!((store.edge(next).unwrap().len(), store.edge(run).unwrap().len()), (4, 0));
}

#[test]
fn what_this_version_never_wrote_is_damage() {
    let place = Place::new();
    let run = recorded(&place);
    for sql in [
        "UPDATE edge_totals SET target_kind = 3 WHERE target_kind = 2",
        "UPDATE edge_totals SET target_kind = 2, outcome = 10 WHERE target_kind = 3",
    ] {
        Connection::open(place.database()).unwrap().execute(sql, []).unwrap();
        let error = Store::open(&place.store()).unwrap().edge(run).err().unwrap();
        assert!(matches!(error, ReadError::Damaged(_)), "{sql}: {error:?}");
    }
}

#[test]
fn a_run_takes_what_its_edge_answered_along() {
    let place = Place::new();
    let run = recorded(&place);
    Connection::open(place.database()).unwrap().execute("DELETE FROM transactions", []).unwrap();
    Recorder::start(place.config()).unwrap().finish();
    let store = Store::open(&place.store()).unwrap();
    assert_eq!((store.run(run.number()).unwrap(), store.edge(run).unwrap().len()), (None, 0));
    assert_eq!(store.edge_requests(run).unwrap(), 0);
}
