use proptest::prelude::*;

use super::*;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn it_forgets_slice_by_slice() {
    let mut window = Window::new(ms(1_000));
    window.at(ms(50)).calls += 1;
    window.at(ms(150)).calls += 1;
    window.at(ms(150)).marked += 1;
    assert_eq!(window.sum(ms(999)), Tally { calls: 2, marked: 1 });
    assert_eq!(window.sum(ms(1_000)), Tally { calls: 1, marked: 1 });
    assert_eq!(window.sum(ms(1_100)), Tally::default());
}

#[test]
fn after_a_long_silence_nothing_is_left() {
    let mut window = Window::new(ms(1_000));
    window.at(ms(500)).calls += 7;
    assert_eq!(window.sum(Duration::MAX), Tally::default());
}

#[test]
fn a_time_that_runs_backwards_is_counted_as_the_newest() {
    let mut window = Window::new(ms(1_000));
    window.at(ms(5_000)).calls += 1;
    window.at(ms(10)).calls += 1;
    assert_eq!(window.sum(ms(5_000)).calls, 2);
}

#[test]
fn a_window_without_length_holds_no_more_than_one_moment() {
    let mut window = Window::new(Duration::ZERO);
    window.at(ms(1)).calls += 1;
    assert_eq!(window.sum(ms(1)).calls, 1);
    assert_eq!(window.sum(ms(2)).calls, 0);
}

proptest! {
    #[test]
    fn it_sums_up_exactly_the_slices_of_its_length(steps in prop::collection::vec((0_u64..400, any::<bool>()), 1..80)) {
        let mut window = Window::new(ms(1_000));
        let (mut now, mut calls) = (0, Vec::new());
        for (step, is_marked) in steps {
            now += step;
            let slice = window.at(ms(now));
            slice.calls += 1;
            slice.marked += u32::from(is_marked);
            calls.push((now / 100, is_marked));
            let recent = calls.iter().filter(|(slice, _)| slice + 10 > now / 100);
            let marked = recent.clone().filter(|(_, is_marked)| *is_marked).count() as u32;
            prop_assert_eq!(window.sum(ms(now)), Tally { calls: recent.count() as u32, marked });
        }
    }
}
