use crate::Quantiles;

#[test]
fn a_quantile_is_a_value_that_occurred() {
    let quantiles = Quantiles::of(vec![50, 15, 40, 20, 35]);
    assert_eq!(quantiles, Quantiles { p50: 35.0, p95: 50.0, p99: 50.0, max: 50.0 });
}

#[test]
fn of_an_even_number_of_values_the_median_is_the_lower_one() {
    let quantiles = Quantiles::of(vec![1, 2, 3, 4]);
    assert_eq!(quantiles, Quantiles { p50: 2.0, p95: 4.0, p99: 4.0, max: 4.0 });
}

#[test]
fn the_ranks_of_a_hundred_values_are_their_percentiles() {
    let quantiles = Quantiles::of((1..=100).rev().collect());
    assert_eq!(quantiles, Quantiles { p50: 50.0, p95: 95.0, p99: 99.0, max: 100.0 });
}

#[test]
fn nanoseconds_are_shown_as_milliseconds() {
    let quantiles = Quantiles::of_ns(vec![1_500_000]);
    assert_eq!(quantiles, Quantiles { p50: 1.5, p95: 1.5, p99: 1.5, max: 1.5 });
}

#[test]
fn no_values_give_zeros() {
    assert_eq!(Quantiles::of(vec![]), Quantiles::default());
}
