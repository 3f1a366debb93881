use proptest::prelude::*;

use super::*;

fn preferred(accepted: &str) -> String {
    let mut request = Fields::default();
    request.push(b"Accept-Encoding", accepted.as_bytes());
    Taken::of(&request).preferred().map(Coding::as_str).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_a_client_takes_is_preferred_as_it_says() {
    let table = [
        // Browsers.
        ("gzip, deflate, br, zstd", "br zstd gzip"),
        ("gzip, deflate, br", "br gzip"),
        ("gzip", "gzip"),
        ("GZIP;Q=0.5, BR;q=0.4", "gzip br"),
        ("x-gzip", "gzip"),
        // Everything, and everything but.
        ("*", "br zstd gzip"),
        ("*, br;q=0", "zstd gzip"),
        ("br;q=0, *;q=0.1", "zstd gzip"),
        ("gzip;q=1.0, *;q=0", "gzip"),
        // As it is, rather than encoded.
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0, gzip;q=0.001", "gzip"),
        // A media player.
        ("identity;q=1, *;q=0", ""),
        // Nothing that is known, and nothing that is a quality.
        ("", ""),
        ("deflate, compress, brotli", ""),
        ("br;q=0", ""),
        ("br;q=2, gzip;q=a, zstd;q=0.0001", ""),
        ("br;level=4;q=0.2, gzip;q=0.3", "gzip br"),
    ];
    for (accepted, expected) in table {
        assert_eq!(preferred(accepted), expected, "{accepted}");
    }
}

#[test]
fn who_says_nothing_is_given_nothing_encoded() {
    assert_eq!(Taken::of(&Fields::default()).preferred().count(), 0);
}

#[test]
fn lines_are_one_list() {
    let mut request = Fields::default();
    request.push(b"Accept-Encoding", b"gzip;q=0.1");
    request.push(b"Accept-Encoding", b"br;q=0.2");
    assert!(Taken::of(&request).preferred().eq([Coding::Brotli, Coding::Gzip]));
}

proptest! {
    #[test]
    fn nothing_is_taken_that_was_not_named(accepted in "[a-z;=0-9., *]{0,40}") {
        let is_named = |coding: &str| accepted.contains(coding) || accepted.contains('*');
        prop_assert!(preferred(&accepted).split_whitespace().all(is_named));
    }
}
