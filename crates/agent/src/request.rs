//! What is kept of a request for replay, and what is blanked first.

use observation::CapturedRequest;
use observation::limits::{REQUEST_HEADER_BYTES_MAX, REQUEST_TARGET_BYTES_MAX};
use observation::redact::{REDACTED, decoded, holds_secret, is_secret_name};

/// Request headers that steer a response and carry no credential, lower case. Everything else is left out.
pub(crate) const HEADERS: [&str; 9] = [
    "host",
    "accept",
    "accept-language",
    "content-type",
    "x-requested-with",
    "x-forwarded-proto",
    "hx-request",
    "hx-target",
    "turbo-frame",
];

/// A request as Django has it, before anything is left out.
pub(crate) struct Request<'text> {
    pub(crate) method: &'text str,
    /// Path, percent-encoded.
    pub(crate) path: &'text str,
    /// What the URL pattern took from the path, by name; none for a value whose text is not known.
    pub(crate) arguments: &'text [(String, Option<String>)],
    /// Query string without the `?`.
    pub(crate) query_string: &'text str,
    /// Whether the request came over HTTPS.
    pub(crate) secure: bool,
    /// Those of [`HEADERS`] that it has.
    pub(crate) headers: &'text [(String, String)],
    /// Whether a body came with it.
    pub(crate) has_body: bool,
    /// Primary key of the user that the request looked at.
    pub(crate) user_pk: Option<String>,
}

impl Request<'_> {
    /// What may be stored of it. None when it is too large, or when a secret cannot be cut out of its path.
    pub(crate) fn capture(self) -> Option<CapturedRequest> {
        if self.path.len() > REQUEST_TARGET_BYTES_MAX || self.query_string.len() > REQUEST_TARGET_BYTES_MAX {
            return None;
        }
        let (path, path_redacted) = redact_path(self.path, self.arguments)?;
        let (query_string, query_redacted) = redact_query_string(self.query_string);
        let (headers, headers_redacted) = redact_headers(self.headers);
        Some(CapturedRequest {
            method: self.method.to_owned(),
            path,
            query_string,
            secure: self.secure,
            headers,
            // Forms are where passwords and card numbers are typed: no body is kept, and a request that had one is not
            // the same without it.
            body: None,
            user_pk: self.user_pk,
            redacted: path_redacted || query_redacted || headers_redacted || self.has_body,
        })
    }
}

/// Blanks the segments of a path that hold a secret argument, or look like a secret themselves.
fn redact_path(path: &str, arguments: &[(String, Option<String>)]) -> Option<(String, bool)> {
    let mut secrets = Vec::new();
    for (name, value) in arguments {
        if is_secret_name(name) {
            secrets.push(value.as_deref()?);
        }
    }
    secrets.retain(|secret| !secret.is_empty());
    let mut redacted = false;
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| {
            let text = plain(segment);
            let is_secret = secrets.iter().any(|secret| text.contains(secret)) || holds_secret(segment);
            redacted |= is_secret;
            if is_secret { REDACTED } else { segment }
        })
        .collect();
    let redacted_path = segments.join("/");
    // A secret with a slash in it stands in more segments than one.
    let text = plain(&redacted_path);
    if secrets.iter().any(|secret| secret.contains('/') && text.contains(secret)) {
        return None;
    }
    Some((redacted_path, redacted))
}

/// A path's text; a plus sign in it is one.
fn plain(path: &str) -> String {
    decoded(&path.replace('+', "%2B"))
}

/// Blanks the values of secret parameters. The second value tells whether any was blanked.
pub(crate) fn redact_query_string(query_string: &str) -> (String, bool) {
    let mut redacted = false;
    let mut redact = |parameter: &str| match parameter.split_once('=') {
        Some((_, "")) => parameter.to_owned(),
        Some((name, value)) if !holds_secret(name) => {
            if is_secret_name(&decoded(name)) || holds_secret(value) {
                redacted = true;
                format!("{name}={REDACTED}")
            } else {
                parameter.to_owned()
            }
        }
        None if !holds_secret(parameter) => parameter.to_owned(),
        _ => {
            redacted = true;
            REDACTED.to_owned()
        }
    };
    let parameters: Vec<String> = query_string.split('&').map(&mut redact).collect();
    (parameters.join("&"), redacted)
}

/// Leaves out headers whose value looks like a secret, or is longer than such a header has a reason to be.
fn redact_headers(headers: &[(String, String)]) -> (Vec<(String, String)>, bool) {
    let kept: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            // The boundary of a form is random, and of no use without the form.
            let value =
                if name == "content-type" { value.split(';').next().unwrap_or_default() } else { value };
            (name, value)
        })
        .filter(|(_, value)| value.len() <= REQUEST_HEADER_BYTES_MAX && !holds_secret(value))
        .map(|(name, value)| (name.clone(), value.to_owned()))
        .collect();
    let redacted = kept.len() < headers.len();
    (kept, redacted)
}

#[cfg(test)]
mod tests;
