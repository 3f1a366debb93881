use super::*;

#[test]
fn a_summary_is_a_count_and_a_line_per_endpoint() {
    let endpoint = Endpoint { route: "/books/<int:pk>/".into(), queries: 101.0, ms: 70.1 };
    let seen = parse_summary("2\n/books/<int:pk>/\t101\t70.1\n").unwrap();
    assert_eq!(seen, Seen { findings: 2, endpoints: vec![endpoint] });
}

#[test]
fn a_summary_that_is_not_one_is_an_error() {
    for summary in ["", "many\n", "2\n/books/\n", "2\n/books/\tmany\t1\n", "2\n/books/\t1\tslow\n"] {
        assert!(parse_summary(summary).is_err(), "{summary:?}");
    }
}
