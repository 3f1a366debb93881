use super::*;
use crate::testing::transaction;

#[test]
fn everything_is_counted_and_comes_back() {
    let mut totals = Totals::default();
    for serial in 1..=100 {
        let status = if serial == 1 { 500 } else { 200 };
        totals.add(&Transaction { wall_ns: serial * 1_000_000, status, ..transaction(serial, 3) });
    }
    assert_eq!((totals.transactions, totals.queries_total, totals.wall_total_ns), (100, 300, 5_050_000_000));
    assert_eq!(totals.statuses, BTreeMap::from([(200, 99), (500, 1)]));
    assert_eq!(totals.queries(), Distribution { p50: 3, p95: 3, p99: 3, max: 3 });
    assert_eq!(totals.db_total_ns, Some(100 * 3 * 250_000));
    assert_eq!(totals.wall_ns().max, 100_000_000);
    assert!(totals.wall_ns().p50.abs_diff(50_000_000) < 500_000);
    assert_eq!(Totals::decode(&totals.encode()), Ok(totals));
}

#[test]
fn statuses_are_as_many_as_the_limit_and_their_transactions_count() {
    let mut totals = Totals::default();
    for status in 100..400 {
        totals.add(&Transaction { status, ..transaction(1, 1) });
    }
    assert_eq!((totals.statuses.len(), totals.transactions), (STATUSES_PER_ENDPOINT_MAX, 300));
}

#[test]
fn nonsense_is_an_error() {
    let mut totals = Totals::default();
    totals.add(&transaction(1, 1));
    let bytes = totals.encode();
    let without_db = Totals { db_total_ns: None, ..totals }.encode().len();
    for cut in (0..bytes.len()).filter(|cut| *cut != without_db) {
        assert!(Totals::decode(&bytes[..cut]).is_err());
    }
    assert!(Totals::decode(&[bytes, vec![0]].concat()).is_err());
}

#[test]
fn totals_of_an_older_version_lack_only_the_time_in_the_database() {
    let mut totals = Totals::default();
    totals.add(&transaction(1, 1));
    let older = Totals { db_total_ns: None, ..totals };
    let mut read = Totals::decode(&older.encode()).unwrap();
    assert_eq!(read, older);
    read.add(&transaction(2, 1));
    assert_eq!(read.db_total_ns, None, "a sum of the later ones alone would be wrong");
}
