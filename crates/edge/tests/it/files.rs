//! Files that are served without the app, and everything that is not served.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use edge::config::{Config, Rate, StaticFiles};
use edge::limits::{FILE_CHUNK_BYTES, FILE_KEPT_BYTES_MAX};

use crate::support::{Client, Reply, Response, Site, wait_until};

/// A site whose `/static/` is a directory of the test's own; the app says `app` to everything.
struct Fixture {
    root: tempfile::TempDir,
    site: Site,
}

impl Fixture {
    fn new(files: &[(&str, &[u8])]) -> Self {
        Self::below("/static/", files)
    }

    fn below(prefix: &str, files: &[(&str, &[u8])]) -> Self {
        Self::with(prefix, files, |_| {})
    }

    fn with(prefix: &str, files: &[(&str, &[u8])], change: impl FnOnce(&mut Config)) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("files")).unwrap();
        fs::write(root.path().join("secret"), "secret").unwrap();
        let statics =
            StaticFiles { prefix: prefix.to_owned(), directory: root.path().join("files"), lifetime_s: 60 };
        let change = |config: &mut Config| {
            config.statics = vec![statics];
            change(config);
        };
        let site = Site::with(change, |_| Reply::fresh("app"));
        let fixture = Self { root, site };
        for (name, content) in files {
            fixture.write(name, content);
        }
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("files").join(name)
    }

    /// Writes a file as a deployment does: whole, and in the place of what was there.
    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let new = self.root.path().join("new");
        fs::write(&new, content).unwrap();
        fs::rename(new, path).unwrap();
    }

    fn get(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.site.get_with(path, fields)
    }

    fn is_apps(&self, path: &str) -> bool {
        self.get(path, &[]).text() == "app"
    }
}

fn set_modified(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_times(FileTimes::new().set_modified(time)).unwrap();
}

/// Bytes that are nowhere the same.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    (0..length).map(|_| byte()).collect()
}

#[test]
fn a_file_is_served_without_the_app() {
    let fixture = Fixture::new(&[("css/app.css", b"body{}"), ("leer", b"")]);
    let mut client = fixture.site.client();
    // From the disk, and from memory.
    for _ in 0..2 {
        let response = client.get("/static/css/app.css?v=1");
        assert_eq!((response.status, response.text()), (200, "body{}"));
        for (name, expected) in [
            ("content-type", "text/css; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "public, max-age=60"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(response.field(name), Some(expected), "{name}");
        }
        assert!(response.field("date").is_some() && response.field("last-modified").is_some());
        assert_eq!((response.field("vary"), response.field("age")), (None, None));
        let head = client.ask("HEAD", "/static/css/app.css", &[], b"");
        assert_eq!((head.status, head.field("content-length")), (200, Some("6")));
        assert_eq!(head.field("etag"), response.field("etag"));
        let empty = client.get("/static/leer");
        assert_eq!((empty.status, empty.body.len()), (200, 0));
    }
    assert_eq!(fixture.site.origin.count(), 0);
    assert!(fixture.site.serving.edge.files.bytes() > 0);
}

#[test]
fn what_is_no_file_is_the_apps() {
    let fixture = Fixture::new(&[("a.css", b"a"), (".env", b"secret"), ("sub/b.css", b"b")]);
    fs::create_dir(fixture.path("empty")).unwrap();
    for path in ["/", "/static/missing.css", "/static/", "/static/sub", "/static/sub/", "/static/empty/"] {
        assert!(fixture.is_apps(path), "{path}");
    }
    assert!(fixture.is_apps("/static/.env") && fixture.is_apps("/static/a.css/"));
    assert_eq!(fixture.site.client().ask("POST", "/static/missing.css", &[], b"a=b").text(), "app");
}

#[test]
fn a_file_can_only_be_read() {
    let fixture = Fixture::new(&[("a.css", b"a")]);
    let mut client = fixture.site.client();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        for body in [&b""[..], b"a=b"] {
            let response = client.ask(method, "/static/a.css", &[], body);
            assert_eq!((response.status, response.field("allow")), (405, Some("GET, HEAD")), "{method}");
        }
    }
    assert_eq!(client.get("/static/a.css").text(), "a");
    assert_eq!(fixture.site.origin.count(), 0);
}

