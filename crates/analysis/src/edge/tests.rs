use observation::{EdgeFigures, EdgeOutcome};

use super::*;

fn total(target: EdgeTarget, outcome: EdgeOutcome, requests: u64) -> EdgeTotal {
    let method = if target == EdgeTarget::Further { "" } else { "GET" };
    let figures = EdgeFigures { requests, ..EdgeFigures::default() };
    EdgeTotal { method: method.to_owned(), target, outcome, figures }
}

fn route(route: &str) -> EdgeTarget {
    EdgeTarget::Route(route.to_owned())
}

fn path(path: &str) -> EdgeTarget {
    EdgeTarget::Path(path.to_owned())
}

fn names(list: &[EdgeEndpoint]) -> Vec<(&str, u64)> {
    list.iter().map(|one| (one.name.as_str(), one.answers.all().requests)).collect()
}

#[test]
fn outcomes_of_an_endpoint_come_together_and_the_busiest_comes_first() {
    let found = edge(&[
        total(route("/about/"), EdgeOutcome::Hit, 3),
        total(route("/books/"), EdgeOutcome::Hit, 6),
        total(route("/books/"), EdgeOutcome::Miss, 2),
        total(route("/tea/"), EdgeOutcome::Pass, 3),
        total(path("/app.css"), EdgeOutcome::Static, 40),
        total(EdgeTarget::Further, EdgeOutcome::Refused, 1),
    ])
    .unwrap();
    assert_eq!(names(&found.endpoints), [("/books/", 8), ("/about/", 3), ("/tea/", 3)]);
    assert_eq!(names(&found.paths), [("/app.css", 40)]);
    assert_eq!((found.all.all().requests, found.other.of(EdgeOutcome::Refused).requests), (55, 1));
    assert_eq!(found.endpoint("GET", "/books/").unwrap().hit_rate(), Some(0.75));
    assert_eq!(found.endpoint("POST", "/books/"), None);
    assert_eq!(found.endpoint("GET", "/app.css"), None, "a path is no route");
}

#[test]
fn methods_are_endpoints_of_their_own() {
    let post = EdgeTotal { method: "POST".to_owned(), ..total(route("/books/"), EdgeOutcome::Pass, 1) };
    let found = edge(&[total(route("/books/"), EdgeOutcome::Hit, 2), post]).unwrap();
    assert_eq!(found.endpoints.len(), 2);
    assert_eq!(found.endpoint("POST", "/books/").unwrap().hit_rate(), Some(0.0));
}

#[test]
fn paths_that_are_too_many_are_one_sum() {
    let mut totals = vec![total(path("/favicon.ico"), EdgeOutcome::Pass, 9)];
    totals.extend((0..99).map(|at| total(path(&format!("/scan/{at}")), EdgeOutcome::Pass, 1)));
    let found = edge(&totals).unwrap();
    assert_eq!((found.paths.len(), names(&found.paths)[0]), (EDGE_PATHS_MAX, ("/favicon.ico", 9)));
    assert_eq!(found.other.all().requests, 50);
    assert_eq!(found.all.all().requests, 108);
}

#[test]
fn without_an_edge_there_is_nothing() {
    assert_eq!(edge(&[]), None);
    assert_eq!(edge(&[total(route("/"), EdgeOutcome::Hit, 0)]), None);
}
