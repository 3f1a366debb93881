use super::*;
use crate::suite::record::Noted;

const BOOKS: &str = "GET /books/";

fn endpoint(name: &str) -> EndpointKey {
    let (method, route) = name.split_once(' ').unwrap();
    EndpointKey { kind: TransactionKind::Http, method: method.into(), route: route.into() }
}

fn about(name: &str) -> Claim {
    Claim { measured: BTreeSet::from([endpoint(name)]), ..Claim::default() }
}

/// A response to this request with so many queries and this body.
fn response(request: &str, queries: u32, body: &str) -> Noted {
    Noted::made(request, queries, body)
}

fn passed(responses: Vec<Noted>) -> Test {
    Test { outcome: "passed".into(), wall_ns: 1_000_000, queries: 2, responses, ..Test::default() }
}

fn failed(reason: &str) -> Test {
    Test { outcome: "failed".into(), reason: Some(reason.into()), ..Test::default() }
}

fn run(tests: Vec<(&str, Test)>) -> Records {
    let mut records = Records::default();
    records.tests.extend(tests.into_iter().map(|(id, test)| (id.to_owned(), test)));
    records
}

/// One test of the page with the finding, and one of another.
fn pages(books: (u32, &str), about: (u32, &str)) -> Records {
    run(vec![
        ("t.Books.test_list", passed(vec![response(BOOKS, books.0, books.1)])),
        ("t.Pages.test_about", passed(vec![response("GET /about/", about.0, about.1)])),
    ])
}

fn rejection(claim: &Claim, baselines: &[&Records], candidate: &Records) -> String {
    judge(claim, baselines, &[candidate]).1.unwrap_err().to_string()
}

#[test]
fn fewer_queries_and_the_same_responses_are_a_proof() {
    let before = pages((101, "books"), (1, "about"));
    let after = pages((1, "books"), (1, "about"));
    let (evidence, verdict) = judge(&about(BOOKS), &[&before, &before], &[&after]);
    assert_eq!(verdict, Ok(()));
    assert_eq!((evidence.tests, evidence.responses, evidence.identical), (2, 2, 2));
    let [unit] = &evidence.affected[..] else { panic!("one response has the finding") };
    assert_eq!(unit.name, "GET /books/ in test t.Books.test_list");
    assert_eq!((unit.pair.baseline.queries_min, unit.pair.candidate.queries_max), (101, 1));
}

#[test]
fn a_test_may_be_what_the_finding_is_about() {
    let with = |queries| run(vec![("t.Report.test_rows", Test { queries, ..passed(vec![]) })]);
    let claim = Claim { measured: BTreeSet::from([key_of("t.Report.test_rows")]), ..Claim::default() };
    assert!(covers(&claim.measured, &with(21)));
    let (evidence, verdict) = judge(&claim, &[&with(21), &with(21)], &[&with(1)]);
    assert_eq!(verdict, Ok(()));
    assert_eq!(evidence.affected[0].name, "test t.Report.test_rows");
}

#[test]
fn what_no_test_comes_to_is_not_covered() {
    let run = pages((101, "books"), (1, "about"));
    assert!(covers(&BTreeSet::from([endpoint(BOOKS)]), &run));
    assert!(!covers(&BTreeSet::from([endpoint("POST /books/")]), &run));
}

#[test]
fn as_many_queries_are_no_proof() {
    let same = pages((101, "books"), (1, "about"));
    assert_eq!(rejection(&about(BOOKS), &[&same, &same], &same), "no fewer queries: 101 before, 101 after");
}

#[test]
fn a_count_that_varies_is_taken_against_the_candidate() {
    let (few, many) = (pages((3, "books"), (1, "about")), pages((9, "books"), (1, "about")));
    assert_eq!(rejection(&about(BOOKS), &[&many, &few], &few), "no fewer queries: 3 before, 3 after");
}

#[test]
fn no_other_response_and_no_test_may_take_more_queries() {
    let before = pages((101, "books"), (1, "about"));
    let mut after = pages((1, "books"), (2, "about"));
    assert_eq!(
        rejection(&about(BOOKS), &[&before, &before], &after),
        "GET /about/ in test t.Pages.test_about takes more queries: 1 before, 2 after"
    );
    after = pages((1, "books"), (1, "about"));
    after.tests.get_mut("t.Pages.test_about").unwrap().queries = 3;
    assert_eq!(
        rejection(&about(BOOKS), &[&before, &before], &after),
        "test t.Pages.test_about takes more queries: 2 before, 3 after"
    );
}

