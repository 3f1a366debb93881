//! A client for one server on the loopback interface, with cookies. It speaks HTTP/1.0 so that a response ends where
//! the connection ends and nothing has to be unchunked.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// How long a page may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Largest response that is read.
const RESPONSE_BYTES_MAX: u64 = 16 << 20;

pub(super) struct Client {
    port: u16,
    cookies: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    /// Lower-case names, in the order received.
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Client {
    pub(super) fn new(port: u16) -> Self {
        Self { port, cookies: BTreeMap::new() }
    }

    pub(super) fn get(&mut self, target: &str) -> Result<Response> {
        self.send("GET", target, "")
    }

    /// Posts a form, already encoded.
    pub(super) fn post(&mut self, target: &str, form: &str) -> Result<Response> {
        self.send("POST", target, form)
    }

    /// The value of a cookie that the server has set.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    fn send(&mut self, method: &str, target: &str, body: &str) -> Result<Response> {
        let response = self.exchange(method, target, body).with_context(|| format!("{method} {target}"))?;
        for (_, value) in response.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = value.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        Ok(response)
    }

    fn exchange(&self, method: &str, target: &str, body: &str) -> Result<Response> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).context("cannot connect")?;
        stream.set_read_timeout(Some(TIMEOUT)).context("cannot limit the time to read")?;
        stream.set_write_timeout(Some(TIMEOUT)).context("cannot limit the time to write")?;
        stream.write_all(self.request(method, target, body).as_bytes()).context("cannot send the request")?;
        let mut bytes = Vec::new();
        stream.take(RESPONSE_BYTES_MAX).read_to_end(&mut bytes).context("cannot read the response")?;
        parse(bytes)
    }

    fn request(&self, method: &str, target: &str, body: &str) -> String {
        let mut head = vec![format!("{method} {target} HTTP/1.0"), format!("Host: localhost:{}", self.port)];
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head.push(format!("Cookie: {}", cookies.join("; ")));
        }
        if method == "POST" {
            head.push("Content-Type: application/x-www-form-urlencoded".to_owned());
            head.push(format!("Content-Length: {}", body.len()));
        }
        format!("{}\r\n\r\n{body}", head.join("\r\n"))
    }
}

fn parse(mut bytes: Vec<u8>) -> Result<Response> {
    let separator = b"\r\n\r\n";
    let Some(end) = bytes.windows(separator.len()).position(|window| window == separator) else {
        bail!("the response has no end of its headers");
    };
    let body = bytes.split_off(end + separator.len());
    let head = std::str::from_utf8(&bytes[..end]).context("the response's headers are not text")?;
    let mut lines = head.split("\r\n");
    let status_line = lines.next().unwrap_or_default();
    let status = status_line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.with_context(|| format!("`{status_line}` is no status line"))?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    if let Some((_, length)) = length
        && length.parse() != Ok(body.len())
    {
        bail!("the response was cut off: {} bytes of {length}", body.len());
    }
    Ok(Response { status, headers, body })
}

#[cfg(test)]
mod tests;
