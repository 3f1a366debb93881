//! What looks like a secret, by its name or by its shape.
//!
//! A name is judged by its words (`access_token`, `newPassword1`). A value is judged when its name says nothing: card
//! numbers by their issuer and check digit, web tokens by how they begin, keys and session ids by letters and digits
//! mixed as no word mixes them. What is taken for a secret by mistake costs one request for replay; what is missed would
//! be stored. A short password under a harmless name has no shape: that is why bodies are not kept at all.

use std::borrow::Cow;
use std::sync::OnceLock;

/// What stands in for a value that may be a secret.
pub const REDACTED: &str = "redacted";

/// Times that a value is decoded before it is judged: an address in a parameter of an address.
const DECODINGS_MAX: usize = 3;

/// Words that make a value a likely credential or personal secret, compared to whole words of its name.
const SECRET_WORDS: [&str; 44] = [
    "access",
    "apikey",
    "assertion",
    "auth",
    "authorization",
    "bearer",
    "card",
    "code",
    "cookie",
    "credential",
    "csrf",
    "cvc",
    "cvv",
    "hash",
    "hmac",
    "iban",
    "jwt",
    "key",
    "license",
    "magic",
    "mfa",
    "nonce",
    "oauth",
    "otp",
    "pan",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "private",
    "pwd",
    "refresh",
    "saml",
    "samlresponse",
    "secret",
    "session",
    "sessionid",
    "sig",
    "signature",
    "signed",
    "ssn",
    "ticket",
    "token",
];

/// Words that are secret at the end of a longer one too: `authtoken`, `userpassword`.
const SECRET_ENDINGS: [&str; 7] =
    ["token", "password", "passwd", "secret", "apikey", "sessionid", "signature"];

/// Shortest run of letters and digits that can be told from a word.
const TOKEN_BYTES_MIN: usize = 16;

/// Length from which a run need not be mixed as well as a short one.
const LONG_BYTES: usize = 24;

/// Longest run of letters alone that passes for a word or a name.
const WORD_BYTES_MAX: usize = 40;

/// Names that the project's settings say are harmless.
static NOT_SECRET: OnceLock<Vec<String>> = OnceLock::new();

/// Takes the names of parameters that hold no secret, although they sound like it. Their values are still looked at.
pub fn install(not_secret: Vec<String>) {
    let _ = NOT_SECRET.set(not_secret);
}

/// Whether a parameter of this name is taken to hold a secret.
pub fn is_secret_name(name: &str) -> bool {
    if NOT_SECRET.get().is_some_and(|names| names.iter().any(|known| known == name)) {
        return false;
    }
    words(name).iter().any(|word| {
        // `new_password1`, as Django's own forms have it.
        let word = word.trim_end_matches(|last: char| last.is_ascii_digit());
        let singular = word.strip_suffix('s').unwrap_or(word);
        [word, singular].iter().any(|word| {
            SECRET_WORDS.contains(word) || SECRET_ENDINGS.iter().any(|ending| word.ends_with(ending))
        })
    })
}

/// The words of a name, lower case: they end at separators, and at an upper-case letter that follows a lower-case one.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous_lower = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && previous_lower) {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        previous_lower = character.is_lowercase();
    }
    words
}

/// Whether a value, however often it is percent-encoded, looks like a secret or has one inside.
pub fn holds_secret(value: &str) -> bool {
    let mut text = value.to_owned();
    for _ in 0..DECODINGS_MAX {
        if is_secret_text(&text) {
            return true;
        }
        let decoded = decoded(&text);
        if decoded == text {
            return false;
        }
        text = decoded;
    }
    // Encoded once more than anybody has a reason to.
    is_secret_text(&text) || decoded(&text) != text
}

/// A path, as it was sent, without the parts that look like a secret.
pub fn path(path: &str) -> Cow<'_, str> {
    if !path.split('/').any(holds_secret) {
        return Cow::Borrowed(path);
    }
    let redact = |segment| if holds_secret(segment) { REDACTED } else { segment };
    Cow::Owned(path.split('/').map(redact).collect::<Vec<_>>().join("/"))
}

/// A URL pattern without the literal secrets in it, which is how some webhooks are protected.
pub fn route(route: &str) -> String {
    let redact = |segment| if has_token(segment) { REDACTED } else { segment };
    route.split('/').map(redact).collect::<Vec<_>>().join("/")
}

/// Percent-decoding of a query string's part, for looking at it only.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = |at: usize| tail.get(at).and_then(|digit| (*digit as char).to_digit(16));
        match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &tail[2..];
            }
            (b'+', ..) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_secret_text(text: &str) -> bool {
    let json = json_in_base64(text);
    let text = json.as_deref().unwrap_or(text);
    has_card_number(text) || has_token(text) || names_secret(text)
}

