//! What is stored, what is served from it, and what the client is told.

use std::time::Duration;

use crate::support::{Reply, Site};

#[test]
fn a_fresh_response_is_served_without_asking_again() {
    let site = Site::rfc(|request| Reply::fresh(format!("answer {}", request.number)));
    let mut client = site.client();
    let first = client.get("/a");
    assert_eq!((first.text(), first.cache()), ("answer 0", "escala; fwd=uri-miss; stored"));
    let second = client.get("/a");
    assert_eq!(second.text(), "answer 0");
    assert!(matches!(second.cache(), "escala; hit; ttl=59" | "escala; hit; ttl=60"), "{}", second.cache());
    assert_eq!(second.field("age"), Some("0"));
    assert_eq!(client.get("/b").text(), "answer 1");
    assert_eq!(site.origin.count(), 2);
}

#[test]
fn the_host_the_query_and_the_scheme_are_part_of_the_key() {
    let site =
        Site::rfc(|request| Reply::fresh(format!("{} {}", request.field("host").unwrap(), request.target)));
    let ask = |host: &str, target: &str| {
        let mut client = site.client();
        client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        client.read().text().to_owned()
    };
    assert_eq!(ask("a.test", "/x"), "a.test /x");
    assert_eq!(ask("b.test", "/x"), "b.test /x");
    assert_eq!(ask("A.TEST", "/x"), "a.test /x");
    assert_eq!(ask("a.test", "/x?1"), "a.test /x?1");
    assert_eq!(ask("a.test:80", "/x"), "a.test:80 /x");
    assert_eq!(site.origin.count(), 4);
}

#[test]
fn a_stale_response_is_revalidated_and_renewed() {
    let site = Site::rfc(|request| match request.field("if-none-match") {
        Some("\"v1\"") => {
            Reply::new(304, &[("ETag", "\"v1\""), ("Cache-Control", "max-age=60"), ("X-New", "1")], "")
        }
        _ => Reply::new(200, &[("ETag", "\"v1\""), ("Cache-Control", "max-age=0")], "body"),
    });
    assert_eq!(site.get("/a").text(), "body");
    let renewed = site.get("/a");
    assert_eq!((renewed.status, renewed.text(), renewed.field("x-new")), (200, "body", Some("1")));
    assert_eq!(renewed.cache(), "escala; fwd=stale; fwd-status=304; stored");
    assert!(site.get("/a").is_hit());
    assert_eq!(site.origin.count(), 2);
}

#[test]
fn a_client_that_has_it_is_told_so() {
    let site = Site::rfc(|_| Reply::new(200, &[("ETag", "\"v1\""), ("Cache-Control", "max-age=60")], "body"));
    site.get("/a");
    let response = site.get_with("/a", &[("If-None-Match", "\"v0\", W/\"v1\"")]);
    assert_eq!(
        (response.status, response.field("etag"), response.field("content-length")),
        (304, Some("\"v1\""), None)
    );
    assert_eq!(site.get_with("/a", &[("If-None-Match", "\"v0\"")]).status, 200);
    assert_eq!(site.origin.count(), 1);
}

#[test]
fn a_part_of_what_is_stored_is_served() {
    let site = Site::rfc(|_| Reply::fresh("0123456789"));
    site.get("/a");
    let part = site.get_with("/a", &[("Range", "bytes=2-4")]);
    assert_eq!((part.status, part.text(), part.field("content-range")), (206, "234", Some("bytes 2-4/10")));
    let end = site.get_with("/a", &[("Range", "bytes=-3")]);
    assert_eq!((end.status, end.text()), (206, "789"));
    let beyond = site.get_with("/a", &[("Range", "bytes=10-")]);
    assert_eq!((beyond.status, beyond.field("content-range")), (416, Some("bytes */10")));
    assert_eq!(site.origin.count(), 1);
}

#[test]
fn a_head_is_answered_from_a_stored_get() {
    let site = Site::rfc(|_| Reply::fresh("0123456789"));
    site.get("/a");
    let mut client = site.client();
    let head = client.ask("HEAD", "/a", &[], b"");
    assert!(head.is_hit());
    assert_eq!(head.field("content-length"), Some("10"));
    assert_eq!(client.get("/a").text(), "0123456789");
    assert_eq!(site.origin.count(), 1);
}

