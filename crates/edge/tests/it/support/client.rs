//! A client that sends what it is told, byte for byte, and reads strictly.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a client waits for anything.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) struct Client {
    stream: TcpStream,
    input: Vec<u8>,
}

/// A response as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// How it was come by.
    pub(crate) fn cache(&self) -> &str {
        self.field("cache-status").unwrap_or("")
    }

    pub(crate) fn is_hit(&self) -> bool {
        self.cache().starts_with("escala; hit")
    }
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, input: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// Sends as much as the other side takes.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    pub(crate) fn shutdown(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.ask("GET", path, &[], b"")
    }

    pub(crate) fn ask(&mut self, method: &str, path: &str, fields: &[(&str, &str)], body: &[u8]) -> Response {
        self.request(method, path, fields, body);
        if method == "HEAD" { self.read_head() } else { self.read() }
    }

    pub(crate) fn request(&mut self, method: &str, path: &str, fields: &[(&str, &str)], body: &[u8]) {
        let mut bytes = format!("{method} {path} HTTP/1.1\r\nHost: shop.test\r\n").into_bytes();
        for (name, value) in fields {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if !body.is_empty() {
            bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        self.send(bytes);
    }

    /// Reads a response with its body.
    pub(crate) fn read(&mut self) -> Response {
        self.try_read().expect("a whole response")
    }

    pub(crate) fn try_read(&mut self) -> Option<Response> {
        let mut response = self.try_read_head()?;
        if let Some(length) = response.field("content-length") {
            let length: usize = length.parse().unwrap();
            while self.input.len() < length {
                self.more()?;
            }
            response.body = self.input.drain(..length).collect();
        } else if response.field("transfer-encoding") == Some("chunked") {
            loop {
                if let Some((data, length)) = edge::http::chunked::decode_all(&self.input).unwrap() {
                    self.input.drain(..length);
                    response.body = data;
                    break;
                }
                self.more()?;
            }
        } else if response.status != 204 && response.status != 304 && response.status >= 200 {
            while self.more().is_some() {}
            response.body = std::mem::take(&mut self.input);
        }
        Some(response)
    }

    /// Reads a head, and leaves what follows.
    pub(crate) fn read_head(&mut self) -> Response {
        self.try_read_head().expect("a whole head")
    }

    fn try_read_head(&mut self) -> Option<Response> {
        let end = loop {
            if let Some(at) = self.input.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more()?;
        };
        let head = String::from_utf8(self.input.drain(..end).collect()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let fields = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Some(Response { status, fields, body: Vec::new() })
    }

    /// Reads what there is; waits for at least so many bytes.
    pub(crate) fn read_bytes(&mut self, length: usize) -> Vec<u8> {
        while self.input.len() < length {
            if self.more().is_none() {
                break;
            }
        }
        let length = length.min(self.input.len());
        self.input.drain(..length).collect()
    }

    /// Whether the other side has closed, with nothing more to read.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.input.is_empty() && self.more().is_none()
    }

    fn more(&mut self) -> Option<()> {
        let mut bytes = [0; 16_384];
        match self.stream.read(&mut bytes) {
            Ok(length @ 1..) => {
                self.input.extend_from_slice(&bytes[..length]);
                Some(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                panic!("nothing came for {PATIENCE:?}")
            }
            Ok(_) | Err(_) => None,
        }
    }
}
