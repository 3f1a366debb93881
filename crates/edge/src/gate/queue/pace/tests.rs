use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn pace(services_ms: &[u64]) -> Pace {
    let mut pace = Pace::default();
    for service_ms in services_ms {
        pace.learn(ms(*service_ms));
    }
    pace
}

#[test]
fn nothing_known_is_not_nothing_to_wait() {
    assert_eq!(pace(&[]).expected_wait(1_000, 1, ms(0)), None);
}

#[test]
fn each_turn_takes_a_service_time_divided_by_the_workers() {
    let pace = pace(&[80]);
    assert_eq!(pace.expected_wait(0, 2, ms(0)), Some(ms(40)));
    assert_eq!(pace.expected_wait(9, 2, ms(0)), Some(ms(400)));
    assert_eq!(pace.expected_wait(9, 0, ms(0)), Some(ms(800)));
}

#[test]
fn an_app_that_hangs_is_not_expected_to_go_on_at_once() {
    let mut pace = pace(&[80]);
    pace.moved(ms(1_000));
    assert_eq!(pace.expected_wait(2, 2, ms(1_010)), Some(ms(120)));
    assert_eq!(pace.expected_wait(2, 2, ms(4_000)), Some(ms(3_080)));
    pace.moved(ms(4_000));
    assert_eq!(pace.expected_wait(2, 2, ms(4_000)), Some(ms(120)));
}

#[test]
fn one_outlier_is_not_believed() {
    let mut pace = pace(&[50; 20]);
    pace.learn(Duration::from_mins(10));
    assert!(pace.service_time().unwrap() < ms(100), "{pace:?}");
}

#[test]
fn slowness_is_believed_soon_and_haste_when_it_lasts() {
    let mut pace = pace(&[50; 20]);
    (0..16).for_each(|_| pace.learn(ms(500)));
    assert!(pace.service_time().unwrap() > ms(400), "{pace:?}");
    (0..16).for_each(|_| pace.learn(ms(50)));
    assert!(pace.service_time().unwrap() > ms(100), "{pace:?}");
    (0..300).for_each(|_| pace.learn(ms(50)));
    assert!(pace.service_time().unwrap() < ms(60), "{pace:?}");
}

#[test]
fn a_slow_start_and_a_service_time_of_zero_are_left_behind() {
    let mut slow = pace(&[5_000]);
    (0..300).for_each(|_| slow.learn(ms(50)));
    assert!(slow.service_time().unwrap() < ms(60), "{slow:?}");
    let mut zero = pace(&[0]);
    (0..40).for_each(|_| zero.learn(ms(50)));
    assert!(zero.service_time().unwrap() > ms(40), "{zero:?}");
}

#[test]
fn an_app_that_is_regular_needs_no_margin_and_one_that_is_not_does() {
    assert_eq!(pace(&[50; 64]).expected_wait(16, 1, ms(0)), Some(ms(17 * 50)));
    let irregular: Vec<u64> = (0..64).map(|number| if number % 2 == 0 { 10 } else { 90 }).collect();
    let expected_wait = pace(&irregular).expected_wait(16, 1, ms(0)).unwrap();
    // Two deviations of 40 ms times the root of 16, and the noise of the average.
    assert!((ms(17 * 50 + 300)..ms(17 * 50 + 500)).contains(&expected_wait), "{expected_wait:?}");
}

#[test]
fn the_longest_times_do_not_run_over() {
    let mut pace = Pace::default();
    pace.learn(Duration::MAX);
    pace.learn(Duration::MAX);
    assert_eq!(pace.service_time(), Some(SERVICE_MAX));
    assert_eq!(pace.expected_wait(usize::MAX, 1, Duration::MAX), Some(Duration::MAX));
}
