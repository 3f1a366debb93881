use super::*;
use crate::output::samples::{endpoint, finding, located, query_shapes};

const ABOUT: About<'_> =
    About { command: "gunicorn bookstore.wsgi", suppressed: 0, store_option: "", all: false, edge: None };

#[test]
fn the_page_at_80_columns() {
    let (finding, screen) = (finding(), Screen { width: 80, colour: false });
    let endpoint = endpoint("GET", "/books/", 101.0, 70.12);
    insta::assert_snapshot!(render(&endpoint, &[located(&finding)], &query_shapes(), &ABOUT, screen));
}

#[test]
fn further_queries_are_counted() {
    let shapes: Vec<_> = query_shapes().into_iter().cycle().take(12).collect();
    let endpoint = endpoint("GET", "/books/", 101.0, 70.12);
    let page = render(&endpoint, &[], &shapes, &ABOUT, Screen { width: 80, colour: false });
    assert!(page.ends_with("… 2 more kinds of query: escala report --all\n"), "{page}");
}
