use super::*;
use crate::output::samples::{Broken, passed};

#[test]
fn a_check_that_fails() {
    insta::assert_snapshot!(render(&Broken::new().checked(), "", Screen { width: 80, colour: false }));
}

#[test]
fn a_check_that_passes() {
    assert_eq!(
        render(&passed(), "", Screen { width: 80, colour: false }),
        "No new finding in 1 transaction of `python manage.py test`\n"
    );
}
