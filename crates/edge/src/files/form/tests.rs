use super::*;

const MODIFIED_S: i64 = 784_111_777;

fn common(name: &str) -> Common<'_> {
    Common { name, lifetime_s: 60, varies: false, now_s: 1_000_000_000 }
}

fn text(form: &Form, name: &str) -> Option<String> {
    let value = form.fields.all_named(name.as_bytes()).next()?;
    Some(String::from_utf8(value.to_vec()).unwrap())
}

fn form(common: Common<'_>, coding: Option<Coding>, content: Option<&'static [u8]>) -> Form {
    let length = content.map_or(1 << 20, |content| content.len() as u64);
    Form::new(common, coding, Stamp::example(length, MODIFIED_S, 5), content.map(Bytes::from_static))
}

fn resource(codings: &[Coding]) -> Resource {
    let other = |coding: &Coding| form(common("a.css"), Some(*coding), Some(b"x"));
    Resource { file: form(common("a.css"), None, Some(b"a{}")), others: codings.iter().map(other).collect() }
}

#[test]
fn a_file_is_sent_with_all_that_is_known_of_it() {
    let form = form(common("static/a.css"), None, Some(b"a{}"));
    let head = String::from_utf8(form.head.to_vec()).unwrap();
    let etag = text(&form, "etag").unwrap();
    let expected = format!(
        "HTTP/1.1 200 OK\r\n\
         content-type: text/css; charset=utf-8\r\n\
         x-content-type-options: nosniff\r\n\
         content-length: 3\r\n\
         accept-ranges: bytes\r\n\
         etag: {etag}\r\n\
         last-modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         cache-control: public, max-age=60\r\n"
    );
    assert_eq!(head, expected);
}

#[test]
fn a_compressed_form_says_so_and_is_of_the_files_type() {
    let common = Common { varies: true, ..common("a.js") };
    let form = form(common, Some(Coding::Brotli), Some(b"x"));
    assert_eq!(text(&form, "content-encoding").as_deref(), Some("br"));
    assert_eq!(text(&form, "vary").as_deref(), Some("Accept-Encoding"));
    assert_eq!(text(&form, "content-type").as_deref(), Some("text/javascript; charset=utf-8"));
    assert!(text(&form, "etag").unwrap().ends_with("-br\""));
}

#[test]
fn each_form_has_a_tag_of_its_own() {
    let tag = |coding, content| text(&form(common("a.css"), coding, content), "etag").unwrap();
    let tags = [
        tag(None, Some(b"a{}")),
        tag(None, Some(b"b{}")),
        tag(Some(Coding::Brotli), Some(b"a{}")),
        tag(Some(Coding::Gzip), Some(b"a{}")),
        tag(None, None),
        tag(Some(Coding::Gzip), None),
    ];
    for (at, one) in tags.iter().enumerate() {
        assert!(one.starts_with('"') && one.ends_with('"') && one.len() > 4, "{one}");
        assert!(!tags[..at].contains(one), "{tags:?}");
    }
    assert_eq!(tag(None, Some(b"a{}")), tags[0]);
}

#[test]
fn the_tag_of_a_large_file_changes_with_its_time() {
    let tag =
        |s, ns| text(&Form::new(common("a.bin"), None, Stamp::example(9, s, ns), None), "etag").unwrap();
    assert_eq!(tag(5, 7), tag(5, 7));
    assert!(tag(5, 7) != tag(5, 8) && tag(5, 7) != tag(6, 7));
}

#[test]
fn nothing_was_modified_in_the_future_or_before_time_began() {
    let modified = |s| {
        let form = Form::new(common("a.css"), None, Stamp::example(0, s, 0), None);
        text(&form, "last-modified").unwrap()
    };
    assert_eq!(modified(2_000_000_000), "Sun, 09 Sep 2001 01:46:40 GMT");
    assert_eq!(modified(-5), "Thu, 01 Jan 1970 00:00:00 GMT");
}

#[test]
fn names_that_change_with_their_content() {
    for name in [
        "app.0123456789ab.css",
        "css/app.min.55e7cbb9ba48.js",
        "app.js.55e7cbb9ba48.map",
        "LICENSE.55e7cbb9ba48",
        "a.b/LICENSE.a00000000000",
        "55e7cbb9ba48.55e7cbb9ba48.css",
        ".app.55e7cbb9ba48.css",
    ] {
        assert!(is_hashed(name), "{name}");
    }
    for name in [
        "app.css",
        "LICENSE",
        "",
        "55e7cbb9ba48",
        "55e7cbb9ba48.css",
        ".55e7cbb9ba48.css",
        ".55e7cbb9ba48",
        // One digit less, one more, upper case, no digits.
        "app.0123456789a.css",
        "app.0123456789abc.css",
        "app.55E7CBB9BA48.css",
        "app.55e7cbb9ba4g.css",
        // A time.
        "backup.202401311200.csv",
        // Not where Django writes it.
        "app.55e7cbb9ba48.min.css",
        "app-55e7cbb9ba48.css",
        "app.55e7cbb9ba48/app.css",
        "app.55e7cbb9ba48.",
        // What bundlers write.
        "app-BQ3d9fK1.js",
        "main.4f2a1c9b.chunk.js",
    ] {
        assert!(!is_hashed(name), "{name}");
    }
}

#[test]
fn what_does_not_change_is_kept_for_a_year() {
    let control = |name: &str| text(&form(common(name), None, Some(b"")), "cache-control").unwrap();
    assert_eq!(control("app.55e7cbb9ba48.css"), "public, max-age=31536000, immutable");
    assert_eq!(control("app.css"), "public, max-age=60");
}

#[test]
fn a_client_gets_the_form_that_it_takes_best() {
    let all = resource(&Coding::ALL);
    let gzip_only = resource(&[Coding::Gzip]);
    for (accepted, of_all, of_gzip) in [
        ("gzip, deflate, br, zstd", Some(Coding::Brotli), Some(Coding::Gzip)),
        ("gzip", Some(Coding::Gzip), Some(Coding::Gzip)),
        ("br", Some(Coding::Brotli), None),
        ("zstd, br;q=0.5", Some(Coding::Zstd), None),
        ("gzip;q=0", None, None),
        ("identity;q=0", None, None),
        ("identity, br;q=0.9", None, None),
    ] {
        let mut request = Fields::default();
        request.push(b"Accept-Encoding", accepted.as_bytes());
        assert_eq!(all.choose(&request), of_all, "{accepted}");
        assert_eq!(gzip_only.choose(&request), of_gzip, "{accepted}");
        assert_eq!(gzip_only.form(gzip_only.choose(&request)).coding, of_gzip);
        assert_eq!(resource(&[]).choose(&request), None);
    }
    assert_eq!(all.choose(&Fields::default()), None);
}
