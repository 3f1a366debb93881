//! What outlives a restart of the edge, and what does not.

mod damaged;
mod purged;
mod saved;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge::cache::purges::Purge;
use edge::config::{Audience, Config, DiskConfig, Listen, PathPattern, Profile, Route};
use edge::disk::Numbers;
use edge::server::Bound;
use tempfile::TempDir;

use crate::support::{Origin, Reply, Request, Response, Site, wait_until};

/// A disk, and what else is configured, which is the same after each restart.
struct Stage {
    directory: TempDir,
    change: Box<dyn Fn(&mut Config) + Sync>,
}

impl Stage {
    fn new(change: impl Fn(&mut Config) + Sync + 'static) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), change: Box::new(change) }
    }

    /// Follows the RFC, and keeps everything on disk.
    fn rfc() -> Self {
        Self::new(|config| config.cache.profile = Profile::Rfc)
    }

    /// With rules for paths of a Django site.
    fn django(routes: Vec<Route>) -> Self {
        Self::new(move |config| config.routes.clone_from(&routes))
    }

    fn start(&self, script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Site {
        self.begin(Origin::start(script))
    }

    fn begin(&self, origin: Origin) -> Site {
        let disk = DiskConfig { directory: self.path().to_owned(), bytes_max: 64 << 20 };
        let mut config = Config {
            listen: vec![Listen::plain("127.0.0.1:0".parse().unwrap())],
            upstreams: vec![origin.address.to_string().parse().unwrap()],
            drain_grace: Duration::from_millis(10),
            drain_patience: Duration::from_secs(1),
            ..Config::default()
        };
        config.cache.disk = Some(disk);
        (self.change)(&mut config);
        let serving = Bound::new(config).unwrap().serve().unwrap();
        Site { origin, serving }
    }

    /// The same app before an edge that has nothing in memory.
    fn restart(&self, site: Site) -> Site {
        let Site { origin, serving } = site;
        serving.drain();
        serving.wait();
        let site = self.begin(origin);
        wait_until("it is known what is on disk", || numbers(&site).entries == self.files().len());
        site
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The files of responses.
    fn files(&self) -> Vec<PathBuf> {
        files(&self.path().join("responses"))
    }

    /// All that is in them.
    fn contents(&self) -> Vec<u8> {
        self.files().iter().flat_map(|file| fs::read(file).unwrap()).collect()
    }
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).into_iter().flatten().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else if entry.file_name().len() == 64 && !entry.path().parent().unwrap().ends_with("tmp") {
            found.push(entry.path());
        }
    }
    found
}

fn numbers(site: &Site) -> Numbers {
    site.serving.edge.disk.as_ref().unwrap().numbers()
}

/// Waits until so many responses were written by this edge.
fn written(site: &Site, count: u64) {
    wait_until("it is written", || numbers(site).written >= count);
}

fn route(path: &str) -> Route {
    Route { path: PathPattern::parse(path).unwrap(), lifetime_s: Some(60), ..Route::default() }
}

/// Without a lifetime of its own.
fn saved(path: &str) -> Route {
    Route { is_saved: true, lifetime_s: None, ..route(path) }
}

/// What browsers say when they ask for a page.
fn browse(site: &Site, path: &str) -> Response {
    site.get_with(path, &[("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")])
}

