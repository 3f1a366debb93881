use std::collections::BTreeMap;

use observation::TransactionKind;

use super::*;
use crate::{EndpointKey, Quantiles};

fn endpoint(kind: TransactionKind, method: &str, route: &str, queries: f64) -> Endpoint {
    Endpoint {
        key: EndpointKey { kind, method: method.to_owned(), route: route.to_owned() },
        view: String::new(),
        requests: 1,
        status: BTreeMap::new(),
        wall_ms: Quantiles::default(),
        db_ms: Quantiles::default(),
        queries: Quantiles { p50: 1.0, p95: queries, p99: queries, max: queries },
        total_ms: 0.0,
    }
}

fn get(route: &str, queries: f64) -> Endpoint {
    endpoint(TransactionKind::Http, "GET", route, queries)
}

fn budget(pattern: &str, queries_max: u64) -> Budget {
    Budget { pattern: pattern.to_owned(), queries_max }
}

/// Routes that are over, and by how many; patterns without an endpoint.
fn told(endpoints: &[Endpoint], budgets: &[Budget]) -> (Vec<(String, u64)>, Vec<String>) {
    let audit = audit(endpoints, budgets);
    (
        audit
            .overruns
            .iter()
            .map(|overrun| (overrun.endpoint.key.route.clone(), overrun.budget.queries_max))
            .collect(),
        audit.unused.iter().map(|budget| budget.pattern.clone()).collect(),
    )
}

#[test]
fn the_most_queries_count_and_the_worst_comes_first() {
    let endpoints = [get("/a/", 11.0), get("/b/", 10.0), get("/c/", 40.0)];
    let budgets = [budget("GET /a/", 10), budget("GET /b/", 10), budget("GET /c/", 10)];
    assert_eq!(told(&endpoints, &budgets).0, [("/c/".to_owned(), 10), ("/a/".to_owned(), 10)]);
}

#[test]
fn the_nearest_budget_counts() {
    let endpoints = [get("/api/books/", 30.0), get("/api/", 30.0), get("/", 30.0)];
    let budgets = [budget("*", 5), budget("GET /api/*", 50), budget("GET /api/", 20)];
    assert_eq!(told(&endpoints, &budgets).0, [("/".to_owned(), 5), ("/api/".to_owned(), 20)]);
}

#[test]
fn a_budget_without_an_endpoint_is_told() {
    let (overruns, unused) = told(&[get("/a/", 1.0)], &[budget("GET /b/", 3), budget("*", 9)]);
    assert_eq!((overruns, unused), (Vec::new(), vec!["GET /b/".to_owned()]));
}

#[test]
fn what_is_no_request_is_named_by_its_kind() {
    let command = endpoint(TransactionKind::Command, "", "import_books", 7.0);
    assert_eq!(told(&[command], &[budget("command import_books", 6)]).0.len(), 1);
}
