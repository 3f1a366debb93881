use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::SourceError::{DoubleSlash, OtherHost, PagePath, SameDocument, Scheme};
use super::*;

const HOST: &str = "shop.example";

#[track_caller]
fn resolved(src: &str, page_path: &str, host: &str) -> Result<String, SourceError> {
    resolve(src.as_bytes(), page_path.as_bytes(), host.as_bytes())
        .map(|path| String::from_utf8(path).unwrap())
}

#[track_caller]
fn gives(src: &str, page_path: &str, path: &str) {
    assert_eq!(resolved(src, page_path, HOST).as_deref(), Ok(path), "{src} in {page_path}");
}

#[test]
fn paths_are_those_of_the_site_or_beside_the_page() {
    for (src, page_path, path) in [
        ("/cart/?a=1", "/books/7/", "/cart/?a=1"),
        ("/", "/books/7/", "/"),
        ("cart/", "/books/7/", "/books/7/cart/"),
        ("cart/", "/books/7", "/books/cart/"),
        ("cart/", "/books/7/?next=/x/y/", "/books/7/cart/"),
        ("../cart", "/books/7/", "/books/cart"),
        ("../../../../cart", "/books/7/", "/cart"),
        ("?page=2", "/books/7/?page=1", "/books/7/?page=2"),
        ("?page=2", "/books/7", "/books/7?page=2"),
        ("cart", "", "/cart"),
        ("cart", "*", "/cart"),
        ("?a", "*", "/?a"),
        ("/a#b", "/", "/a"),
        ("/a?b#c?d", "/", "/a?b"),
        ("a?b=../c&d=//e", "/x/y", "/x/a?b=../c&d=//e"),
        ("/a//b", "/", "/a//b"),
        ("./a:b", "/x/", "/x/a:b"),
        ("/a:b", "/x/", "/a:b"),
        ("?http://evil.example/", "/x", "/x?http://evil.example/"),
        ("/?u=http://evil.example/", "/x", "/?u=http://evil.example/"),
        ("a/http://evil.example/", "/", "/a/http://evil.example/"),
        ("%2F%2Fevil.example", "/", "/%2F%2Fevil.example"),
    ] {
        gives(src, page_path, path);
    }
}

#[test]
fn dot_segments_are_gone_however_they_are_written() {
    for (src, path) in [
        ("/a/b/c/./../../g", "/a/g"),
        ("/..", "/"),
        ("/.", "/"),
        ("/../..", "/"),
        ("/a/..", "/"),
        ("/a/b/..", "/a/"),
        ("/a/.", "/a/"),
        ("/a//../b", "/a/b"),
        ("/%2e%2e/a", "/a"),
        ("/b/.%2E/a", "/a"),
        ("/b/%2e/a", "/b/a"),
        ("/.../a", "/.../a"),
        ("/.a/..b/c../d.", "/.a/..b/c../d."),
        ("/%252e%252e/a", "/%252e%252e/a"),
    ] {
        gives(src, "/x/y", path);
    }
}

/// RFC 3986 §5.4, with the base `http://a/b/c/d;p?q`; what is not of this host is in the next test.
#[test]
fn examples_of_the_rfc() {
    for (src, path) in [
        ("g", "/b/c/g"),
        ("./g", "/b/c/g"),
        ("g/", "/b/c/g/"),
        ("/g", "/g"),
        ("?y", "/b/c/d;p?y"),
        ("g?y", "/b/c/g?y"),
        ("g#s", "/b/c/g"),
        ("g?y#s", "/b/c/g?y"),
        (";x", "/b/c/;x"),
        ("g;x", "/b/c/g;x"),
        ("g;x?y#s", "/b/c/g;x?y"),
        (".", "/b/c/"),
        ("./", "/b/c/"),
        ("..", "/b/"),
        ("../", "/b/"),
        ("../g", "/b/g"),
        ("../..", "/"),
        ("../../", "/"),
        ("../../g", "/g"),
        ("../../../g", "/g"),
        ("../../../../g", "/g"),
        ("/./g", "/g"),
        ("/../g", "/g"),
        ("g.", "/b/c/g."),
        (".g", "/b/c/.g"),
        ("g..", "/b/c/g.."),
        ("..g", "/b/c/..g"),
        ("./../g", "/b/g"),
        ("./g/.", "/b/c/g/"),
        ("g/./h", "/b/c/g/h"),
        ("g/../h", "/b/c/h"),
        ("g;x=1/./y", "/b/c/g;x=1/y"),
        ("g;x=1/../y", "/b/c/y"),
        ("g?y/./x", "/b/c/g?y/./x"),
        ("g?y/../x", "/b/c/g?y/../x"),
        ("http://a/b/c/d;p?q", "/b/c/d;p?q"),
    ] {
        assert_eq!(resolved(src, "/b/c/d;p?q", "a").as_deref(), Ok(path), "{src}");
    }
    for (src, error) in
        [("g:h", Scheme), ("//g", OtherHost), ("", SameDocument), ("#s", SameDocument), ("http:g", Scheme)]
    {
        assert_eq!(resolved(src, "/b/c/d;p?q", "a"), Err(error), "{src}");
    }
}

