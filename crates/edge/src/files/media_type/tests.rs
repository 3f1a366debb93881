use super::*;

#[test]
fn a_type_goes_by_the_last_extension() {
    for (name, expected) in [
        ("app.css", "text/css; charset=utf-8"),
        ("app.0123456789ab.css", "text/css; charset=utf-8"),
        ("app.min.js", "text/javascript; charset=utf-8"),
        ("app.js.map", "application/json"),
        ("a/b.c/LOGO.SVG", "image/svg+xml"),
        ("index.HTML", "text/html; charset=utf-8"),
        ("photo.jpeg", "image/jpeg"),
        ("font.woff2", "font/woff2"),
        ("site.webmanifest", "application/manifest+json"),
        ("app.js.gz", "application/gzip"),
        ("robots.txt", "text/plain; charset=utf-8"),
    ] {
        assert_eq!(of(name), expected, "{name}");
    }
}

#[test]
fn what_is_not_known_is_bytes() {
    for name in ["LICENSE", "a.css/LICENSE", "a.", "a.cssx", "a.php", ".css", "a.css ", "", "."] {
        assert_eq!(of(name), UNKNOWN, "{name}");
    }
}

#[test]
fn every_extension_stands_there_once() {
    let mut extensions: Vec<_> = TYPES.iter().map(|(extension, _)| *extension).collect();
    extensions.sort_unstable();
    extensions.dedup();
    assert_eq!(extensions.len(), TYPES.len());
}

#[test]
fn texts_say_that_they_are_utf_8_and_nothing_else_does() {
    for (extension, media_type) in TYPES {
        assert_eq!(media_type.starts_with("text/"), media_type.ends_with("; charset=utf-8"), "{extension}");
        assert!(extension.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    }
}
