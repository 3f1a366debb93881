use super::*;
use crate::output::samples::{measured_in_tests, outcome};

/// The page that documents the contract; its example is this test's expectation.
const PAGE: &str = include_str!("../../../../../../docs/reference/fix-json.md");

#[test]
fn the_documented_example_is_what_is_written() {
    let (_, example) = PAGE.split_once("```json\n").unwrap();
    assert_eq!(render(&outcome(), false).unwrap(), example.split_once("```").unwrap().0);
}

#[test]
fn an_empty_outcome_has_every_key() {
    assert_eq!(
        render(&Outcome::default(), false).unwrap(),
        "{\n  \"schema\": 1,\n  \"fixes\": [],\n  \"together\": null,\n  \"written\": false\n}\n"
    );
}

#[test]
fn what_tests_showed_is_told() {
    let mut outcome = outcome();
    outcome.fixes[0].measured = measured_in_tests();
    let document: serde_json::Value = serde_json::from_str(&render(&outcome, false).unwrap()).unwrap();
    let tests = serde_json::json!({ "tests": 42, "responses": 57, "identical": 57, "runs": 1 });
    assert_eq!(document["fixes"][0]["tests"], tests);
    assert_eq!(document["fixes"][0]["queries"]["before"], 101);
}
