use std::sync::Arc;

use super::*;
use crate::config::Config;

fn asked(edge: &Edge, token: Option<&str>, request: &str, body: &str) -> (u16, String) {
    let mut head = RequestHead::default();
    head.read(format!("{request}\r\nHost: edge\r\n\r\n").as_bytes()).unwrap();
    let Reply(status, _, text) = obey(edge, token, &head, body.as_bytes());
    (status, text)
}

#[test]
fn orders_need_the_token_if_there_is_one() {
    let edge = Edge::new(Config::default(), None);
    let status = |fields: &str| asked(&edge, Some("secret"), &format!("GET /status HTTP/1.1{fields}"), "").0;
    assert_eq!(status(""), 401);
    assert_eq!(status("\r\nAuthorization: Bearer secre"), 401);
    assert_eq!(status("\r\nAuthorization: Bearer secreT"), 401);
    assert_eq!(status("\r\nAuthorization: Basic secret"), 401);
    assert_eq!(status("\r\nAuthorization: Bearer secret"), 200);
}

#[test]
fn what_is_asked_is_answered() {
    let edge = Edge::new(Config::default(), None);
    assert_eq!(asked(&edge, None, "POST /purge HTTP/1.1", "all"), (200, "0 purged\n".to_owned()));
    assert_eq!(asked(&edge, None, "POST /purge HTTP/1.1", "some").0, 400);
    assert_eq!(asked(&edge, None, "GET /purge HTTP/1.1", "").0, 404);
    let (status, text) = asked(&edge, None, "GET /status HTTP/1.1", "");
    assert_eq!(status, 200);
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&parsed["schema"], &parsed["cache"]["entries"]), (&1.into(), &0.into()));
    assert!(asked(&edge, None, "GET /shadow HTTP/1.1", "").1.contains("0 of 0 requests"));
    assert!(asked(&edge, None, "GET /metrics HTTP/1.1", "").1.contains("escala_edge_cache_bytes 0"));
}

#[test]
fn a_socket_is_its_owners_and_is_taken_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("admin.sock");
    let listener = bind(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    serve(Arc::new(Edge::new(Config::default(), None)), listener, None).unwrap();
    assert_eq!(bind(&path).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    assert_eq!(send(&path, "POST /purge", None, "all").unwrap(), (200, "0 purged\n".to_owned()));
    // Garbage costs its sender the connection, and nobody else anything.
    UnixStream::connect(&path).unwrap().write_all(b"\0\0\r\n\r\n").unwrap();
    assert_eq!(send(&path, "GET /status", None, "").unwrap().0, 200);
}

#[test]
fn a_socket_that_was_left_behind_is_replaced_and_a_file_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("admin.sock");
    drop(bind(&path).unwrap());
    assert!(path.exists());
    drop(bind(&path).unwrap());
    let file = directory.path().join("file");
    fs::write(&file, "precious").unwrap();
    assert!(bind(&file).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}
