use super::*;
use crate::http::head::Scheme;

fn fields(lines: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    fields
}

fn names(labels: &Labels) -> Vec<&str> {
    labels.iter().map(|tag| std::str::from_utf8(tag).unwrap()).collect()
}

/// Names as they would be hashed.
fn hashed(key: &[u8], fields: &Fields, labels: &Labels) -> Vec<Vec<u8>> {
    let names = std::cell::RefCell::new(Vec::new());
    hashes(key, fields, labels, |name| {
        names.borrow_mut().push(name.to_vec());
        0
    });
    names.into_inner()
}

#[test]
fn tags_are_taken_out_of_the_fields() {
    let mut fields = fields(&[
        ("Surrogate-Key", "book:1  list"),
        ("Cache-Tag", "a tag,, b"),
        ("X", "y"),
        ("surrogate-key", "more"),
    ]);
    let labels = Labels::take(&mut fields);
    assert_eq!(names(&labels), ["book:1", "list", "more", "a tag", "b"]);
    assert_eq!(fields.len(), 1);
    assert_eq!(Labels::from_bytes(labels.as_bytes()), labels);
}

#[test]
fn tags_of_before_stay_as_far_as_there_is_room() {
    let labels = |value: &str| Labels::take(&mut fields(&[("Surrogate-Key", value)]));
    assert_eq!(names(&labels("c a").and(&labels("a b"))), ["c", "a", "b"]);
    let many: Vec<String> = (0..2 * TAGS_MAX).map(|at| at.to_string()).collect();
    let mut all = labels(&many.join(" "));
    assert_eq!(all.iter().count(), TAGS_MAX);
    for at in 0..10 {
        all = labels(&format!("new{at}")).and(&all);
        assert_eq!((all.iter().count(), names(&all)[0]), (TAGS_MAX, &*format!("new{at}")));
    }
}

#[test]
fn names_are_the_url_the_groups_of_its_origin_and_the_tags() {
    let mut key = Vec::new();
    key::begin(Scheme::Https, b"shop.test", b"/a?b=1", &mut key);
    key::add(b"cookie", b"django_language=de", &mut key);
    let mut fields = fields(&[("Cache-Groups", "\"books\""), ("Cache-Tag", "x")]);
    let labels = Labels::take(&mut fields);
    assert_eq!(
        hashed(&key, &fields, &labels),
        [&b"x"[..], b"https\0shop.test\0\0group\0books", b"https\0shop.test\0/a?b=1"]
    );
}

#[test]
fn bytes_of_any_kind_are_read() {
    assert_eq!(names(&Labels::from_bytes(b"\0\0a\0b")), ["a", "b"]);
    assert_eq!(names(&Labels::from_bytes(b"")), [""; 0]);
}