#[test]
fn no_spelling_leads_out_of_the_directory() {
    let fixture = Fixture::new(&[("a.css", b"a")]);
    for path in [
        "/static/../secret",
        "/static/..%2fsecret",
        "/static/%2e%2e/secret",
        "/static/%2e%2e%2fsecret",
        "/static/..%5csecret",
        "/static/..\\secret",
        "/static/%252e%252e/secret",
        "/static/%c0%ae%c0%ae/secret",
        "/static/x/../../secret",
        "/static/./../secret",
        "/static//../secret",
        "/static/..;/secret",
        "/static/a.css/../../secret",
        "/static/%00/../secret",
        "/static../secret",
        "//static/../secret",
        "/%2e%2e/secret",
    ] {
        assert_eq!(fixture.get(path, &[]).text(), "app", "{path}");
    }
    let absolute = format!("/static/{}", fixture.root.path().join("secret").display());
    assert!(fixture.is_apps(&absolute), "{absolute}");
}

#[test]
fn a_link_is_followed_only_inside() {
    let fixture = Fixture::new(&[("a.css", b"a")]);
    let outside = fixture.root.path().join("secret");
    symlink(&outside, fixture.path("absolute")).unwrap();
    symlink("../secret", fixture.path("relative")).unwrap();
    symlink("..", fixture.path("up")).unwrap();
    symlink("a.css", fixture.path("inside")).unwrap();
    // A compressed form is no way out either.
    symlink("../secret", fixture.path("a.css.br")).unwrap();
    for path in ["/static/absolute", "/static/relative", "/static/up/secret", "/static/up/files/a.css"] {
        assert!(fixture.is_apps(path), "{path}");
    }
    let plain = fixture.get("/static/a.css", &[("Accept-Encoding", "br")]);
    assert_eq!((plain.text(), plain.field("content-encoding")), ("a", None));
    if cfg!(target_os = "linux") {
        assert_eq!(fixture.get("/static/inside", &[]).text(), "a");
    }
}

#[test]
fn a_file_that_becomes_a_link_is_not_followed() {
    let fixture = Fixture::new(&[("a.css", b"a")]);
    assert_eq!(fixture.get("/static/a.css", &[]).text(), "a");
    fs::remove_file(fixture.path("a.css")).unwrap();
    symlink("../secret", fixture.path("a.css")).unwrap();
    wait_until("the app is asked", || {
        let text = fixture.get("/static/a.css", &[]).text().to_owned();
        assert_ne!(text, "secret");
        text == "app"
    });
}

#[test]
fn the_compressed_form_is_sent_that_a_client_takes_best() {
    let fixture = Fixture::new(&[
        ("a.js", b"as it is"),
        ("a.js.br", b"brotli"),
        ("a.js.gz", b"gzip"),
        ("a.js.zst", b"zstd"),
        ("b.js", b"as it is"),
        ("b.js.gz", b"gzip"),
        ("c.js", b"as it is"),
    ]);
    let ask = |name: &str, accepted: &str| {
        let response = fixture.get(&format!("/static/{name}"), &[("Accept-Encoding", accepted)]);
        assert_eq!(response.field("content-type"), Some("text/javascript; charset=utf-8"));
        let coding = response.field("content-encoding").unwrap_or("none").to_owned();
        (coding, response.text().to_owned(), response.field("vary").map(str::to_owned))
    };
    for (name, accepted, coding, text) in [
        ("a.js", "gzip, deflate, br, zstd", "br", "brotli"),
        ("a.js", "gzip, zstd", "zstd", "zstd"),
        ("a.js", "gzip;q=1, br;q=0.9", "gzip", "gzip"),
        ("a.js", "br;q=0, *", "zstd", "zstd"),
        ("a.js", "identity", "none", "as it is"),
        ("a.js", "", "none", "as it is"),
        ("b.js", "gzip, deflate, br", "gzip", "gzip"),
        ("b.js", "br", "none", "as it is"),
    ] {
        let expected = (coding.to_owned(), text.to_owned(), Some("Accept-Encoding".to_owned()));
        assert_eq!(ask(name, accepted), expected, "{name} {accepted}");
    }
    assert_eq!(ask("c.js", "gzip, br"), ("none".to_owned(), "as it is".to_owned(), None));
    // The form itself is a file, too.
    let itself = fixture.get("/static/a.js.gz", &[("Accept-Encoding", "gzip")]);
    assert_eq!(
        (itself.field("content-type"), itself.field("content-encoding")),
        (Some("application/gzip"), None)
    );
}

