//! Heads of requests and responses: from bytes, and back.

use super::list::{self, is_token, is_token_byte, trim};
use super::target::{self, Target};
use super::{Fields, Malformed, Method, Name};
use crate::limits::{FIELDS_MAX, HEAD_BYTES_MAX, METHOD_BYTES_MAX};

/// A version of HTTP as one hop speaks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Version {
    /// HTTP/1.0: a connection ends after one exchange, unless both say otherwise.
    Http10,
    /// HTTP/1.1.
    #[default]
    Http11,
    /// HTTP/2.
    Http2,
}

/// The way that a client came, as it stands in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Scheme {
    /// Without TLS.
    #[default]
    Http,
    /// Over TLS, to us or to a proxy before us that we trust.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a URL without one means (RFC 9110 §4.2).
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// What a client asks for. The host has a place of its own and is no field.
#[derive(Clone, Debug, Default)]
pub struct RequestHead {
    /// What to do.
    pub method: Method,
    /// How the client speaks.
    pub version: Version,
    /// How the client came.
    pub scheme: Scheme,
    /// Lower case, with its port if one was written; empty in HTTP/1.0 without one.
    pub host: Vec<u8>,
    /// Path and query, or `*`.
    pub target: Vec<u8>,
    /// All fields but `Host`.
    pub fields: Fields,
}

/// What the app answers.
#[derive(Clone, Debug, Default)]
pub struct ResponseHead {
    /// From 100 to 999.
    pub status: u16,
    /// How the app speaks.
    pub version: Version,
    /// The words after the status; may be empty.
    pub reason: Vec<u8>,
    /// All fields.
    pub fields: Fields,
}

/// Finds where a head ends, over as many reads as it takes, and looks at no byte twice.
#[derive(Clone, Debug, Default)]
pub struct HeadEnd {
    looked_at: usize,
    line_begin: usize,
}

impl HeadEnd {
    /// The length of the head with its empty line, once it is all there.
    ///
    /// # Errors
    /// A line end without CR, or a head that is too long: known before the rest has come.
    pub fn find(&mut self, bytes: &[u8]) -> Result<Option<usize>, Malformed> {
        while let Some(found) = memchr::memchr(b'\n', &bytes[self.looked_at..]) {
            let end = self.looked_at + found;
            if end == self.line_begin || bytes[end - 1] != b'\r' {
                return Err(Malformed::LineEnd);
            }
            let is_empty = end - 1 == self.line_begin;
            // One empty line before a request is what an old client leaves after a body (RFC 9112 §2.2).
            let is_leading = self.line_begin == 0;
            self.looked_at = end + 1;
            self.line_begin = end + 1;
            if self.looked_at > HEAD_BYTES_MAX {
                return Err(Malformed::HeadTooLong);
            }
            if is_empty && !is_leading {
                let length = self.looked_at;
                *self = Self::default();
                return Ok(Some(length));
            }
        }
        self.looked_at = bytes.len();
        if bytes.len() > HEAD_BYTES_MAX { Err(Malformed::HeadTooLong) } else { Ok(None) }
    }
}

impl RequestHead {
    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.method = Method::Get;
        self.host.clear();
        self.target.clear();
        self.fields.clear();
    }

    /// The path, up to the query.
    pub fn path(&self) -> &[u8] {
        target::split(&self.target).0
    }

    /// What follows the first `?`; `None` without one.
    pub fn query(&self) -> Option<&[u8]> {
        target::split(&self.target).1
    }

    /// Whether the client wants to use the connection again.
    pub fn keeps_alive(&self) -> bool {
        keeps_alive(self.version, &self.fields)
    }

    /// Reads a whole head, as [`HeadEnd`] found it, into this one, whose memory is used again.
    ///
    /// # Errors
    /// Anything that is not exactly the grammar of RFC 9112, or that has no single host.
    pub fn read(&mut self, head: &[u8]) -> Result<(), Malformed> {
        self.clear();
        let head = head.strip_prefix(b"\r\n").unwrap_or(head);
        let (line, fields) = first_line(head)?;
        let (method, target, version) = request_line(line)?;
        self.version = version;
        self.method = Method::from_token(method);
        read_fields(fields, &mut self.fields)?;
        let host = host(version, &self.fields)?;
        match target::parse(&self.method, target)? {
            Target::Origin(path) => {
                self.target.extend_from_slice(path);
                self.host.extend(host.iter().map(u8::to_ascii_lowercase));
            }
            // The host of an absolute target counts, whatever the field says (RFC 9112 §3.2.2).
            Target::Absolute { host, path } => {
                self.target.extend_from_slice(if path.is_empty() || path[0] == b'?' { b"/" } else { b"" });
                self.target.extend_from_slice(path);
                self.host.extend(host.iter().map(u8::to_ascii_lowercase));
            }
        }
        self.fields.remove(Name::Host);
        Ok(())
    }
}

impl ResponseHead {
    /// Reads a whole head, as [`HeadEnd`] found it.
    ///
    /// # Errors
    /// Anything that is not exactly the grammar of RFC 9112.
    pub fn read(&mut self, head: &[u8]) -> Result<(), Malformed> {
        self.fields.clear();
        self.reason.clear();
        let (line, fields) = first_line(head)?;
        let (version, status, reason) = status_line(line)?;
        self.version = version;
        self.status = status;
        self.reason.extend_from_slice(reason);
        read_fields(fields, &mut self.fields)
    }