#[test]
fn the_own_host_may_be_named() {
    for (src, host) in [
        ("http://shop.example/a?b", "shop.example"),
        ("https://shop.example/a?b#c", "shop.example"),
        ("HTTPS://Shop.EXAMPLE/a?b", "shop.example"),
        ("http://shop.example/a?b", "SHOP.example"),
        ("http://shop.example:80/a?b", "shop.example"),
        ("https://shop.example:443/a?b", "shop.example"),
        ("https://shop.example/a?b", "shop.example:443"),
        ("http://shop.example:8000/a?b", "shop.example:8000"),
        ("//shop.example/a?b", "shop.example"),
        ("//shop.example:443/a?b", "shop.example"),
        ("http://[::1]:8000/a?b", "[::1]:8000"),
        ("http://[::1]:80/a?b", "[::1]"),
    ] {
        assert_eq!(resolved(src, "/x/y", host).as_deref(), Ok("/a?b"), "{src} of {host}");
    }
    gives("http://shop.example", "/x/y", "/");
    gives("http://shop.example?a", "/x/y", "/?a");
    gives("http://shop.example/../a/./b", "/x/y", "/a/b");
}

#[test]
fn no_other_server_is_ever_asked() {
    for src in [
        "http://evil.example/",
        "https://evil.example/",
        "//evil.example/",
        "//evil.example",
        "///evil.example/",
        "//",
        "http://",
        "http:///a",
        "http://shop.example.evil.example/",
        "http://evil.shop.example/",
        "http://shop.example@evil.example/",
        "http://user@shop.example/",
        "http://user:password@shop.example/",
        "http://shop.example./",
        "http://shop.example:8000/",
        "http://shop.example:443/",
        "https://shop.example:80/",
        "https://shop.example:/",
        "http://shop.example:080/",
        "http://shop.example%2e/",
        "http://shop.example;/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://localhost:5432/",
    ] {
        assert_eq!(resolved(src, "/x", HOST), Err(OtherHost), "{src}");
    }
    for src in [
        "ftp://shop.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:,a",
        "http:/shop.example/",
        "http:shop.example/",
        "http:",
        ":80/",
        "a:b/c",
        "localhost:5432/",
        "httpx://shop.example/",
        "gopher://shop.example/",
    ] {
        assert_eq!(resolved(src, "/x", HOST), Err(Scheme), "{src}");
    }
    // Without a host of its own a page names none.
    for src in ["http:///a", "//:80/", "http://:80/", "http://shop.example/"] {
        assert_eq!(resolved(src, "/x", ""), Err(OtherHost), "{src}");
    }
    // What would be another host if it was taken for an address once more.
    for (src, page_path) in [
        ("/.//evil.example/", "/x"),
        ("/..//evil.example/", "/x"),
        ("/a/..//evil.example/", "/x"),
        ("/%2e//evil.example/", "/x"),
        (".//evil.example/", "/x"),
        ("http://shop.example//evil.example/", "/x"),
        ("a", "//evil.example/b"),
        ("?a", "//evil.example/b"),
    ] {
        assert_eq!(resolved(src, page_path, HOST), Err(DoubleSlash), "{src} in {page_path}");
    }
}

