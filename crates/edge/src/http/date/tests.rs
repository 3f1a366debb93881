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
    for text in
        ["", "0", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 +0100", "784111777", "\u{ff}"]
    {
        assert_eq!(parse(text.as_bytes()), None, "{text}");
    }
}

proptest! {
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
