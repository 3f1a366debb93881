use super::*;
use crate::output::samples::{Broken, passed};

#[test]
fn a_check_that_fails() {
    insta::assert_snapshot!(render(&Broken::new().checked()).unwrap());
}

#[test]
fn a_check_that_passes() {
    insta::assert_snapshot!(render(&passed()).unwrap());
}