#[test]
fn a_test_that_fails_is_named_with_its_reason() {
    let before = run(vec![("t.A.test_a", passed(vec![])), ("t.B.test_b", passed(vec![]))]);
    // What fails tells more than what was not run.
    let after = run(vec![("t.B.test_b", failed("AssertionError: 1 != 2"))]);
    assert_eq!(
        rejection(&about(BOOKS), &[&before, &before], &after),
        "test t.B.test_b ended in \"passed\" before, and in \"failed\" with the edit: AssertionError: 1 != 2"
    );
    let after = run(vec![("t.A.test_a", passed(vec![]))]);
    assert_eq!(
        rejection(&about(BOOKS), &[&before, &before], &after),
        "test t.B.test_b ended in \"passed\" before, and in \"not run\" with the edit"
    );
    let more = run(vec![
        ("t.A.test_a", passed(vec![])),
        ("t.B.test_b", passed(vec![])),
        ("t.C.test_c", passed(vec![])),
    ]);
    assert!(
        rejection(&about(BOOKS), &[&before, &before], &more)
            .starts_with("test t.C.test_c ended in \"not run\"")
    );
}

#[test]
fn a_test_that_counts_queries_says_so() {
    for (reason, counts) in [
        (
            "AssertionError: 1 != 101 : 1 queries executed, 101 expected Captured queries were: 1. SELECT",
            true,
        ),
        ("Failed: Expected to perform 101 queries but 1 was done", true),
        ("Expected to perform 2 queries or less but 3 were done", false),
        ("AssertionError: 102 != 101 : 102 queries executed, 101 expected", false),
        ("AssertionError: queries executed", false),
        ("AssertionError: Expected to perform", false),
        ("AssertionError: 1 != 2", false),
    ] {
        assert_eq!(expects_more_queries(reason), counts, "{reason}");
    }
    let before = run(vec![("t.A.test_a", passed(vec![]))]);
    let after = run(vec![("t.A.test_a", failed("AssertionError: 1 != 3 : 1 queries executed, 3 expected"))]);
    assert_eq!(
        rejection(&about(BOOKS), &[&before, &before], &after),
        "test t.A.test_a counts the queries and does not expect fewer: AssertionError: 1 != 3 : 1 queries executed, 3 \
         expected; if fewer are meant, change its number with the edit"
    );
}

#[test]
fn tests_that_do_not_agree_with_themselves_prove_nothing() {
    let before = run(vec![("t.A.test_a", passed(vec![]))]);
    let flaky = run(vec![("t.A.test_a", failed("TimeoutError"))]);
    assert_eq!(
        rejection(&about(BOOKS), &[&before, &flaky], &before),
        "cannot prove: test t.A.test_a is not deterministic, two runs without the edit differ: passed, then failed"
    );
    let twice =
        run(vec![("t.A.test_a", passed(vec![response(BOOKS, 1, "books"), response(BOOKS, 1, "books")]))]);
    let reason = rejection(&about(BOOKS), &[&before, &twice], &before);
    assert!(reason.ends_with("0 responses, then 2 responses"), "{reason}");
}

#[test]
fn another_answer_is_rejected_with_the_first_difference() {
    let before = pages((101, "Ada, Bob"), (1, "about"));
    let after = pages((1, "Bob, Ada"), (1, "about"));
    assert_eq!(
        rejection(&about(BOOKS), &[&before, &before], &after),
        "GET /books/ in test t.Books.test_list: the response changes; body: \"Ada, Bob\" became \"Bob, Ada\""
    );
    let fewer = run(vec![
        ("t.Books.test_list", passed(vec![])),
        ("t.Pages.test_about", passed(vec![response("GET /about/", 1, "about")])),
    ]);
    assert_eq!(
        rejection(&about(BOOKS), &[&before, &before], &fewer),
        "test t.Books.test_list got 1 responses before, and 0 with the edit"
    );
}

#[test]
fn another_request_is_another_answer() {
    let before = run(vec![("t.A.test_a", passed(vec![response("GET /next/", 1, "next")]))]);
    let after = run(vec![("t.A.test_a", passed(vec![response("GET /last/", 1, "next")]))]);
    let reason = rejection(&about(BOOKS), &[&before, &before], &after);
    assert!(reason.contains("header request: \"request: GET /next/ next\" became"), "{reason}");
}

#[test]
fn a_token_of_each_run_is_no_difference() {
    let with =
        |queries, token: &str| pages((queries, &format!("<input value=\"{token}\"> books")), (1, "about"));
    let (first, second) = (with(9, "q8Zk2LwX4vTn7Rb1Yc"), with(9, "u3Hs6PdM9eJf0Ga5Wi"));
    let (evidence, verdict) = judge(&about(BOOKS), &[&first, &second], &[&with(1, "o7Vx1CtB4nQm8Kz2Lr")]);
    assert_eq!((verdict, evidence.identical), (Ok(()), 2));
}

