//! What is purged is gone from the disk as well, whenever the edge ends.

use edge::cache::purges::Purge;

use super::{Stage, numbers, written};
use crate::support::{Reply, Request};

#[test]
fn what_is_purged_before_a_restart_is_gone_after_it() {
    let stage = Stage::rfc();
    let site = stage.start(|request| {
        if request.method == "POST" {
            return Reply::new(200, &[("Cache-Group-Invalidation", "\"books\"")], "");
        }
        let tag = request.target.trim_start_matches('/').to_owned();
        let groups = if tag.starts_with("book") { "\"books\"" } else { "\"others\"" };
        let fields = [("Cache-Control", "max-age=60"), ("Cache-Tag", &*tag), ("Cache-Groups", groups)];
        Reply::new(200, &fields, "x")
    });
    for path in ["/posted", "/tagged", "/path", "/path?q", "/softly", "/book", "/kept"] {
        site.get(path);
    }
    written(&site, 7);
    let edge = &site.serving.edge;
    assert_eq!(site.client().ask("POST", "/posted", &[], b"a=b").status, 200);
    edge.purge(Purge::Tag(edge.store.hash(b"tagged")), false);
    assert_eq!(edge.purge(Purge::Path(edge.store.hash(b"/path")), false), 2);
    assert_eq!(edge.purge(Purge::Tag(edge.store.hash(b"softly")), true), 1);
    let site = stage.restart(site);
    assert_eq!(numbers(&site).entries, 2);
    let asked = site.origin.count();
    assert!(site.get("/kept").is_hit());
    assert_eq!(site.origin.count(), asked);
    for path in ["/posted", "/tagged", "/path", "/path?q", "/book"] {
        assert_eq!(site.get(path).cache(), "escala; fwd=uri-miss; stored", "{path}");
    }
    // It is there, and it is stale.
    assert_eq!(site.get("/softly").cache(), "escala; fwd=stale; stored");
}

#[test]
fn what_is_purged_after_a_restart_is_gone_although_nobody_has_asked_for_it() {
    let stage = Stage::rfc();
    let script = |request: &Request| match &*request.method {
        "POST" => Reply::ok(""),
        _ => Reply::new(200, &[("Cache-Control", "max-age=60"), ("Surrogate-Key", "x")], "x"),
    };
    for (at, is_soft) in [(0, false), (1, true), (2, false)] {
        let site = stage.start(script);
        site.get("/a");
        written(&site, 1);
        let site = stage.restart(site);
        let edge = &site.serving.edge;
        match at {
            2 => assert_eq!(site.client().ask("POST", "/a", &[], b"a=b").status, 200),
            _ => assert_eq!(edge.purge(Purge::Tag(edge.store.hash(b"x")), is_soft), 1),
        }
        let expected = if is_soft { "escala; fwd=stale; stored" } else { "escala; fwd=uri-miss; stored" };
        let site = if at == 0 { stage.restart(site) } else { site };
        assert_eq!(site.get("/a").cache(), expected, "{at}");
        site.serving.edge.purge(Purge::All, false);
        site.serving.drain();
        site.serving.wait();
        assert_eq!(stage.files().len(), 0, "{at}");
    }
}

/// Whatever was in the queue, under way, or on disk when the purge came.
#[test]
fn a_purge_catches_up_with_what_waits_to_be_written() {
    let stage = Stage::rfc();
    let body = "x".repeat(100_000);
    let fields = [("Cache-Control", "max-age=60"), ("Surrogate-Key", "x")];
    let site = stage.start(move |_| Reply::new(200, &fields, &body));
    let mut client = site.client();
    for at in 0..60 {
        client.get(&format!("/{at}"));
    }
    let edge = &site.serving.edge;
    assert_eq!(edge.purge(Purge::Tag(edge.store.hash(b"x")), false), 60);
    let site = stage.restart(site);
    assert_eq!((numbers(&site).entries, stage.files().len()), (0, 0));
    assert!(!site.get("/59").is_hit());
}
