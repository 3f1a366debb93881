//! An app that is gone, hangs, answers by halves, or comes back.

use std::time::{Duration, Instant};

use crate::support::{Reply, Site, Step};

#[test]
fn an_app_that_is_gone_is_said_to_be() {
    let site = Site::rfc(|_| Reply::ok("x"));
    site.origin.stop();
    let answer = site.get("/a");
    assert_eq!(answer.status, 502);
    assert_eq!(answer.text(), "the app does not take the connection\n");
}

#[test]
fn what_was_stored_is_served_when_the_app_is_gone() {
    let site = Site::rfc(|_| Reply::new(200, &[("Cache-Control", "max-age=0"), ("ETag", "\"a\"")], "kept"));
    assert_eq!(site.get("/a").text(), "kept");
    site.origin.stop();
    std::thread::sleep(Duration::from_millis(50));
    let stale = site.get("/a");
    assert_eq!((stale.status, stale.text()), (200, "kept"));
    assert!(stale.cache().contains("stale-if-error"), "{}", stale.cache());
}

#[test]
fn what_must_be_revalidated_is_not_served_when_the_app_is_gone() {
    let control = ("Cache-Control", "max-age=0, must-revalidate");
    let site = Site::rfc(move |_| Reply::new(200, &[control, ("ETag", "\"a\"")], "kept"));
    site.get("/a");
    site.origin.stop();
    std::thread::sleep(Duration::from_millis(50));
    assert_eq!(site.get("/a").status, 502);
}

#[test]
fn an_error_of_the_app_is_covered_by_what_was_stored() {
    let site = Site::rfc(|request| {
        if request.number == 0 {
            Reply::new(200, &[("Cache-Control", "max-age=0, stale-if-error=60"), ("ETag", "\"a\"")], "good")
        } else {
            Reply::new(503, &[], "bad")
        }
    });
    assert_eq!(site.get("/a").text(), "good");
    assert_eq!(site.get("/a").text(), "good");
    assert_eq!(site.get("/b").text(), "bad");
}

#[test]
fn an_app_that_hangs_is_not_waited_for() {
    let site = Site::with(
        |config| config.patience.answer = Duration::from_millis(200),
        |_| Reply::ok("x").after(Step::Sleep(Duration::from_secs(3))),
    );
    let started = Instant::now();
    assert_eq!(site.get("/a").status, 504);
    assert!(started.elapsed() < Duration::from_secs(2));
    // Who was not answered in time is not asked again.
    assert_eq!(site.origin.count(), 1);
}

#[test]
fn half_an_answer_is_no_answer_and_is_not_stored() {
    let half = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 10\r\n\r\nhalf";
    let site = Site::rfc(move |request| {
        if request.number == 0 { Reply::raw(half).then(Step::Close) } else { Reply::fresh("all of it!") }
    });
    let mut client = site.client();
    client.request("GET", "/a", &[], b"");
    assert!(client.try_read().is_none(), "the client sees that it broke off");
    assert_eq!(site.get("/a").text(), "all of it!");
}

#[test]
fn nothing_that_may_have_acted_is_sent_twice() {
    let site = Site::rfc(|_| Reply::close());
    for method in ["POST", "PATCH", "DELETE", "GET"] {
        let before = site.origin.count();
        assert_eq!(site.client().ask(method, "/a", &[], b"").status, 502, "{method}");
        assert_eq!(site.origin.count() - before, 1, "{method}");
    }
}

#[test]
fn a_connection_that_the_app_has_closed_is_not_used_again() {
    let site = Site::rfc(|request| Reply::ok(&request.target).then(Step::Close));
    let mut client = site.client();
    for _ in 0..10 {
        assert_eq!(client.ask("POST", "/a", &[], b"x").text(), "/a");
        assert_eq!(client.get("/b").text(), "/b");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(site.origin.count(), 20);
}

#[test]
fn an_answer_before_the_end_of_the_request_is_an_answer() {
    let site = Site::rfc(|_| Reply::ok("x"));
    let mut client = site.client();
    // The app of this test reads whole requests: the edge must not hang when one is never finished.
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\nabc");
    client.shutdown();
    assert_eq!(client.read().status, 400);
}
