use observation::EdgeRow;
use rusqlite::Connection;

use super::*;
use crate::Store;
use crate::database::open_writer;
use crate::limits::STORE_BYTES_CEILING;
use crate::testing::{Place, edge_report as report, transaction};

const NOW_S: u64 = 1_800_000_000;

struct Run {
    place: Place,
    connection: Connection,
    tally: EdgeTally,
    rows: EdgeRows,
    limits: Limits,
}

impl Run {
    fn new(limits: Limits) -> Self {
        let place = Place::new();
        std::fs::create_dir_all(place.store()).unwrap();
        let connection = open_writer(&place.store(), STORE_BYTES_CEILING).unwrap();
        let sql =
            "INSERT INTO runs (command, project_root, escala_version, started_at_us) VALUES ('', '', '', 0)";
        connection.execute(sql, []).unwrap();
        Self { place, connection, tally: EdgeTally::default(), rows: EdgeRows::default(), limits }
    }

    fn meet(&mut self, route: &str) {
        self.tally.meet(&Transaction { route: route.to_owned(), ..transaction(1, 0) });
    }

    /// Counts a report in one commit.
    fn count(&mut self, at_s: u64, rows: &[(&str, EdgeOutcome, u64)]) {
        let now_us = at_s * 1_000_000 + 999_999;
        self.tally.add(&report(at_s, rows), now_us);
        self.tally.write(&self.connection, RunId(1), &mut self.rows, &self.limits, now_us).unwrap();
    }

