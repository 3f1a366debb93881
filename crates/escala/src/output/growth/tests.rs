use analysis::Growth;

use super::*;
use crate::output::samples::finding;

fn words(per_row: Option<f64>, fewest: (u64, f64), most: (u64, f64)) -> String {
    let point = |(rows, queries)| GrowthPoint { rows, queries };
    let growth = Growth { model: "shop.Book".into(), per_row, fewest: point(fewest), most: point(most) };
    in_words(&Finding { growth: Some(growth), ..finding() }).unwrap()
}

#[test]
fn what_the_requests_show() {
    let cases = [
        (words(Some(1.0), (100, 100.0), (100, 100.0)), "one query per Book"),
        (
            words(Some(1.0), (20, 20.0), (1_000, 1_000.0)),
            "one query per Book: 20 rows 20 queries, 1,000 rows 1,000 queries",
        ),
        (
            words(Some(0.967), (20, 20.0), (100, 96.0)),
            "about one query per Book: 20 rows 20 queries, 100 rows 96 queries",
        ),
        (
            words(Some(2.8), (2, 5.5), (100, 280.0)),
            "about 2.8 queries per Book: 2 rows 5.5 queries, 100 rows 280 queries",
        ),
        (
            words(Some(3.0), (40, 120.0), (100, 300.0)),
            "3 queries per Book: 40 rows 120 queries, 100 rows 300 queries",
        ),
        (words(None, (20, 10.0), (100, 10.0)), "20 rows 10 queries, 100 rows 10 queries"),
    ];
    for (said, expected) in cases {
        assert_eq!(said, expected);
    }
}

#[test]
fn nothing_where_nothing_is_known() {
    assert_eq!(in_words(&Finding { growth: None, ..finding() }), None);
}
