use proptest::prelude::*;

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn retries(budget: &mut RetryBudget, now: Duration) -> usize {
    (0..10_000).take_while(|_| budget.may_retry(now)).count()
}

#[test]
fn a_quiet_site_can_try_again_up_to_the_floor() {
    let mut budget = RetryBudget::new(RetryConfig::default());
    assert_eq!(retries(&mut budget, ms(0)), 10);
    assert!(!budget.may_retry(ms(9_999)));
    assert_eq!(retries(&mut budget, ms(10_000)), 10);
}

#[test]
fn without_a_floor_and_without_requests_nothing_is_tried_again() {
    let config = RetryConfig { floor_per_second: 0, ..RetryConfig::default() };
    let mut budget = RetryBudget::new(config);
    assert!(!budget.may_retry(ms(0)));
    (0..9).for_each(|_| budget.on_request(ms(1)));
    assert!(!budget.may_retry(ms(1)));
    budget.on_request(ms(1));
    assert!(budget.may_retry(ms(1)) && !budget.may_retry(ms(1)));
}

#[test]
fn when_every_request_fails_the_app_gets_a_tenth_more_and_not_double() {
    let mut budget = RetryBudget::new(RetryConfig::default());
    let mut retried = 0_u32;
    for request in 0..60_000 {
        budget.on_request(ms(request));
        retried += u32::from(budget.may_retry(ms(request)));
    }
    // A tenth of 60,000, and one per second of the minute.
    assert!((5_900..=6_100).contains(&retried), "{retried}");
}

#[test]
fn requests_of_long_ago_buy_no_retries() {
    let config = RetryConfig { floor_per_second: 0, ..RetryConfig::default() };
    let mut budget = RetryBudget::new(config);
    (0..1_000).for_each(|_| budget.on_request(ms(0)));
    assert_eq!(retries(&mut budget.clone(), ms(9_000)), 100);
    assert_eq!(retries(&mut budget, ms(11_000)), 0);
}

#[test]
fn a_share_above_a_hundred_is_a_hundred() {
    let config = RetryConfig { percent: u32::MAX, floor_per_second: 0, ..RetryConfig::default() };
    let mut budget = RetryBudget::new(config);
    (0..5).for_each(|_| budget.on_request(ms(0)));
    assert_eq!(retries(&mut budget, ms(0)), 5);
}

proptest! {
    #[test]
    fn one_is_allowed_exactly_while_the_window_holds_less_than_the_share_and_the_floor(
        steps in prop::collection::vec((0_u64..900, 0_u32..20, 0_u32..8), 1..100)
    ) {
        let mut budget = RetryBudget::new(RetryConfig::default());
        let (mut now, mut requests, mut granted) = (0, Vec::<u64>::new(), Vec::<u64>::new());
        for (step, new, wanted) in steps {
            now += step;
            let is_recent = |at: &&u64| *at / 1_000 + 10 > now / 1_000;
            for _ in 0..new {
                budget.on_request(ms(now));
                requests.push(now);
            }
            for _ in 0..wanted {
                let (sent, again) =
                    (requests.iter().filter(is_recent).count(), granted.iter().filter(is_recent).count());
                let is_allowed = budget.may_retry(ms(now));
                prop_assert_eq!(is_allowed, again < sent / 10 + 10, "{} retries of {} requests", again, sent);
                granted.extend(is_allowed.then_some(now));
            }
        }
    }
}
