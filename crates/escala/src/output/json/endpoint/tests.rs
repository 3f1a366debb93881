use super::*;
use crate::output::samples::{endpoint, query_shapes};

#[test]
fn the_document() {
    insta::assert_snapshot!(
        render(&endpoint("GET", "/books/", 101.0, 70.12), &[], &query_shapes(), None).unwrap()
    );
}
