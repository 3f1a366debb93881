use super::*;

const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
const EARLIER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";

fn fields(lines: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    fields
}

fn is_unmodified(request: &[(&str, &str)], stored: &[(&str, &str)]) -> bool {
    evaluate(&fields(request), &fields(stored)) == Precondition::NotModified
}

#[test]
fn tags_are_compared_weakly() {
    let stored = [("ETag", "\"a\"")];
    for tags in ["\"a\"", "W/\"a\"", "\"x\", \"a\"", "\"x,y\",\"a\"", "*"] {
        assert!(is_unmodified(&[("If-None-Match", tags)], &stored), "{tags}");
    }
    for tags in ["\"b\"", "a", "\"a", "\"x,\"a\"\"", ""] {
        assert!(!is_unmodified(&[("If-None-Match", tags)], &stored), "{tags}");
    }
    assert!(is_unmodified(&[("If-None-Match", "\"a\"")], &[("ETag", "W/\"a\"")]));
    assert!(!is_unmodified(&[("If-None-Match", "\"a\"")], &[]));
}

#[test]
fn a_tag_counts_before_a_date() {
    let stored = [("ETag", "\"a\""), ("Last-Modified", MODIFIED)];
    assert!(!is_unmodified(&[("If-None-Match", "\"b\""), ("If-Modified-Since", LATER)], &stored));
}

#[test]
fn a_date_counts_from_the_second_of_the_change() {
    let stored = [("Last-Modified", MODIFIED)];
    assert!(is_unmodified(&[("If-Modified-Since", MODIFIED)], &stored));
    assert!(is_unmodified(&[("If-Modified-Since", LATER)], &stored));
    assert!(!is_unmodified(&[("If-Modified-Since", EARLIER)], &stored));
    assert!(!is_unmodified(&[("If-Modified-Since", "yesterday")], &stored));
    assert!(is_unmodified(&[("If-Modified-Since", LATER)], &[("Date", MODIFIED)]));
    assert!(!is_unmodified(&[], &stored));
}

#[test]
fn a_client_that_wants_what_it_knows_gets_nothing_else() {
    let fails = |request: (&str, &str)| {
        fails(&fields(&[request]), &fields(&[("ETag", "\"a\""), ("Last-Modified", MODIFIED)]))
    };
    for request in [
        ("If-Match", "\"a\""),
        ("If-Match", "\"b\", \"a\""),
        ("If-Match", "*"),
        ("If-Unmodified-Since", MODIFIED),
        ("If-Unmodified-Since", LATER),
        ("If-Unmodified-Since", "yesterday"),
        ("If-None-Match", "\"b\""),
    ] {
        assert!(!fails(request), "{request:?}");
    }
    for request in
        [("If-Match", "\"b\""), ("If-Match", "W/\"a\""), ("If-Match", ""), ("If-Unmodified-Since", EARLIER)]
    {
        assert!(fails(request), "{request:?}");
    }
    // A tag counts before a date.
    let both = fields(&[("If-Match", "\"a\""), ("If-Unmodified-Since", EARLIER)]);
    assert!(!super::fails(&both, &fields(&[("ETag", "\"a\""), ("Last-Modified", MODIFIED)])));
    // `*` asks for anything that there is.
    assert!(!super::fails(&fields(&[("If-Match", "*")]), &Fields::default()));
}

#[test]
fn our_conditions_take_the_place_of_the_clients() {
    let mut request = fields(&[("If-None-Match", "\"old\""), ("Range", "bytes=0-1"), ("Accept", "*/*")]);
    ask_whether_it_holds(&mut request, &fields(&[("ETag", "\"new\""), ("Last-Modified", MODIFIED)]));
    assert_eq!(request.get(Name::IfNoneMatch), Some(&b"\"new\""[..]));
    assert_eq!(request.get(Name::IfModifiedSince), Some(MODIFIED.as_bytes()));
    assert!(!request.has(Name::Range) && request.has(Name::Accept));
}

#[test]
fn what_still_holds_takes_over_the_news() {
    let stored = fields(&[("A", "1"), ("a", "2"), ("B", "1"), ("Content-Length", "36")]);
    let news = fields(&[("a", "3"), ("C", "1"), ("Content-Length", "10"), ("Connection", "D"), ("D", "1")]);
    let expected = fields(&[("B", "1"), ("Content-Length", "36"), ("a", "3"), ("C", "1")]);
    assert_eq!(updated(&stored, &news), expected);
}