#[test]
fn a_compressed_form_that_is_older_than_the_file_is_not_sent() {
    let fixture = Fixture::new(&[("a.js", b"new"), ("a.js.br", b"old"), ("a.js.gz", b"gzip")]);
    let now = SystemTime::now();
    set_modified(&fixture.path("a.js"), now);
    set_modified(&fixture.path("a.js.br"), now - Duration::from_secs(2));
    set_modified(&fixture.path("a.js.gz"), now);
    let response = fixture.get("/static/a.js", &[("Accept-Encoding", "br, gzip")]);
    assert_eq!((response.text(), response.field("content-encoding")), ("gzip", Some("gzip")));
}

#[test]
fn a_client_that_has_the_form_is_told_so() {
    let fixture = Fixture::new(&[("a.js", b"as it is"), ("a.js.br", b"brotli")]);
    let ask = |fields: &[(&str, &str)]| fixture.get("/static/a.js", fields);
    let (plain, brotli) = (ask(&[]), ask(&[("Accept-Encoding", "br")]));
    let tag = |response: &Response| response.field("etag").unwrap().to_owned();
    assert_ne!(tag(&plain), tag(&brotli));
    for (response, accepted) in [(&plain, "identity"), (&brotli, "br")] {
        let again = ask(&[("Accept-Encoding", accepted), ("If-None-Match", &tag(response))]);
        assert_eq!((again.status, again.field("etag")), (304, response.field("etag")));
        assert_eq!((again.field("vary"), again.body.len()), (Some("Accept-Encoding"), 0));
        assert_eq!(again.field("cache-control"), Some("public, max-age=60"));
    }
    // The other form is none that it has.
    assert_eq!(ask(&[("Accept-Encoding", "br"), ("If-None-Match", &tag(&plain))]).status, 200);
    let modified = plain.field("last-modified").unwrap();
    assert_eq!(ask(&[("If-Modified-Since", modified)]).status, 304);
    assert_eq!(ask(&[("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT")]).status, 200);
    assert_eq!(ask(&[("If-Match", &tag(&plain))]).status, 200);
    assert_eq!(ask(&[("If-Match", "\"other\"")]).status, 412);
    assert_eq!(fixture.site.origin.count(), 0);
}

#[test]
fn parts_of_small_and_of_large_files() {
    let content = noise(FILE_KEPT_BYTES_MAX as usize + 3 * FILE_CHUNK_BYTES + 17);
    let fixture = Fixture::new(&[("small.bin", &content[..1_000]), ("large.bin", &content)]);
    for (name, length) in [("small.bin", 1_000), ("large.bin", content.len())] {
        let path = format!("/static/{name}");
        let mut client = fixture.site.client();
        let whole = client.get(&path);
        assert_eq!((whole.status, &*whole.body), (200, &content[..length]), "{name}");
        let mut part = |range: &str, more: &[(&str, &str)]| {
            client.ask("GET", &path, &[&[("Range", range)], more].concat(), b"")
        };
        let middle = part("bytes=10-19", &[]);
        assert_eq!((middle.status, &*middle.body), (206, &content[10..20]), "{name}");
        assert_eq!(middle.field("content-range"), Some(&*format!("bytes 10-19/{length}")));
        assert_eq!(part(&format!("bytes={}-", length - 5), &[]).body, &content[length - 5..length]);
        assert_eq!(part("bytes=-7", &[]).body, &content[length - 7..length]);
        let most = part("bytes=1-", &[]);
        assert_eq!((most.status, &*most.body), (206, &content[1..length]), "{name}");
        let beyond = part(&format!("bytes={length}-"), &[]);
        assert_eq!(
            (beyond.status, beyond.field("content-range")),
            (416, Some(&*format!("bytes */{length}")))
        );
        let etag = whole.field("etag").unwrap();
        assert_eq!(part("bytes=0-0", &[("If-Range", etag)]).status, 206);
        assert_eq!(part("bytes=0-0", &[("If-Range", "\"other\"")]).body.len(), length);
        assert_eq!(part("bytes=0-0", &[("If-None-Match", etag)]).status, 304);
    }
    assert_eq!(fixture.site.origin.count(), 0);
}

