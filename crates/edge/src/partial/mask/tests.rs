use proptest::prelude::*;

use super::*;
use crate::partial::tests::{lists, paths, write_list, write_paths};

fn canonical(text: &str) -> String {
    Mask::parse(text.as_bytes()).unwrap().to_string()
}

fn error(text: &str) -> MaskError {
    Mask::parse(text.as_bytes()).unwrap_err()
}

#[test]
fn masks_are_merged_and_sorted() {
    for (text, expected) in [
        ("a", "a"),
        ("b,a", "a,b"),
        ("a,a", "a"),
        ("a/b", "a/b"),
        ("a(b)", "a/b"),
        ("a/b/c,a/b/d", "a/b(c,d)"),
        ("a(b),a(c)", "a(b,c)"),
        ("a(c,b/d),e", "a(b/d,c),e"),
        ("a/b(c),d", "a/b/c,d"),
        ("a/b,c", "a/b,c"),
        ("a,a(b)", "a"),
        ("a(b),a", "a"),
        ("a/b,a", "a"),
        ("*", "*"),
        ("*,a", "*"),
        ("a(b),*", "*"),
        ("a/*", "a/*"),
        ("a(b,*)", "a/*"),
        ("a/*/id", "a/*/id"),
        ("*(id),name", "*/id,name"),
        ("*(id),author(name)", "*/id,author(id,name)"),
        ("author(name),*(id)", "*/id,author(id,name)"),
        ("*(id),author(id)", "*/id"),
        ("*(*(x)),a(*(y))", "*/*/x,a/*(x,y)"),
        ("*/x/z,a/*/y", "*/x/z,a(*/y,x(y,z))"),
        ("id, title , author( name )", "author/name,id,title"),
        ("_links,@type,$ref,first-name,v1.2", "$ref,@type,_links,first-name,v1.2"),
        ("größe,名前", "größe,名前"),
        ("a\\/b/c", "a\\/b/c"),
        ("\\*,\\(,\\\\,\\ x", "\\ x,\\(,\\*,\\\\"),
        ("\\a\\n", "an"),
    ] {
        assert_eq!(canonical(text), expected, "{text}");
    }
}

#[test]
fn masks_that_select_different_things_differ() {
    for (one, other) in [
        ("a", "a/*"),
        ("*", "\\*"),
        ("*", "*/*"),
        ("a/b", "a\\/b"),
        ("a,b", "a/b"),
        ("*(id),a", "*(id)"),
        ("*(x),a(y)", "*(x,y)"),
        ("A", "a"),
    ] {
        assert_ne!(canonical(one), canonical(other), "{one} {other}");
    }
}

#[test]
fn what_is_no_mask_is_said_with_its_place() {
    for (text, expected) in [
        ("", "the list of fields is empty: name at least one field, or leave the parameter out"),
        ("   ", "the list of fields is empty: name at least one field, or leave the parameter out"),
        (",", "the name of a field is missing at character 1"),
        ("a,", "the name of a field is missing at character 3"),
        ("a,,b", "the name of a field is missing at character 3"),
        ("a/", "the name of a field is missing at character 3"),
        ("a//b", "the name of a field is missing at character 3"),
        ("/a", "the name of a field is missing at character 1"),
        ("a()", "the name of a field is missing at character 3"),
        ("é( ,b)", "the name of a field is missing at character 4"),
        ("(a)", "the name of a field is missing at character 1"),
        ("a/(b)", "the name of a field is missing at character 3"),
        ("a(b", "the bracket opened at character 2 is not closed"),
        ("a(b(c)", "the bracket opened at character 2 is not closed"),
        ("a)", "the bracket closed at character 2 was not opened"),
        ("a(b))", "the bracket closed at character 5 was not opened"),
        ("a\\", "the backslash at character 2 has no character after it"),
        ("a b", "the character 'b' cannot stand at character 3; in a name it needs a backslash before it"),
        ("a(b)c", "the character 'c' cannot stand at character 5; in a name it needs a backslash before it"),
        ("a(b)/c", "the character '/' cannot stand at character 5; in a name it needs a backslash before it"),
        ("foo*", "the character '*' cannot stand at character 4; in a name it needs a backslash before it"),
        ("*x", "the character 'x' cannot stand at character 2; in a name it needs a backslash before it"),
        ("a,\n", "the character '\\n' cannot stand at character 3; in a name it needs a backslash before it"),
    ] {
        assert_eq!(error(text).to_string(), expected, "{text}");
    }
    assert_eq!(Mask::parse(b"a,\xff"), Err(MaskError::Encoding));
}

