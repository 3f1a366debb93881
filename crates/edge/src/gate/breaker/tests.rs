use proptest::prelude::*;

use super::*;

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Opens after three failures in a row, or half of ten calls.
const CONFIG: BreakerConfig = BreakerConfig {
    failures_in_row: 3,
    failure_percent: 50,
    calls_min: 10,
    window: ms(10_000),
    open_min: ms(1_000),
    open_max: ms(5_000),
    probes_max: 2,
    successes_to_close: 3,
    probe_timeout: ms(4_000),
};

fn breaker() -> Breaker {
    Breaker::new(CONFIG)
}

fn call(breaker: &mut Breaker, outcome: Outcome, at: u64) {
    let permit = breaker.allow(ms(at)).expect("the call is allowed");
    breaker.record(permit, outcome, ms(at));
}

/// Open from the given time on.
fn opened_at(at: u64) -> Breaker {
    let mut breaker = breaker();
    for _ in 0..3 {
        call(&mut breaker, Outcome::Failure, at);
    }
    assert_eq!(breaker.state(ms(at)), State::Open { until: ms(at + 1_000) });
    breaker
}

#[test]
fn failures_in_a_row_open_it_and_failures_in_between_do_not() {
    let mut breaker = breaker();
    for outcome in [Outcome::Failure, Outcome::Failure, Outcome::Success, Outcome::Failure, Outcome::Failure]
    {
        call(&mut breaker, outcome, 0);
    }
    assert_eq!(breaker.state(ms(0)), State::Closed);
    call(&mut breaker, Outcome::Failure, 1);
    assert_eq!(breaker.state(ms(1)), State::Open { until: ms(1_001) });
    assert_eq!(breaker.allow(ms(1_000)), None);
}

#[test]
fn a_share_of_failures_opens_it_once_there_are_enough_calls() {
    let mut breaker = breaker();
    for number in 0..8 {
        let outcome = if number % 2 == 0 { Outcome::Failure } else { Outcome::Success };
        call(&mut breaker, outcome, 100 * number);
    }
    call(&mut breaker, Outcome::Failure, 800);
    assert_eq!(breaker.state(ms(800)), State::Closed, "nine calls are too few");
    call(&mut breaker, Outcome::Failure, 900);
    assert_eq!(breaker.state(ms(900)), State::Open { until: ms(1_900) });
}

#[test]
fn a_smaller_share_does_not_and_failures_of_long_ago_are_forgotten() {
    let mut breaker = breaker();
    for number in 0..300_u64 {
        let outcome = if number % 3 == 0 { Outcome::Failure } else { Outcome::Success };
        call(&mut breaker, outcome, 10 * number);
    }
    for number in 0..9 {
        let outcome = if number % 2 == 0 { Outcome::Failure } else { Outcome::Success };
        call(&mut breaker, outcome, 20_000);
    }
    assert_eq!(breaker.state(ms(20_000)), State::Closed);
}

#[test]
fn what_says_nothing_counts_for_nothing() {
    let mut breaker = breaker();
    for outcome in [Outcome::Failure, Outcome::Failure, Outcome::Abandoned] {
        call(&mut breaker, outcome, 0);
    }
    assert_eq!(breaker.state(ms(0)), State::Closed);
    call(&mut breaker, Outcome::Failure, 0);
    assert!(matches!(breaker.state(ms(0)), State::Open { .. }), "the row was not broken");
}

#[test]
fn enough_probes_that_succeed_close_it_and_no_more_than_allowed_go_at_once() {
    let mut breaker = opened_at(0);
    assert_eq!(breaker.allow(ms(999)), None);
    let first = breaker.allow(ms(1_000)).unwrap();
    let second = breaker.allow(ms(1_000)).unwrap();
    assert_eq!(breaker.allow(ms(1_000)), None);
    breaker.record(first, Outcome::Success, ms(1_100));
    breaker.record(second, Outcome::Success, ms(1_100));
    assert_eq!(breaker.state(ms(1_100)), State::HalfOpen);
    call(&mut breaker, Outcome::Success, 1_200);
    assert_eq!(breaker.state(ms(1_200)), State::Closed);
    // What failed before is forgotten.
    call(&mut breaker, Outcome::Failure, 1_300);
    call(&mut breaker, Outcome::Failure, 1_300);
    assert_eq!(breaker.state(ms(1_300)), State::Closed);
}

#[test]
fn the_share_from_before_it_opened_is_forgotten_when_it_closes() {
    let mut breaker = breaker();
    for number in 0..10 {
        let outcome = if number % 2 == 1 { Outcome::Failure } else { Outcome::Success };
        call(&mut breaker, outcome, 0);
    }
    assert!(matches!(breaker.state(ms(0)), State::Open { .. }));
    for _ in 0..3 {
        call(&mut breaker, Outcome::Success, 1_000);
    }
    call(&mut breaker, Outcome::Failure, 1_000);
    assert_eq!(breaker.state(ms(1_000)), State::Closed);
}

#[test]
fn a_probe_that_is_still_out_when_it_closes_does_not_count_any_more() {
    let mut breaker = opened_at(0);
    let late = breaker.allow(ms(1_000)).unwrap();
    for outcome in [Outcome::Success, Outcome::Success, Outcome::Success, Outcome::Failure, Outcome::Failure]
    {
        call(&mut breaker, outcome, 1_000);
    }
    breaker.record(late, Outcome::Failure, ms(1_100));
    assert_eq!(breaker.state(ms(1_100)), State::Closed);
}

