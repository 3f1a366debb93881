use proptest::prelude::*;

use super::*;

fn texts(value: &str) -> Vec<String> {
    elements(value.as_bytes()).map(|element| String::from_utf8_lossy(element).into_owned()).collect()
}

#[test]
fn elements_are_trimmed_and_empty_ones_left_out() {
    assert_eq!(texts(" a ,,\tb\t, ,c"), ["a", "b", "c"]);
    assert_eq!(texts(""), [] as [&str; 0]);
    assert_eq!(texts(" , "), [] as [&str; 0]);
}

#[test]
fn a_comma_in_quotes_is_text() {
    assert_eq!(texts(r#"a="1, 2", b="\", x", c"#), [r#"a="1, 2""#, r#"b="\", x""#, "c"]);
    // A quote that is never closed takes the rest with it: less is read than meant, never more.
    assert_eq!(texts(r#"a="1, max-age=5"#), [r#"a="1, max-age=5"#]);
}

#[test]
fn numbers_are_digits_and_nothing_else() {
    assert_eq!(number(b"0036"), Some(36));
    assert_eq!(number(b"99999999999999999999999"), Some(u64::MAX));
    for odd in ["", "-1", "+1", " 1", "1.0", "0x1", "1a"] {
        assert_eq!(number(odd.as_bytes()), None, "{odd}");
    }
}

proptest! {
    #[test]
    fn a_number_is_written_as_it_is_read(value: u64) {
        let mut digits = Vec::new();
        write_number(value, &mut digits);
        prop_assert_eq!(&digits, &value.to_string().into_bytes());
        prop_assert_eq!(number(&digits), Some(value));
    }

    #[test]
    fn no_element_has_space_around_it(value in proptest::collection::vec(any::<u8>(), 0..60)) {
        for element in elements(&value) {
            prop_assert_eq!(trim(element), element);
            prop_assert!(!element.is_empty());
        }
    }
}
