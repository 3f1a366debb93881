use rusqlite::Connection;

use super::*;
use crate::Store;
use crate::database::open_writer;
use crate::limits::STORE_BYTES_CEILING;
use crate::records::{EndpointId, RunId};
use crate::testing::{Place, transaction};

const NOW_S: u64 = 1_800_000_000;

struct Run {
    place: Place,
    connection: Connection,
    tally: Tally,
    endpoints: Endpoints,
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
        Self { place, connection, tally: Tally::default(), endpoints: Endpoints::default(), limits }
    }

    /// Counts transactions in one commit.
    fn count(&mut self, at_s: u64, transactions: &[Transaction]) {
        let now_us = at_s * 1_000_000;
        let mut rows = Rows::prepare(&self.connection, RunId(1)).unwrap();
        for transaction in transactions {
            self.tally.add(transaction, &mut rows, &mut self.endpoints, &self.limits, now_us).unwrap();
        }
        self.tally.write(&mut rows, now_us).unwrap();
    }

    /// Requests of each bucket of a width, by their begin.
    fn buckets(&self, width_s: u64, endpoint: i64) -> Vec<(u64, u64)> {
        let sql = "SELECT started_at_s, requests FROM rollups WHERE width_s = ?1 AND endpoint_id = ?2";
        let mut statement = self.connection.prepare(sql).unwrap();
        let rows = statement.query_map([i64::try_from(width_s).unwrap(), endpoint], |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }
}

/// A page of 70 ms that ended in a second.
fn ended(at_s: u64, route: &str) -> Transaction {
    let mut page = transaction(1, 3);
    page.started_at_us = at_s * 1_000_000;
    page.route = route.to_owned();
    page
}

#[test]
fn a_transaction_counts_once_in_each_level() {
    let mut run = Run::new(Limits::default());
    run.count(NOW_S, &[ended(NOW_S - 25, "/a/"), ended(NOW_S - 14, "/a/")]);
    run.count(NOW_S + 1, &[ended(NOW_S - 14, "/b/")]);
    for (width_s, all, own) in [
        (1, vec![(NOW_S - 25, 1), (NOW_S - 14, 2)], vec![(NOW_S - 25, 1), (NOW_S - 14, 1)]),
        (10, vec![(NOW_S - 30, 1), (NOW_S - 20, 2)], vec![(NOW_S - 30, 1), (NOW_S - 20, 1)]),
        (60, vec![(NOW_S - 60, 3)], vec![(NOW_S - 60, 2)]),
        (600, vec![(NOW_S - 600, 3)], vec![(NOW_S - 600, 2)]),
        (3_600, vec![(NOW_S - 3_600, 3)], vec![(NOW_S - 3_600, 2)]),
    ] {
        assert_eq!(run.buckets(width_s, ALL_REQUESTS), all, "{width_s}");
        assert_eq!(run.buckets(width_s, 1), own, "{width_s}");
    }
}

#[test]
fn what_is_forgotten_is_read_from_the_database_again() {
    let mut run = Run::new(Limits::default());
    run.count(NOW_S, &[ended(NOW_S, "/a/")]);
    run.tally.forget();
    run.count(NOW_S, &[ended(NOW_S, "/a/")]);
    assert_eq!(run.buckets(10, ALL_REQUESTS), [(NOW_S, 2)]);
    let store = Store::open(&run.place.store()).unwrap();
    let span = store.span(RunId(1), (None, None), 400).unwrap().unwrap();
    let id = EndpointId { kind: TransactionKind::Http, method: "GET".into(), route: "/a/".into() };
    let buckets = store.over_time(RunId(1), span, Some(&id)).unwrap();
    assert_eq!((span.from_s, span.to_s, span.width_s), (NOW_S, NOW_S + 1, 1));
    assert_eq!((buckets[0].requests, buckets[0].queries, buckets[0].wall_ns), (2, 6, 140_000_000));
    assert_eq!(buckets[0].wall_spread_ns.count(), 2);
}

#[test]
fn old_buckets_go_when_new_ones_come() {
    let mut run = Run::new(Limits::default());
    for step in 0..400 {
        run.count(NOW_S + step * 10, &[ended(NOW_S + step * 10, "/a/")]);
    }
    let kept = run.buckets(10, 1);
    assert_eq!(kept.len(), 360);
    assert_eq!(kept[0].0, NOW_S + 40 * 10);
    assert_eq!(run.buckets(600, 1).iter().map(|bucket| bucket.1).sum::<u64>(), 400);
    assert!(run.tally.buckets.len() <= 2 * ROLLUP_LEVELS.len(), "only those that are open stay in memory");
}

#[test]
fn clocks_that_are_wrong_open_no_bucket_outside_of_what_is_kept() {
    let mut run = Run::new(Limits::default());
    run.count(NOW_S, &[ended(NOW_S + 1_000_000, "/a/"), ended(1_000, "/a/")]);
    assert_eq!(run.buckets(10, ALL_REQUESTS), [(NOW_S, 1)]);
    assert_eq!(run.buckets(3_600, ALL_REQUESTS), [(NOW_S, 1)]);
}

#[test]
fn tests_and_endpoints_beyond_the_limit_have_no_buckets_of_their_own() {
    let mut run = Run::new(Limits { rolled_up_endpoints: 2, ..Limits::default() });
    let test = Transaction { kind: TransactionKind::Test, ..ended(NOW_S, "shop.tests.T.test_it") };
    run.count(NOW_S, &[test]);
    run.count(NOW_S, &[ended(NOW_S, "/a/"), ended(NOW_S, "/b/"), ended(NOW_S, "/c/"), ended(NOW_S, "/c/")]);
    run.tally.forget();
    run.count(NOW_S, &[ended(NOW_S, "/c/")]);
    let sizes: Vec<_> = (1..=4).map(|id| run.buckets(10, id).len()).collect();
    assert_eq!(sizes, [0, 1, 1, 0], "the test came first");
    assert_eq!(run.buckets(10, ALL_REQUESTS), [(NOW_S, 5)]);
}