#[test]
fn each_failed_probe_doubles_the_time_up_to_the_most_and_closing_resets_it() {
    let mut breaker = opened_at(0);
    let mut now = 1_000;
    for open_for in [2_000, 4_000, 5_000, 5_000] {
        call(&mut breaker, Outcome::Failure, now);
        assert_eq!(breaker.state(ms(now)), State::Open { until: ms(now + open_for) });
        assert_eq!(breaker.allow(ms(now + open_for - 1)), None);
        now += open_for;
    }
    for _ in 0..3 {
        call(&mut breaker, Outcome::Success, now);
    }
    for _ in 0..3 {
        call(&mut breaker, Outcome::Failure, now);
    }
    assert_eq!(breaker.state(ms(now)), State::Open { until: ms(now + 1_000) });
}

#[test]
fn a_result_from_before_it_opened_is_no_probe() {
    let mut breaker = breaker();
    let slow: Vec<_> = (0..4).map(|_| breaker.allow(ms(0)).unwrap()).collect();
    for _ in 0..3 {
        call(&mut breaker, Outcome::Failure, 10);
    }
    let _probe = breaker.allow(ms(1_010)).unwrap();
    let mut slow = slow.into_iter();
    for permit in slow.by_ref().take(3) {
        breaker.record(permit, Outcome::Success, ms(1_020));
    }
    assert_eq!(breaker.state(ms(1_020)), State::HalfOpen);
    breaker.record(slow.next().unwrap(), Outcome::Failure, ms(1_020));
    assert_eq!(breaker.state(ms(1_020)), State::HalfOpen);
}

#[test]
fn a_probe_whose_client_went_away_makes_room_for_another() {
    let mut breaker = opened_at(0);
    for at in 1_000..1_100 {
        call(&mut breaker, Outcome::Abandoned, at);
    }
    assert_eq!(breaker.state(ms(1_100)), State::HalfOpen);
    assert!(breaker.allow(ms(1_100)).is_some());
}

#[test]
fn a_probe_whose_result_never_comes_counts_as_failed_in_the_end() {
    let mut breaker = opened_at(0);
    let lost = breaker.allow(ms(1_000)).unwrap();
    let _lost = breaker.allow(ms(1_500)).unwrap();
    assert_eq!(breaker.allow(ms(5_499)), None);
    assert_eq!(breaker.state(ms(5_499)), State::HalfOpen);
    assert_eq!(breaker.state(ms(5_500)), State::Open { until: ms(7_500) });
    assert_eq!(breaker.allow(ms(7_499)), None);
    // If its result comes after all, it is a stranger.
    breaker.record(lost, Outcome::Failure, ms(7_500));
    assert_eq!(breaker.state(ms(7_500)), State::HalfOpen);
    assert!(breaker.allow(ms(7_500)).is_some());
}

#[test]
fn after_a_long_silence_it_is_tried_at_once() {
    let mut breaker = opened_at(0);
    let _lost = breaker.allow(ms(1_000)).unwrap();
    assert_eq!(breaker.state(ms(3_600_000)), State::HalfOpen);
    assert!(breaker.allow(ms(3_600_000)).is_some());
}

#[test]
fn the_state_is_only_looked_at() {
    let mut breaker = opened_at(0);
    assert_eq!(breaker.state(ms(9_000)), State::HalfOpen);
    assert_eq!(breaker.state(ms(500)), State::Open { until: ms(1_000) });
    assert_eq!(breaker.allow(ms(500)), None);
}

#[test]
fn a_way_to_open_can_be_switched_off() {
    let config = BreakerConfig { failures_in_row: u32::MAX, failure_percent: 101, ..CONFIG };
    let mut breaker = Breaker::new(config);
    for at in 0..1_000 {
        call(&mut breaker, Outcome::Failure, at);
    }
    assert_eq!(breaker.state(ms(1_000)), State::Closed);
}

proptest! {
    /// Whatever was lost or came late: when the upstream is well again, it is in use again within the longest times.
    #[test]
    fn no_history_blocks_it_for_good(
        steps in prop::collection::vec((0_u8..6, any::<usize>(), 0_u64..3_000), 0..200)
    ) {
        let (mut breaker, mut permits, mut now) = (breaker(), Vec::new(), 0);
        for (action, choice, step) in steps {
            now += step;
            let before = breaker.state(ms(now));
            match action {
                0..3 => {
                    let permit = breaker.allow(ms(now));
                    match before {
                        State::Closed => prop_assert!(permit.is_some()),
                        State::Open { until } => prop_assert!(permit.is_none() && until > ms(now)),
                        State::HalfOpen => {}
                    }
                    permits.extend(permit);
                }
                _ if permits.is_empty() => {}
                3 => breaker.record(permits.swap_remove(choice % permits.len()), Outcome::Success, ms(now)),
                4 => breaker.record(permits.swap_remove(choice % permits.len()), Outcome::Failure, ms(now)),
                _ => breaker.record(permits.swap_remove(choice % permits.len()), Outcome::Abandoned, ms(now)),
            }
            if let State::Open { until } = breaker.state(ms(now)) {
                prop_assert!(until <= ms(now) + CONFIG.open_max);
            }
            if let Phase::HalfOpen { .. } = breaker.position.phase {
                let number = breaker.position.number;
                let out = permits.iter().filter(|permit: &&CallPermit| permit.phase_number == number).count();
                prop_assert!(out <= CONFIG.probes_max as usize, "{} probes at once", out);
            }
        }
        drop(permits);
        // The lost probes time out, the longest wait passes, and then every call succeeds.
        for at in [now + 4_000, now + 9_000] {
            if let Some(permit) = breaker.allow(ms(at)) {
                breaker.record(permit, Outcome::Success, ms(at));
            }
        }
        for at in now + 18_000..now + 18_003 {
            call(&mut breaker, Outcome::Success, at);
        }
        prop_assert_eq!(breaker.state(ms(now + 18_003)), State::Closed);
    }
}
