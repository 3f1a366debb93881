use std::sync::Arc;
use std::thread;

use observation::frame::Frame;
use proptest::prelude::*;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn note(tally: &Tally, path: &str, outcome: EdgeOutcome) {
    tally.note(b"GET", path.as_bytes(), outcome, MS, Duration::ZERO, 100);
}

/// Path, outcome and requests of each row.
fn rows(report: &EdgeReport) -> Vec<(&str, EdgeOutcome, u64)> {
    report.rows.iter().map(|row| (row.path.as_str(), row.outcome, row.figures.requests)).collect()
}

#[test]
fn requests_add_up_by_method_path_and_outcome() {
    let tally = Tally::new(1_000_000);
    tally.note(b"GET", b"/books/?page=2", EdgeOutcome::Miss, 5 * MS, 2 * MS, 700);
    tally.note(b"GET", b"/books/", EdgeOutcome::Miss, 3 * MS, 3 * MS, 300);
    note(&tally, "/books/", EdgeOutcome::Hit);
    tally.note(b"POST", b"/books/", EdgeOutcome::Pass, MS, MS, 1);
    let report = tally.take(2_000_000);
    assert_eq!((report.from_us, report.to_us), (1_000_000, 2_000_000));
    let expected = EdgeRow {
        method: "GET".to_owned(),
        path: "/books/".to_owned(),
        outcome: EdgeOutcome::Miss,
        figures: EdgeFigures {
            requests: 2,
            bytes_sent: 1_000,
            took_ns: 8_000_000,
            took_max_ns: 5_000_000,
            wait_ns: 5_000_000,
            wait_max_ns: 3_000_000,
        },
    };
    assert_eq!((&report.rows[0], report.rows.len()), (&expected, 3));
    assert_eq!(report.rows[2].method, "POST");
    let empty = EdgeReport { from_us: 2_000_000, to_us: 3_000_000, rows: vec![] };
    assert_eq!(tally.take(3_000_000), empty, "each is told once");
}

#[test]
fn what_has_no_room_is_counted_by_outcome_and_what_is_in_use_keeps_its_place() {
    let tally = Tally::with_rows(0, 3);
    for path in ["/a", "/b"] {
        note(&tally, path, EdgeOutcome::Hit);
    }
    let _ = tally.take(1);
    for scanned in 0..10 {
        note(&tally, &format!("/scan/{scanned}"), EdgeOutcome::Pass);
    }
    for path in ["/a", "/b", "/c"] {
        note(&tally, path, EdgeOutcome::Hit);
    }
    let report = tally.take(2);
    let (hit, pass) = (EdgeOutcome::Hit, EdgeOutcome::Pass);
    assert_eq!(
        rows(&report),
        [("/a", hit, 1), ("/b", hit, 1), ("/scan/0", pass, 1), ("", hit, 1), ("", pass, 9)]
    );
    assert_eq!(report.not_told_apart(), 10);
    // What was scanned is not asked for again, and makes room.
    note(&tally, "/a", hit);
    let _ = tally.take(3);
    for path in ["/d", "/e", "/f"] {
        note(&tally, path, hit);
    }
    assert_eq!(rows(&tally.take(4)), [("/d", hit, 1), ("/e", hit, 1), ("", hit, 1)]);
}

#[test]
fn a_report_has_the_paths_with_most_requests() {
    let tally = Tally::new(0);
    for path in 0..EDGE_ROWS_MAX {
        note(&tally, &format!("/once/{path}"), EdgeOutcome::Miss);
    }
    for _ in 0..2 {
        note(&tally, "/twice", EdgeOutcome::Hit);
    }
    let report = tally.take(1);
    assert_eq!((report.rows.len(), rows(&report)[0]), (EDGE_ROWS_MAX - 9, ("/twice", EdgeOutcome::Hit, 2)));
    assert_eq!(rows(&report).last(), Some(&("", EdgeOutcome::Miss, 11)));
    assert_eq!(report.rows.iter().map(|row| row.figures.requests).sum::<u64>(), EDGE_ROWS_MAX as u64 + 2);
}

