use std::path::{Component, Path, PathBuf};

use proptest::prelude::*;

use super::*;

fn statics(prefixes: &[&str]) -> Vec<StaticFiles> {
    let files = |prefix: &&str| StaticFiles {
        prefix: (*prefix).to_owned(),
        directory: PathBuf::from("files"),
        lifetime_s: 60,
    };
    prefixes.iter().map(files).collect()
}

fn found(path: &str, prefixes: &[&str]) -> Option<String> {
    let statics = statics(prefixes);
    find(path.as_bytes(), &statics).map(|place| format!("{}{}", place.files.prefix, place.relative))
}

#[test]
fn a_path_below_a_prefix_is_a_place() {
    for path in [
        "/static/app.css",
        "/static/a/b/c.js",
        "/static/app.0123456789ab.css",
        "/static/a..b",
        "/static/a...",
        "/static/a.b/c",
        "/static/a:b",
        "/static/a+b",
        "/static/~a",
        "/static/a@2x.png",
    ] {
        assert_eq!(found(path, &["/static/"]).as_deref(), Some(path));
    }
}

#[test]
fn escapes_are_resolved_once() {
    for (path, expected) in [
        ("/static/a%20b.css", "/static/a b.css"),
        ("/static/%61pp.css", "/static/app.css"),
        ("/st%61tic/app.css", "/static/app.css"),
        ("/static/%C3%BC.css", "/static/ü.css"),
        ("/static/%c3%bc.css", "/static/ü.css"),
        ("/static/a%2Bb", "/static/a+b"),
        ("/static/a%3Fb", "/static/a?b"),
        ("/static/a%3bb", "/static/a;b"),
    ] {
        assert_eq!(found(path, &["/static/"]).as_deref(), Some(expected), "{path}");
    }
}

#[test]
fn what_would_leave_the_directory_is_no_place() {
    for path in [
        // Dot segments, in all spellings.
        "/static/../settings.py",
        "/static/..",
        "/static/.",
        "/static/./app.css",
        "/static/a/../app.css",
        "/static/a/../../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/%2E%2E/settings.py",
        "/static/.%2e/settings.py",
        "/static/%2e./settings.py",
        "/static/%2e/app.css",
        "/static/a/%2e%2e",
        "/static/..;/settings.py",
        "/static/..;a=b/settings.py",
        "/static/.../settings.py",
        "/static/..%00/settings.py",
        "/%2e%2e/static/app.css",
        "/static%2f..%2fsettings.py",
        // Slashes that are none, and backslashes.
        "/static/..%2fsettings.py",
        "/static/..%2Fsettings.py",
        "/static/%2fetc/passwd",
        "/static/a%2fb",
        "/static/..\\settings.py",
        "/static/..%5csettings.py",
        "/static/..%5Csettings.py",
        "/static/a\\b",
        "/static/a%5cb",
        "/static/C:\\boot.ini",
        // Encoded twice, too long, in more bytes than it takes, and in other widths.
        "/static/%252e%252e/settings.py",
        "/static/..%252fsettings.py",
        "/static/%25%32%65%25%32%65/settings.py",
        "/static/%c0%ae%c0%ae/settings.py",
        "/static/%c0%af..%c0%afsettings.py",
        "/static/%e0%80%ae%e0%80%ae/settings.py",
        "/static/%f0%80%80%ae/settings.py",
        "/static/%uff0e%uff0e/settings.py",
        "/static/%u002e%u002e/settings.py",
        // Control bytes.
        "/static/app.css%00",
        "/static/app.css%00.png",
        "/static/%00",
        "/static/app.css%0a",
        "/static/app.css%0d%0aX: y",
        "/static/%7f",
        "/static/%c2%85",
        // Empty names: a directory, or the root of the machine.
        "/static/",
        "/static/a/",
        "/static//app.css",
        "/static//etc/passwd",
        "/static/a//b",
        "//static/app.css",
        // What is hidden.
        "/static/.git/config",
        "/static/.env",
        "/static/a/.htpasswd",
        "/static/.well-known/x",
        "/static/a/.well-known/x",
        // Escapes that are none.
        "/static/%",
        "/static/%2",
        "/static/%zz",
        "/static/a%g0",
        "/static/%-1",
        // Parameters of a path, which some servers cut off.
        "/static/app.css;jsessionid=1",
    ] {
        assert_eq!(found(path, &["/static/"]), None, "{path}");
    }
}