    /// Target, outcome and requests of each row.
    fn totals(&self) -> Vec<(i64, String, i64, i64)> {
        let sql = "SELECT target_kind, target, outcome, requests FROM edge_totals";
        let mut statement = self.connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// Begin and requests of each bucket of a width.
    fn buckets(&self, width_s: u64) -> Vec<(u64, u64)> {
        let sql = "SELECT started_at_s, requests FROM edge_rollups WHERE width_s = ?1";
        let mut statement = self.connection.prepare(sql).unwrap();
        let rows = statement.query_map([integer(width_s)], |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }
}

fn row(kind: i64, target: &str, outcome: EdgeOutcome, requests: i64) -> (i64, String, i64, i64) {
    (kind, target.to_owned(), outcome.code().into(), requests)
}

#[test]
fn paths_are_kept_as_the_route_that_they_belong_to() {
    let mut run = Run::new(Limits::default());
    run.meet("/books/<int:pk>/");
    run.count(
        NOW_S,
        &[
            ("/books/1/", EdgeOutcome::Hit, 3),
            ("/books/2/", EdgeOutcome::Hit, 2),
            ("/books/2/", EdgeOutcome::Shed, 1),
            ("/books/1/", EdgeOutcome::Refused, 1),
            ("/books/1/", EdgeOutcome::Static, 1),
            ("/about/", EdgeOutcome::Hit, 1),
            ("", EdgeOutcome::Pass, 9),
        ],
    );
    // Met later: from now on it is one row.
    run.meet("/<slug>/");
    run.count(NOW_S, &[("/about/", EdgeOutcome::Hit, 1), ("/books/3/", EdgeOutcome::Hit, 1)]);
    assert_eq!(
        run.totals(),
        [
            row(0, "/<slug>/", EdgeOutcome::Hit, 1),
            row(0, "/books/<int:pk>/", EdgeOutcome::Hit, 6),
            row(0, "/books/<int:pk>/", EdgeOutcome::Shed, 1),
            row(1, "/about/", EdgeOutcome::Hit, 1),
            row(1, "/books/1/", EdgeOutcome::Static, 1),
            row(1, "/books/1/", EdgeOutcome::Refused, 1),
            row(2, "", EdgeOutcome::Pass, 9),
        ]
    );
    assert_eq!(run.rows, EdgeRows { routes: 3, paths: 3 });
}

#[test]
fn rows_beyond_the_limit_are_counted_by_outcome() {
    let mut run = Run::new(Limits { edge_routes: 1, edge_paths: 2, ..Limits::default() });
    for route in ["/a/", "/b/"] {
        run.meet(route);
    }
    for _ in 0..2 {
        let scanned = ["/x", "/y", "/z", "/v"].map(|path| (path, EdgeOutcome::Pass, 1));
        run.count(NOW_S, &scanned);
        run.count(NOW_S, &[("/a/", EdgeOutcome::Hit, 1)]);
        run.count(NOW_S, &[("/b/", EdgeOutcome::Hit, 1)]);
    }
    let totals = run.totals();
    assert_eq!((totals.len(), run.rows), (5, EdgeRows { routes: 1, paths: 2 }));
    assert_eq!(totals[0], row(0, "/a/", EdgeOutcome::Hit, 2));
    assert_eq!(totals[3..], [row(2, "", EdgeOutcome::Hit, 2), row(2, "", EdgeOutcome::Pass, 4)]);
    assert_eq!(totals[1..3].iter().map(|row| row.3).sum::<i64>(), 4, "those that were there go on counting");
}

#[test]
fn a_report_counts_once_in_each_level_and_old_buckets_go() {
    let mut run = Run::new(Limits::default());
    for step in 0..400 {
        run.count(NOW_S + step * 10, &[("/a/", EdgeOutcome::Hit, 2), ("/b/", EdgeOutcome::Hit, 1)]);
    }
    for (width_s, kept) in [(1, 30), (10, 360), (60, 67), (600, 7), (3_600, 2)] {
        let buckets = run.buckets(width_s);
        assert_eq!(buckets.len(), kept, "{width_s}");
        assert!(buckets.iter().all(|bucket| bucket.0 % width_s == 0), "{width_s}: {buckets:?}");
    }
    assert_eq!(run.buckets(600).iter().map(|bucket| bucket.1).sum::<u64>(), 1_200);
    assert_eq!(run.buckets(10)[0], (NOW_S + 400, 3));
}

#[test]
fn clocks_that_are_wrong_open_no_bucket_outside_of_what_is_kept() {
    let mut run = Run::new(Limits::default());
    for at_s in [NOW_S + 1_000_000, 1_000, u64::MAX / 1_000_001] {
        run.tally.add(&report(at_s, &[("/a/", EdgeOutcome::Hit, 1)]), NOW_S * 1_000_000);
    }
    run.count(NOW_S, &[]);
    assert_eq!(run.buckets(10), [(NOW_S, 2)], "those ahead count now");
    assert_eq!(run.totals(), [row(1, "/a/", EdgeOutcome::Hit, 3)]);
}

#[test]
fn what_is_beyond_all_measure_stays_at_the_largest_integer() {
    let mut run = Run::new(Limits::default());
    let figures =
        EdgeFigures { requests: u64::MAX, took_ns: u64::MAX, took_max_ns: 7, ..EdgeFigures::default() };
    for _ in 0..3 {
        let row = EdgeRow { method: "GET".into(), path: "/".into(), outcome: EdgeOutcome::Hit, figures };
        run.tally.add(&EdgeReport { rows: vec![row], ..report(NOW_S, &[]) }, NOW_S * 1_000_000);
        run.count(NOW_S, &[]);
    }
    assert_eq!(run.totals(), [row(1, "/", EdgeOutcome::Hit, i64::MAX)]);
    let store = Store::open(&run.place.store()).unwrap();
    assert_eq!(store.edge(RunId(1)).unwrap()[0].figures.took_ns, i64::MAX.unsigned_abs());
    assert!(store.edge_requests(RunId(1)).unwrap() > 0);
}

#[test]
fn what_could_not_be_written_is_let_go() {
    let mut run = Run::new(Limits::default());
    run.meet("/a/");
    run.tally.add(&report(NOW_S, &[("/a/", EdgeOutcome::Hit, 5)]), NOW_S * 1_000_000);
    run.tally.forget();
    run.count(NOW_S, &[("/a/", EdgeOutcome::Hit, 1)]);
    assert_eq!(run.totals(), [row(0, "/a/", EdgeOutcome::Hit, 1)], "the routes are known still");
}

#[test]
fn only_routes_of_requests_are_met() {
    let mut run = Run::new(Limits::default());
    let test = Transaction { kind: TransactionKind::Test, route: "/a/".to_owned(), ..transaction(1, 0) };
    run.tally.meet(&test);
    run.meet("");
    run.count(NOW_S, &[("/a/", EdgeOutcome::Hit, 1)]);
    assert_eq!(run.totals(), [row(1, "/a/", EdgeOutcome::Hit, 1)]);
}
