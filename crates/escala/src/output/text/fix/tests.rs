use verify::PatchedFile;

use super::*;
use crate::output::samples::{findings, measured, measured_in_tests, outcome, patch};

const COMMAND: Applied<'_> = Applied::Not { command: "escala fix --write" };

fn screen(width: usize) -> Screen {
    Screen { width, colour: false }
}

#[test]
fn the_page_at_80_columns() {
    insta::assert_snapshot!(render(&findings(), &outcome(), COMMAND, screen(80)));
}

#[test]
fn several_fixes_in_one_file_are_shown_as_one_change() {
    let mut outcome = outcome();
    outcome.fixes.remove(2);
    outcome.fixes[1].status = Status::Proved;
    outcome.fixes[1].reason = None;
    let file = PatchedFile {
        after: "books = Book.objects.select_related(\"publisher\").prefetch_related(\"authors\")\n".into(),
        ..patch().files[0].clone()
    };
    let together = outcome.together.as_mut().unwrap();
    together.findings.push("77aa01bc42".into());
    together.patch.files = vec![file];
    insta::assert_snapshot!(render(&findings(), &outcome, Applied::Yes, screen(100)));
}

#[test]
fn nothing_to_do_is_said_in_a_sentence() {
    assert_eq!(
        render(&[], &Outcome::default(), COMMAND, screen(80)),
        "Nothing to fix: there are no findings.\n"
    );
    let unproved = Outcome { fixes: outcome().fixes.split_off(2), together: None };
    let page = render(&findings()[2..], &unproved, COMMAND, screen(80));
    assert!(page.ends_with("\nNo fix is proved, so there is nothing to apply.\n"), "{page}");
}

#[test]
fn requests_that_could_not_be_used_are_named() {
    let left_out = Measured { left_out: vec!["GET /clock/ is not deterministic".into()], ..measured(1) };
    assert_eq!(
        measurement(&left_out, screen(80))[..2],
        ["   1 of 1 replayed request answered identically", "   left out: GET /clock/ is not deterministic"]
    );
}

#[test]
fn what_tests_show_is_told_beside_the_requests_or_alone() {
    let alone = measurement(&measured_in_tests(), screen(80));
    assert_eq!(
        alone,
        [
            "   42 tests compared in 1 run with the change: 57 of 57 responses in them",
            "   identical",
            "   measured in the tests, the fastest of all runs:",
            "   timed  request                                    queries  after    ms  after",
            "       1  GET /books/ in test shop.tests.BookTests…      101      1  70.1   4.24",
        ]
    );
    let both = Measured { tests: measured_in_tests().tests, ..measured(3) };
    assert_eq!(
        measurement(&both, screen(100))[..2],
        [
            "   3 of 3 replayed requests answered identically",
            "   42 tests compared in 1 run with the change: 57 of 57 responses in them identical",
        ]
    );
}