fn contains(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

#[test]
fn a_restart_costs_no_question() {
    let stage = Stage::rfc();
    let fields = [("Cache-Control", "max-age=60"), ("X-Kept", "yes"), ("Surrogate-Key", "secret-tag")];
    let site = stage.start(move |request| Reply::new(200, &fields, format!("answer {}", request.number)));
    let before = site.get("/a");
    site.get("/b?c=d");
    written(&site, 2);
    let site = stage.restart(site);
    let mut client = site.client();
    let after = client.get("/a");
    assert_eq!(
        (after.text(), after.field("x-kept"), after.field("surrogate-key")),
        ("answer 0", Some("yes"), None)
    );
    assert!(after.is_hit() && after.cache().contains("ttl=5"), "{}", after.cache());
    assert_eq!(after.field("content-length"), before.field("content-length"));
    // From now on it is in memory.
    assert!(client.get("/a").is_hit() && client.get("/b?c=d").is_hit());
    assert_eq!(client.ask("HEAD", "/a", &[], b"").field("content-length"), Some("8"));
    let part = client.ask("GET", "/b?c=d", &[("Range", "bytes=0-2")], b"");
    assert_eq!((part.status, part.text()), (206, "ans"));
    assert_eq!((site.origin.count(), numbers(&site).hits), (2, 2));
    // Another host is another site.
    client.send("GET /a HTTP/1.1\r\nHost: other.test\r\n\r\n");
    assert_eq!(client.read().text(), "answer 2");
}

#[test]
fn what_is_stale_after_a_restart_is_asked_about() {
    let stage = Stage::rfc();
    let site = stage.start(|request| match request.field("if-none-match") {
        Some("\"v1\"") => Reply::new(304, &[("ETag", "\"v1\""), ("Cache-Control", "max-age=60")], ""),
        _ => Reply::new(
            200,
            &[("ETag", "\"v1\""), ("Cache-Control", "max-age=11"), ("Age", "0"), ("Surrogate-Key", "x")],
            "body",
        ),
    });
    site.get("/a");
    written(&site, 1);
    let site = stage.restart(site);
    // A soft purge makes it stale without waiting.
    let tag = Purge::Tag(site.serving.edge.store.hash(b"x"));
    assert_eq!(site.serving.edge.purge(tag, true), 1);
    let renewed = site.get("/a");
    assert_eq!((renewed.text(), renewed.cache()), ("body", "escala; fwd=stale; fwd-status=304; stored"));
    written(&site, 1);
    let site = stage.restart(site);
    assert!(site.get("/a").is_hit());
    assert_eq!(site.origin.count(), 2);
    // What the app did not say again is still known.
    let tag = Purge::Tag(site.serving.edge.store.hash(b"x"));
    assert_eq!(site.serving.edge.purge(tag, false), 1);
    assert!(!site.get("/a").is_hit());
}

#[test]
fn each_variant_comes_back_to_whom_it_was_made_for() {
    let stage = Stage::django(vec![route("/**")]);
    let site = stage.start(|request| {
        let text = request.field("accept-language").unwrap_or("none").to_owned()
            + request.field("cookie").unwrap_or_default();
        Reply::new(200, &[("Vary", "Accept-Language, Cookie")], text)
    });
    let ask = |site: &Site, language: &str, cookie: &str| {
        site.get_with("/a", &[("Accept-Language", language), ("Cookie", cookie)])
    };
    let visitors = [("de", ""), ("fr", ""), ("de", "django_language=en")];
    // The app has to say once what it varies by.
    ask(&site, "de", "");
    ask(&site, "de", "django_language=en");
    for (language, cookie) in visitors {
        ask(&site, language, cookie);
        assert!(ask(&site, language, cookie).is_hit());
    }
    written(&site, 5);
    let site = stage.restart(site);
    let asked = site.origin.count();
    for (language, cookie) in visitors {
        let page = ask(&site, language, cookie);
        assert!(page.is_hit(), "{language} {cookie}: {}", page.cache());
        assert_eq!(page.text(), format!("{language}{cookie}"));
    }
    assert_eq!(site.origin.count(), asked);
    assert_eq!(ask(&site, "it", "").cache(), "escala; fwd=vary-miss; stored");
    assert!(ask(&site, "it", "sessionid=alice").cache().contains("detail=session"));
}

#[test]
fn nothing_personal_is_ever_written() {
    let everyone = Route { audience: Audience::Everyone, ..route("/everyone/") };
    let stage = Stage::django(vec![everyone, Route { is_saved: true, ..route("/**") }]);
    let site = stage.start(|request| {
        let text = format!(
            "{} for {} {}",
            request.target,
            request.field("cookie").unwrap_or("nobody"),
            request.field("authorization").unwrap_or_default(),
        );
        match &*request.target {
            "/sets/" => Reply::new(200, &[("Set-Cookie", "csrftoken=secret-1")], text + "secret-2"),
            "/private/" => Reply::new(200, &[("Cache-Control", "private")], text + "secret-3"),
            "/no-store/" => Reply::new(200, &[("Cache-Control", "no-store")], text + "secret-4"),
            _ => Reply::ok(text),
        }
    });
    for path in ["/a/", "/everyone/", "/sets/", "/private/", "/no-store/"] {
        for _ in 0..2 {
            site.get_with(path, &[("Cookie", "sessionid=secret-5")]);
            site.get_with(path, &[("Cookie", "sessionid=secret-6"), ("Authorization", "Basic secret-7")]);
            site.client().ask("POST", path, &[("Cookie", "sessionid=secret-8")], b"password=secret-9");
            site.get_with(path, &[("Cookie", "messages=secret-10; django_language=de")]);
        }
    }
    site.get("/marker/");
    wait_until("the last one is written", || contains(&stage.contents(), "/marker/"));
    let contents = stage.contents();
    assert!(contains(&contents, "/everyone/ for django_language=de") && !contains(&contents, "/a/"));
    assert!(!contains(&contents, "secret"), "{}", String::from_utf8_lossy(&contents));
}

#[test]
fn what_the_shadow_takes_for_cacheable_is_not_written() {
    let stage = Stage::new(|config| {
        config.cache.is_shadow = true;
        config.routes = vec![saved("/a/"), route("/**")];
        config.generate_for = vec!["http://shop.test".to_owned()];
    });
    let site = stage.start(|_| Reply::ok("x"));
    for _ in 0..5 {
        site.get("/a/");
        site.get("/b/");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(site.serving.edge.store.entries() > 0, "the shadow stores nothing");
    let site = stage.restart(site);
    assert_eq!((stage.files().len(), numbers(&site).entries), (0, 0));
}

#[test]
fn what_was_stored_under_other_rules_is_not_served() {
    let profile = Arc::new(Mutex::new(Profile::Rfc));
    let configured = Arc::clone(&profile);
    let stage = Stage::new(move |config| {
        config.cache.profile = *configured.lock().unwrap();
        config.routes = vec![route("/**")];
    });
    let site = stage.start(|request| Reply::fresh(request.field("cookie").unwrap_or("nobody")));
    // The RFC lets a page be shared that was made for somebody.
    assert_eq!(site.get_with("/a", &[("Cookie", "sessionid=alice")]).text(), "sessionid=alice");
    written(&site, 1);
    *profile.lock().unwrap() = Profile::Django;
    let site = stage.restart(site);
    assert_eq!(numbers(&site).entries, 1);
    assert_eq!(site.get("/a").text(), "nobody");
    // It is there for those to whom it belongs.
    *profile.lock().unwrap() = Profile::Rfc;
    written(&site, 1);
    let site = stage.restart(site);
    assert_eq!(site.get("/a").text(), "sessionid=alice");
}

#[test]
fn a_page_that_is_put_together_is_put_together_after_a_restart() {
    let stage = Stage::django(vec![route("/page/")]);
    let site = stage.start(|request| match &*request.target {
        "/page/" => Reply::new(
            200,
            &[("Surrogate-Control", "content=\"ESI/1.0\"")],
            "<p>frame</p><esi:include src=\"/cart/\"/>",
        ),
        _ => Reply::new(200, &[("Cache-Control", "private")], request.field("cookie").unwrap_or("nobody")),
    });
    site.get("/page/");
    written(&site, 1);
    let site = stage.restart(site);
    let frames =
        |site: &Site| site.origin.asked().iter().filter(|request| request.target == "/page/").count();
    let page = site.get_with("/page/", &[("Cookie", "sessionid=alice")]);
    assert_eq!(page.text(), "<p>frame</p>sessionid=alice");
    assert!(page.is_hit(), "{}", page.cache());
    assert_eq!(site.get("/page/").text(), "<p>frame</p>nobody");
    assert_eq!(frames(&site), 1);
}