#[test]
fn a_path_elsewhere_is_no_place() {
    for path in
        ["/", "/static", "/statics/app.css", "/a/static/app.css", "/STATIC/app.css", "*", "", "static/a"]
    {
        assert_eq!(found(path, &["/static/"]), None, "{path}");
    }
    assert_eq!(found("/static/app.css", &[]), None);
    // A prefix without its slash would be that of `/static-secret/`, too.
    assert_eq!(found("/static-secret/a", &["/static"]), None);
}

#[test]
fn the_longest_prefix_counts() {
    let prefixes = ["/", "/static/", "/static/admin/"];
    let statics = statics(&prefixes);
    let place = |path: &'static str| {
        find(path.as_bytes(), &statics).map(|place| (place.files.prefix.clone(), place.relative.into_owned()))
    };
    let pair = |prefix: &str, relative: &str| Some((prefix.to_owned(), relative.to_owned()));
    assert_eq!(place("/static/admin/a.css"), pair("/static/admin/", "a.css"));
    assert_eq!(place("/static/admins/a.css"), pair("/static/", "admins/a.css"));
    assert_eq!(place("/robots.txt"), pair("/", "robots.txt"));
    assert_eq!(place("/"), None);
}

#[test]
fn a_name_has_a_length() {
    let longest = "a".repeat(FILE_NAME_BYTES_MAX);
    assert!(found(&format!("/static/{longest}"), &["/static/"]).is_some());
    assert!(found(&format!("/static/{longest}a"), &["/static/"]).is_none());
}

#[test]
fn well_known_names_stand_at_the_root() {
    assert!(found("/.well-known/security.txt", &["/"]).is_some());
    for path in ["/.well-knowns/x", "/.well-known/.x", "/a/.well-known/x", "/%2ewell-known/x"] {
        assert_eq!(found(path, &["/"]), None, "{path}");
    }
}

proptest! {
    /// Whatever is asked for, the name has no way out: none but plain components, and each is what it seems.
    #[test]
    fn a_place_lies_below_its_directory(
        pieces in prop::collection::vec(
            prop_oneof![
                "[a-z.]{0,4}", "%[0-9a-fA-F]{2}", "%25", "%2[eEfF]", "%5[cC]", "%00", "/", "\\PC{0,3}",
                Just("..".to_owned()), Just("static".to_owned()), Just("\\".to_owned()), Just(";".to_owned()),
                Just(".well-known".to_owned()),
            ],
            0..12,
        ),
        prefix in prop_oneof![Just("/static/"), Just("/"), Just("/a/b/")],
        begins_there: bool,
    ) {
        let start = if begins_there { prefix } else { "" };
        let path = format!("{start}{}", pieces.concat());
        let statics = statics(&[prefix]);
        if let Some(place) = find(path.as_bytes(), &statics) {
            let relative = Path::new(&*place.relative);
            prop_assert!(relative.components().all(|component| matches!(component, Component::Normal(_))));
            prop_assert!(!place.relative.is_empty() && !place.relative.ends_with('/'));
            prop_assert!(!place.relative.contains("//") && !place.relative.contains(['\\', '\0', '%']));
            let hidden = |name: &str| name.starts_with('.') && name != ".well-known";
            prop_assert!(!place.relative.split('/').any(hidden));
            let whole = place.files.directory.join(relative);
            prop_assert!(whole.starts_with(&place.files.directory) && whole != place.files.directory);
        }
    }

    #[test]
    fn any_bytes_can_be_looked_up(path in prop::collection::vec(any::<u8>(), 0..64)) {
        let statics = statics(&["/", "/static/"]);
        if let Some(place) = find(&path, &statics) {
            prop_assert!(place.relative.len() < path.len());
        }
    }
}