#[test]
fn a_page_in_random_order_is_left_out_unless_it_has_the_finding() {
    let (first, second) = (pages((9, "books"), (1, "b a c")), pages((9, "books"), (1, "a b c")));
    let after = pages((1, "books"), (1, "c b a"));
    let (evidence, verdict) = judge(&about(BOOKS), &[&first, &second], &[&after]);
    assert_eq!(verdict, Ok(()));
    assert_eq!((evidence.responses, evidence.identical, evidence.left_out.len()), (1, 1, 1));
    assert!(evidence.left_out[0].starts_with("cannot prove: GET /about/ in test t.Pages.test_about"));
    let reason = rejection(&about("GET /about/"), &[&first, &second], &after);
    assert!(reason.starts_with("cannot prove: GET /about/ in test t.Pages.test_about is not"), "{reason}");
    // Recorded requests have compared it.
    let claim = Claim { elsewhere: about("GET /about/").measured, ..Claim::default() };
    assert_eq!(judge(&claim, &[&first, &second], &[&after]).1, Ok(()));
}

#[test]
fn only_so_many_responses_are_named() {
    let shuffled = |body: &str| {
        let responses = (0..LEFT_OUT_NAMED_MAX + 3).map(|_| response("GET /about/", 1, body)).collect();
        run(vec![("t.A.test_a", passed(responses))])
    };
    let (evidence, verdict) =
        judge(&Claim::default(), &[&shuffled("b a"), &shuffled("a b")], &[&shuffled("a b")]);
    assert_eq!(verdict, Ok(()));
    assert_eq!(evidence.left_out.len(), LEFT_OUT_NAMED_MAX + 1);
    assert_eq!(evidence.left_out.last().unwrap(), "3 more responses in tests, which are not deterministic");
}

#[test]
fn measured_on_requests_the_queries_of_a_test_are_its_own_affair() {
    let claim = Claim { elsewhere: about(BOOKS).measured, ..Claim::default() };
    let (before, after) = (pages((1, "books"), (1, "about")), pages((2, "books"), (1, "about")));
    assert_eq!(judge(&claim, &[&before, &before], &[&after]).1, Ok(()));
    // Its answer is not.
    let wrong = pages((1, "book"), (1, "about"));
    assert!(rejection(&claim, &[&before, &before], &wrong).contains("the response changes"));
}

#[test]
fn the_fastest_run_counts() {
    let with = |queries, wall_ns| {
        let mut run = pages((queries, "books"), (1, "about"));
        run.tests.get_mut("t.Books.test_list").unwrap().responses[0].reply.wall_ns = wall_ns;
        run
    };
    let before = with(9, 10_000_000);
    let (slow, fast) = (with(1, 12_000_000), with(1, 9_000_000));
    let verdict = judge(&about(BOOKS), &[&before, &before], &[&slow]).1;
    assert!(matches!(verdict, Err(Rejection::Slower { .. })), "{verdict:?}");
    assert_eq!(judge(&about(BOOKS), &[&before, &before], &[&slow, &fast]).1, Ok(()));
}

#[test]
fn slower_is_what_no_run_without_the_candidate_is_as_slow_as() {
    let with = |queries, wall_ns| {
        let mut run = pages((queries, "books"), (1, "about"));
        run.tests.get_mut("t.Books.test_list").unwrap().responses[0].reply.wall_ns = wall_ns;
        run
    };
    let (quick, noisy) = (with(9, 10_000_000), with(9, 14_000_000));
    let (slow, slower) = (with(1, 12_000_000), with(1, 15_000_000));
    let clearly = |baselines: &[&Records], candidates: &[&Records]| {
        judge(&about(BOOKS), baselines, candidates).0.is_clearly_slower()
    };
    assert!(clearly(&[&quick, &quick], &[&slow, &slower]));
    assert!(!clearly(&[&quick, &noisy], &[&slow, &slower]));
    assert!(clearly(&[&quick, &noisy], &[&slower]));
}

#[test]
fn every_run_with_the_candidate_is_compared() {
    let before = pages((101, "books"), (1, "about"));
    let (right, wrong) = (pages((1, "books"), (1, "about")), pages((1, "other"), (1, "about")));
    let verdict = judge(&about(BOOKS), &[&before, &before], &[&right, &wrong]).1;
    assert!(matches!(verdict, Err(Rejection::Different { .. })), "{verdict:?}");
}
