//! Many who want the same at once.

use std::time::{Duration, Instant};

use crate::support::{Gate, Reply, Response, Site, Step, wait_until};

const CLIENTS: usize = 20;

/// Asks from many connections at once, and gives what they got.
fn all_at_once(site: &Site, path: &str, during: impl FnOnce()) -> Vec<Response> {
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(|| site.get(path))).collect();
        during();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    })
}

#[test]
fn one_asks_and_all_are_answered() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = Site::rfc(move |request| {
        Reply::fresh(format!("answer {}", request.number)).after(Step::Wait(held.clone()))
    });
    let answers = all_at_once(&site, "/a", || {
        wait_until("the app is asked", || site.origin.count() == 1);
        std::thread::sleep(Duration::from_millis(100));
        gate.open();
    });
    assert!(answers.iter().all(|answer| answer.text() == "answer 0"));
    assert_eq!(site.origin.count(), 1);
    let collapsed = answers.iter().filter(|answer| answer.cache().contains("collapsed")).count();
    assert_eq!(collapsed, CLIENTS - 1);
}

#[test]
fn what_cannot_be_shared_keeps_nobody_waiting_twice() {
    let pause = Duration::from_millis(200);
    let site = Site::rfc(move |request| {
        Reply::new(200, &[("Cache-Control", "private")], format!("{}", request.number))
            .after(Step::Sleep(pause))
    });
    let started = Instant::now();
    let answers = all_at_once(&site, "/a", || {});
    // Everybody has an answer of their own, and they were not made one after the other.
    let mut texts: Vec<_> = answers.iter().map(Response::text).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), CLIENTS);
    assert!(started.elapsed() < pause * 6, "{:?}", started.elapsed());
    // Now it is known: nobody waits for anybody.
    let started = Instant::now();
    all_at_once(&site, "/a", || {});
    assert!(started.elapsed() < pause * 3, "{:?}", started.elapsed());
}

#[test]
fn a_body_reaches_everybody_while_it_comes() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = Site::rfc(move |_| {
        Reply::chunked(&[("Cache-Control", "max-age=60")], &["first ", "second"], &Step::Wait(held.clone()))
    });
    let (mut one, mut other) = (site.client(), site.client());
    one.request("GET", "/a", &[], b"");
    other.request("GET", "/a", &[], b"");
    for client in [&mut one, &mut other] {
        assert_eq!(client.read_head().status, 200);
        assert_eq!(client.read_bytes(11), b"6\r\nfirst \r\n");
    }
    gate.open();
    for client in [&mut one, &mut other] {
        assert_eq!(client.read_bytes(16), b"6\r\nsecond\r\n0\r\n\r\n");
    }
    assert_eq!(site.origin.count(), 1);
    assert_eq!(site.get("/a").text(), "first second");
}

#[test]
fn a_fill_goes_on_when_the_client_that_began_it_has_left() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = Site::rfc(move |_| Reply::fresh("x").after(Step::Wait(held.clone())));
    let mut first = site.client();
    first.request("GET", "/a", &[], b"");
    wait_until("the app is asked", || site.origin.count() == 1);
    drop(first);
    gate.open();
    wait_until("it is stored", || site.get("/a").is_hit());
    assert_eq!(site.origin.count(), 1);
}

#[test]
fn a_slow_reader_holds_nobody_up() {
    let body = "x".repeat(3 << 20);
    let site = Site::rfc(move |_| Reply::fresh(&body));
    let mut slow = site.client();
    slow.request("GET", "/a", &[], b"");
    slow.read_bytes(10);
    wait_until("it is stored", || site.get("/a").is_hit());
    assert_eq!(site.get("/a").body.len(), 3 << 20);
}

#[test]
fn what_is_too_large_to_store_is_passed_on_whole() {
    let chunk = "y".repeat(1 << 16);
    let chunks: Vec<String> = (0..20).map(|_| chunk.clone()).collect();
    let site = Site::with(
        |config| {
            config.cache.profile = edge::config::Profile::Rfc;
            config.cache.object_bytes_max = 300_000;
        },
        move |_| {
            let chunks: Vec<&str> = chunks.iter().map(|chunk| &**chunk).collect();
            Reply::chunked(
                &[("Cache-Control", "max-age=60")],
                &chunks,
                &Step::Sleep(Duration::from_millis(1)),
            )
        },
    );
    for answer in all_at_once(&site, "/a", || {}) {
        assert_eq!(answer.body.len(), 20 << 16);
    }
    assert!(!site.get("/a").is_hit());
}
