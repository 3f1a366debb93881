use super::*;
use crate::output::samples::{Broken, passed};

#[test]
fn a_check_that_fails() {
    insta::assert_snapshot!(render(&Broken::new().checked()));
}

#[test]
fn a_check_that_passes() {
    assert_eq!(render(&passed()), "### Escala passed: No new finding in 1 transaction\n");
}
