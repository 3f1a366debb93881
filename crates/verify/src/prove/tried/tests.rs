use analysis::EndpointKey;
use observation::TransactionKind;

use super::*;
use crate::suite::Unit;
use crate::verdict::Figures;

fn pair(request: usize, before: u32, after: u32) -> Pair {
    Pair { request, baseline: Figures::one(before, 1), candidate: Figures::one(after, 1) }
}

fn on_requests(affected: Vec<Pair>) -> Tried {
    Tried { requests: Evidence { affected, ..Evidence::default() }, ..Tried::default() }
}

fn in_tests(units: &[(&str, u32, u32)]) -> Tried {
    let endpoint = EndpointKey { kind: TransactionKind::Http, method: "GET".into(), route: "/books/".into() };
    let affected = units
        .iter()
        .enumerate()
        .map(|(index, (name, before, after))| Unit {
            endpoint: endpoint.clone(),
            name: (*name).to_owned(),
            pair: pair(index, *before, *after),
        })
        .collect();
    Tried { tests: Some((suite::Evidence { affected, ..suite::Evidence::default() }, 1)), ..Tried::default() }
}

#[test]
fn a_larger_change_improves_where_both_were_measured() {
    let smaller = on_requests(vec![pair(0, 101, 51)]);
    assert!(on_requests(vec![pair(0, 101, 1)]).improves_on(&smaller));
    assert!(!on_requests(vec![pair(0, 101, 51)]).improves_on(&smaller));
    // What the smaller was not measured on is as it was.
    assert!(on_requests(vec![pair(0, 101, 51), pair(1, 9, 2)]).improves_on(&smaller));
    assert!(!on_requests(vec![pair(0, 101, 51), pair(1, 9, 9)]).improves_on(&smaller));
}

#[test]
fn what_tests_measured_is_known_by_its_name() {
    let smaller = in_tests(&[("GET /books/ in test a", 101, 51)]);
    // Its place is another one, when more is measured.
    let larger = in_tests(&[("GET / in test b", 9, 9), ("GET /books/ in test a", 101, 1)]);
    assert!(larger.improves_on(&smaller));
    let same = in_tests(&[("GET / in test b", 9, 9), ("GET /books/ in test a", 101, 51)]);
    assert!(!same.improves_on(&smaller));
}

#[test]
fn requests_and_tests_are_shown_together() {
    let mut tried = in_tests(&[("GET /books/ in test a", 11, 1), ("GET /books/ in test b", 101, 1)]);
    let evidence = &mut tried.tests.as_mut().unwrap().0;
    (evidence.tests, evidence.responses, evidence.identical) = (4, 3, 3);
    evidence.left_out.push("GET /clock/ in test c".into());
    let measured = tried.measured(&[]);
    let tests = measured.tests.unwrap();
    assert_eq!((tests.tests, tests.responses, tests.identical, tests.runs), (4, 3, 3, 1));
    let [change] = &measured.endpoints[..] else { panic!("one endpoint") };
    assert_eq!((change.request.as_str(), change.requests), ("GET /books/ in test b", 2));
    assert_eq!(measured.left_out, ["GET /clock/ in test c"]);
}

#[test]
fn a_proof_that_could_not_tell_the_times_apart_says_so() {
    let mut tried = in_tests(&[("GET /books/ in test a", 101, 1)]);
    assert_eq!(tried.reservation(), None);
    let pair = &mut tried.tests.as_mut().unwrap().0.affected[0].pair;
    (pair.baseline.wall_ns, pair.candidate.wall_ns) = (10_000_000, 12_000_000);
    assert_eq!(
        tried.reservation().unwrap(),
        "proved by the queries alone: the times cannot be told apart in the tests (10.0 ms before, 12.0 ms after)"
    );
}
