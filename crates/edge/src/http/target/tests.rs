use proptest::prelude::*;

use super::*;

#[test]
fn targets_of_a_server() {
    let of = |target: &'static str| parse(&Method::Get, target.as_bytes());
    assert_eq!(of("/"), Ok(Target::Origin(b"/")));
    assert_eq!(of("/a?b=\"c\"|d"), Ok(Target::Origin(b"/a?b=\"c\"|d")));
    assert_eq!(of("HTTP://Shop.test:80/a?b"), Ok(Target::Absolute { host: b"Shop.test:80", path: b"/a?b" }));
    assert_eq!(of("http://shop.test?b"), Ok(Target::Absolute { host: b"shop.test", path: b"?b" }));
    assert_eq!(parse(&Method::Options, b"*"), Ok(Target::Origin(b"*")));
}

#[test]
fn anything_else_is_refused() {
    for target in
        ["*", "a", "/a#b", "/a\u{7f}", "/ä", "ftp://a/", "http:/a", "//", "http://", "http://a@b/", "a:443"]
    {
        let read = parse(&Method::Get, target.as_bytes());
        assert!(read.is_err() || target == "//", "{target}: {read:?}");
    }
    assert_eq!(parse(&Method::Connect, b"/a"), Err(Malformed::Target));
}

#[test]
fn hosts() {
    for host in
        ["a", "shop.test", "shop.test:8000", "127.0.0.1", "[::1]:8000", "[2001:db8::1]", "a_b.test", "x."]
    {
        assert!(is_host(host.as_bytes()), "{host}");
    }
    for host in [
        "", ":80", "a b", "a/b", "a@b", "a:", "a:x", "a:99999", "a:80:80", "[::1", "[::g]", "[::1]x", "a,b",
        "ä", "a\\b", "a?b",
    ] {
        assert!(!is_host(host.as_bytes()), "{host}");
    }
}

#[test]
fn a_path_with_two_readings_is_seen() {
    for path in [
        "/a/../b", "/a/./b", "/..", "/a//b", "//a", "/a%2fb", "/a%2F..", "/a%5cb", "/a\\b", "/a%00", "/a;b",
        "/a%", "/a%zz", "/%2e%2e/", "a",
    ] {
        assert!(is_ambiguous(path.as_bytes()), "{path}");
    }
    for path in ["/", "/a", "/a/", "/a.b/c..d/", "/...", "/%C3%A4/", "/a%20b", "/a+b,c"] {
        assert!(!is_ambiguous(path.as_bytes()), "{path}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(target in proptest::collection::vec(any::<u8>(), 1..60)) {
        let _ = parse(&Method::Get, &target);
        let _ = is_host(&target);
        let _ = is_ambiguous(&target);
    }

    #[test]
    fn what_is_plain_is_a_path_of_plain_segments(path in "(/[a-z.%0-9;/]{0,6}){1,4}") {
        if !is_ambiguous(path.as_bytes()) {
            let mut segments = path[1..].split('/').peekable();
            while let Some(segment) = segments.next() {
                prop_assert!(segment != "." && segment != "..");
                prop_assert!(!segment.is_empty() || segments.peek().is_none());
            }
        }
    }
}
