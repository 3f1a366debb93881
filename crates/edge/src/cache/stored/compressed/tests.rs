use super::*;
use crate::cache::freshness::Timing;
use crate::cache::stored::{Parts, Stored};
use crate::cache::tags::Labels;
use crate::cache::vary::Variant;

fn fields(lines: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    fields
}

fn stored_with(status: u16, lines: &[(&str, &str)], body: &Bytes) -> Stored {
    let timing = Timing {
        responded: 0,
        initial_age_ms: 0,
        lifetime_ms: 60_000,
        while_revalidate_ms: 0,
        if_error_ms: 0,
        always_validates: false,
    };
    let parts = Parts {
        status,
        reason: b"Fine".to_vec(),
        fields: fields(lines),
        body: body.clone(),
        timing,
        variant: Variant::default(),
        labels: Labels::default(),
        tags: Vec::new(),
        is_for_everyone: false,
        document: None,
    };
    Stored::new(parts, 10)
}

fn text(length: usize) -> Bytes {
    Bytes::from(vec![b'x'; length])
}

const HTML: (&str, &str) = ("Content-Type", "text/html; charset=utf-8");

#[test]
fn texts_are_compressed() {
    for content_type in [
        "text/html",
        "Text/HTML; charset=utf-8",
        "text/css",
        "application/json",
        "application/json;charset=utf-8",
        "application/ld+json",
        "application/rss+xml",
        "image/svg+xml",
        "application/wasm",
        "font/ttf",
    ] {
        assert!(may_be_compressed(200, &fields(&[("Content-Type", content_type)])), "{content_type}");
    }
}

#[test]
fn what_is_compressed_already_and_what_has_no_end_is_not() {
    for content_type in [
        "image/png",
        "image/jpeg",
        "font/woff2",
        "video/mp4",
        "application/zip",
        "application/pdf",
        "application/octet-stream",
        "text/event-stream",
        "textual/html",
        "application/jsonp",
        "application/x; a=+json",
        "",
        "text",
    ] {
        assert!(!may_be_compressed(200, &fields(&[("Content-Type", content_type)])), "{content_type}");
    }
    assert!(!may_be_compressed(200, &Fields::default()));
}

#[test]
fn nothing_is_compressed_that_would_become_wrong() {
    assert!(may_be_compressed(200, &fields(&[HTML, ("Cache-Control", "max-age=60"), ("ETag", "\"a\"")])));
    for line in [
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "identity"),
        ("Cache-Control", "no-transform"),
        ("Cache-Control", "max-age=60, No-Transform"),
        ("Content-Digest", "sha-256=:AAAA:"),
        ("repr-digest", "sha-256=:AAAA:"),
        ("Digest", "sha-256=AAAA"),
        ("Content-MD5", "AAAA"),
    ] {
        assert!(!may_be_compressed(200, &fields(&[HTML, line])), "{line:?}");
    }
    for status in [203, 206, 301, 404, 410, 500] {
        assert!(!may_be_compressed(status, &fields(&[HTML])), "{status}");
    }
}

#[test]
fn a_body_has_the_size_for_it() {
    let is_allowed = |length| stored_with(200, &[HTML], &text(length)).compressed.is_allowed();
    assert!(!is_allowed(0) && !is_allowed(COMPRESSED_BYTES_MIN - 1));
    assert!(is_allowed(COMPRESSED_BYTES_MIN) && is_allowed(COMPRESSED_BYTES_MAX));
    assert!(!is_allowed(COMPRESSED_BYTES_MAX + 1));
    // A page that fragments are put into is sent as it is put together.
    assert!(!Compressed::none(200, &fields(&[HTML]), COMPRESSED_BYTES_MIN, false).is_allowed());
}