#[test]
fn a_name_with_a_hash_is_for_good() {
    let fixture =
        Fixture::new(&[("app.55e7cbb9ba48.css", b"a"), ("app.css", b"a"), ("app-BQ3d9fK1.js", b"a")]);
    let control =
        |name: &str| fixture.get(&format!("/static/{name}"), &[]).field("cache-control").unwrap().to_owned();
    assert_eq!(control("app.55e7cbb9ba48.css"), "public, max-age=31536000, immutable");
    assert_eq!(control("app.css"), "public, max-age=60");
    assert_eq!(control("app-BQ3d9fK1.js"), "public, max-age=60");
}

/// How long it takes until something is so, at most.
fn within_about_a_second(what: &str, is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    wait_until(what, is_so);
    assert!(started.elapsed() < Duration::from_secs(3), "{what}: {:?}", started.elapsed());
}

#[test]
fn a_change_on_disk_is_seen_within_about_a_second() {
    let fixture = Fixture::new(&[("a.css", b"old")]);
    let get = |accepted: &str| fixture.get("/static/a.css", &[("Accept-Encoding", accepted)]);
    let old = get("br");
    assert_eq!(old.text(), "old");
    // Of the same length and time, as files are that a build has set to one time.
    let modified = fs::metadata(fixture.path("a.css")).unwrap().modified().unwrap();
    fixture.write("a.css", b"new");
    set_modified(&fixture.path("a.css"), modified);
    within_about_a_second("the new file is served", || get("br").text() == "new");
    assert_ne!(get("br").field("etag"), old.field("etag"));
    // A form that is added, one that is removed, the file that goes and comes back.
    fixture.write("a.css.br", b"brotli");
    within_about_a_second("the form is served", || get("br").text() == "brotli");
    fs::remove_file(fixture.path("a.css.br")).unwrap();
    within_about_a_second("the file is served", || get("br").field("content-encoding").is_none());
    assert_eq!(fixture.site.origin.count(), 0);
    fs::remove_file(fixture.path("a.css")).unwrap();
    within_about_a_second("the app is asked", || get("br").text() == "app");
    fixture.write("a.css", b"back");
    within_about_a_second("the file is there again", || get("br").text() == "back");
}

#[test]
fn a_large_file_that_was_replaced_is_the_new_one_at_once() {
    let length = FILE_KEPT_BYTES_MAX as usize + 1;
    let fixture = Fixture::new(&[("a.bin", &vec![b'a'; length])]);
    let first = fixture.get("/static/a.bin", &[]);
    fixture.write("a.bin", &vec![b'b'; length + 1]);
    let second = fixture.get("/static/a.bin", &[]);
    assert_eq!((second.status, &second.body), (200, &vec![b'b'; length + 1]));
    assert_ne!(first.field("etag"), second.field("etag"));
}

/// Bytes of memory that this process has in use, the edge in it included.
#[cfg(target_os = "linux")]
fn resident_bytes() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
}

