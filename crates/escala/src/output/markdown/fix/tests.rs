use super::*;
use crate::output::samples::{findings, outcome};

#[test]
fn the_description_of_a_pull_request() {
    insta::assert_snapshot!(render(&findings(), &outcome()));
}

#[test]
fn nothing_found() {
    assert_eq!(render(&[], &Outcome::default()), "### Findings\n\nNone.\n");
}

#[test]
fn code_cannot_end_its_fence() {
    assert_eq!(fenced("+ ```\n"), ["````diff", "+ ```", "````"]);
}