#[test]
fn a_form_has_a_head_of_its_own() {
    let lines = [HTML, ("ETag", "\"a\""), ("Accept-Ranges", "bytes"), ("X-Own", "1")];
    let stored = stored_with(200, &lines, &text(2_000));
    stored.add_compressed(Coding::Brotli, Some(Bytes::from_static(b"small")));
    let form = stored.form(Some(Coding::Brotli));
    let expected = "HTTP/1.1 200 Fine\r\n\
                    Content-Type: text/html; charset=utf-8\r\n\
                    etag: W/\"a\"\r\n\
                    X-Own: 1\r\n\
                    content-encoding: br\r\n\
                    vary: Accept-Encoding\r\n\
                    content-length: 5\r\n";
    assert_eq!(String::from_utf8(form.head.to_vec()).unwrap(), expected);
    assert_eq!(&form.body[..], b"small");
    // The original is what it was, and there is no other form.
    let original = stored.form(None);
    assert_eq!(original.fields.get(Name::Etag), Some(&b"\"a\""[..]));
    assert_eq!((original.body.len(), stored.form(Some(Coding::Gzip)).body.len()), (2_000, 2_000));
}

#[test]
fn what_the_app_says_of_its_variants_and_its_weak_tag_stay() {
    let lines = [HTML, ("ETag", "W/\"a\""), ("Vary", "Cookie, accept-encoding")];
    let stored = stored_with(200, &lines, &text(2_000));
    stored.add_compressed(Coding::Gzip, Some(Bytes::from_static(b"small")));
    let form = stored.form(Some(Coding::Gzip));
    assert_eq!(form.fields.get(Name::Etag), Some(&b"W/\"a\""[..]));
    let vary: Vec<_> = form.fields.all(Name::Vary).collect();
    assert_eq!(vary, [b"Cookie, accept-encoding"]);
    assert!(!stored.compressed.lacks_vary());
}

#[test]
fn one_begins_and_another_may_when_that_one_gives_up() {
    let stored = stored_with(200, &[HTML], &text(2_000));
    let compressed = &stored.compressed;
    assert!(compressed.begin(Coding::Gzip) && !compressed.begin(Coding::Gzip));
    // The codings do not wait for each other, and one that is not made is never begun.
    assert!(compressed.begin(Coding::Brotli) && !compressed.begin(Coding::Zstd));
    compressed.give_up(Coding::Gzip);
    assert!(compressed.begin(Coding::Gzip) && !compressed.begin(Coding::Brotli));
    assert!(!stored_with(200, &[HTML], &text(10)).compressed.begin(Coding::Gzip));
}

#[test]
fn a_form_that_is_not_smaller_is_not_kept_and_not_made_again() {
    let stored = stored_with(200, &[HTML], &text(2_000));
    let weight = stored.weight();
    assert_eq!(stored.add_compressed(Coding::Gzip, Some(text(2_000))), 0);
    assert!(matches!(stored.compressed.outcome(Coding::Gzip), Some(None)));
    assert!(!stored.compressed.begin(Coding::Gzip));
    assert_eq!(stored.weight(), weight);
    // Nor is a second one.
    assert_eq!(stored.add_compressed(Coding::Gzip, Some(text(10))), 0);
    assert_eq!(stored.form(Some(Coding::Gzip)).body.len(), 2_000);
}

#[test]
fn a_form_is_weighed() {
    let stored = stored_with(200, &[HTML], &text(2_000));
    let before = stored.weight();
    let bytes = stored.add_compressed(Coding::Gzip, Some(text(500)));
    assert!(bytes > 500 && bytes < 2_000, "{bytes}");
    assert_eq!(stored.weight(), before + bytes);
}

#[test]
fn what_holds_longer_keeps_its_forms_under_its_new_head() {
    let body = text(2_000);
    let old = stored_with(200, &[HTML, ("ETag", "\"a\"")], &body);
    old.add_compressed(Coding::Gzip, Some(text(500)));
    old.add_compressed(Coding::Brotli, Some(text(2_000)));
    let new = stored_with(200, &[HTML, ("ETag", "\"a\""), ("X-New", "1")], &body);
    new.inherit(&old);
    let form = new.form(Some(Coding::Gzip));
    assert_eq!((form.body.len(), form.fields.all_named(b"x-new").count()), (500, 1));
    assert!(matches!(new.compressed.outcome(Coding::Brotli), Some(None)));
    // Another body, or one that must not be touched any more, inherits nothing.
    let other = stored_with(200, &[HTML], &text(2_000));
    let untouched = stored_with(200, &[HTML, ("Cache-Control", "no-transform")], &body);
    for stored in [other, untouched] {
        stored.inherit(&old);
        assert!(stored.compressed.get(Coding::Gzip).is_none());
    }
}
