use super::*;

#[test]
fn codes_are_unique_and_lead_back() {
    for (code, outcome) in (0_u8..).zip(EdgeOutcome::ALL) {
        assert_eq!((outcome.code(), EdgeOutcome::from_code(code)), (code, Some(outcome)), "{outcome:?}");
    }
    assert_eq!(EdgeOutcome::from_code(10), None);
}

#[test]
fn sums_add_up_and_the_longest_stays() {
    let mut figures = EdgeFigures::default();
    figures.add(300, 0, 10);
    figures.add(100, 70, 5);
    let expected = EdgeFigures {
        requests: 2,
        bytes_sent: 15,
        took_ns: 400,
        took_max_ns: 300,
        wait_ns: 70,
        wait_max_ns: 70,
    };
    assert_eq!(figures, expected);
    figures.add(u64::MAX, 0, u64::MAX);
    assert_eq!((figures.requests, figures.took_ns, figures.bytes_sent), (3, u64::MAX, u64::MAX));
}

#[test]
fn answers_are_kept_by_outcome() {
    let one = EdgeFigures { requests: 1, ..EdgeFigures::default() };
    let mut answers = EdgeAnswers::default();
    answers.add(EdgeOutcome::Hit, &one);
    answers.add(EdgeOutcome::Hit, &one);
    answers.add(EdgeOutcome::Shed, &one);
    let mut twice = answers;
    twice.merge(&answers);
    assert_eq!((answers.of(EdgeOutcome::Hit).requests, twice.of(EdgeOutcome::Hit).requests), (2, 4));
    assert_eq!(twice.together(&[EdgeOutcome::Shed, EdgeOutcome::Miss]).requests, 2);
    assert_eq!(twice.all().requests, 6);
}

#[test]
fn requests_without_a_path_are_not_told_apart() {
    let row = |path: &str, requests| EdgeRow {
        method: "GET".to_owned(),
        path: path.to_owned(),
        outcome: EdgeOutcome::Pass,
        figures: EdgeFigures { requests, ..EdgeFigures::default() },
    };
    let report = EdgeReport { rows: vec![row("/", 5), row("", 2), row("", 1)], ..EdgeReport::default() };
    assert_eq!(report.not_told_apart(), 3);
}