/// A file that takes no room on the disk.
fn sparse(fixture: &Fixture, name: &str, length: u64) -> File {
    let file = File::create(fixture.path(name)).unwrap();
    file.set_len(length).unwrap();
    file
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_file_is_streamed_in_little_memory() {
    const LENGTH: usize = 64 << 20;
    let fixture = Fixture::new(&[]);
    drop(sparse(&fixture, "film.mp4", LENGTH as u64));
    fixture.get("/static/film.mp4", &[("Range", "bytes=0-0")]);
    let before = resident_bytes();
    // Some who read no further than the head, and one who reads all.
    let mut slow: Vec<Client> = (0..8).map(|_| fixture.site.client()).collect();
    for client in &mut slow {
        client.request("GET", "/static/film.mp4", &[], b"");
        assert_eq!(client.read_head().status, 200);
    }
    let mut client = fixture.site.client();
    client.request("GET", "/static/film.mp4", &[], b"");
    assert_eq!(client.read_head().field("content-length"), Some(&*LENGTH.to_string()));
    let (mut left, mut most) = (LENGTH, 0);
    while left > 0 {
        let bytes = client.read_bytes(left.min(1 << 20));
        assert!(!bytes.is_empty() && bytes.iter().all(|&byte| byte == 0));
        left -= bytes.len();
        most = most.max(resident_bytes());
    }
    assert!(most < before + (16 << 20), "{} MiB", (most - before) >> 20);
    // The connection can be used again.
    assert_eq!(client.get("/").text(), "app");
}

#[test]
fn a_file_that_becomes_shorter_is_not_taken_for_whole() {
    let fixture = Fixture::new(&[]);
    let file = sparse(&fixture, "film.mp4", 64 << 20);
    let mut client = fixture.site.client();
    client.request("GET", "/static/film.mp4", &[], b"");
    assert_eq!(client.read_head().status, 200);
    file.set_len(1_000).unwrap();
    let mut bytes = 0;
    loop {
        match client.read_bytes(1 << 16).len() {
            0 => break,
            length => bytes += length,
        }
    }
    assert!(bytes < 64 << 20, "{bytes}");
    assert!(client.is_closed());
}

#[test]
fn a_directory_at_the_root_leaves_pages_to_the_cache() {
    let fixture =
        Fixture::below("/", &[("robots.txt", b"User-agent: *"), (".well-known/security.txt", b"Contact")]);
    assert_eq!(fixture.get("/robots.txt", &[]).text(), "User-agent: *");
    assert_eq!(fixture.get("/.well-known/security.txt", &[]).text(), "Contact");
    assert_eq!(fixture.site.origin.count(), 0);
    let mut client = fixture.site.client();
    // Once to learn that it may be kept, and once to keep it.
    for is_hit in [false, false, true, true] {
        let page = client.get("/page");
        assert_eq!((page.text(), page.is_hit()), ("app", is_hit));
    }
    assert_eq!(fixture.site.origin.count(), 2);
}

#[test]
fn files_count_in_no_rate() {
    let fixture = Fixture::with("/static/", &[("a.css", b"a")], |config| {
        config.gate.rate = Some(Rate { requests: 1, window: Duration::from_mins(10), burst: 1 });
    });
    assert_eq!(fixture.get("/page", &[]).text(), "app");
    assert_eq!(fixture.get("/page", &[]).status, 429);
    for _ in 0..3 {
        assert_eq!(fixture.get("/static/a.css", &[]).text(), "a");
    }
}

#[test]
fn many_files_and_many_who_ask() {
    let names: Vec<String> = (0..50).map(|number| format!("{number}.txt")).collect();
    let contents: Vec<Vec<u8>> = (0..50).map(|number| noise(number * 401)).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&contents).map(|(name, content)| (&**name, &**content)).collect();
    let fixture = Fixture::new(&files);
    std::thread::scope(|scope| {
        for start in 0..8 {
            let (fixture, files) = (&fixture, &files);
            scope.spawn(move || {
                let mut client = fixture.site.client();
                for at in 0..200 {
                    let (name, content) = files[(start * 7 + at) % files.len()];
                    let response = client.get(&format!("/static/{name}"));
                    assert_eq!((response.status, &*response.body), (200, content), "{name}");
                }
            });
        }
    });
    assert_eq!(fixture.site.origin.count(), 0);
}
