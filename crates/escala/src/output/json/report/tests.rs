use observation::TransactionKind;

use super::*;
use crate::output::samples::{endpoint, finding, key, located, report};
use crate::output::source::State;

/// The page that documents the contract; its example is this test's expectation.
const PAGE: &str = include_str!("../../../../../../docs/reference/report-json.md");

#[test]
fn the_documented_example_is_what_is_written() {
    let report = Report {
        transactions: 3,
        examined: 3,
        ..report(vec![endpoint("GET", "/books/", 101.0, 70.12)], vec![finding()])
    };
    let text = render(&report, &[located(&report.findings[0])], 0, None).unwrap();
    let (_, example) = PAGE.split_once("```json\n").unwrap();
    assert_eq!(text, example.split_once("```").unwrap().0);
}

#[test]
fn what_is_not_known_is_null() {
    let mut finding = finding();
    finding.endpoints = vec![
        key("GET", ""),
        analysis::EndpointKey { kind: TransactionKind::Test, ..key("", "shop.tests.T.test") },
    ];
    finding.growth = None;
    finding.remedy = None;
    let mut located = located(&finding);
    located.origin = None;
    located.access = Some(Spot {
        file: "shop/serializers.py".into(),
        line: None,
        function: "BookSerializer.publisher".into(),
        state: State::Unreadable,
    });
    insta::assert_snapshot!(render(&report(Vec::new(), Vec::new()), &[located], 2, None).unwrap());
}

#[test]
fn an_empty_report_has_every_key() {
    assert_eq!(
        render(&report(Vec::new(), Vec::new()), &[], 0, None).unwrap(),
        "{\n  \"schema\": 1,\n  \"transactions\": 1234,\n  \"examined\": 1234,\n  \"dropped\": 0,\n  \"summed_up_queries\": 0,\n  \"suppressed\": 0,\n  \"endpoints\": [],\n  \"findings\": [],\n  \"edge\": null\n}\n"
    );
}
