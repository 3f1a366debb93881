//! Who is let in, how often, and with how much; and what is left of what they get.

use std::time::{Duration, Instant};

use edge::config::{Health, PathPattern, Rate, Route};

use crate::support::{Gate, Reply, Site, Step, wait_until};

fn route(path: &str) -> Route {
    Route { path: PathPattern::parse(path).unwrap(), ..Route::default() }
}

#[test]
fn the_app_is_asked_as_much_as_it_can_do_at_once() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = Site::with(
        |config| config.gate.concurrency = 2,
        move |request| Reply::ok(&request.target).after(Step::Wait(held.clone())),
    );
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..6)
            .map(|at| {
                (
                    at,
                    scope.spawn({
                        let site = &site;
                        move || site.get(&format!("/{at}"))
                    }),
                )
            })
            .collect();
        wait_until("two are in the app", || site.origin.count() == 2);
        std::thread::sleep(Duration::from_millis(100));
        assert_eq!(site.origin.count(), 2);
        gate.open();
        for (at, asking) in asking {
            assert_eq!(asking.join().unwrap().text(), format!("/{at}"));
        }
    });
    wait_until("all turns are back", || site.serving.edge.turns.counts() == (0, 0));
}

#[test]
fn a_client_that_reads_slowly_holds_no_place_in_the_app() {
    let body = "x".repeat(900_000);
    let site = Site::with(|config| config.gate.concurrency = 1, move |_| Reply::ok(&body));
    let mut slow = site.client();
    slow.request("GET", "/slow", &[], b"");
    slow.read_bytes(10);
    for _ in 0..3 {
        assert_eq!(site.get("/next").body.len(), 900_000);
    }
}

#[test]
fn who_would_wait_too_long_is_told_when_to_come_back() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = Site::with(
        |config| {
            config.gate.concurrency = 1;
            config.gate.deadline = Duration::from_millis(100);
        },
        move |_| Reply::ok("x").after(Step::Wait(held.clone())),
    );
    std::thread::scope(|scope| {
        let first = scope.spawn(|| site.get("/first"));
        wait_until("the app is busy", || site.origin.count() == 1);
        let started = Instant::now();
        let shed = site.get("/second");
        assert_eq!(shed.status, 503);
        assert!(shed.field("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
        assert!(started.elapsed() < Duration::from_secs(2));
        gate.open();
        assert_eq!(first.join().unwrap().status, 200);
    });
    assert_eq!(site.origin.count(), 1);
}

#[test]
fn a_busy_app_is_covered_by_what_was_stored() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = Site::with(
        |config| {
            config.gate.concurrency = 1;
            config.gate.deadline = Duration::from_millis(100);
            config.routes = vec![Route { lifetime_s: Some(0), ..route("/page/") }];
        },
        move |request| {
            let reply = Reply::ok(&request.target);
            if request.target == "/slow" { reply.after(Step::Wait(held.clone())) } else { reply }
        },
    );
    assert_eq!(site.get("/page/").status, 200);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| site.get("/slow"));
        wait_until("the app is busy", || site.origin.count() == 2);
        let stale = site.get("/page/");
        assert_eq!((stale.status, stale.text()), (200, "/page/"));
        assert!(stale.cache().contains("stale-if-error"), "{}", stale.cache());
        gate.open();
        slow.join().unwrap();
    });
}

#[test]
fn an_app_that_fails_is_left_alone_and_tried_again() {
    let site = Site::with(
        |config| {
            config.gate.breaker.failures_in_row = 3;
            config.gate.breaker.open_min = Duration::from_millis(200);
            config.gate.breaker.successes_to_close = 1;
        },
        |request| if request.number < 3 { Reply::new(503, &[], "ill") } else { Reply::ok("well") },
    );
    for _ in 0..3 {
        assert_eq!(site.get("/a").text(), "ill");
    }
    let refused = site.get("/a");
    assert_eq!(refused.status, 503);
    assert!(refused.field("retry-after").is_some());
    assert_eq!(site.origin.count(), 3);
    std::thread::sleep(Duration::from_millis(250));
    assert_eq!(site.get("/a").text(), "well");
}

