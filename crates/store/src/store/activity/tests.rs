use super::*;
use crate::recorder::Recorder;
use crate::testing::{Place, connect, frame, process, send, transaction};

fn level(from_s: u64, to_s: u64, width_s: u64) -> Span {
    Span { from_s, to_s, width_s }
}

#[test]
fn the_finest_level_is_taken_that_reaches_back_with_few_enough_buckets() {
    // A run of five hours, of which the last hour is kept in buckets of ten seconds.
    let levels = [level(17_700, 18_000, 1), level(14_400, 18_000, 10), level(0, 18_000, 60)];
    let chosen = |from_s: Option<u64>, to_s: Option<u64>| {
        choose(&levels, (from_s.map(|s| s * 1_000_000), to_s.map(|s| s * 1_000_000)), 400).unwrap()
    };
    assert_eq!(chosen(None, None), level(0, 18_000, 60));
    assert_eq!(chosen(Some(17_000), None), level(17_000, 18_000, 10));
    assert_eq!(chosen(Some(17_900), None), level(17_900, 18_000, 1));
    assert_eq!(chosen(Some(14_000), Some(14_100)), level(13_980, 14_100, 60), "gone from the finer ones");
    assert_eq!(chosen(Some(17_011), Some(17_012)), level(17_010, 17_020, 10));
    assert_eq!(chosen(Some(99_999), Some(5)), level(17_999, 18_000, 1), "never empty");
    assert_eq!(choose(&[], (None, None), 400), None);
}

#[test]
fn a_run_of_an_hour_and_a_half_is_read_from_its_begin() {
    // It began two minutes after the hour, and its first half hour has gone from the buckets of ten seconds.
    let levels = [
        level(5_220, 5_520, 1),
        level(1_920, 5_520, 10),
        level(120, 5_520, 60),
        level(0, 5_520, 600),
        level(0, 7_200, 3_600),
    ];
    assert_eq!(choose(&levels, (None, None), 400), Some(level(120, 5_520, 60)));
    assert_eq!(choose(&levels, (Some(2_000_000_000), None), 400), Some(level(2_000, 5_520, 10)));
}

#[test]
fn a_long_run_is_read_in_the_coarsest_buckets() {
    let levels = [level(999_000, 1_000_800, 10), level(0, 1_000_800, 600), level(0, 1_000_800, 3_600)];
    assert_eq!(
        choose(&levels, (None, None), 400),
        Some(level(0, 1_000_800, 3_600)),
        "too many of the finer ones"
    );
}

/// Two endpoints, ten requests, a test around none of them; all just now.
fn recorded(place: &Place) -> RunId {
    let recorder = Recorder::start(place.config()).unwrap();
    let now_us = crate::recorder::now_us();
    let mut stream = connect(recorder.socket_path(), process(1));
    for serial in 1..=10 {
        let mut one = transaction(serial, 5);
        one.started_at_us = now_us - 70_000;
        one.wall_ns = serial * 1_000_000;
        if serial > 7 {
            one.route = "/about/".to_owned();
            one.status = if serial == 8 { 500 } else { 404 };
        }
        send(&mut stream, &frame(one));
    }
    let mut test = transaction(11, 1);
    test.kind = TransactionKind::Test;
    test.started_at_us = now_us - 70_000;
    send(&mut stream, &frame(test));
    drop(stream);
    let run = recorder.run();
    assert_eq!(recorder.finish().transactions, 11);
    run
}

/// What a page would show of a run.
type Shown = (Vec<Rollup>, Vec<Rollup>, Vec<(EndpointId, Rollup)>, Vec<EndpointActivity>, u64);

