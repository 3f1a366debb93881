use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A hundred a minute, so one every 600 ms, and ten at once.
const RULE: Rule = Rule { quota: 100, window: Duration::from_mins(1), burst: 10 };

fn throttle() -> Throttle {
    Throttle::new(RULE, 1_024)
}

fn is_allowed(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Allowed { .. })
}

/// How many pass at once.
fn burst(throttle: &mut Throttle, key_hash: u64, now: Duration) -> u32 {
    (0..1_000).take_while(|_| is_allowed(throttle.check(key_hash, now))).count() as u32
}

#[test]
fn a_burst_passes_at_once_and_the_next_one_when_its_time_has_come() {
    let mut throttle = throttle();
    let first = throttle.check(1, ms(5_000));
    assert_eq!(first, Verdict::Allowed { remaining: 9, reset_after: ms(600) });
    assert_eq!(burst(&mut throttle, 1, ms(5_000)), 9);
    assert_eq!(throttle.check(1, ms(5_000)), Verdict::Refused { retry_after: ms(600) });
    assert_eq!(throttle.check(1, ms(5_500)), Verdict::Refused { retry_after: ms(100) });
    assert_eq!(throttle.check(1, ms(5_600)), Verdict::Allowed { remaining: 0, reset_after: ms(6_000) });
    assert_eq!(burst(&mut throttle, 1, ms(60_000)), 10);
}

#[test]
fn who_comes_evenly_is_never_refused() {
    let mut throttle = Throttle::new(Rule { burst: 1, ..RULE }, 16);
    assert!((0..1_000).all(|number| is_allowed(throttle.check(1, ms(600 * number)))));
    assert!(!is_allowed(throttle.check(1, ms(600 * 999 + 599))));
}

#[test]
fn whoever_asks_on_and_on_gets_the_quota_and_no_less() {
    let mut throttle = throttle();
    let allowed = (0..600_000).filter(|at| is_allowed(throttle.check(1, ms(*at)))).count();
    assert_eq!(allowed, 10 * 100 + 9);
}

#[test]
fn one_key_does_not_use_up_what_is_anothers() {
    let mut throttle = throttle();
    assert_eq!(burst(&mut throttle, 1, ms(0)), 10);
    assert_eq!(burst(&mut throttle, 0, ms(0)), 10);
    assert_eq!(burst(&mut throttle, u64::MAX, ms(0)), 10);
    assert!(!is_allowed(throttle.check(0, ms(0))));
}

