//! What is refused: messages with two readings, and whatever else an attacker sends.

use crate::support::{Client, Reply, Site};

/// Sends bytes and gives the status of the first answer; the app must not have been asked for anything but `/`.
fn status(site: &Site, bytes: &str) -> u16 {
    let mut client = site.client();
    client.try_send(bytes);
    let status = client.read_head().status;
    for request in site.origin.asked() {
        assert_eq!(request.target, "/", "{bytes:?} reached the app");
    }
    status
}

fn site() -> Site {
    Site::rfc(|request| Reply::ok(&request.target))
}

#[test]
fn requests_with_two_readings_are_refused_and_end_the_connection() {
    let site = site();
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    for head in [
        // CL.TE and TE.CL
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        // TE.TE
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\u{0}: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        // CL.CL
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 44\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 44\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0 0\r\n\r\n",
        // Line ends and folding
        "POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n",
        "POST / HTTP/1.1\r\nHost: a\r\nX: y\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nX: y\rContent-Length: 44\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n Host: a\r\n\r\n",
        // Hosts
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        // Request lines
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.2\r\nHost: a\r\n\r\n",
        "GET / HTTP/0.9\r\n\r\n",
    ] {
        let status = status(&site, &format!("{head}{smuggled}"));
        assert!(matches!(status, 400 | 501 | 505), "{head:?}: {status}");
    }
    assert_eq!(site.origin.count(), 0);
}

#[test]
fn chunks_that_are_none_are_refused_before_the_app_hears_of_them() {
    let site = site();
    for chunks in [
        "5\nhello\r\n0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "x\r\n",
        "-1\r\n",
        "5\r\nhelloX0\r\n\r\n",
        "fffffffffffffffff\r\n",
    ] {
        let sent = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        );
        assert_eq!(status(&site, &sent), 400, "{chunks:?}");
    }
    assert_eq!(site.origin.count(), 0);
}

#[test]
fn a_refusal_is_the_last_word_on_its_connection() {
    let site = site();
    let mut client = site.client();
    client.send("GET / HTTP/1.1\r\nHost: a b\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let refusal = client.read();
    assert_eq!((refusal.status, refusal.field("connection")), (400, Some("close")));
    assert!(client.is_closed());
}

#[test]
fn heads_without_end_are_cut_off() {
    let site = site();
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "y".repeat(40_000));
    assert_eq!(status(&site, &long), 431);
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(200));
    assert_eq!(status(&site, &many), 431);
}

#[test]
fn a_head_that_does_not_come_is_not_waited_for() {
    let site = Site::with(
        |config| config.client.head = std::time::Duration::from_millis(100),
        |request| Reply::ok(&request.target),
    );
    let mut client = site.client();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    assert_eq!(client.read().status, 408);
    assert!(client.is_closed());
}

#[test]
fn an_app_with_two_readings_is_not_passed_on() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        "HTTP/1.1 200 OK\r\nX: y\r\n folded\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "200 OK\r\n\r\n",
    ] {
        let site = Site::rfc(move |_| Reply::raw(answer));
        assert_eq!(site.get("/").status, 502, "{answer:?}");
    }
}

/// Bytes after an answer are nobody's answer: the connection they came over is not used again.
#[test]
fn what_an_app_sends_without_being_asked_is_thrown_away() {
    let extra = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned";
    let site = Site::rfc(move |request| {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{:05}", request.number);
        if request.number == 0 { Reply::raw(format!("{answer}{extra}")) } else { Reply::raw(answer) }
    });
    let mut client = site.client();
    for at in 0..5 {
        assert_eq!(client.get("/a").text(), format!("{at:05}"));
    }
}

#[test]
fn a_client_does_not_say_who_it_is() {
    let site = site();
    site.get_with(
        "/",
        &[
            ("X-Forwarded-For", "1.2.3.4"),
            ("X-Real-IP", "1.2.3.4"),
            ("Forwarded", "for=1.2.3.4"),
            ("X_Forwarded_For", "1.2.3.4"),
        ],
    );
    let asked = &site.origin.asked()[0];
    assert!(!asked.head.contains("1.2.3.4"), "{}", asked.head);
    assert_eq!(asked.field("x-forwarded-for"), Some("127.0.0.1"));
}

/// A connection option takes away nothing that the message needs.
#[test]
fn a_client_cannot_name_fields_away_that_are_needed() {
    let site = Site::rfc(|request| Reply::ok(&request.body));
    let mut client = site.client();
    client.request("POST", "/", &[("Connection", "host, content-length, x-forwarded-for")], b"abc");
    assert_eq!(client.read().text(), "abc");
    let asked = &site.origin.asked()[0];
    assert_eq!((asked.field("host"), asked.field("content-length")), (Some("shop.test"), Some("3")));
    assert_eq!(asked.field("x-forwarded-for"), Some("127.0.0.1"));
}

#[test]
fn bytes_of_any_kind_end_in_a_refusal() {
    let site = site();
    for bytes in
        [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"\0\0\0\0\r\n\r\n", b"\xff\xfe\r\n\r\n", b"SSH-2.0-x\r\n\r\n"]
    {
        let mut client: Client = site.client();
        client.send(bytes);
        client.shutdown();
        let answer = client.try_read();
        assert!(answer.is_none_or(|answer| answer.status == 400), "{bytes:?}");
    }
}
