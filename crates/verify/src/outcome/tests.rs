use observation::{CapturedRequest, TransactionKind};

use super::*;
use crate::verdict::Figures;

fn recorded(route: &str, query_string: &str) -> Recorded {
    Recorded {
        endpoint: EndpointKey { kind: TransactionKind::Http, method: "GET".into(), route: route.into() },
        queries: 0,
        request: CapturedRequest {
            method: "GET".into(),
            path: route.into(),
            query_string: query_string.into(),
            ..CapturedRequest::default()
        },
    }
}

fn pair(request: usize, before: u32, after: u32) -> Pair {
    let figures = |queries| Figures::one(queries, u64::from(queries) * 1_000_000);
    Pair { request, baseline: figures(before), candidate: figures(after) }
}

#[test]
fn an_endpoint_of_which_nothing_is_saved_is_told_by_what_it_takes_more() {
    let requests = [recorded("/search/", "q=a"), recorded("/search/", "q=b")];
    let evidence = Evidence { affected: vec![pair(0, 1, 1), pair(1, 12, 13)], ..Evidence::default() };
    let measured = Measured::new(&evidence, &requests.iter().collect::<Vec<_>>());
    assert_eq!(measured.best().map(|best| best.queries), Some(Change { before: 12, after: 13 }));
}

#[test]
fn an_endpoint_is_told_by_the_request_that_saves_the_most() {
    let requests = [
        recorded("/search/", "q=a"),
        recorded("/search/", "q=b"),
        recorded("/books/", ""),
        recorded("/search/", "q=c"),
    ];
    let evidence = Evidence {
        affected: vec![pair(0, 12, 2), pair(1, 40, 2), pair(2, 101, 1), pair(3, 200, 200)],
        replayed: [0, 1, 2, 3].into(),
        identical: [0, 1, 2, 3].into(),
        left_out: vec![],
    };
    let measured = Measured::new(&evidence, &requests.iter().collect::<Vec<_>>());
    let told: Vec<_> = measured
        .endpoints
        .iter()
        .map(|change| (change.request.as_str(), change.queries.before, change.queries.after, change.requests))
        .collect();
    assert_eq!(told, [("GET /books/", 101, 1, 1), ("GET /search/?q=b", 40, 2, 3)]);
    assert_eq!(measured.best().map(|best| best.ms), Some(Change { before: 101.0, after: 1.0 }));
    assert_eq!((measured.replayed, measured.identical), (4, 4));
}
