use super::*;

fn recorded(method: &str, route: &str, query_string: &str, queries: u32) -> Recorded {
    Recorded {
        endpoint: endpoint(method, route),
        queries,
        request: CapturedRequest {
            method: method.into(),
            path: route.into(),
            query_string: query_string.into(),
            ..CapturedRequest::default()
        },
    }
}

fn endpoint(method: &str, route: &str) -> EndpointKey {
    EndpointKey { kind: TransactionKind::Http, method: method.into(), route: route.into() }
}

fn traffic(requests: Vec<Recorded>) -> Traffic {
    Traffic { requests, ..Traffic::default() }
}

fn chosen(traffic: &Traffic, endpoints: &[EndpointKey]) -> Result<(Vec<String>, Vec<String>), NoRequest> {
    let requests = traffic.distinct();
    let names = |indices: Vec<usize>| indices.into_iter().map(|index| requests[index].to_string()).collect();
    select(&requests, endpoints, &traffic.in_tests)
        .map(|selection| (names(selection.affected), names(selection.controls)))
}

#[test]
fn repeated_requests_are_replayed_once_and_other_endpoints_are_controls() {
    let recorded = traffic(vec![
        recorded("GET", "/books/", "", 101),
        recorded("GET", "/books/", "", 101),
        recorded("GET", "/books/", "page=2", 51),
        recorded("GET", "/stores/", "", 11),
        recorded("POST", "/orders/", "", 4),
    ]);
    let (affected, controls) = chosen(&recorded, &[endpoint("GET", "/books/")]).unwrap();
    assert_eq!(affected, ["GET /books/", "GET /books/?page=2"]);
    assert_eq!(controls, ["GET /stores/"]);
}

#[test]
fn requests_by_different_users_are_different() {
    let mut second = recorded("GET", "/messages/", "", 5);
    second.request.user_pk = Some("2".into());
    let recorded = traffic(vec![recorded("GET", "/messages/", "", 5), second]);
    assert_eq!(recorded.distinct().len(), 2);
}

#[test]
fn of_many_requests_the_heaviest_the_lightest_and_some_between_are_taken() {
    let recorded =
        traffic((0..100).map(|page| recorded("GET", "/search/", &format!("page={page}"), page)).collect());
    let (affected, _) = chosen(&recorded, &[endpoint("GET", "/search/")]).unwrap();
    assert_eq!(affected.len(), AFFECTED_REQUESTS_PER_ENDPOINT_MAX);
    assert_eq!(affected.first().unwrap(), "GET /search/?page=99");
    assert_eq!(affected.last().unwrap(), "GET /search/?page=0");
    let (_, controls) = chosen(
        &traffic([recorded.requests, vec![self::recorded("GET", "/", "", 1)]].concat()),
        &[endpoint("GET", "/")],
    )
    .unwrap();
    assert_eq!(controls, ["GET /search/?page=99", "GET /search/?page=0"]);
}

#[test]
fn the_number_of_controls_is_bounded() {
    let mut requests: Vec<_> = (0..200).map(|site| recorded("GET", &format!("/{site}/"), "", 1)).collect();
    requests.push(recorded("GET", "/books/", "", 101));
    let (_, controls) = chosen(&traffic(requests), &[endpoint("GET", "/books/")]).unwrap();
    assert_eq!(controls.len(), CONTROL_REQUESTS_MAX);
}

#[test]
fn what_cannot_be_replayed_says_why() {
    let mut redacted = recorded("GET", "/token/", "", 9);
    redacted.request.redacted = true;
    let recorded = traffic(vec![recorded("POST", "/orders/", "", 4), redacted]);
    let reason = |endpoint| chosen(&recorded, &[endpoint]).unwrap_err();
    assert_eq!(reason(endpoint("POST", "/orders/")), NoRequest::Unsafe("POST /orders/".into()));
    assert_eq!(reason(endpoint("GET", "/token/")), NoRequest::Redacted("GET /token/".into()));
    assert_eq!(reason(endpoint("GET", "/gone/")), NoRequest::NotRecorded("GET /gone/".into()));
    let test =
        EndpointKey { kind: TransactionKind::Test, method: String::new(), route: "shop.tests.T.test".into() };
    assert_eq!(reason(test), NoRequest::NotHttp("test shop.tests.T.test".into()));
}
