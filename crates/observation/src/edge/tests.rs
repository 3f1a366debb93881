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

#[test]
fn rates_are_of_what_the_app_answers_for() {
    let mut answers = EdgeAnswers::default();
    assert_eq!((answers.hit_rate(), answers.wait_mean_ns()), (None, None));
    let mut count = |outcome, requests, wait_ns| {
        let figures = EdgeFigures { requests, wait_ns, ..EdgeFigures::default() };
        answers.add(outcome, &figures);
    };
    count(EdgeOutcome::Hit, 5, 0);
    count(EdgeOutcome::Stale, 2, 0);
    count(EdgeOutcome::Collapsed, 1, 0);
    count(EdgeOutcome::Miss, 1, 60);
    count(EdgeOutcome::Pass, 1, 0);
    // Neither is an answer of the app's.
    count(EdgeOutcome::Static, 50, 0);
    count(EdgeOutcome::Refused, 50, 0);
    count(EdgeOutcome::Throttled, 50, 0);
    count(EdgeOutcome::Shed, 2, 40);
    assert_eq!(answers.hit_rate(), Some(0.8));
    assert_eq!(answers.part_of_answered(&[EdgeOutcome::Stale]), Some(0.2));
    assert_eq!(answers.wait_mean_ns(), Some(25.0));
}
