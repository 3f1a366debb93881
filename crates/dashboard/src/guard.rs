//! Who may read: decided from the head of a request alone, before anything is looked up.
//!
//! The pages show the user's code and traffic. A browser runs other sites' scripts beside ours, so being on loopback is
//! not enough: a name that is rebound to this address is refused by its `Host`, a script of another origin by
//! `Origin` and `Sec-Fetch-Site`. Nothing here depends on what a browser forbids by itself.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HOST, ORIGIN, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, request};

use crate::bind::Bound;
use crate::limits::QUERY_BYTES_MAX;

/// Headers of every answer.
pub(crate) const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is answered.
    Answer,
    /// It brought the token in its address: the answer is the same page without it, and a cookie.
    Admit {
        /// The value of `Set-Cookie`.
        cookie: String,
    },
    /// It is refused.
    Refuse(Refusal),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("the dashboard only answers GET")]
    Method,
    #[error("the dashboard takes no request bodies")]
    Body,
    #[error("the address is too long")]
    Query,
    #[error(
        "this name is not the dashboard's: open it as http://localhost with its port, or by its IP address"
    )]
    Host,
    #[error("another site may not read the dashboard")]
    CrossSite,
    #[error("the token is missing or wrong: open the address that `escala` printed")]
    Token,
}

impl Refusal {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Body => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Query => StatusCode::URI_TOO_LONG,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Token => StatusCode::UNAUTHORIZED,
        }
    }
}

/// What the decision rests on.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    address: SocketAddr,
    token: Option<String>,
}

impl Guard {
    pub(crate) fn of(bound: &Bound) -> Self {
        Self { address: bound.address, token: bound.token.clone() }
    }

    /// Decides.
    pub(crate) fn judge(&self, head: &request::Parts) -> Verdict {
        match self.refusal(head) {
            Some(refusal) => Verdict::Refuse(refusal),
            None => self.admit(head),
        }
    }

    fn refusal(&self, head: &request::Parts) -> Option<Refusal> {
        let headers = &head.headers;
        if !matches!(head.method, Method::GET | Method::HEAD) {
            return Some(Refusal::Method);
        }
        let is_empty = |length: &axum::http::HeaderValue| length.as_bytes() == b"0";
        if headers.contains_key(TRANSFER_ENCODING) || !headers.get_all(CONTENT_LENGTH).iter().all(is_empty) {
            return Some(Refusal::Body);
        }
        if head.uri.query().unwrap_or_default().len() > QUERY_BYTES_MAX {
            return Some(Refusal::Query);
        }
        let Some(host) = only(headers, HOST.as_str()) else { return Some(Refusal::Host) };
        // An address in absolute form names a host of its own.
        let named = head.uri.authority().map_or(host, Authority::as_str);
        if ![host, named].into_iter().all(|host| self.is_ours(host)) {
            return Some(Refusal::Host);
        }
        if is_of_other_site(head, host) { Some(Refusal::CrossSite) } else { None }
    }

    /// Whether a host is this machine's loopback, or the address that is listened on. Of names only `localhost`: any
    /// other one may be led here by whoever owns it. The port is not compared: a tunnel has another one, and an attacker
    /// gains nothing by it.
    fn is_ours(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = authority.host();
        // Nothing but a port may stand after the name, and nothing before it.
        let Some(rest) = authority.as_str().strip_prefix(name) else { return false };
        if !rest.is_empty() && authority.port_u16().is_none() {
            return false;
        }
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        let literal = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        let Ok(ip) = literal.parse::<IpAddr>() else { return false };
        ip.is_loopback() || ip == self.address.ip() || self.address.ip().is_unspecified()
    }

    fn admit(&self, head: &request::Parts) -> Verdict {
        let Some(token) = &self.token else { return Verdict::Answer };
        let cookie = self.cookie();
        let is_right = |brought: &str| is_equal(brought.as_bytes(), token.as_bytes());
        let cookies = head.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let bearer =
            only(&head.headers, AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        if pairs.any(|(name, value)| name == cookie && is_right(value)) || bearer.is_some_and(is_right) {
            return Verdict::Answer;
        }
        let in_address = head.uri.query().and_then(|query| query.strip_prefix("token="));
        if head.uri.path() == "/" && in_address.is_some_and(is_right) {
            let cookie = format!("{cookie}={token}; Path=/; HttpOnly; SameSite=Strict");
            return Verdict::Admit { cookie };
        }
        Verdict::Refuse(Refusal::Token)
    }

    /// Cookies are shared by all ports of a host: two dashboards have one each.
    fn cookie(&self) -> String {
        format!("escala-{}", self.address.port())
    }
}

/// Whether a browser says that another site, or another port of this host, asks. Without a word it is no browser, or one
/// that the user typed the address into.
fn is_of_other_site(head: &request::Parts, host: &str) -> bool {
    if head.headers.contains_key(ORIGIN) {
        let origin = only(&head.headers, ORIGIN.as_str()).and_then(|origin| origin.strip_prefix("http://"));
        if origin.is_none_or(|origin| !origin.eq_ignore_ascii_case(host)) {
            return true;
        }
    }
    let of = |name: &str| only(&head.headers, name);
    match of("sec-fetch-site") {
        None => head.headers.contains_key("sec-fetch-site"),
        Some("same-origin" | "none") => false,
        // A link to a page from elsewhere may be followed: whoever links cannot read what opens.
        Some(_) => {
            let is_link =
                of("sec-fetch-mode") == Some("navigate") && of("sec-fetch-dest") == Some("document");
            !is_link || head.uri.path().starts_with("/api/")
        }
    }
}

/// A header that is there once and is text.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Takes as long for a wrong token as for the right one, whatever part of it is right.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let differ = |differ: u8, (one, other): (&u8, &u8)| std::hint::black_box(differ | (one ^ other));
    one.len() == other.len() && one.iter().zip(other).fold(0, differ) == 0
}

#[cfg(test)]
mod tests;
