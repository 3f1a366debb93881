use observation::EdgeOutcome;

use super::*;
use crate::testing::{Project, answer_at_edge, send};

#[test]
fn an_event_tells_what_came_since_the_last_one() {
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 10)]);
    let app = project.app();
    let store = Store::open(&project.store()).unwrap();
    let mut look = Look::default();
    let first = look.at(&app, &store).unwrap();
    assert_eq!((first.recording, first.transactions, first.figures, first.newest.len()), (true, 1, None, 0));

    let mut failed = project.page(3, 4);
    failed.status = 500;
    send(&recorder, vec![project.page(2, 10), failed]);
    let before = look.before.as_mut().unwrap();
    before.at -= Duration::from_secs(2);
    let second = look.at(&app, &store).unwrap();
    let figures = second.figures.unwrap();
    assert!((figures.requests_per_s - 1.0).abs() < 0.2, "two in two seconds: {figures:?}");
    assert!((figures.errors_per_s - 0.5).abs() < 0.1, "{figures:?}");
    assert_eq!(figures.queries_per_request, Some(8.0));
    assert!((figures.wall_ms.unwrap().p50 - 3.2).abs() < 0.05, "the faster of the two: {figures:?}");
    assert_eq!(
        second.newest.iter().map(|one| (one.ordinal, one.status)).collect::<Vec<_>>(),
        [(3, Some(500)), (2, Some(200))]
    );

    let quiet = look.at(&app, &store).unwrap();
    assert_eq!((quiet.figures.unwrap().queries_per_request, quiet.newest.len()), (None, 0));
    recorder.finish();
    let over = look.at(&app, &store).unwrap();
    assert_eq!((over.recording, over.run, over.figures), (false, first.run, None), "the recorder is gone");
}

#[test]
fn an_empty_store_has_no_run_to_tell_of() {
    let project = Project::new();
    let recorder = project.record();
    let event = Look::default().at(&project.app(), &Store::open(&project.store()).unwrap()).unwrap();
    assert_eq!((event.run, event.recording, event.transactions), (None, true, 0));
    recorder.finish();
}

#[test]
fn events_reach_those_who_listen() {
    use std::io::{BufRead, BufReader, Write};
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 10)]);
    let server = project.serve();
    let mut stream = server.connect();
    stream.write_all(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "content-type: text/event-stream"));
    assert!(lines.any(|line| line == "retry: 2000"));
    assert!(lines.any(|line| line == "event: live"));
    let data = lines.find_map(|line| Some(line.strip_prefix("data: ")?.to_owned())).unwrap();
    let event: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!((&event["transactions"], &event["recording"]), (&1.into(), &true.into()));
    drop(server);
    recorder.finish();
}

#[test]
fn an_event_tells_that_the_edge_answered_although_nobody_asked_the_app() {
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 10)]);
    let app = project.app();
    let store = Store::open(&project.store()).unwrap();
    let mut look = Look::default();
    assert_eq!(look.at(&app, &store).unwrap().edge_requests, 0);
    answer_at_edge(&recorder, &project.store(), &[("/books/", EdgeOutcome::Hit, 7)]);
    let event = look.at(&app, &store).unwrap();
    assert_eq!((event.edge_requests, event.transactions), (7, 1));
    drop(store);
    recorder.finish();
}
