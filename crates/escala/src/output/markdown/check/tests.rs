use analysis::Audit;

use super::*;
use crate::output::samples::{budget, endpoint, finding, located};

#[test]
fn a_check_that_fails() {
    let finding = finding();
    let endpoints = [endpoint("GET", "/books/", 101.0, 70.12)];
    let budgets = [budget("GET /*", 12)];
    let checked = Checked {
        command: "python manage.py test",
        transactions: 240,
        new: vec![located(&finding)],
        audit: analysis::audit(&endpoints, &budgets),
        accepted: 2,
        gone: vec!["c0ffee1234"],
        suppressed: 1,
    };
    insta::assert_snapshot!(render(&checked));
}

#[test]
fn a_check_that_passes() {
    let checked = Checked {
        command: "python manage.py test",
        transactions: 1,
        new: Vec::new(),
        audit: Audit::default(),
        accepted: 0,
        gone: Vec::new(),
        suppressed: 0,
    };
    assert_eq!(render(&checked), "### Escala passed: No new finding in 1 transaction\n");
}
