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
    assert_eq!(
        reason(endpoint("GET", "/token/")),
        NoRequest::Redacted("GET /token/".into(), BTreeSet::new())
    );
    assert_eq!(reason(endpoint("GET", "/gone/")), NoRequest::NotRecorded("GET /gone/".into()));
    let test =
        EndpointKey { kind: TransactionKind::Test, method: String::new(), route: "shop.tests.T.test".into() };
    assert_eq!(reason(test), NoRequest::NotHttp("test shop.tests.T.test".into()));
}

fn seen(kind: TransactionKind, method: &str, route: &str, parent_serial: Option<u64>) -> Transaction {
    Transaction { kind, method: method.into(), route: route.into(), parent_serial, ..Transaction::default() }
}

#[test]
fn what_was_only_seen_inside_tests_is_known() {
    let (http, test) = (TransactionKind::Http, TransactionKind::Test);
    let inside = [
        seen(http, "GET", "/books/", Some(3)),
        seen(http, "GET", "/stores/", Some(3)),
        seen(test, "", "shop.tests.BookTests.test_list", None),
        seen(TransactionKind::Task, "", "shop.tasks.count", Some(3)),
    ];
    let outside = [seen(http, "GET", "/stores/", None)];
    let traffic = Traffic::default().with_code_of(&[&inside[..], &outside].concat());
    let names: Vec<_> = traffic.in_tests.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["GET /books/", "test shop.tests.BookTests.test_list"]);
    // A request inside another one is nothing of a test.
    let traffic = Traffic::default().with_code_of(&inside[..2]);
    assert!(traffic.in_tests.is_empty());
}

#[test]
fn what_was_only_seen_inside_tests_is_for_them_to_prove() {
    let many: Vec<_> = (0..NAMES_MAX + 2).map(|number| endpoint("GET", &format!("/{number}/"))).collect();
    let traffic = Traffic { in_tests: many.iter().cloned().collect(), ..Traffic::default() };
    let reason = chosen(&traffic, &many).unwrap_err().to_string();
    assert_eq!(
        reason,
        "only seen inside tests (GET /0/, GET /1/, GET /2/, GET /3/, 2 more); prove it with them: --prove-with COMMAND"
    );
    let recorded = Traffic { requests: vec![recorded("GET", "/0/", "", 9)], ..traffic };
    assert_eq!(chosen(&recorded, &many[..1]).unwrap().0, ["GET /0/"]);
}

#[test]
fn a_parameter_that_only_sounds_like_a_secret_is_named() {
    let told = |route: &str| {
        let mut hidden = recorded("GET", route, "", 9);
        hidden.request.redacted = true;
        explain(&[&hidden], &[endpoint("GET", route)], &BTreeSet::new()).to_string()
    };
    assert!(told("/projects/<uuid:code>/checks/").ends_with("[capture] not_secret = [\"code\"]"));
    assert!(told("/events/<slug:event>/<code>/").ends_with("[capture] not_secret = [\"code\", \"event\"]"));
    assert!(told("/search/").ends_with("[capture] not_secret = [\"NAME\"]"));
}