#[test]
fn what_was_made_for_other_fields_is_not_served() {
    let site = Site::rfc(|request| {
        let language = request.field("accept-language").unwrap_or("none");
        Reply::new(200, &[("Cache-Control", "max-age=60"), ("Vary", "Accept-Language")], language)
    });
    let ask = |language: &str| site.get_with("/a", &[("Accept-Language", language)]);
    assert_eq!(ask("de").text(), "de");
    let other = ask("fr");
    assert_eq!((other.text(), other.cache()), ("fr", "escala; fwd=vary-miss; stored"));
    assert!(ask("de").is_hit() && ask("fr").is_hit());
    assert_eq!(site.get("/a").text(), "none");
}

#[test]
fn an_unsafe_request_that_succeeds_purges_what_it_changes() {
    let site = Site::rfc(|request| match (&*request.method, &*request.target) {
        ("POST", "/fails") => Reply::new(500, &[], ""),
        ("POST", "/elsewhere") => Reply::new(303, &[("Location", "/a")], ""),
        ("POST", "/group") => Reply::new(200, &[("Cache-Group-Invalidation", "\"books\"")], ""),
        ("POST", _) => Reply::ok(""),
        _ => Reply::new(200, &[("Cache-Control", "max-age=60"), ("Cache-Groups", "\"books\"")], "x"),
    });
    let post = |path: &str| site.client().ask("POST", path, &[], b"a=b").status;
    let is_hit = || site.get("/a").is_hit();
    assert!(!is_hit() && is_hit());
    assert_eq!(post("/a"), 200);
    assert!(!is_hit() && is_hit());
    assert_eq!(post("/fails"), 500);
    assert!(is_hit());
    assert_eq!(post("/elsewhere"), 303);
    assert!(!is_hit() && is_hit());
    assert_eq!(post("/group"), 200);
    assert!(!is_hit());
}

#[test]
fn tags_are_kept_to_ourselves() {
    let site = Site::rfc(|_| {
        Reply::new(
            200,
            &[("Cache-Control", "max-age=60"), ("Surrogate-Key", "book:1 list"), ("Cache-Tag", "x")],
            "a",
        )
    });
    for _ in 0..2 {
        let response = site.get("/a");
        assert_eq!((response.field("surrogate-key"), response.field("cache-tag")), (None, None));
    }
}

#[test]
fn a_stale_response_is_served_while_a_fresh_one_is_fetched() {
    let site = Site::rfc(|request| {
        let reply = Reply::new(
            200,
            &[("Cache-Control", "max-age=1, stale-while-revalidate=60")],
            format!("{}", request.number),
        );
        if request.number == 0 {
            reply
        } else {
            reply.after(crate::support::Step::Sleep(Duration::from_millis(700)))
        }
    });
    assert_eq!(site.get("/a").text(), "0");
    std::thread::sleep(Duration::from_millis(1_050));
    let mut client = site.client();
    let started = std::time::Instant::now();
    for _ in 0..5 {
        // The connection does not wait for the refresh, nor does the next request on it.
        let stale = client.get("/a");
        assert_eq!(stale.text(), "0");
        assert!(stale.cache().contains("stale-while-revalidate"), "{}", stale.cache());
    }
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    crate::support::wait_until("the refresh is stored", || client.get("/a").text() == "1");
    assert_eq!(site.origin.count(), 2);
}

#[test]
fn heads_before_the_answer_are_passed_on_and_not_stored() {
    let site = Site::rfc(|_| {
        let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
        let answer = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 1\r\n\r\nx";
        Reply::raw(format!("{hint}{answer}"))
    });
    let mut client = site.client();
    client.request("GET", "/a", &[], b"");
    let hint = client.read_head();
    assert_eq!((hint.status, hint.field("link")), (103, Some("</a.css>; rel=preload")));
    assert_eq!(client.read().text(), "x");
    let stored = client.get("/a");
    assert!(stored.is_hit() && stored.field("link").is_none());
}
