//! Saved routes: what is there when the app is not.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use edge::cache::purges::Purge;
use edge::config::Route;

use super::{Stage, browse, files, numbers, route, saved, written};
use crate::support::{Reply, Response, Site, wait_until};

#[test]
fn a_saved_page_is_there_when_the_app_is_not() {
    let stage = Stage::django(vec![saved("/about/"), saved("/strict/"), saved("/old/"), route("/other/")]);
    let site = stage.start(|request| match &*request.target {
        "/strict/" => Reply::new(200, &[("Cache-Control", "max-age=0, must-revalidate")], "strict"),
        "/old/" => Reply::new(
            200,
            &[("Cache-Control", "max-age=1"), ("Date", "Thu, 01 Jan 2015 00:00:00 GMT")],
            "very old",
        ),
        "/other/" => Reply::new(200, &[("Cache-Control", "max-age=0"), ("ETag", "\"1\"")], "other"),
        _ => Reply::ok("about us"),
    });
    for _ in 0..3 {
        for path in ["/about/", "/strict/", "/old/", "/other/"] {
            assert_eq!(site.get(path).status, 200);
        }
    }
    written(&site, 2);
    let site = stage.restart(site);
    site.origin.stop();
    std::thread::sleep(Duration::from_millis(50));
    for (path, text) in [("/about/", "about us"), ("/old/", "very old")] {
        let page = site.get(path);
        assert_eq!((page.status, page.text()), (200, text));
        assert!(page.cache().contains("stale-if-error"), "{}", page.cache());
    }
    for path in ["/strict/", "/other/", "/never/"] {
        assert!(is_an_error(&site.get(path)), "{path}");
    }
    // It is nobody's page, and somebody does not get it.
    assert!(is_an_error(&site.get_with("/about/", &[("Cookie", "sessionid=alice")])));
    site.serving.edge.purge(Purge::Path(site.serving.edge.store.hash(b"/about/")), true);
    assert_eq!(site.get("/about/").text(), "about us");
    site.serving.edge.purge(Purge::Path(site.serving.edge.store.hash(b"/about/")), false);
    assert!(is_an_error(&site.get("/about/")));
}

/// The app is not there, or was not there so often that it is not asked.
fn is_an_error(response: &Response) -> bool {
    matches!(response.status, 502 | 503)
}

#[test]
fn a_saved_page_covers_errors_of_the_app_and_is_saved_anew() {
    let stage = Stage::django(vec![saved("/about/")]);
    let is_broken = Arc::new(AtomicBool::new(false));
    let broken = Arc::clone(&is_broken);
    let site = stage.start(move |request| {
        if broken.load(Ordering::Relaxed) {
            Reply::new(500, &[], "bad")
        } else {
            Reply::ok(format!("{}", request.number))
        }
    });
    site.get("/about/");
    written(&site, 1);
    let site = stage.restart(site);
    is_broken.store(true, Ordering::Relaxed);
    let covered = site.get("/about/");
    assert_eq!((covered.status, covered.text()), (200, "0"));
    assert!(covered.cache().contains("fwd-status=500") && covered.cache().contains("stale-if-error"));
    is_broken.store(false, Ordering::Relaxed);
    assert_eq!(site.get("/about/").text(), "2");
    assert_eq!(site.get("/about/").text(), "3");
}

/// A pipe in the place of a file is a disk that answers when somebody writes into it.
#[test]
fn a_disk_that_is_slow_is_asked_again_when_the_app_does_not_answer() {
    let stage = Stage::django(vec![saved("/about/")]);
    let site = stage.start(|_| Reply::ok("about us"));
    site.get("/about/");
    written(&site, 1);
    let site = stage.restart(site);
    let file = stage.files().pop().unwrap();
    let content = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    site.origin.stop();
    let page = std::thread::scope(|scope| {
        scope.spawn(|| {
            wait_until("the file is not waited for any more", || numbers(&site).late == 1);
            fs::write(&file, content).unwrap();
        });
        site.get("/about/")
    });
    assert_eq!((page.status, page.text()), (200, "about us"));
    assert!(page.cache().contains("stale-if-error"), "{}", page.cache());
}

#[test]
fn saved_pages_need_no_disk_of_the_cache_and_nothing_else_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().to_owned();
    let stage = Stage::new(move |config| {
        config.cache.disk = None;
        config.saved_directory = Some(kept.clone());
        config.routes = vec![saved("/about/"), route("/**")];
    });
    let site = stage.start(|request| Reply::ok(&request.target));
    site.get("/other/");
    browse(&site, "/about/");
    browse(&site, "/about/");
    written(&site, 1);
    let Site { origin, serving } = site;
    serving.drain();
    serving.wait();
    assert_eq!((files(directory.path()).len(), stage.files().len()), (1, 0));
    let site = stage.begin(origin);
    wait_until("it is known what is on disk", || numbers(&site).entries == 1);
    site.origin.stop();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(browse(&site, "/about/").text(), "/about/");
    assert!(is_an_error(&site.get("/other/")));
}

#[test]
fn without_a_directory_saved_pages_are_kept_in_memory() {
    let stage = Stage::new(|config| {
        config.cache.disk = None;
        config.routes = vec![saved("/about/")];
    });
    let site = stage.start(|_| Reply::ok("about us"));
    site.get("/about/");
    site.get("/about/");
    assert!(site.serving.edge.disk.is_none());
    site.origin.stop();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(site.get("/about/").text(), "about us");
}

#[test]
fn saved_pages_are_asked_for_at_the_start() {
    let stage = Stage::new(|config| {
        let kept = Route { lifetime_s: Some(60), ..saved("/contact/") };
        config.routes = vec![saved("/about/"), kept, saved("/books/**"), route("/other/")];
        config.generate_for = vec!["https://shop.test".to_owned(), "http://shop.test".to_owned()];
        config.threads = 2;
    });
    let site = stage.start(|request| {
        let scheme = request.field("x-forwarded-proto").unwrap();
        // It is still starting when it is first asked.
        if request.number == 0 {
            Reply::new(503, &[], "not yet")
        } else {
            Reply::ok(format!("{scheme} {}", request.target))
        }
    });
    written(&site, 8);
    let asked = site.origin.asked();
    assert!(
        asked.iter().all(|request| request.method == "GET" && request.field("host") == Some("shop.test"))
    );
    assert_eq!(asked.len(), 9);
    let one_by_one: Vec<_> = asked[1..4].iter().map(|request| &*request.target).collect();
    assert_eq!(one_by_one, ["/about/", "/contact/", "/contact/"]);
    // What is fresh is not asked for again; what is stale is.
    let site = stage.restart(site);
    wait_until("stale pages are asked for", || site.origin.count() == 13);
    std::thread::sleep(Duration::from_millis(50));
    assert!(site.origin.asked()[9..].iter().all(|request| request.target == "/about/"));
    site.origin.stop();
    std::thread::sleep(Duration::from_millis(50));
    for path in ["/about/", "/contact/"] {
        assert_eq!(browse(&site, path).text(), format!("http {path}"));
        assert_eq!(site.get(path).text(), format!("http {path}"));
    }
    assert!(is_an_error(&site.get("/other/")));
}
