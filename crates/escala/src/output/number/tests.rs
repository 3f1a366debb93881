use super::*;

#[test]
fn thousands_are_grouped() {
    assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
}

#[test]
fn half_a_query_is_a_median() {
    assert_eq!([100.0, 1_292.0, 10.5].map(count), ["100", "1,292", "10.5"]);
}

#[test]
fn nouns_follow_their_number() {
    assert_eq!(counted(1, "request"), "1 request");
    assert_eq!(counted(1_292, "request"), "1,292 requests");
    assert_eq!(counted(0, "finding"), "0 findings");
    assert_eq!([0.0, 1.0, 1.5, 100.0].map(queries), ["0 queries", "1 query", "1.5 queries", "100 queries"]);
}

#[test]
fn milliseconds_keep_what_was_measured() {
    assert_eq!(
        [0.004_2, 0.53, 4.236, 61.24, 1_234.5].map(milliseconds),
        ["0.00", "0.53", "4.24", "61.2", "1,235"]
    );
}

#[test]
fn percentages_never_claim_nothing_where_there_is_something() {
    assert_eq!(percentage(1.0, 2.0), "50%");
    assert_eq!(percentage(0.1, 100.0), "<1%");
    assert_eq!(percentage(0.0, 0.0), "0%");
    assert_eq!(percentage(3.0, 2.0), "100%");
}

#[test]
fn json_has_integers_where_they_are() {
    let json = |number| serde_json::to_string(&number).unwrap();
    assert_eq!(json(Rounded::count(100.0)), "100");
    assert_eq!(json(Rounded::count(100.5)), "100.5");
    assert_eq!(json(Rounded::milliseconds(61.249)), "61.2");
    assert_eq!(json(Rounded::milliseconds(4.236)), "4.24");
    assert_eq!(json(Rounded::milliseconds(0.012_34)), "0.012");
    assert_eq!(json(Rounded::milliseconds(0.0)), "0");
}