#[test]
fn bytes_that_no_address_contains_are_refused() {
    for (src, byte, offset) in [
        ("/a b", b' ', 2),
        (" /a", b' ', 0),
        ("/a\r\nX: y", b'\r', 2),
        ("/a\n", b'\n', 2),
        ("/a?b\tc", b'\t', 4),
        ("/a\0", 0, 2),
        ("/a\x7f", 0x7f, 2),
        ("/\\evil.example/", b'\\', 1),
        ("\\\\evil.example/", b'\\', 0),
        ("/é", 0xc3, 1),
        ("/a#b c", b' ', 4),
        ("http://shop.example/ ", b' ', 20),
    ] {
        assert_eq!(resolved(src, "/x", HOST), Err(SourceError::Byte { byte, offset }), "{src:?}");
    }
    for page_path in ["/a b/", "/é/", "/a\\b", "/\r\n", "/\0/"] {
        assert_eq!(resolved("c", page_path, HOST), Err(PagePath), "{page_path:?}");
        assert_eq!(resolved("?c", page_path, HOST), Err(PagePath), "{page_path:?}");
        gives("/c", page_path, "/c");
    }
    gives("c", "/a/?b c", "/a/c");
}

#[test]
fn what_an_author_reads() {
    let said = |src| resolved(src, "/", HOST).unwrap_err().to_string();
    assert_eq!(said("/a b"), "the address contains byte 0x20 at 2: percent-encode it");
    assert_eq!(
        said("http://evil.example/"),
        "the address names another host or port than the page's own: includes come from the same site"
    );
}

fn any_reference() -> impl Strategy<Value = Vec<u8>> {
    const BITS: &[&str] = &[
        "/",
        "/",
        ".",
        "..",
        "%2e",
        "%2E",
        "a",
        "b",
        "?",
        "#",
        ":",
        "//",
        "http://",
        "https:",
        "shop.example",
        "evil.example",
        ":80",
        "@",
        "%2f",
        "\\",
        " ",
        "é",
        "\n",
        "[",
        "]",
        ";",
        "=",
    ];
    vec(select(BITS), 0..12).prop_map(|bits| bits.concat().into_bytes())
}

/// What must hold of whatever is resolved.
fn check(src: &[u8], page_path: &[u8], host: &[u8]) {
    let Ok(resolved) = resolve(src, page_path, host) else { return };
    assert!(resolved.starts_with(b"/") && !resolved.starts_with(b"//"));
    assert!(resolved.iter().all(|byte| is_allowed(*byte) && *byte != b'#'));
    let path = resolved.split(|byte| *byte == b'?').next().unwrap_or_default();
    let path = String::from_utf8_lossy(path).to_lowercase().replace("%2e", ".");
    assert!(!path.split('/').any(|segment| matches!(segment, "." | "..")), "{path}");
    // It is a path of the site itself, which means the same in any page.
    assert_eq!(resolve(&resolved, b"/other/page", b"other.example"), Ok(resolved.clone()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_a_clean_path_or_refused(
        src in vec(any::<u8>(), 0..40), page_path in vec(any::<u8>(), 0..40), host in vec(any::<u8>(), 0..20),
    ) {
        check(&src, &page_path, &host);
    }

    #[test]
    fn any_bits_of_addresses_are_a_clean_path_or_refused(src in any_reference(), page_path in any_reference()) {
        check(&src, &page_path, HOST.as_bytes());
        check(&src, &[b"/", &page_path[..]].concat(), HOST.as_bytes());
    }

    #[test]
    fn an_address_with_another_host_is_refused(
        scheme in select(&["http:", "https:", "HTTP:", ""][..]), host in "[a-z0-9.@:-]{0,20}", path in "(/[a-z/.]{0,9})?",
    ) {
        let own = |host: &str| host == "a.b" || scheme != "https:" && host == "a.b:80"
            || !scheme.eq_ignore_ascii_case("http:") && host == "a.b:443";
        prop_assume!(!own(&host));
        let src = format!("{scheme}//{host}{path}");
        prop_assert_eq!(resolve(src.as_bytes(), b"/x", b"a.b"), Err(OtherHost));
    }
}
