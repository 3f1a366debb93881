use proptest::prelude::*;

use super::*;

#[test]
fn every_name_is_found_in_any_case() {
    for &(name, text) in ALL {
        assert_eq!(Name::find(text.as_bytes()), Some(name));
        assert_eq!(Name::find(text.to_ascii_uppercase().as_bytes()), Some(name));
        assert_eq!(name.as_str(), text);
    }
}

#[test]
fn a_name_that_only_looks_alike_is_another() {
    for text in ["", "x", "hosts", "content_length", "content-lengtH-", "set-cookie2", "\u{c}ookie"] {
        assert_eq!(Name::find(text.as_bytes()), None, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_found_is_the_same_but_for_case(text in proptest::collection::vec(any::<u8>(), 0..30)) {
        if let Some(name) = Name::find(&text) {
            prop_assert!(name.as_str().as_bytes().eq_ignore_ascii_case(&text));
        }
    }
}
