//! Orders: purge this, say how you do. Over a Unix socket that only its owner can use, and with a token, if one is set.
//!
//! It speaks HTTP/1.1, so that any client will do: `curl --unix-socket admin.sock -d 'tag book:1' http://edge/purge`. One
//! client is served at a time, and not for long.

mod orders;

use std::fs::{self, Permissions};
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::thread::Builder;
use std::time::Duration;

pub use orders::{Order, OrderError, parse_orders};

use crate::edge::Edge;
use crate::http::framing::{self, Framing};
use crate::http::head::HeadEnd;
use crate::http::{Method, Name, RequestHead};
use crate::limits::{ADMIN_BODY_BYTES_MAX, ADMIN_PATIENCE};

/// What is answered: a status, a type and a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reply(u16, &'static str, String);

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const JSON: &str = "application/json";

/// Listens at a socket in the file system. One that nobody listens at any more is replaced.
///
/// # Errors
/// When the path is taken, or cannot be made.
pub fn bind(path: &Path) -> io::Result<UnixListener> {
    if UnixStream::connect(path).is_ok() {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    if fs::symlink_metadata(path).is_ok_and(|metadata| {
        use std::os::unix::fs::FileTypeExt as _;
        metadata.file_type().is_socket()
    }) {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Takes orders at a socket, in a thread of its own.
///
/// # Errors
/// When the system gives no thread.
pub fn serve(edge: Arc<Edge>, listener: UnixListener, token: Option<String>) -> io::Result<()> {
    Builder::new().name("edge-admin".to_owned()).spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream.set_read_timeout(Some(ADMIN_PATIENCE));
            let _ = stream.set_write_timeout(Some(ADMIN_PATIENCE));
            let _ = exchange(stream, |head, body| obey(&edge, token.as_deref(), head, body));
        }
    })?;
    Ok(())
}

/// Says how the edge does, and nothing else, at an address.
///
/// # Errors
/// When the system gives no thread.
pub fn serve_metrics(edge: Arc<Edge>, listener: TcpListener) -> io::Result<()> {
    Builder::new().name("edge-metrics".to_owned()).spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream.set_read_timeout(Some(ADMIN_PATIENCE));
            let _ = stream.set_write_timeout(Some(ADMIN_PATIENCE));
            let _ = exchange(stream, |head, _| match (&head.method, head.path()) {
                (Method::Get, b"/metrics") => metrics(&edge),
                _ => Reply(404, TEXT, "there is /metrics and nothing else\n".to_owned()),
            });
        }
    })?;
    Ok(())
}

/// Reads one request, and answers it.
fn exchange(
    mut stream: impl Read + Write,
    answer: impl FnOnce(&RequestHead, &[u8]) -> Reply,
) -> io::Result<()> {
    let (head, body) = read(&mut stream)?;
    let Reply(status, kind, text) = answer(&head, &body);
    let mut out = Vec::new();
    crate::http::head::write_status_line(status, b"", &mut out);
    write!(out, "content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}", text.len())?;
    stream.write_all(&out)
}

fn read(stream: &mut impl Read) -> io::Result<(RequestHead, Vec<u8>)> {
    let malformed = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let (mut input, mut end) = (Vec::new(), HeadEnd::default());
    let length = loop {
        if let Some(length) = end.find(&input).map_err(malformed)? {
            break length;
        }
        more(stream, &mut input)?;
    };
    let mut head = RequestHead::default();
    head.read(&input[..length]).map_err(malformed)?;
    let mut body = input.split_off(length);
    let wanted = match framing::of_request(&head).map_err(malformed)? {
        Framing::Empty => 0,
        Framing::Length(length) if length <= ADMIN_BODY_BYTES_MAX => usize::try_from(length).unwrap_or(0),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    while body.len() < wanted {
        more(stream, &mut body)?;
    }
    Ok((head, body))
}

fn more(stream: &mut impl Read, input: &mut Vec<u8>) -> io::Result<()> {
    let mut bytes = [0; 4_096];
    match stream.read(&mut bytes)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        length => {
            input.extend_from_slice(&bytes[..length]);
            Ok(())
        }
    }
}

fn obey(edge: &Edge, token: Option<&str>, head: &RequestHead, body: &[u8]) -> Reply {
    if token.is_some_and(|token| !carries(head, token)) {
        return Reply(401, TEXT, "the token is missing or wrong\n".to_owned());
    }
    match (&head.method, head.path()) {
        (Method::Get, b"/metrics") => metrics(edge),
        (Method::Get, b"/shadow") => Reply(200, TEXT, edge.shadow.report().text()),
        (Method::Get, b"/status") => Reply(200, JSON, status(edge)),
        (Method::Post, b"/purge") => match parse_orders(&String::from_utf8_lossy(body)) {
            Ok(orders) => {
                let purged: usize = orders.iter().map(|order| orders::carry_out(edge, order)).sum();
                Reply(200, TEXT, format!("{purged} purged\n"))
            }
            Err(error) => Reply(400, TEXT, format!("{error}\n")),
        },
        _ => {
            Reply(404, TEXT, "there are POST /purge, GET /status, GET /shadow and GET /metrics\n".to_owned())
        }
    }
}

fn metrics(edge: &Edge) -> Reply {
    let mut text = String::new();
    edge.write_metrics(&mut text);
    Reply(200, METRICS, text)
}

fn status(edge: &Edge) -> String {
    let (in_app, waiting) = edge.turns.counts();
    format!(
        "{{\"schema\":1,\"uptime_s\":{},\"cache\":{{\"entries\":{},\"bytes\":{}}},\"in_app\":{in_app},\"waiting\":{waiting},\
         \"is_draining\":{}}}\n",
        edge.elapsed().as_secs(),
        edge.store.entries(),
        edge.store.bytes(),
        edge.is_draining(),
    )
}

/// Compared in a time that does not tell how much of it is right.
fn carries(head: &RequestHead, token: &str) -> bool {
    let given = head.fields.get(Name::Authorization).and_then(|value| value.strip_prefix(b"Bearer "));
    given.is_some_and(|given| {
        let differs = given.iter().zip(token.as_bytes()).fold(0, |found, (one, other)| found | (one ^ other));
        given.len() == token.len() && differs == 0
    })
}

/// Sends an order to an edge, as `escala edge purge` does, and gives its status and what it says.
///
/// # Errors
/// When nobody takes orders there.
pub fn send(path: &Path, request: &str, token: Option<&str>, body: &str) -> io::Result<(u16, String)> {
    let mut stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(ANSWER_PATIENCE))?;
    let authorization = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: edge\r\n{authorization}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.get(9..12).and_then(|digits| digits.parse().ok());
    let text = answer.split_once("\r\n\r\n").map(|(_, text)| text.to_owned());
    status.zip(text).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// How long an answer to an order is waited for.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
