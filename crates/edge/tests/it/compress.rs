//! What is stored, compressed for those who take it so.

use std::io::Read;
use std::time::Duration;

use edge::config::Profile;

use crate::support::{Reply, Response, Site, wait_until};

fn page() -> String {
    "<li class=\"book\"><a href=\"/books/1/\">A book</a> by somebody</li>\n".repeat(300)
}

fn text_with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("Content-Type", "text/html"), ("Cache-Control", "max-age=60")], more].concat()
}

/// A site with the profile for Django, in whose cache the page is.
fn site(more: &'static [(&str, &str)]) -> Site {
    let site = Site::with(|_| {}, move |_| Reply::new(200, &text_with(more), page()));
    // Once to learn that it may be kept, and once to keep it.
    let answers = [(); 2].map(|()| get(&site, "gzip, br"));
    assert!(answers.iter().all(|answer| coding(answer) == coding_of(more) && answer.text() == page()));
    site
}

fn coding_of<'a>(fields: &[(&str, &'a str)]) -> &'a str {
    fields.iter().find(|(name, _)| *name == "Content-Encoding").map_or("none", |(_, value)| value)
}

fn get(site: &Site, accepted: &str) -> Response {
    site.get_with("/a", &[("Accept-Encoding", accepted)])
}

fn coding(response: &Response) -> &str {
    response.field("content-encoding").unwrap_or("none")
}

/// Asks until the form is there.
fn get_compressed(site: &Site, accepted: &str, expected: &str) -> Response {
    let mut last = get(site, accepted);
    wait_until("the form is made", || {
        last = get(site, accepted);
        coding(&last) == expected
    });
    last
}

fn decompressed(response: &Response) -> String {
    let mut text = String::new();
    match coding(response) {
        "br" => drop(brotli::Decompressor::new(&*response.body, 4_096).read_to_string(&mut text).unwrap()),
        "gzip" => drop(flate2::read::GzDecoder::new(&*response.body).read_to_string(&mut text).unwrap()),
        _ => text.push_str(response.text()),
    }
    text
}

#[test]
fn a_page_is_compressed_once_somebody_asks_again() {
    let site = site(&[("ETag", "\"v1\"")]);
    let original = get(&site, "identity");
    assert_eq!((original.field("vary"), original.field("etag")), (Some("Accept-Encoding"), Some("\"v1\"")));
    assert_eq!(site.serving.edge.compressor.done(), 0);
    for (accepted, expected) in
        [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0.1, gzip;q=0.2", "gzip")]
    {
        let response = get_compressed(&site, accepted, expected);
        assert!(response.is_hit() && response.body.len() < page().len() / 4);
        assert_eq!(decompressed(&response), page());
        assert_eq!(
            (response.field("vary"), response.field("etag")),
            (Some("Accept-Encoding"), Some("W/\"v1\""))
        );
        assert_eq!(response.field("content-type"), Some("text/html"));
    }
    // Others get the original, as before.
    for accepted in ["identity", "zstd", "deflate", "br;q=0, gzip;q=0", ""] {
        let response = get(&site, accepted);
        assert_eq!((coding(&response), response.text()), ("none", &*page()), "{accepted}");
        assert_eq!(
            (response.field("vary"), response.field("etag")),
            (Some("Accept-Encoding"), Some("\"v1\""))
        );
    }
    assert_eq!((site.origin.count(), site.serving.edge.compressor.done()), (2, 2));
}

#[test]
fn many_requests_are_one_compression() {
    let site = site(&[]);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let mut client = site.client();
                for _ in 0..50 {
                    let response = client.ask("GET", "/a", &[("Accept-Encoding", "br")], b"");
                    assert_eq!(decompressed(&response), page());
                }
            });
        }
    });
    get_compressed(&site, "br", "br");
    assert_eq!((site.origin.count(), site.serving.edge.compressor.done()), (2, 1));
}

#[test]
fn a_head_has_the_length_of_the_form() {
    let site = site(&[]);
    let body = get_compressed(&site, "br", "br").body;
    let head = site.client().ask("HEAD", "/a", &[("Accept-Encoding", "br")], b"");
    assert_eq!((coding(&head), head.field("content-length")), ("br", Some(&*body.len().to_string())));
}