#[test]
fn another_server_is_asked_when_one_is_gone() {
    let other = crate::support::Origin::start(|_| Reply::ok("other"));
    let address = other.address.to_string();
    let site =
        Site::with(move |config| config.upstreams.push(address.parse().unwrap()), |_| Reply::ok("first"));
    site.origin.stop();
    std::thread::sleep(Duration::from_millis(50));
    for _ in 0..10 {
        assert_eq!(site.get("/a").text(), "other");
    }
}

#[test]
fn a_server_that_is_not_well_is_spared() {
    let ill = crate::support::Origin::start(|request| {
        if request.target == "/health/" { Reply::new(503, &[], "") } else { Reply::ok("ill") }
    });
    let address = ill.address.to_string();
    let site = Site::with(
        move |config| {
            config.upstreams.insert(0, address.parse().unwrap());
            config.health = Some(Health { path: "/health/".to_owned(), interval: Duration::from_millis(50) });
        },
        |_| Reply::ok("well"),
    );
    wait_until("it is known", || site.serving.edge.servers().iter().any(|server| !server.is_well()));
    for _ in 0..10 {
        assert_eq!(site.get("/a").text(), "well");
    }
}

#[test]
fn who_asks_too_often_waits() {
    let site = Site::with(
        |config| {
            let rate = Rate { requests: 2, window: Duration::from_mins(1), burst: 2 };
            config.routes = vec![Route { rate: Some(rate), lifetime_s: Some(60), ..route("/login/") }];
        },
        |_| Reply::ok("x"),
    );
    assert_eq!(site.get("/login/").field("ratelimit"), Some("\"/login/\";r=1;t=30"));
    assert_eq!(site.get("/login/").status, 200);
    let refused = site.get("/login/");
    assert_eq!((refused.status, refused.field("retry-after")), (429, Some("30")));
    assert_eq!(site.get("/other/").status, 200);
}

#[test]
fn a_body_that_is_too_long_is_refused_before_the_app_hears_of_it() {
    let site = Site::with(|config| config.body_bytes_max = 1_000, |request| Reply::ok(&request.body));
    assert_eq!(site.client().ask("POST", "/a", &[], &[b'x'; 1_000]).status, 200);
    let mut client = site.client();
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
    assert_eq!(client.read().status, 413);
    let mut client = site.client();
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for _ in 0..30 {
        client.try_send(format!("64\r\n{}\r\n", "y".repeat(100)));
    }
    client.try_send("0\r\n\r\n");
    assert_eq!(client.read().status, 413);
    assert_eq!(site.origin.count(), 1);
}

#[test]
fn a_part_of_the_json_is_what_was_asked_for() {
    let json = "{\"count\": 2, \"results\": [{\"id\": 1, \"title\": \"a\", \"big\": 12345678901234567890}, {\"id\": 2, \"title\": \"b\"}]}";
    let site = Site::with(
        |config| {
            let parts = Route { has_partial_responses: true, lifetime_s: Some(60), ..route("/api/**") };
            config.routes = vec![parts];
        },
        move |request| {
            assert!(!request.target.contains("fields"), "{}", request.target);
            Reply::new(200, &[("Content-Type", "application/json"), ("ETag", "\"a\"")], json)
        },
    );
    assert_eq!(
        site.get("/api/books/?page=1&fields=results(id,big)").text(),
        "{\"results\":[{\"id\":1,\"big\":12345678901234567890},{\"id\":2}]}"
    );
    let part = site.get("/api/books/?fields=count&page=1");
    assert_eq!((part.text(), part.field("etag")), ("{\"count\":2}", None));
    assert!(part.is_hit(), "the whole is stored once: {}", part.cache());
    assert_eq!(site.get("/api/books/?page=1").text(), json);
    let wrong = site.get("/api/books/?fields=a(");
    assert_eq!(wrong.status, 400);
    assert_eq!(site.get("/api/books/?fields=a&fields=b").status, 400);
    assert_eq!(site.origin.count(), 1);
}