#[test]
fn limits_hold_to_the_last_name() {
    let deep = |levels: usize| vec!["a"; levels].join("/");
    assert_eq!(canonical(&deep(MASK_DEPTH_MAX)), deep(MASK_DEPTH_MAX));
    assert_eq!(error(&deep(MASK_DEPTH_MAX + 1)), MaskError::TooDeep { at: 2 * MASK_DEPTH_MAX + 1 });
    let brackets = "a(".repeat(MASK_BYTES_MAX / 2);
    assert_eq!(error(&brackets), MaskError::TooDeep { at: 2 * MASK_DEPTH_MAX + 1 });

    let wide = |names: usize| (0..names).map(|name| name.to_string()).collect::<Vec<_>>().join(",");
    assert!(Mask::parse(wide(MASK_NAMES_MAX).as_bytes()).is_ok());
    assert_eq!(error(&wide(MASK_NAMES_MAX + 1)), MaskError::TooManyNames);
    assert_eq!(error(&vec!["a"; MASK_NAMES_MAX + 1].join(",")), MaskError::TooManyNames);

    assert!(Mask::parse("a".repeat(MASK_BYTES_MAX).as_bytes()).is_ok());
    assert_eq!(error(&"a".repeat(MASK_BYTES_MAX + 1)), MaskError::TooLong);
}

#[test]
fn stars_beside_names_do_not_multiply_beyond_the_limits() {
    // Four names beside `*` on each level: 5 to the power of 15 paths when every one is followed.
    let bomb = (0..MASK_DEPTH_MAX - 1).fold("x".to_owned(), |below, level| {
        format!("*({below}),a(a{level}),b(b{level}),c(c{level}),d(d{level})")
    });
    assert!(bomb.len() <= MASK_BYTES_MAX);
    assert_eq!(error(&bomb), MaskError::TooLarge);

    // Few names, and long ones.
    let long = "x".repeat(MASK_BYTES_MAX / 2);
    assert_eq!(error(&format!("*({long}),a(b),c(d)")), MaskError::TooLarge);
}

proptest! {
    #[test]
    fn the_canonical_form_is_the_same_mask(list in lists()) {
        let mask = Mask::parse(write_list(&list).as_bytes()).unwrap();
        let again = Mask::parse(mask.to_string().as_bytes()).unwrap();
        prop_assert_eq!(again.to_string(), mask.to_string());
        prop_assert_eq!(again, mask);
    }

    #[test]
    fn order_brackets_and_repetition_do_not_matter(list in lists(), other in any::<prop::sample::Index>()) {
        let mask = Mask::parse(write_list(&list).as_bytes()).unwrap();
        let mut paths = paths(&list);
        paths.push(paths[other.index(paths.len())].clone());
        let middle = other.index(paths.len());
        paths.rotate_left(middle);
        paths.reverse();
        prop_assert_eq!(Mask::parse(write_paths(&paths).as_bytes()).unwrap(), mask);
    }

    #[test]
    fn any_bytes_are_a_mask_or_an_error(
        text in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "[abc*é\\\\/,() -]{0,40}".prop_map(String::into_bytes),
            "([ab*][,/(][ab*][),]){0,12}".prop_map(String::into_bytes),
        ],
    ) {
        if let Ok(mask) = Mask::parse(&text) {
            prop_assert_eq!(Mask::parse(mask.to_string().as_bytes()), Ok(mask));
        }
    }

    /// Near the limits: what was parsed once can be parsed again.
    #[test]
    fn large_masks_keep_their_canonical_form(
        names in prop::collection::vec(("[ab*]", "[ab*]", "[abcd*]", "[a-f]"), 1..60),
    ) {
        let items: Vec<String> = names.iter().map(|(a, b, c, d)| format!("{a}/{b}({c}/{d})")).collect();
        if let Ok(mask) = Mask::parse(items.join(",").as_bytes()) {
            prop_assert_eq!(Mask::parse(mask.to_string().as_bytes()), Ok(mask));
        }
    }
}
