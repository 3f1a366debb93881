use super::*;

fn of(values: impl IntoIterator<Item = u64>) -> Histogram {
    let mut histogram = Histogram::default();
    values.into_iter().for_each(|value| histogram.add(value));
    histogram
}

#[test]
fn small_values_are_exact() {
    let histogram = of(1..=100);
    assert_eq!([50, 95, 99, 100].map(|percent| histogram.quantile(percent)), [50, 95, 99, 100]);
    assert_eq!(of([]).quantile(50), 0);
    assert_eq!(of([7]).quantile(50), 7);
}

#[test]
fn large_values_are_off_by_less_than_one_percent() {
    for value in
        (0..64).flat_map(|shift| [1_u64 << shift, (1 << shift) + (1 << shift) / 3, u64::MAX >> shift])
    {
        // Beside a larger one, so that the largest value does not correct it.
        let found = of([value, u64::MAX]).quantile(50);
        assert!(found.abs_diff(value) <= value / 100, "{value} reads as {found}");
        assert_eq!(of([value]).max(), value);
    }
}

#[test]
fn a_million_values_take_few_buckets() {
    let histogram = of((0..1_000_000).map(|at| 1_000_000 + at * 997 % 200_000_000));
    assert!(histogram.buckets.len() < 600, "{}", histogram.buckets.len());
}

#[test]
fn what_is_encoded_comes_back_and_nonsense_does_not() {
    let histogram = of([3, 3, 1_000_000, u64::MAX]);
    let mut writer = Writer::default();
    histogram.encode(&mut writer);
    let bytes = writer.into_bytes();
    assert_eq!(Histogram::decode(&mut Reader::new(&bytes)).unwrap(), histogram);
    for cut in 0..bytes.len() {
        assert!(Histogram::decode(&mut Reader::new(&bytes[..cut])).is_err());
    }
    let unordered = [9, 2, 5, 1, 5, 1];
    assert_eq!(Histogram::decode(&mut Reader::new(&unordered)), Err(DecodeError::Index));
}

#[test]
fn merged_they_count_what_both_do_and_since_takes_it_away_again() {
    let (early, late) = ([3, 700, 700, 1_000_000], [3, 9, 700, 2_000_000]);
    let mut merged = of(early);
    merged.merge(&of(late));
    assert_eq!(merged, of(early.into_iter().chain(late)));
    assert_eq!(merged.since(&of(early)), of(late));
    let mut none = Histogram::default();
    none.merge(&of(late));
    assert_eq!((none.count(), none), (4, of(late)));
    // The largest of the later values is no longer known exactly, but its bucket is.
    let later = of([5_000_000, 400]).since(&of([5_000_000]));
    assert_eq!((later.count(), later.max().abs_diff(400) <= 4), (1, true));
}

#[test]
fn buckets_touch_and_hold_their_values() {
    let histogram = of([0, 127, 128, 129, 130, 1_000_000, u64::MAX]);
    assert_eq!(histogram.buckets().map(|(_, _, count)| count).sum::<u64>(), histogram.count());
    for value in [0, 1, 127, 128, 130, 255, 256, 1_000_003, u64::MAX] {
        let (first, beyond, _) = of([value]).buckets().next().unwrap();
        assert!(first <= value && (value < beyond || beyond == u64::MAX), "{value}: {first}..{beyond}");
    }
}