    /// Whether the app keeps the connection open.
    pub fn keeps_alive(&self) -> bool {
        keeps_alive(self.version, &self.fields)
    }

    /// Writes the status line as HTTP/1.1 has it.
    pub fn write_status_line(&self, out: &mut Vec<u8>) {
        write_status_line(self.status, &self.reason, out);
    }
}

/// Writes a status line as HTTP/1.1 has it.
pub fn write_status_line(status: u16, reason: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"HTTP/1.1 ");
    list::write_number(u64::from(status), out);
    out.push(b' ');
    out.extend_from_slice(if reason.is_empty() { reason_of(status).as_bytes() } else { reason });
    out.extend_from_slice(b"\r\n");
}

/// The usual words for a status that the edge answers with by itself, or that came over HTTP/2.
pub fn reason_of(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        304 => "Not Modified",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

/// RFC 9112 §9.3.
fn keeps_alive(version: Version, fields: &Fields) -> bool {
    match version {
        Version::Http2 => true,
        Version::Http11 => !fields.lists(Name::Connection, b"close"),
        Version::Http10 => {
            fields.lists(Name::Connection, b"keep-alive") && !fields.lists(Name::Connection, b"close")
        }
    }
}

/// The one host, which only HTTP/1.0 may leave out (RFC 9112 §3.2).
fn host(version: Version, fields: &Fields) -> Result<&[u8], Malformed> {
    let mut hosts = fields.all(Name::Host);
    match (hosts.next(), hosts.next()) {
        (None, _) if version == Version::Http10 => Ok(b""),
        (Some(host), None) if target::is_host(host) => Ok(host),
        _ => Err(Malformed::Host),
    }
}

/// The first line and the lines after it. The head ends in an empty line, and every LF has its CR.
fn first_line(head: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let end = memchr::memchr(b'\n', head).ok_or(Malformed::LineEnd)?;
    let line = head[..end].strip_suffix(b"\r").ok_or(Malformed::LineEnd)?;
    Ok((line, &head[end + 1..]))
}

fn request_line(line: &[u8]) -> Result<(&[u8], &[u8], Version), Malformed> {
    let method_end = memchr::memchr(b' ', line).ok_or(Malformed::RequestLine)?;
    let version_at = memchr::memrchr(b' ', line).ok_or(Malformed::RequestLine)?;
    if version_at == method_end || method_end > METHOD_BYTES_MAX {
        return Err(Malformed::RequestLine);
    }
    let (method, target) = (&line[..method_end], &line[method_end + 1..version_at]);
    if !is_token(method) || target.is_empty() || target.contains(&b' ') {
        return Err(Malformed::RequestLine);
    }
    Ok((method, target, version(&line[version_at + 1..], Malformed::RequestLine)?))
}

fn status_line(line: &[u8]) -> Result<(Version, u16, &[u8]), Malformed> {
    let (start, rest) = line.split_at_checked(8).ok_or(Malformed::StatusLine)?;
    let version = version(start, Malformed::StatusLine)?;
    let rest = rest.strip_prefix(b" ").ok_or(Malformed::StatusLine)?;
    let (digits, rest) = rest.split_at_checked(3).ok_or(Malformed::StatusLine)?;
    let status = list::number(digits).and_then(|status| u16::try_from(status).ok());
    let status = status.filter(|status| *status >= 100).ok_or(Malformed::StatusLine)?;
    // A server that leaves the words out may leave out the space before them, too.
    let reason = match rest {
        [] => rest,
        [b' ', reason @ ..] => reason,
        _ => return Err(Malformed::StatusLine),
    };
    if has_control(reason) { Err(Malformed::StatusLine) } else { Ok((version, status, reason)) }
}

fn version(text: &[u8], otherwise: Malformed) -> Result<Version, Malformed> {
    match text {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(Malformed::Version)
        }
        _ => Err(otherwise),
    }
}

/// Reads the lines up to the empty one.
pub(super) fn read_fields(mut lines: &[u8], fields: &mut Fields) -> Result<(), Malformed> {
    fields.reserve(lines.len());
    loop {
        let (line, rest) = first_line(lines)?;
        if line.is_empty() {
            // The head ends where its empty line is: something after it would be another message.
            return if rest.is_empty() { Ok(()) } else { Err(Malformed::LineEnd) };
        }
        if fields.len() == FIELDS_MAX {
            return Err(Malformed::TooManyFields);
        }
        let (name, value) = field_line(line)?;
        fields.push(name, value);
        lines = rest;
    }
}

fn field_line(line: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    if matches!(line[0], b' ' | b'\t') {
        return Err(Malformed::Folded);
    }
    let colon = line.iter().position(|&byte| !is_token_byte(byte)).ok_or(Malformed::FieldName)?;
    if colon == 0 || line[colon] != b':' {
        return Err(Malformed::FieldName);
    }
    let value = trim(&line[colon + 1..]);
    if has_control(value) { Err(Malformed::FieldValue) } else { Ok((&line[..colon], value)) }
}

/// Whether a text has a control byte other than a tab. Written without a branch per byte, so that it is done by
/// vectors.
fn has_control(text: &[u8]) -> bool {
    let control = |byte: u8| (u8::from(byte < b' ') & u8::from(byte != b'\t')) | u8::from(byte == 0x7f);
    text.iter().fold(0, |found, &byte| found | control(byte)) != 0
}

#[cfg(test)]
mod tests;
