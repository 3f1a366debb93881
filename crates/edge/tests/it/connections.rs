//! Connections: kept, pipelined, switched, drained; bodies in both directions.

use std::time::Duration;

use crate::support::{Gate, Reply, Site, Step, wait_until};

#[test]
fn connections_are_used_again_on_both_sides() {
    let site = Site::rfc(|request| Reply::ok(&request.target));
    let mut client = site.client();
    for at in 0..20 {
        assert_eq!(client.get(&format!("/{at}")).text(), format!("/{at}"));
    }
    assert_eq!(site.origin.connections(), 1);
}

#[test]
fn requests_that_come_together_are_answered_in_order() {
    let site = Site::rfc(|request| {
        let reply = Reply::fresh(&request.target);
        if request.target == "/slow" { reply.after(Step::Sleep(Duration::from_millis(100))) } else { reply }
    });
    let mut client = site.client();
    let requests: String = ["/slow", "/b", "/slow", "/c"]
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"))
        .fold(String::new(), |mut all, one| {
            all.push_str(&one);
            all
        });
    client.send(requests);
    let answers: Vec<String> = (0..4).map(|_| client.read().text().to_owned()).collect();
    assert_eq!(answers, ["/slow", "/b", "/slow", "/c"]);
}

#[test]
fn an_old_client_gets_what_it_understands() {
    let site = Site::rfc(|_| Reply::chunked(&[], &["a", "b"], &Step::Sleep(Duration::ZERO)));
    let mut client = site.client();
    client.send("GET /a HTTP/1.0\r\nHost: a\r\n\r\n");
    let response = client.read();
    assert_eq!(response.text(), "ab");
    assert_eq!((response.field("transfer-encoding"), response.field("connection")), (None, Some("close")));
    assert!(client.is_closed());
    let kept = Site::rfc(|_| Reply::fresh("x"));
    let mut client = kept.client();
    for _ in 0..2 {
        client.send("GET /a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
        let response = client.read();
        assert_eq!((response.text(), response.field("connection")), ("x", Some("keep-alive")));
    }
}

#[test]
fn a_body_arrives_as_it_was_sent() {
    let site = Site::rfc(|request| Reply::ok(&request.body));
    let mut client = site.client();
    let body: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
    assert_eq!(client.ask("POST", "/a", &[], &body).body, body);
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n");
    assert_eq!(client.read().text(), "abcde");
    let sent = site.origin.asked();
    // What is small enough to be read first is sent with its length.
    assert_eq!((sent[1].field("content-length"), sent[1].field("transfer-encoding")), (Some("5"), None));
}

#[test]
fn a_large_body_is_passed_on_while_it_comes() {
    let site = Site::rfc(|request| Reply::ok(format!("{}", request.body.len())));
    let mut client = site.client();
    let body = vec![b'x'; 3 << 20];
    assert_eq!(client.ask("PUT", "/a", &[], &body).text(), (3 << 20).to_string());
    client.send("PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for _ in 0..48 {
        client.send(format!("10000\r\n{}\r\n", "y".repeat(1 << 16)));
    }
    client.send("0\r\n\r\n");
    assert_eq!(client.read().text(), (3 << 20).to_string());
    assert_eq!(site.origin.asked()[1].field("transfer-encoding"), Some("chunked"));
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on() {
    let site = Site::rfc(|request| Reply::ok(&request.body));
    let mut client = site.client();
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assert_eq!(client.read_head().status, 100);
    client.send("abc");
    assert_eq!(client.read().text(), "abc");
    assert_eq!(site.origin.asked()[0].field("expect"), None);
}

#[test]
fn a_slow_upload_holds_no_worker() {
    let site = Site::rfc(|_| Reply::ok("x"));
    let mut slow = site.client();
    slow.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(site.origin.count(), 0);
    slow.send("defghij");
    assert_eq!(slow.read().status, 200);
}

#[test]
fn both_sides_may_switch_to_another_protocol() {
    let site = Site::rfc(|request| {
        assert_eq!(request.field("upgrade"), Some("websocket"));
        assert_eq!(request.field("connection"), Some("upgrade"));
        Reply::raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nhello")
            .then(Step::Echo)
    });
    let mut client = site.client();
    client.request("GET", "/ws", &[("Connection", "keep-alive, Upgrade"), ("Upgrade", "websocket")], b"");
    let switched = client.read_head();
    assert_eq!((switched.status, switched.field("sec-websocket-accept")), (101, Some("x")));
    assert_eq!(client.read_bytes(5), b"hello");
    client.send("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(client.read_bytes(18), b"GET / HTTP/1.1\r\n\r\n");
}

/// What a client sends after it asked to switch is another request until the app has agreed (CVE-2026-2833).
#[test]
fn nothing_is_carried_before_the_app_has_agreed() {
    let site = Site::rfc(|request| Reply::ok(&request.target));
    let mut client = site.client();
    client.send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.read().text(), "/ws");
    assert_eq!(client.read().text(), "/next");
    let asked = site.origin.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].field("x-forwarded-for").is_some(), "it went through the edge as a request");
}

#[test]
fn a_stream_is_passed_on_as_it_comes() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = Site::rfc(move |_| {
        Reply::chunked(
            &[("Content-Type", "text/event-stream")],
            &["data: 1\n\n", "data: 2\n\n"],
            &Step::Wait(held.clone()),
        )
    });
    let mut client = site.client();
    client.request("GET", "/events", &[], b"");
    assert_eq!(client.read_head().status, 200);
    assert_eq!(client.read_bytes(14), b"9\r\ndata: 1\n\n\r\n");
    gate.open();
    assert_eq!(client.read_bytes(19), b"9\r\ndata: 2\n\n\r\n0\r\n\r\n");
}

#[test]
fn a_response_without_a_length_ends_with_its_connection() {
    let site = Site::rfc(|_| Reply::raw("HTTP/1.1 200 OK\r\nX: y\r\n\r\nall of it").then(Step::Close));
    let mut client = site.client();
    assert_eq!(client.get("/a").text(), "all of it");
    assert_eq!(client.get("/a").text(), "all of it");
    assert_eq!(site.origin.connections(), 2);
}

#[test]
fn draining_answers_what_was_asked_and_takes_nothing_new() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = Site::with(
        |config| config.drain_grace = Duration::from_millis(200),
        move |request| {
            let reply = Reply::ok(&request.target);
            if request.target == "/slow" { reply.after(Step::Wait(held.clone())) } else { reply }
        },
    );
    let (mut slow, mut idle, mut next) = (site.client(), site.client(), site.client());
    slow.request("GET", "/slow", &[], b"");
    next.get("/a");
    wait_until("the app is asked", || site.origin.count() == 2);
    site.serving.drain();
    // A connection that is used again in time gets its answer, and the word that it was the last.
    let last = next.get("/b");
    assert_eq!((last.text(), last.field("connection")), ("/b", Some("close")));
    assert!(next.is_closed());
    assert!(idle.is_closed());
    gate.open();
    let answer = slow.read();
    assert_eq!((answer.text(), answer.field("connection")), ("/slow", None));
    site.serving.wait();
}
