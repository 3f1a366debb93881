use proptest::prelude::*;

use super::*;

#[test]
fn the_three_formats_are_read() {
    for text in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(parse(text.as_bytes()), Some(784_111_777), "{text}");
    }
}

#[test]
fn anything_else_is_no_date() {
    for text in [
        "",
        "0",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0100",
        "784111777",
        "\u{ff}",
        "Sun, 06  Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 1994 08.49.37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 31 Jun 1994 08:49:37 GMT",
        "Sun, 29 Feb 2023 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT",
    ] {
        assert_eq!(parse(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn leap_days_are_days() {
    assert_eq!(parse(b"Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
    assert_eq!(parse(b"Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
    assert_eq!(parse(b"Sunday, 06-Nov-69 00:00:00 GMT"), parse(b"Wed, 06 Nov 2069 00:00:00 GMT"));
}

#[test]
fn days_have_dates() {
    assert_eq!(civil(0), (1970, 1, 1));
    assert_eq!(civil(11_016), (2000, 2, 29));
    assert_eq!(civil(11_017), (2000, 3, 1));
    assert_eq!(civil(20_788), (2026, 12, 1));
}

proptest! {
    #[test]
    fn a_day_is_what_its_date_says(day in 0_u64..2_900_000) {
        let (year, month, in_month) = civil(day);
        prop_assert_eq!(seconds_of(year, month, in_month), Some(day * 86_400));
    }

    #[test]
    fn a_date_is_read_as_it_is_written(seconds in 0..=LAST) {
        let text = format(seconds);
        prop_assert_eq!(text.len(), LENGTH);
        prop_assert_eq!(parse(text.as_bytes()), Some(seconds));
    }

    #[test]
    fn any_text_is_a_date_or_none(text in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = parse(&text);
    }
}