fn shown(store: &Store, run: RunId) -> Shown {
    let span = store.span(run, (None, None), 400).unwrap().unwrap();
    let about =
        EndpointId { kind: TransactionKind::Http, method: "GET".to_owned(), route: "/about/".to_owned() };
    let mut sums = store.endpoint_sums(run, span, None).unwrap();
    sums.retain(|(id, _)| id.kind != TransactionKind::Test);
    sums.sort_by(|one, other| one.0.cmp(&other.0));
    let only = store.endpoint_sums(run, span, Some(&about)).unwrap();
    assert_eq!(only, sums[..1], "the one that is named, as among the others");
    let mut activities = store.endpoints_over_time(run, span, None, 3).unwrap();
    activities.retain(|one| one.endpoint.kind != TransactionKind::Test);
    activities.sort_by(|one, other| one.endpoint.cmp(&other.endpoint));
    let only = store.endpoints_over_time(run, span, Some(&about), 3).unwrap();
    assert_eq!(only, activities[..1]);
    (
        store.over_time(run, span, None).unwrap(),
        store.over_time(run, span, Some(&about)).unwrap(),
        sums,
        activities,
        store.endpoints_active(run, span).unwrap(),
    )
}

#[test]
fn a_run_without_rollups_reads_as_one_with_them() {
    let place = Place::new();
    let run = recorded(&place);
    let store = Store::open(&place.store()).unwrap();
    let kept = shown(&store, run);
    drop(store);
    let (all, about, sums, activities, active) = &kept;
    assert_eq!(*active, 2);
    let sum = |buckets: &[Rollup]| {
        let sum = |of: fn(&Rollup) -> u64| buckets.iter().map(of).sum::<u64>();
        [sum(|one| one.requests), sum(|one| one.errors), sum(|one| one.client_errors), sum(|one| one.queries)]
    };
    assert_eq!(sum(all), [10, 1, 2, 50]);
    assert_eq!(sum(about), [3, 1, 2, 15]);
    let routes: Vec<_> = sums.iter().map(|(id, sum)| (id.route.as_str(), sum.requests)).collect();
    assert_eq!(routes, [("/about/", 3), ("/books/", 7)]);
    assert_eq!(sums[1].1.wall_spread_ns.max(), 7_000_000);
    assert_eq!(activities[1].parts.iter().map(|part| part.0).sum::<u64>(), 7);

    // A run of an older version in a store of this one, then stores of ever older versions.
    for sql in [
        "DELETE FROM rollups",
        "DROP TABLE rollups",
        "ALTER TABLE endpoint_totals DROP COLUMN rolled_up",
        "DROP TABLE endpoint_totals",
    ] {
        Connection::open(place.database()).unwrap().execute(sql, []).unwrap();
        assert_eq!(shown(&Store::open(&place.store()).unwrap(), run), kept, "{sql}");
    }
}

#[test]
fn an_unknown_run_has_no_span() {
    let place = Place::new();
    recorded(&place);
    let store = Store::open(&place.store()).unwrap();
    assert_eq!(store.span(RunId(9), (None, None), 400).unwrap(), None);
}

#[test]
fn a_stretch_is_covered_by_wide_buckets_and_finer_ones_at_its_ends() {
    let pieces = cover(level(3_590, 14_470, 10));
    assert_eq!(
        pieces,
        [
            level(3_600, 14_400, 3_600),
            level(14_400, 14_460, 60),
            level(3_590, 3_600, 10),
            level(14_460, 14_470, 10)
        ]
    );
    assert_eq!(cover(level(50, 70, 10)), [level(50, 70, 10)], "too short for a wider one");
    for (from_s, to_s) in [(0, 1), (7, 4_321), (3_599, 7_201), (86_399, 200_000)] {
        let mut pieces = cover(level(from_s, to_s, 1));
        pieces.sort_by_key(|piece| piece.from_s);
        assert!(pieces.windows(2).all(|pair| pair[0].to_s == pair[1].from_s), "{pieces:?}");
        assert_eq!((pieces[0].from_s, pieces[pieces.len() - 1].to_s), (from_s, to_s));
        assert!(pieces.iter().all(|piece| piece.from_s % piece.width_s + piece.to_s % piece.width_s == 0));
    }
}
