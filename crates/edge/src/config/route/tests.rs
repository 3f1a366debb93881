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
    let exact = |text: &str| PathPattern::parse(text).unwrap().exact().map(str::to_owned);
    for path in ["/", "/about/", "/a/b.txt"] {
        assert_eq!(exact(path).as_deref(), Some(path));
        assert!(PathPattern::parse(path).unwrap().matches(path.as_bytes()));
    }
    for several in ["/**", "/a/**", "/*", "/a/*/b"] {
        assert_eq!(exact(several), None);
    }
}
