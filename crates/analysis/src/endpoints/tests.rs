use std::collections::BTreeMap;

use observation::{Transaction, TransactionKind};

use super::endpoints;
use crate::Quantiles;

const MS: u64 = 1_000_000;

fn request(route: &str, status: u16, wall_ms: u64) -> Transaction {
    Transaction {
        method: "GET".to_owned(),
        route: route.to_owned(),
        view: format!("shop.views{}", route.replace('/', ".")),
        status,
        wall_ns: wall_ms * MS,
        db_ns: wall_ms * MS / 2,
        queries_total: wall_ms as u32 + 1,
        ..Transaction::default()
    }
}

#[test]
fn requests_of_one_route_are_one_endpoint() {
    let transactions =
        [request("/books/", 200, 30), request("/books/", 404, 10), request("/books/", 200, 20)];
    let endpoints = endpoints(&transactions);
    assert_eq!(endpoints.len(), 1);

    let books = &endpoints[0];
    assert_eq!(books.key.route, "/books/");
    assert_eq!(books.view, "shop.views.books.");
    assert_eq!(books.requests, 3);
    assert_eq!(books.status, BTreeMap::from([(200, 2), (404, 1)]));
    assert_eq!(books.wall_ms, Quantiles { p50: 20.0, p95: 30.0, p99: 30.0, max: 30.0 });
    assert_eq!(books.db_ms, Quantiles { p50: 10.0, p95: 15.0, p99: 15.0, max: 15.0 });
    assert_eq!(books.queries, Quantiles { p50: 21.0, p95: 31.0, p99: 31.0, max: 31.0 });
}

#[test]
fn the_endpoint_that_takes_most_of_the_time_comes_first() {
    let mut transactions = vec![request("/slow/", 200, 90), request("/b/", 200, 40), request("/a/", 200, 40)];
    transactions.extend((0..10).map(|_| request("/busy/", 200, 10)));
    let endpoints = endpoints(&transactions);
    let routes: Vec<&str> = endpoints.iter().map(|endpoint| endpoint.key.route.as_str()).collect();
    assert_eq!(routes, ["/busy/", "/slow/", "/a/", "/b/"]);
    let totals = endpoints.iter().map(|endpoint| endpoint.total_ms);
    assert!(totals.eq([100.0, 90.0, 40.0, 40.0]));
}

#[test]
fn method_and_kind_tell_endpoints_apart() {
    let posted = Transaction { method: "POST".to_owned(), ..request("/books/", 302, 10) };
    let test =
        Transaction { kind: TransactionKind::Test, method: String::new(), ..request("/books/", 0, 10) };
    let endpoints = endpoints(&[request("/books/", 200, 10), posted, test]);
    assert_eq!(endpoints.len(), 3);
    let test = endpoints.iter().find(|endpoint| endpoint.key.kind == TransactionKind::Test).unwrap();
    assert_eq!(test.status, BTreeMap::new(), "a test has no status");
}

#[test]
fn a_request_that_a_middleware_answered_does_not_hide_the_view() {
    let refused = || Transaction { view: String::new(), ..request("/books/", 403, 1) };
    let endpoints = endpoints(&[refused(), refused(), request("/books/", 200, 10)]);
    assert_eq!(endpoints[0].view, "shop.views.books.");
}
