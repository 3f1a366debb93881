//! Fields that are lists, and what stands in them (RFC 9110 §5.6).

/// The elements of a comma-separated list, without the white space around them; empty ones are left out. A comma in a
/// quoted string separates nothing.
pub fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    split(value, b',').filter(|element| !element.is_empty())
}

/// The parts between separators that stand outside of quoted strings, trimmed.
pub fn split(value: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> + Clone {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let (part, after) = match end_of_part(text, separator) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        rest = after;
        Some(trim(part))
    })
}

fn end_of_part(text: &[u8], separator: u8) -> Option<usize> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if byte == separator && !is_quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Without spaces and tabs at the ends (RFC 9110 §5.6.3).
pub fn trim(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let begin = text.iter().position(|byte| !is_space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(begin, |at| at + 1);
    &text[begin..end]
}

/// Whether a byte may stand in a token (RFC 9110 §5.6.2).
pub const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether a text is a token.
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_token_byte(byte))
}

/// The number that digits stand for and nothing but digits; one that is too large is the largest.
pub fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let shift = |value: u64, digit: &u8| value.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(digits.iter().fold(0, shift))
}

/// Writes a number in decimal digits.
pub fn write_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests;
