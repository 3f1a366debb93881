use super::*;
use crate::output::samples::outcome;

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
