//! Just enough of an HTTP client to visit pages, keep cookies and send a form.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Longest wait for one answer.
const ANSWER_WAIT: Duration = Duration::from_mins(1);

/// A visitor with cookies.
pub struct Client {
    port: u16,
    cookies: BTreeMap<String, String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header lines.
    pub headers: Vec<(String, String)>,
    /// Body, as sent.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// A visitor of the server on this loopback port.
    pub fn new(port: u16) -> Self {
        Self { port, cookies: BTreeMap::new() }
    }

    /// The values of the cookies that were set.
    pub fn cookies(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().map(String::as_str)
    }

    /// Asks for a page.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn get(&mut self, target: &str) -> Response {
        self.request("GET", target, None)
    }

    /// Asks a server that may be about to go or come; none without an answer.
    pub fn try_get(&mut self, target: &str) -> Option<Response> {
        self.try_request("GET", target, None).ok()
    }

    /// Logs in through a Django form with these fields, whose values need no encoding.
    ///
    /// # Panics
    /// When the server does not answer or refuses.
    pub fn log_in(&mut self, form: &str, fields: &[(&str, &str)]) {
        self.get(form);
        let token = self.cookies.get("csrftoken").cloned().unwrap_or_default();
        let fields = fields.iter().map(|(name, value)| format!("&{name}={}", value.replace(' ', "+")));
        let body = format!("csrfmiddlewaretoken={token}{}", fields.collect::<String>());
        let response = self.request("POST", form, Some(&body));
        assert_eq!(response.status, 302, "logging in at {form}: {}", response.text());
    }

    fn request(&mut self, method: &str, target: &str, form: Option<&str>) -> Response {
        self.try_request(method, target, form).expect("the server answers in time")
    }

    fn try_request(&mut self, method: &str, target: &str, form: Option<&str>) -> io::Result<Response> {
        // Without the port, so that absolute links are the same in every run.
        let mut head = vec![format!("{method} {target} HTTP/1.0"), "Host: localhost".to_owned()];
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            head.push(format!("Cookie: {}", cookies.collect::<Vec<_>>().join("; ")));
        }
        if let Some(form) = form {
            head.push("Content-Type: application/x-www-form-urlencoded".to_owned());
            head.push(format!("Content-Length: {}", form.len()));
        }
        let request = format!("{}\r\n\r\n{}", head.join("\r\n"), form.unwrap_or_default());
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(ANSWER_WAIT))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let response = parse(&answer).ok_or(io::ErrorKind::UnexpectedEof)?;
        for (name, value) in &response.headers {
            if name.eq_ignore_ascii_case("set-cookie")
                && let Some((cookie, content)) = value.split(';').next().and_then(|pair| pair.split_once('='))
            {
                self.cookies.insert(cookie.trim().to_owned(), content.to_owned());
            }
        }
        Ok(response)
    }
}

/// None when the answer ends before its body begins.
fn parse(answer: &[u8]) -> Option<Response> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok())?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    Some(Response { status, headers, body: answer[end + 4..].to_vec() })
}
