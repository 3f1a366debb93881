use super::*;

fn resolved(url: &str) -> Option<String> {
    let mut head = RequestHead::default();
    head.read(b"POST /a/b?c HTTP/1.1\r\nHost: shop.test\r\n\r\n").unwrap();
    on_same_origin(&head, url.as_bytes()).map(|target| String::from_utf8(target).unwrap())
}

#[test]
fn urls_of_the_same_origin_are_resolved() {
    for (url, target) in
        [("/x?y", "/x?y"), ("x", "/a/x"), ("http://Shop.test/x", "/x"), ("http://shop.test", "/")]
    {
        assert_eq!(resolved(url).as_deref(), Some(target), "{url}");
    }
}

#[test]
fn nobody_purges_another_origin() {
    for url in ["//other.test/x", "http://other.test/x", "http://shop.test:81/x", "mailto:a", ""] {
        assert_eq!(resolved(url), None, "{url}");
    }
}
