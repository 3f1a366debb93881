use super::*;
use crate::testing::{Code, Observed};

const VIEWS: &str = "def view(request):\n    here()\n    away()\n";

fn shapes(requests: Vec<Observed>) -> Vec<(String, Option<u32>, u64, f64, f64)> {
    let transactions = requests.into_iter().map(Observed::transaction).collect();
    let window = Window { transactions, dropped: 0 };
    let key = EndpointKey::of(&Observed::get("/books/").transaction());
    queries(&window, &key)
        .into_iter()
        .map(|shape| {
            let line = shape.place.map(|place| place.line);
            (shape.sql, line, shape.requests, shape.count.max, shape.total_ms)
        })
        .collect()
}

#[test]
fn queries_that_differ_in_values_are_one_and_the_costliest_comes_first() {
    let code = Code::new("shop/views.py", VIEWS);
    let request = |count: u32| {
        let mut request = Observed::get("/books/");
        request.asks("SELECT a FROM t WHERE b = 1", 1, &[&code.at("here()")]);
        request.asks("SELECT a FROM t WHERE c IN (%s)", count, &[&code.at("away()")]);
        request.asks("SELECT a FROM t WHERE c IN (%s, %s)", 1, &[&code.at("away()")]);
        request
    };
    let elsewhere = {
        let mut request = Observed::get("/stores/");
        request.asks("SELECT z FROM t", 9, &[&code.at("here()")]);
        request
    };
    assert_eq!(
        shapes(vec![request(2), elsewhere, request(4)]),
        [
            ("select a from t where c in (?)".to_owned(), Some(3), 2, 5.0, 4.0),
            ("select a from t where b = ?".to_owned(), Some(2), 2, 1.0, 1.0),
        ]
    );
}

#[test]
fn the_same_query_from_two_places_is_two() {
    let code = Code::new("shop/views.py", VIEWS);
    let mut request = Observed::get("/books/");
    request.asks("SELECT a FROM t", 1, &[&code.at("here()")]);
    request.asks("SELECT a FROM t", 1, &[&code.at("away()")]);
    request.asks("SELECT a FROM t", 1, &[]);
    let lines: Vec<_> = shapes(vec![request]).into_iter().map(|(_, line, ..)| line).collect();
    assert_eq!(lines, [None, Some(2), Some(3)]);
}