#[test]
fn secrets_stay_here() {
    let tally = Tally::new(0);
    let token = "c9x4yz-5f2b8e1d3c4a5b6c7d8e9f0a1b2c3d4e";
    note(&tally, &format!("/reset/MQ/{token}/?token={token}"), EdgeOutcome::Pass);
    note(&tally, &format!("/reset/MQ/{}/", token.to_uppercase()), EdgeOutcome::Pass);
    // A secret that is cut in two is none that could be known.
    note(&tally, &format!("/{}/{token}/", "x/".repeat(EDGE_PATH_BYTES_MAX / 2 - 5)), EdgeOutcome::Pass);
    let report = tally.take(1);
    assert_eq!(rows(&report)[0], ("/reset/MQ/redacted/", EdgeOutcome::Pass, 2));
    assert_eq!(report.rows.len(), 2);
    let frame = Frame::Edge(Box::new(report)).encode(Vec::new());
    assert!(!frame.windows(4).any(|bytes| bytes.eq_ignore_ascii_case(&token.as_bytes()[..4])));
}

#[test]
fn requests_that_could_not_be_read_have_no_path() {
    let tally = Tally::new(0);
    tally.note(b"", b"", EdgeOutcome::Refused, MS, Duration::ZERO, 90);
    tally.note(&[b'X'; 900], b"/\xff", EdgeOutcome::Refused, MS, Duration::ZERO, 90);
    let report = tally.take(1);
    assert_eq!(rows(&report), [("/\u{fffd}", EdgeOutcome::Refused, 1), ("", EdgeOutcome::Refused, 1)]);
    assert_eq!(report.rows[0].method, "X".repeat(EDGE_METHOD_BYTES_MAX));
}

#[test]
fn threads_that_count_while_reports_are_taken_lose_nothing() {
    const THREADS: u64 = 4;
    const EACH: u64 = 20_000;
    let tally = Arc::new(Tally::with_rows(0, 64));
    let counting: Vec<_> = (0..THREADS)
        .map(|thread| {
            let tally = Arc::clone(&tally);
            thread::spawn(move || {
                for number in 0..EACH {
                    note(
                        &tally,
                        &format!("/{}", number * thread % 50),
                        EdgeOutcome::ALL[(number % 10) as usize],
                    );
                }
            })
        })
        .collect();
    let mut told = 0;
    let mut take = |now_us| {
        told += tally.take(now_us).rows.iter().map(|row| row.figures.requests).sum::<u64>();
    };
    let mut now_us = 1;
    while counting.iter().any(|thread| !thread.is_finished()) {
        take(now_us);
        now_us += 1;
    }
    for thread in counting {
        thread.join().unwrap();
    }
    take(now_us);
    assert_eq!(told, THREADS * EACH);
    let _ = tally.take(now_us + 1);
    assert_eq!(tally.rows.load(Ordering::Relaxed), 0, "all have made room again");
}

proptest! {
    #[test]
    fn any_request_makes_a_report_that_a_recorder_takes(
        requests in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..40), prop::collection::vec(any::<u8>(), 0..700), 0_u8..10), 0..20,
        ),
    ) {
        let tally = Tally::with_rows(0, 9);
        for (method, path, code) in &requests {
            tally.note(method, path, EdgeOutcome::from_code(*code).unwrap(), MS, MS, 1);
        }
        let report = tally.take(1);
        prop_assert_eq!(report.rows.iter().map(|row| row.figures.requests).sum::<u64>(), requests.len() as u64);
        let bytes = Frame::Edge(Box::new(report.clone())).encode(Vec::new());
        prop_assert_eq!(Frame::decode(&bytes[4..]), Ok(Frame::Edge(Box::new(report))));
    }
}
