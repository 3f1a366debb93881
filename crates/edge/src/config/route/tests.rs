use proptest::prelude::*;

use super::*;

fn matches(pattern: &str, path: &str) -> bool {
    PathPattern::parse(pattern).unwrap().matches(path.as_bytes())
}

#[test]
fn a_path_is_itself() {
    assert!(matches("/", "/") && !matches("/", "/a"));
    assert!(
        matches("/about/", "/about/") && !matches("/about/", "/about") && !matches("/about/", "/about/us/")
    );
    assert!(matches("/about", "/about") && !matches("/about", "/about/"));
}

#[test]
fn one_star_is_one_segment() {
    assert!(matches("/books/*/", "/books/1/") && matches("/books/*/", "/books/a-b/"));
    for path in ["/books/", "/books//", "/books/1", "/books/1/2/", "/book/1/"] {
        assert!(!matches("/books/*/", path), "{path}");
    }
}

#[test]
fn two_stars_are_everything_below() {
    for path in ["/", "/a", "/a/b/c"] {
        assert!(matches("/**", path), "{path}");
    }
    assert!(
        matches("/shop/**", "/shop/") && matches("/shop/**", "/shop/a/b") && matches("/shop/**", "/shop")
    );
    assert!(!matches("/shop/**", "/shopping/") && !matches("/shop/**", "/"));
    assert!(matches("/*/edit/**", "/a/edit/b"));
}

#[test]
fn what_is_no_pattern_is_said_to_be() {
    for pattern in ["", "a", "/a?b", "/a*", "/a//b", "/**/a"] {
        assert!(PathPattern::parse(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn a_pattern_without_stars_is_one_path() {
    let exact = |text: &str| PathPattern::parse(text).unwrap().exact();
    for path in ["/", "/about/", "/a/b.txt"] {
        assert_eq!(exact(path).as_deref(), Some(path));
        assert!(PathPattern::parse(path).unwrap().matches(path.as_bytes()));
    }
    for several in ["/**", "/a/**", "/*", "/a/*/b"] {
        assert_eq!(exact(several), None);
    }
}

#[test]
fn a_pattern_is_written_as_it_is_read() {
    for pattern in ["/", "/**", "/about", "/about/", "/books/*/", "/*", "/*/edit/**"] {
        assert_eq!(PathPattern::parse(pattern).unwrap().to_string(), pattern);
    }
}

#[test]
fn a_pattern_covers_another_when_it_leaves_nothing_to_it() {
    let covers =
        |one: &str, other: &str| PathPattern::parse(one).unwrap().covers(&PathPattern::parse(other).unwrap());
    for (one, other) in [
        ("/**", "/"),
        ("/**", "/a/*/**"),
        ("/", "/"),
        ("/a/", "/a/"),
        ("/*/", "/a/"),
        ("/a/**", "/a"),
        ("/a/**", "/a/"),
        ("/a/**", "/a/*/c"),
        ("/*/b/**", "/a/b/**"),
    ] {
        assert!(covers(one, other), "{one} {other}");
    }
    for (one, other) in [
        ("/a", "/a/"),
        ("/a/", "/a"),
        ("/a/", "/*/"),
        ("/a/", "/a/**"),
        ("/*/", "/"),
        ("/a/**", "/"),
        ("/a/**", "/**"),
        ("/a/**", "/*/b"),
        ("/*", "/a/b"),
    ] {
        assert!(!covers(one, other), "{one} {other}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_covered_is_matched(
        one in "(/[ab*]){0,3}(/|/\\*\\*)?",
        other in "(/[ab*]){0,3}(/|/\\*\\*)?",
        path in "(/[abc]){0,4}/?",
    ) {
        let (Ok(one), Ok(other)) = (PathPattern::parse(&one), PathPattern::parse(&other)) else { return Ok(()) };
        prop_assert_eq!(&PathPattern::parse(&one.to_string()), &Ok(one.clone()));
        let path = path.as_bytes();
        prop_assert!(!(one.covers(&other) && other.matches(path)) || one.matches(path));
    }
}
