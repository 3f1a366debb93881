//! What is kept of a request for replay, and what is blanked first.

use observation::CapturedRequest;
use observation::limits::REQUEST_TARGET_BYTES_MAX;

/// What stands in for a value that may be a credential.
const REDACTED: &str = "redacted";

/// Words that make a parameter's value a likely credential or personal secret, compared to whole words of its name.
const SECRET_WORDS: [&str; 24] = [
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "key",
    "apikey",
    "auth",
    "authorization",
    "code",
    "signature",
    "sig",
    "session",
    "sessionid",
    "csrf",
    "jwt",
    "otp",
    "pin",
    "card",
    "cvv",
    "ssn",
    "credential",
];

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

/// Whether a parameter of this name is taken to hold a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let mut word = String::new();
    let mut previous_lower = false;
    let mut words = Vec::new();
    for character in name.chars() {
        // Words end at separators and at an upper-case letter that follows a lower-case one (camelCase).
        if !character.is_alphanumeric() || (character.is_uppercase() && previous_lower) {
            words.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        previous_lower = character.is_lowercase();
    }
    words.push(word);
    words.iter().any(|word| {
        let singular = word.strip_suffix('s').unwrap_or(word);
        SECRET_WORDS.contains(&word.as_str()) || SECRET_WORDS.contains(&singular)
    })
}

/// Blanks the values of secret parameters. The second value tells whether any was blanked.
pub(crate) fn redact_query_string(query_string: &str) -> (String, bool) {
    let mut redacted = false;
    let parameters: Vec<String> = query_string
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_secret(&decoded(name)) => {
                redacted = true;
                format!("{name}={REDACTED}")
            }
            _ => parameter.to_owned(),
        })
        .collect();
    (parameters.join("&"), redacted)
}

/// Percent-decoding, for looking at a name only.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |at: usize| tail.get(at).and_then(|digit| (*digit as char).to_digit(16));
        if first == b'%'
            && let (Some(high), Some(low)) = (hex(0), hex(1))
        {
            bytes.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Puts a captured request together. None when it is too large to keep.
pub(crate) fn capture(
    method: String,
    path: &str,
    path_arguments: &[(String, String)],
    query_string: &str,
    secure: bool,
    headers: Vec<(String, String)>,
    user_pk: Option<String>,
) -> Option<CapturedRequest> {
    if path.len() > REQUEST_TARGET_BYTES_MAX || query_string.len() > REQUEST_TARGET_BYTES_MAX {
        return None;
    }
    let mut path = path.to_owned();
    let mut redacted = false;
    for (name, value) in path_arguments {
        if is_secret(name) && !value.is_empty() {
            path = path.replace(value.as_str(), REDACTED);
            redacted = true;
        }
    }
    let (query_string, query_redacted) = redact_query_string(query_string);
    let redacted = redacted || query_redacted;
    Some(CapturedRequest { method, path, query_string, secure, headers, body: None, user_pk, redacted })
}

#[cfg(test)]
mod tests;
