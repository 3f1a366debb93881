use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::limits::{CONNECTIONS_MAX, QUERY_BYTES_MAX, STREAMS_MAX};
use crate::testing::{Project, Server, eventually, send};
use crate::{BindError, Bound};

fn served() -> (Project, Server) {
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 10)]);
    recorder.finish();
    let server = project.serve();
    (project, server)
}

#[test]
fn every_answer_forbids_what_a_page_could_be_misused_for() {
    let (_project, server) = served();
    for path in
        ["/", "/app.js", "/app.css", "/icon.svg", "/endpoint", "/nothing.js", "/api/health", "/api/nothing"]
    {
        let answer = server.get(path);
        let header = |name| answer.header(name).unwrap_or_else(|| panic!("{path} has no {name}"));
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(matches!(header("cache-control"), "no-store" | "no-cache"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[test]
fn pages_are_served_and_what_looks_like_a_file_must_be_one() {
    let (_project, server) = served();
    let index = server.get("/");
    assert_eq!((index.status, index.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(server.get("/endpoint?kind=http&route=/a.b/").body, index.body, "a page of the pages' own");
    for (path, status) in [
        ("/app.js", 200),
        ("/favicon.ico", 404),
        ("/../Cargo.toml", 404),
        ("/..%2f..%2fCargo.toml", 404),
        ("/api/", 404),
        ("/api/nothing", 404),
    ] {
        assert_eq!(server.get(path).status, status, "{path}");
    }
    let tag = index.header("etag").unwrap();
    let host = server.address;
    let again = server.ask("/", &format!("Host: {host}\r\nIf-None-Match: {tag}\r\n"));
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[test]
fn a_name_that_was_rebound_to_this_address_is_refused() {
    let (_project, server) = served();
    let port = server.address.port();
    for (host, status) in [
        (format!("Host: 127.0.0.1:{port}\r\n"), 200),
        (format!("Host: localhost:{port}\r\n"), 200),
        ("Host: localhost:9999\r\n".to_owned(), 200),
        (format!("Host: evil.example:{port}\r\n"), 421),
        (format!("Host: localhost:{port}\r\nHost: evil.example\r\n"), 421),
        (String::new(), 421),
    ] {
        let answer = server.ask("/api/health", &host);
        assert_eq!(answer.status, status, "{host}");
        assert_eq!(answer.body.contains("gunicorn"), status == 200, "{host}");
    }
}

#[test]
fn other_sites_read_nothing() {
    let (_project, server) = served();
    let host = format!("Host: localhost:{}\r\n", server.address.port());
    let own = format!("Origin: http://localhost:{}\r\n", server.address.port());
    let ask = |path: &str, headers: &str| server.ask(path, &format!("{host}{headers}")).status;
    for headers in ["", &own, "Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: none\r\n"] {
        assert_eq!(ask("/api/health", headers), 200, "{headers}");
    }
    for headers in [
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: http://localhost:1\r\n",
        "Origin: https://localhost\r\n",
        &format!("{own}{own}"),
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n",
    ] {
        assert_eq!(ask("/api/health", headers), 403, "{headers}");
    }
    let link = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: ";
    assert_eq!(ask("/endpoint", &format!("{link}document\r\n")), 200, "a link may be followed");
    assert_eq!(ask("/endpoint", &format!("{link}iframe\r\n")), 403);
    assert_eq!(ask("/app.js", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"), 403);
}

#[test]
fn only_questions_without_a_body_are_answered() {
    let (_project, server) = served();
    let host = format!("Host: {}\r\nConnection: close\r\n", server.address);
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE"] {
        let answer = server.say(&format!("{method} /api/health HTTP/1.1\r\n{host}\r\n"));
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
    let head = server.say(&format!("HEAD /api/health HTTP/1.1\r\n{host}\r\n"));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    for body in ["Content-Length: 3\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"] {
        assert_eq!(server.say(&format!("GET /api/health HTTP/1.1\r\n{host}{body}")).status, 413, "{body}");
    }
}

#[test]
fn what_is_too_long_or_unknown_is_refused() {
    let (_project, server) = served();
    let long = "x".repeat(QUERY_BYTES_MAX);
    assert_eq!(server.get(&format!("/api/endpoints?filter={long}")).status, 414);
    assert_eq!(server.get(&format!("/{}", "x".repeat(20_000))).status, 431);
    let many = "X: 1\r\n".repeat(100);
    assert_eq!(server.ask("/", &format!("Host: localhost\r\n{many}")).status, 431);
    assert_eq!(server.ask("/", &format!("Host: localhost\r\nX: {}\r\n", "x".repeat(20_000))).status, 431);
    for wrong in [
        "overview?run=x",
        "overview?from_us=-1",
        "overview?unknown=1",
        "overview?run=1&run=1",
        "endpoints?sort=name",
        "endpoint?kind=nothing",
        "endpoint",
        "request",
        "request?ordinal=99999999999999999999",
        "finding",
        "source?file=shop/views.py",
    ] {
        let answer = server.get(&format!("/api/{wrong}"));
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["error"].is_string(), "{answer:?}");
    }
}

#[test]
fn off_loopback_nothing_is_served_without_the_token() {
    let (project, _) = served();
    let bound = Bound::at("0.0.0.0:0".parse().unwrap()).unwrap();
    let url = bound.url();
    assert!(!bound.needs_no_token());
    let server = project.serve_at(bound);
    let token = server.token.clone().unwrap();
    let port = server.address.port();
    assert_eq!(url, format!("http://localhost:{port}/?token={token}"));
    assert!(token.len() >= 32, "{token}");

    let host = format!("Host: 127.0.0.1:{port}\r\n");
    for path in ["/", "/app.js", "/api/health", "/api/events", "/?token=wrong"] {
        let refused = server.ask(path, &host);
        assert_eq!(refused.status, 401, "{path}");
        assert!(!refused.head.contains(&token) && !refused.body.contains(&token));
    }
    let admitted = server.ask(&format!("/?token={token}"), &host);
    assert_eq!((admitted.status, admitted.header("location")), (303, Some("/")));
    let cookie = admitted.header("set-cookie").unwrap().to_owned();
    assert_eq!(cookie, format!("escala-{port}={token}; Path=/; HttpOnly; SameSite=Strict"));
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(server.ask("/api/health", &format!("{host}Cookie: {pair}\r\n")).status, 200);
    assert_eq!(server.ask("/api/health", &format!("{host}Authorization: Bearer {token}\r\n")).status, 200);
    let rebound = server.ask("/api/health", &format!("Host: evil.example\r\nCookie: {pair}\r\n"));
    assert_eq!(rebound.status, 421, "a token does not make a foreign name ours");
    let cross =
        server.ask("/api/health", &format!("{host}Cookie: {pair}\r\nOrigin: http://evil.example\r\n"));
    assert_eq!(cross.status, 403);
}

#[test]
fn two_tokens_differ() {
    let token = || Bound::at("0.0.0.0:0".parse().unwrap()).unwrap().token.unwrap();
    assert_ne!(token(), token());
}

#[test]
fn connections_beyond_the_limit_are_closed_and_others_served() {
    let (_project, server) = served();
    let mut held: Vec<TcpStream> = (0..CONNECTIONS_MAX).map(|_| server.connect()).collect();
    // Each is known to be held once it has answered.
    for stream in &mut held {
        let question = format!("GET /icon.svg HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
        stream.write_all(question.as_bytes()).unwrap();
        assert!(stream.read(&mut [0; 512]).unwrap() > 0);
    }
    assert_eq!(server.get("/api/health").status, 0, "closed without an answer");
    held.truncate(CONNECTIONS_MAX / 2);
    eventually("there is room again", || server.get("/api/health").status == 200);
}

#[test]
fn streams_beyond_the_limit_are_refused() {
    let (_project, server) = served();
    let listen = || {
        let mut stream = server.connect();
        let question = format!("GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
        stream.write_all(question.as_bytes()).unwrap();
        let mut beginning = [0; 12];
        stream.read_exact(&mut beginning).unwrap();
        (stream, String::from_utf8_lossy(&beginning).into_owned())
    };
    let mut streams: Vec<_> = (0..STREAMS_MAX).map(|_| listen()).collect();
    assert!(streams.iter().all(|(_, beginning)| beginning == "HTTP/1.1 200"), "{streams:?}");
    assert_eq!(listen().1, "HTTP/1.1 503");
    streams.truncate(1);
    eventually("there is room again", || listen().1 == "HTTP/1.1 200");
}

#[test]
fn nonsense_ends_its_own_connection_only() {
    let (_project, server) = served();
    for nonsense in ["\r\n\r\n\r\n", "GET\r\n\r\n", "\u{1}\u{2}\u{3}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "x"]
    {
        let mut stream = server.connect();
        stream.write_all(nonsense.as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let _ = stream.read(&mut [0; 64]);
    }
    assert_eq!(server.get("/api/health").status, 200);
}

#[test]
fn a_taken_address_is_an_error_and_the_default_makes_way() {
    let (_project, server) = served();
    let error = Bound::at(server.address).unwrap_err();
    assert!(matches!(error, BindError::Listen { address, .. } if address == server.address), "{error}");
    assert!(error.to_string().contains(&server.address.to_string()));
    let (one, two) = (Bound::on_loopback().unwrap(), Bound::on_loopback().unwrap());
    assert_ne!(one.address, two.address);
    assert!(one.needs_no_token() && two.address.ip().is_loopback());
}

#[test]
fn a_dashboard_that_is_dropped_listens_no_more_and_lets_go_of_the_store() {
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 3)]);
    let mut server = project.serve();
    for path in ["health", "overview", "endpoints", "findings"] {
        assert_eq!(server.get(&format!("/api/{path}")).status, 200, "{path}");
    }
    let mut listener = server.connect();
    listener.write_all(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(listener.read(&mut [0; 64]).unwrap() > 0);
    server.stop();
    assert!(TcpStream::connect(server.address).is_err());
    let mut rest = Vec::new();
    let _ = listener.read_to_end(&mut rest);
    recorder.finish();
    let left: Vec<_> = std::fs::read_dir(project.store())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("escala.db"))
        .collect();
    assert_eq!(left, ["escala.db"], "one file, as without a dashboard");
}

#[test]
fn an_empty_store_says_so() {
    let project = Project::new();
    let recorder = project.record();
    let server = project.serve();
    let health = server.get("/api/health").json();
    assert_eq!((&health["run"], &health["recording"]), (&json!(null), &json!(true)));
    let answer = server.get("/api/overview");
    assert_eq!((answer.status, answer.json()), (404, json!({"error": "nothing is recorded yet"})));
    assert_eq!(server.get("/api/runs").json(), json!({"runs": []}));
    drop(server);
    recorder.finish();
}
