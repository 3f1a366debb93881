use proptest::prelude::*;

use super::*;

fn stripped(target: &str, patterns: &[&str]) -> String {
    let ignored =
        IgnoredParameters { patterns: patterns.iter().map(|&pattern| pattern.to_owned()).collect() };
    let mut out = Vec::new();
    ignored.strip(target.as_bytes(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn parameters_that_mean_nothing_go() {
    let patterns = ["utm_*", "fbclid"];
    assert_eq!(stripped("/a?utm_source=x&b=1&fbclid=2&c", &patterns), "/a?b=1&c");
    assert_eq!(stripped("/a?utm_source=x", &patterns), "/a");
    assert_eq!(stripped("/a?fbclid2=x&utm=1", &patterns), "/a?fbclid2=x&utm=1");
    assert_eq!(stripped("/utm_a?b=utm_source", &patterns), "/utm_a?b=utm_source");
    assert_eq!(stripped("/a?", &patterns), "/a?");
    assert_eq!(stripped("/a", &patterns), "/a");
}

#[test]
fn a_key_has_its_target() {
    let mut key = Vec::new();
    begin(Scheme::Https, b"shop.test:8000", b"/a?b", &mut key);
    add(b"django_language", b"de", &mut key);
    assert_eq!(target(&key), b"/a?b");
}

proptest! {
    /// No text in one part can be taken for another part.
    #[test]
    fn keys_are_equal_only_if_all_their_parts_are(
        a in ("[a-c.:]{1,4}", "/[a-c?&=]{0,4}", "[a-c]{0,3}"), b in ("[a-c.:]{1,4}", "/[a-c?&=]{0,4}", "[a-c]{0,3}")
    ) {
        let key = |(host, target, value): &(String, String, String)| {
            let mut key = Vec::new();
            begin(Scheme::Http, host.as_bytes(), target.as_bytes(), &mut key);
            add(b"x", value.as_bytes(), &mut key);
            key
        };
        prop_assert_eq!(key(&a) == key(&b), a == b);
    }

    #[test]
    fn without_patterns_nothing_changes(target in "/[a-c?&=/]{0,12}") {
        prop_assert_eq!(stripped(&target, &[]), target);
    }
}