#[test]
fn a_client_that_has_one_form_or_the_other_is_told_so() {
    let site = site(&[("ETag", "\"v1\"")]);
    get_compressed(&site, "br", "br");
    for (accepted, tag, expected) in [
        ("br", "W/\"v1\"", "W/\"v1\""),
        ("br", "\"v1\"", "W/\"v1\""),
        ("identity", "W/\"v1\"", "\"v1\""),
        ("identity", "\"v1\"", "\"v1\""),
    ] {
        let response = site.get_with("/a", &[("Accept-Encoding", accepted), ("If-None-Match", tag)]);
        assert_eq!((response.status, response.field("etag")), (304, Some(expected)), "{accepted} {tag}");
        assert_eq!(response.field("vary"), Some("Accept-Encoding"));
        assert_eq!((coding(&response), response.field("content-length")), ("none", None));
    }
    let other = site.get_with("/a", &[("Accept-Encoding", "br"), ("If-None-Match", "\"v0\"")]);
    assert_eq!((other.status, coding(&other)), (200, "br"));
    assert_eq!(decompressed(&other), page());
}

#[test]
fn parts_are_of_the_original() {
    let site = site(&[("ETag", "\"v1\"")]);
    get_compressed(&site, "br", "br");
    let part = |more: &[(&str, &str)]| {
        site.get_with("/a", &[&[("Accept-Encoding", "br"), ("Range", "bytes=3-9")], more].concat())
    };
    let plain = part(&[]);
    assert_eq!((plain.status, coding(&plain), plain.text()), (206, "none", &page()[3..10]));
    assert_eq!(plain.field("content-range"), Some(&*format!("bytes 3-9/{}", page().len())));
    assert_eq!(part(&[("If-Range", "\"v1\"")]).status, 206);
    // A compressed form has no parts that fit to each other.
    let whole = part(&[("If-Range", "W/\"v1\"")]);
    assert_eq!((whole.status, whole.text()), (200, &*page()));
}

/// Asks often enough for a form to be made, if one were.
fn is_never_compressed(site: &Site) -> bool {
    (0..5).all(|_| {
        std::thread::sleep(Duration::from_millis(10));
        let response = get(site, "br, gzip");
        coding(&response) == "none" && response.field("vary").is_none()
    }) && site.serving.edge.compressor.done() == 0
}

#[test]
fn what_must_not_or_need_not_be_compressed_is_sent_as_it_is() {
    let with = |fields: &'static [(&str, &str)], body: &'static str| {
        Site::with(|_| {}, move |_| Reply::new(200, fields, body.repeat(3_000)))
    };
    for fields in [
        &[("Content-Type", "text/html"), ("Cache-Control", "max-age=60, no-transform")][..],
        &[("Content-Type", "image/png"), ("Cache-Control", "max-age=60")],
        &[("Cache-Control", "max-age=60")],
        &[("Content-Type", "text/html"), ("Cache-Control", "max-age=60"), ("Repr-Digest", "sha-256=:AA:")],
    ] {
        assert!(is_never_compressed(&with(fields, "x")), "{fields:?}");
    }
    let short = Site::with(|_| {}, |_| Reply::new(200, &text_with(&[]), "x".repeat(1_000)));
    assert!(is_never_compressed(&short));
    let encoded = site(&[("Content-Encoding", "deflate")]);
    assert_eq!(coding(&get(&encoded, "br")), "deflate");
    assert_eq!(coding(&get(&encoded, "br")), "deflate");
    assert_eq!(encoded.serving.edge.compressor.done(), 0);
}

#[test]
fn the_profile_decides_unless_it_is_said() {
    let with = |profile, compresses| {
        Site::with(
            |config| (config.cache.profile, config.cache.compresses) = (profile, compresses),
            |_| Reply::new(200, &text_with(&[]), page()),
        )
    };
    for (profile, compresses) in
        [(Profile::Rfc, None), (Profile::Rfc, Some(false)), (Profile::Django, Some(false))]
    {
        assert!(is_never_compressed(&with(profile, compresses)), "{profile:?} {compresses:?}");
    }
    get_compressed(&with(Profile::Rfc, Some(true)), "br", "br");
    get_compressed(&with(Profile::Django, None), "br", "br");
}

#[test]
fn what_still_holds_is_not_compressed_again() {
    let site = Site::with(
        |_| {},
        |request| {
            let fields = [("Content-Type", "text/html"), ("Cache-Control", "max-age=1"), ("ETag", "\"v1\"")];
            match request.field("if-none-match") {
                Some("\"v1\"") => Reply::new(304, &fields[1..], ""),
                _ => Reply::new(200, &fields, page()),
            }
        },
    );
    get_compressed(&site, "br", "br");
    std::thread::sleep(Duration::from_millis(1_100));
    let renewed = get(&site, "br");
    assert_eq!((coding(&renewed), decompressed(&renewed)), ("br", page()));
    assert!(renewed.cache().contains("fwd-status=304"), "{}", renewed.cache());
    assert_eq!(coding(&get(&site, "br")), "br");
    assert_eq!(site.serving.edge.compressor.done(), 1);
}
