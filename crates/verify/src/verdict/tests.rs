use super::*;

fn pair(before: (u32, u64), after: (u32, u64)) -> Pair {
    let ms = |(queries, ms): (u32, u64)| Figures::one(queries, ms * 1_000_000);
    Pair { request: 0, baseline: ms(before), candidate: ms(after) }
}

#[test]
fn fewer_queries_over_all_affected_requests_are_enough() {
    // One page of three pays a query for the eager load that it has no use for.
    let pairs = [pair((101, 70), (1, 4)), pair((31, 20), (1, 4)), pair((1, 1), (2, 1))];
    assert_eq!(judge_queries(&pairs, None), Ok(()));
    assert_eq!(queries(&pairs), (133, 4));
}

#[test]
fn as_many_queries_are_not_fewer() {
    let rejection = judge_queries(&[pair((12, 5), (12, 5))], Some(("SELECT 1".into(), 10))).unwrap_err();
    assert_eq!(rejection.to_string(), "no fewer queries: 12 before, 12 after; still 10 times: SELECT 1");
}

#[test]
fn a_statement_that_stays_is_shown_without_its_columns() {
    let told =
        |sql: &str| judge_queries(&[pair((9, 5), (9, 5))], Some((sql.into(), 9))).unwrap_err().to_string();
    assert_eq!(
        told("SELECT \"shop_book\".\"id\", \"shop_book\".\"title\" FROM \"shop_book\" WHERE \"id\" = %s"),
        "no fewer queries: 9 before, 9 after; still 9 times: SELECT … FROM \"shop_book\" WHERE \"id\" = %s"
    );
    assert!(told("SELECT COUNT(*) FROM \"shop_book\"").ends_with(": SELECT COUNT(*) FROM \"shop_book\""));
    let long = told(&format!("SELECT a, b FROM t WHERE é IN ({})", "%s, ".repeat(100)));
    assert!(long.contains("SELECT … FROM t WHERE é IN (%s, ") && long.ends_with('…'), "{long}");
    assert!(long.chars().count() < 270, "{long}");
}

#[test]
fn a_count_that_varies_is_taken_against_the_candidate() {
    let baseline = Figures::one(12, 1).and(Figures::one(10, 1));
    let candidate = Figures::one(9, 1).and(Figures::one(10, 1));
    let varying = Pair { request: 0, baseline, candidate };
    assert!(judge_queries(&[varying], None).is_err());
}

#[test]
fn time_may_not_rise_beyond_what_noise_explains() {
    assert_eq!(judge_time(&[pair((101, 100), (1, 105))]), Ok(()));
    assert_eq!(
        judge_time(&[pair((101, 100), (1, 106))]).unwrap_err().to_string(),
        "not faster: 100.0 ms before, 106.0 ms after"
    );
}

#[test]
fn time_is_judged_over_all_affected_requests() {
    assert_eq!(judge_time(&[pair((101, 100), (1, 10)), pair((2, 1), (2, 3))]), Ok(()));
}

#[test]
fn the_fastest_round_counts() {
    let fast = Figures::one(1, 3).and(Figures::one(1, 9)).and(Figures::one(1, 5));
    assert_eq!(fast.wall_ns, 3);
}

#[test]
fn another_request_may_not_take_more_queries() {
    assert_eq!(judge_control(pair((3, 1), (3, 9)), "GET /a/"), Ok(()));
    assert_eq!(
        judge_control(pair((3, 1), (4, 1)), "GET /a/").unwrap_err().to_string(),
        "GET /a/ takes more queries: 3 before, 4 after"
    );
}

#[test]
fn the_preferred_candidate_wins_within_a_tenth() {
    assert_eq!(fastest(&[108, 100]), Some(0));
    assert_eq!(fastest(&[120, 100]), Some(1));
    assert_eq!(fastest(&[120, 109, 100]), Some(1));
    assert_eq!(fastest(&[]), None);
}