/// The JSON that a value is, from its first character to its last: a query or a page's cursor, which is judged by what
/// it says. A web token or a signed value goes on after its JSON. None where something in it is escaped, and could be
/// read otherwise than it looks.
fn json_in_base64(text: &str) -> Option<String> {
    if !text.starts_with("eyJ") {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.trim_end_matches("%3D").trim_end_matches('=').bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    let json = String::from_utf8(bytes).ok()?;
    (json.trim_end().ends_with('}') && !json.contains(['\\', '\u{fffd}'])).then_some(json)
}

fn has_token(text: &str) -> bool {
    let is_run = |character: char| character.is_ascii_alphanumeric() || character == '_' || character == '-';
    text.split(|character| !is_run(character)).any(is_token)
}

/// Whether something like `token=x` or `"password": "x"` stands inside.
fn names_secret(text: &str) -> bool {
    text.match_indices(['=', ':']).any(|(at, _)| {
        let is_named = |character: char| character.is_alphanumeric() || character == '_' || character == '-';
        let before = text[..at].trim_end_matches([' ', '"', '\'', '\\']);
        let start = before
            .rfind(|character| !is_named(character))
            .map_or(0, |start| start + before[start..].chars().next().map_or(1, char::len_utf8));
        let after = text[at + 1..].trim_start_matches([' ', '"', '\'', '\\']);
        !after.is_empty() && !after.starts_with(['&', ',', '}']) && is_secret_name(&before[start..])
    })
}

/// Whether a run of letters, digits, dashes and underscores is a key, a session id or a signed value rather than a slug
/// or an identifier.
fn is_token(run: &str) -> bool {
    if run.len() < TOKEN_BYTES_MIN || is_uuid(run) {
        return false;
    }
    // JSON in base64 with something around it, as the parts of a web token are; a cloud's key id.
    if run.starts_with("eyJ") || run.starts_with("AKIA") {
        return true;
    }
    let parts = || run.split(['-', '_']);
    // Licence keys and the like: groups that mix letters and digits.
    let groups = parts().filter(|part| part.len() >= 4 && has_digits(part) && has_letters(part)).count();
    // A token that may contain separators: those of a slug stand between words.
    let changes_inside: usize = parts().map(changes).sum();
    groups >= 3 || (run.len() >= LONG_BYTES && changes_inside * 4 >= run.len()) || parts().any(is_random)
}

/// Whether letters of both cases and digits follow each other as they do by chance.
fn is_random(part: &str) -> bool {
    if part.len() < TOKEN_BYTES_MIN || part.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    if has_digits(part) {
        // Hexadecimal digits change class at nearly every second place, a numbered word once. The longer a run is, the
        // less likely is it that words made it without a separator.
        changes(part) * (if part.len() < LONG_BYTES { 5 } else { 8 }) >= part.len()
    } else {
        part.len() > WORD_BYTES_MAX || changes(part) * 3 >= part.len()
    }
}

/// Places at which a digit, a lower-case and an upper-case letter stand beside one of another class.
fn changes(part: &str) -> usize {
    let class = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        _ => 2,
    };
    part.as_bytes().windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count()
}

fn has_digits(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_digit())
}

fn has_letters(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// `8-4-4-4-12` hexadecimal digits: a primary key. One that is a secret has a name that says so.
fn is_uuid(run: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    run.len() == 36
        && run.split('-').map(str::len).eq(lengths)
        && run.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Whether a payment card's number stands inside, in one piece or in groups.
fn has_card_number(text: &str) -> bool {
    const DIGITS_MAX: usize = 19;
    let bytes = text.as_bytes();
    let is_start = |at: usize| bytes[at].is_ascii_digit() && (at == 0 || !bytes[at - 1].is_ascii_digit());
    (0..bytes.len()).filter(|at| is_start(*at)).any(|start| {
        let mut digits = Vec::with_capacity(DIGITS_MAX);
        let mut rest = bytes[start..].iter().peekable();
        while let Some(&byte) = rest.next() {
            match byte {
                b'0'..=b'9' if digits.len() < DIGITS_MAX => digits.push(byte - b'0'),
                b' ' | b'-' | b'.' if rest.peek().is_some_and(|next| next.is_ascii_digit()) => continue,
                _ => return false,
            }
            let group_ends = rest.peek().is_none_or(|next| !next.is_ascii_digit());
            if group_ends && is_card_number(&digits) {
                return true;
            }
        }
        false
    })
}

/// An issuer's prefix, its length, and Luhn's check digit.
fn is_card_number(digits: &[u8]) -> bool {
    let prefix = |length: usize| {
        digits.iter().take(length).fold(0_u32, |prefix, digit| prefix * 10 + u32::from(*digit))
    };
    let issued = match digits.len() {
        13 | 19 => prefix(1) == 4,
        14 => matches!(prefix(2), 36 | 38 | 39) || matches!(prefix(3), 300..=305),
        15 => matches!(prefix(2), 34 | 37),
        16 => {
            prefix(1) == 4
                || matches!(prefix(2), 51..=55 | 62 | 65)
                || matches!(prefix(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(prefix(3), 644..=649)
        }
        _ => false,
    };
    let luhn = digits.iter().rev().enumerate().fold(0_u32, |sum, (place, digit)| {
        let digit = u32::from(*digit);
        let doubled = if place % 2 == 1 { digit * 2 } else { digit };
        sum + if doubled > 9 { doubled - 9 } else { doubled }
    });
    issued && luhn.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
