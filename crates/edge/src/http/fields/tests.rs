use proptest::prelude::*;

use super::*;

fn fields(lines: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    fields
}

#[test]
fn lines_of_a_name_are_found_in_their_order() {
    let fields = fields(&[("Accept", "a"), ("COOKIE", "b"), ("accept", "c"), ("X-Own", "d")]);
    assert_eq!(fields.all(Name::Accept).collect::<Vec<_>>(), [b"a", b"c"]);
    assert_eq!(fields.get(Name::Cookie), Some(&b"b"[..]));
    assert_eq!(fields.all_named(b"x-own").collect::<Vec<_>>(), [b"d"]);
    assert_eq!(fields.get(Name::Host), None);
}

#[test]
fn setting_replaces_every_line() {
    let mut fields = fields(&[("Age", "1"), ("Via", "x"), ("age", "2")]);
    fields.set(Name::Age, b"3");
    assert_eq!(fields.all(Name::Age).collect::<Vec<_>>(), [b"3"]);
    assert_eq!(fields.len(), 2);
}

#[test]
fn what_concerns_a_connection_ends_with_it() {
    let mut fields = fields(&[
        ("Connection", "close, X-Gone"),
        ("X-Gone", "1"),
        ("Keep-Alive", "timeout=5"),
        ("Transfer-Encoding", "chunked"),
        ("X-Stays", "1"),
        ("TE", "trailers"),
    ]);
    fields.remove_hop_by_hop();
    assert_eq!(fields.iter().map(|field| field.name).collect::<Vec<_>>(), [b"X-Stays"]);
}

#[test]
fn a_connection_cannot_name_away_what_a_message_needs() {
    let mut fields = fields(&[("Connection", "host, content-length, cache-control, cookie"), ("Host", "a")]);
    fields.push(b"Content-Length", b"3");
    fields.push(b"Cache-Control", b"private");
    fields.push(b"Cookie", b"sessionid=1");
    fields.remove_hop_by_hop();
    assert!(fields.has(Name::Host) && fields.has(Name::ContentLength) && fields.has(Name::CacheControl));
    assert!(!fields.has(Name::Cookie));
}

#[test]
fn the_memory_is_used_again() {
    let mut fields = fields(&[("A", "1")]);
    fields.clear();
    assert!(fields.is_empty());
    fields.push(b"B", b"2");
    assert_eq!(fields.iter().next().map(|field| field.value), Some(&b"2"[..]));
}

proptest! {
    #[test]
    fn what_is_pushed_is_what_is_there(
        lines in proptest::collection::vec(("[A-Za-z-]{1,12}", "[ -~]{0,20}"), 0..20)
    ) {
        let borrowed: Vec<(&str, &str)> = lines.iter().map(|(name, value)| (&**name, &**value)).collect();
        let fields = fields(&borrowed);
        let read: Vec<_> = fields.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect();
        let pushed: Vec<_> =
            lines.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone().into_bytes())).collect();
        prop_assert_eq!(read, pushed);
    }
}