/// What a hash would make of it: the finisher of splitmix64.
fn spread(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// One set of sixteen slots.
fn small() -> Throttle {
    Throttle::new(RULE, 1)
}

#[test]
fn of_a_full_table_a_key_with_its_whole_burst_goes_first() {
    let mut throttle = small();
    // The first is seen earlier than the others, but still owes something.
    burst(&mut throttle, 0, ms(0));
    for key_hash in 1..16 {
        throttle.check(key_hash, ms(10));
    }
    throttle.check(16, ms(5_000));
    assert!(burst(&mut throttle, 0, ms(5_000)) < 10, "it was forgotten, and has its burst anew");
}

#[test]
fn when_all_owe_something_the_one_that_stayed_away_longest_goes() {
    let mut throttle = small();
    for key_hash in 0..16 {
        burst(&mut throttle, key_hash, ms(key_hash));
    }
    throttle.check(0, ms(20));
    throttle.check(16, ms(21));
    assert!(!is_allowed(throttle.check(0, ms(22))), "it was seen lately and must not be forgotten");
    assert!(is_allowed(throttle.check(1, ms(22))), "it stayed away longest and should be forgotten");
}

#[test]
fn nobody_is_refused_because_the_table_is_full() {
    let mut throttle = small();
    assert!((0..10_000).all(|key_hash| is_allowed(throttle.check(key_hash, ms(0)))));
    assert!((0..100_000).all(|number| is_allowed(throttle.check(spread(number), ms(0)))));
}

#[test]
fn a_flood_of_others_does_not_set_free_whoever_goes_on() {
    let mut throttle = small();
    let mut allowed = 0;
    for round in 0..6_000 {
        allowed += u32::from(is_allowed(throttle.check(0, ms(10 * round))));
        for other in 0..10 {
            throttle.check(1 + 10 * round + other, ms(10 * round));
        }
    }
    assert!(allowed <= 110, "{allowed} in a minute");
}

#[test]
fn the_table_holds_as_many_keys_as_it_says() {
    let mut throttle = Throttle::new(RULE, usize::MAX);
    assert_eq!(throttle.sets.len() * SLOTS_PER_SET, THROTTLE_KEYS_MAX);
    assert_eq!(size_of::<Slot>(), 24);
    // Half full, hardly any set has to forget.
    let keys = THROTTLE_KEYS_MAX as u64 / 2;
    for number in 0..keys {
        burst(&mut throttle, spread(number), ms(0));
    }
    let forgotten = (0..keys).filter(|number| is_allowed(throttle.check(spread(*number), ms(0)))).count();
    assert!(forgotten * 100 < keys as usize, "{forgotten} of {keys}");
}

#[test]
fn a_rule_out_of_range_still_is_one() {
    let zero = Rule { quota: 0, window: Duration::ZERO, burst: 0 };
    assert!(is_allowed(Throttle::new(zero, 0).check(1, ms(0))));
    let endless = Rule { quota: 1, window: Duration::MAX, burst: u32::MAX };
    let mut throttle = Throttle::new(endless, 1);
    assert!(is_allowed(throttle.check(1, ms(0))));
    assert!(!is_allowed(throttle.check(1, ms(0))));
}

#[test]
fn a_time_that_runs_backwards_does_no_more_than_refuse() {
    let mut throttle = throttle();
    throttle.check(1, ms(10_000));
    assert_eq!(throttle.check(1, ms(0)), Verdict::Refused { retry_after: ms(5_200) });
    assert!(is_allowed(throttle.check(1, ms(10_000))));
}

fn rate_limit(name: &str, verdict: Verdict) -> String {
    let mut value = String::new();
    write_rate_limit(name, verdict, &mut value);
    value
}

fn policy(name: &str, rule: Rule) -> String {
    let mut value = String::new();
    write_rate_limit_policy(name, rule, &mut value);
    value
}

#[test]
fn the_fields_are_as_in_the_draft() {
    let allowed = Verdict::Allowed { remaining: 50, reset_after: ms(30_000) };
    assert_eq!(rate_limit("default", allowed), r#""default";r=50;t=30"#);
    assert_eq!(policy("default", RULE), r#""default";q=100;w=60"#);
}

#[test]
fn seconds_are_rounded_up_and_a_refusal_leaves_nothing() {
    assert_eq!(rate_limit("a", Verdict::Refused { retry_after: ms(1) }), r#""a";r=0;t=1"#);
    let allowed = Verdict::Allowed { remaining: 1, reset_after: ms(1_001) };
    assert_eq!(rate_limit("a", allowed), r#""a";r=1;t=2"#);
    assert_eq!(policy("a", Rule { window: ms(100), ..RULE }), r#""a";q=100;w=1"#);
    assert_eq!(policy("a", Rule { quota: 0, window: ms(0), burst: 0 }), r#""a";q=1;w=1"#);
    let endless = Verdict::Refused { retry_after: Duration::MAX };
    assert_eq!(rate_limit("a", endless), r#""a";r=0;t=999999999999999"#);
}

#[test]
fn a_name_cannot_end_the_field() {
    assert_eq!(policy("a\"b\\c\r\nX: é", RULE), r#""a\"b\\cX: ";q=100;w=60"#);
}

#[test]
fn a_value_is_appended() {
    let mut value = policy("a", RULE);
    value.push_str(", ");
    write_rate_limit_policy("b", RULE, &mut value);
    assert_eq!(value, r#""a";q=100;w=60, "b";q=100;w=60"#);
}

/// Virtual scheduling as I.371 has it, for any number of keys: a cell conforms unless it comes before its theoretical
/// arrival time by more than the tolerance.
#[derive(Default)]
struct Model {
    arrivals: HashMap<u64, i128>,
}

impl Model {
    fn conforms(&mut self, rule: Rule, key: u64, now: Duration) -> bool {
        let interval = rule.window.as_nanos().div_ceil(rule.quota.into()).cast_signed();
        let tolerance = interval * (i128::from(rule.burst) - 1);
        let now = now.as_nanos().cast_signed();
        let arrival = self.arrivals.entry(key).or_insert(now);
        if now < *arrival - tolerance {
            return false;
        }
        *arrival = now.max(*arrival) + interval;
        true
    }
}

fn rule() -> impl Strategy<Value = Rule> {
    (1_u32..200, 1_u64..120_000, 1_u32..50).prop_map(|(quota, window, burst)| Rule {
        quota,
        window: ms(window),
        burst,
    })
}

proptest! {
    #[test]
    fn it_allows_what_virtual_scheduling_does_and_says_truly_what_comes_next(
        rule in rule(),
        steps in prop::collection::vec((0_u64..12, 0_u64..2_000), 1..200),
    ) {
        let (mut throttle, mut model, mut now) = (small_of(rule), Model::default(), ms(0));
        for (key, step) in steps {
            now += ms(step / 10);
            let verdict = throttle.check(key, now);
            prop_assert_eq!(is_allowed(verdict), model.conforms(rule, key, now));
            let mut later = throttle.clone();
            match verdict {
                Verdict::Allowed { remaining, reset_after } => {
                    prop_assert_eq!(burst(&mut later, key, now), remaining);
                    prop_assert_eq!(burst(&mut throttle.clone(), key, now + reset_after), rule.burst);
                }
                Verdict::Refused { retry_after } => {
                    let too_early = now + retry_after.saturating_sub(Duration::from_nanos(1));
                    prop_assert!(!is_allowed(later.check(key, too_early)));
                    prop_assert!(is_allowed(later.check(key, now + retry_after)));
                }
            }
        }
    }

    #[test]
    fn no_window_holds_more_than_the_quota_and_a_burst(
        rule in rule(),
        steps in prop::collection::vec(0_u64..50, 1..400),
    ) {
        let (mut throttle, mut now, mut allowed) = (small_of(rule), ms(0), Vec::new());
        for step in steps {
            now += ms(step / 10);
            allowed.extend(is_allowed(throttle.check(7, now)).then_some(now));
        }
        for (first, from) in allowed.iter().enumerate() {
            let in_window = allowed[first..].iter().take_while(|at| **at < *from + rule.window).count();
            prop_assert!(in_window <= (rule.quota + rule.burst) as usize, "{} from {:?}", in_window, from);
        }
    }

    #[test]
    fn no_rule_and_no_time_panics(
        quota: u32,
        burst: u32,
        window in (any::<u64>(), 0_u32..1_000_000_000),
        checks in prop::collection::vec((any::<u64>(), any::<u64>(), 0_u32..1_000_000_000), 1..50),
    ) {
        let rule = Rule { quota, window: Duration::new(window.0, window.1), burst };
        let mut throttle = small_of(rule);
        for (key, seconds, nanos) in checks {
            let verdict = throttle.check(key, Duration::new(seconds, nanos));
            prop_assert!(rate_limit("a", verdict).len() < 60);
        }
        prop_assert!(policy("a", rule).len() < 60);
    }
}

fn small_of(rule: Rule) -> Throttle {
    Throttle::new(rule, SLOTS_PER_SET)
}
