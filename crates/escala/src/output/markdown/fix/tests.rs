use super::*;
use crate::output::samples::{findings, measured, measured_in_tests, outcome};

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

#[test]
fn a_proof_says_what_it_rests_on() {
    assert_eq!(
        proof(&measured_in_tests()),
        "Proved by the project's own tests, run on the code before and after: 42 end alike, and 57 of 57 responses in \
         them are identical."
    );
    assert_eq!(
        proof(&Measured { tests: measured_in_tests().tests, ..measured(3) }),
        "Proved by replaying recorded requests against the code before and after: 3 of 3 responses are identical. The \
         project's own tests agree, run on the code before and after: 42 end alike, and 57 of 57 responses in them are \
         identical."
    );
}
