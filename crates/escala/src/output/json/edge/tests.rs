use super::*;
use crate::output::json;
use crate::output::samples::{edge, endpoint, query_shapes};

/// The page that documents the contract; the example of an edge is this test's expectation.
const PAGE: &str = include_str!("../../../../../../docs/reference/report-json.md");

#[test]
fn the_documented_example_is_what_is_written() {
    let mut edge = edge();
    edge.endpoints.truncate(1);
    edge.paths.clear();
    let text = json::render(&EdgeRow::new(&edge)).unwrap();
    let example = PAGE.split("```json\n").nth(2).unwrap();
    assert_eq!(text, example.split_once("```").unwrap().0);
}

#[test]
fn what_cannot_be_told_is_null() {
    let text = json::render(&Answers::new(&EdgeAnswers::default())).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for name in ["hit_rate", "stale", "collapsed"] {
        assert!(value[name].is_null(), "{name}: {text}");
    }
    assert_eq!((&value["ms"]["mean"], &value["wait_ms"]["max"]), (&serde_json::Value::Null, &0.into()));
    assert_eq!(value["outcomes"].as_object().unwrap().len(), 10, "each outcome, whether it occurred or not");
}

#[test]
fn an_endpoint_has_its_own_figures() {
    let edge = edge();
    let answers = edge.endpoint("GET", "/books/");
    let text =
        json::endpoint::render(&endpoint("GET", "/books/", 101.0, 70.12), &[], &query_shapes(), answers)
            .unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&value["edge"]["requests"], &value["edge"]["outcomes"]["stale"]),
        (&12_100.into(), &700.into())
    );
}
