//! JSON as a grammar (RFC 8259), strictly: where values and strings begin and end, not what they mean.

use super::FilterError;
use crate::limits::JSON_DEPTH_MAX;

/// One bit of [`Scanner::skip_value`] for each level.
const _: () = assert!(JSON_DEPTH_MAX <= u128::BITS as usize);

/// A place in a text. Every method leaves it behind what it read, or gives an error, after which it is of no use.
pub(super) struct Scanner<'json> {
    /// UTF-8.
    json: &'json [u8],
    /// At most the length.
    at: usize,
    /// Objects and arrays that are open here.
    depth: usize,
}

/// A string as it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Str<'json> {
    /// With its quotes.
    pub(super) quoted: &'json [u8],
    pub(super) has_escapes: bool,
}

impl<'json> Scanner<'json> {
    pub(super) fn new(text: &'json str) -> Self {
        Self { json: text.as_bytes(), at: 0, depth: 0 }
    }

    /// The byte that is here.
    pub(super) fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    /// Skips white space. Gives the byte after it.
    pub(super) fn next_token(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// Goes into an object or array, which begins here, and up to its first member or element. False if it is `close`
    /// that comes first; then it is left already.
    pub(super) fn open(&mut self, close: u8) -> Result<bool, FilterError> {
        self.depth += 1;
        if self.depth > JSON_DEPTH_MAX {
            return Err(FilterError::TooDeep { at: self.at });
        }
        self.at += 1;
        Ok(!self.close(close))
    }

    /// After a value: goes up to the next member or element. False if there is none; then `close` is behind.
    pub(super) fn next_or_close(&mut self, close: u8) -> Result<bool, FilterError> {
        if self.close(close) {
            return Ok(false);
        }
        self.expect(b',')?;
        self.next_token();
        Ok(true)
    }

    fn close(&mut self, close: u8) -> bool {
        let closes = self.next_token() == Some(close);
        if closes {
            self.at += 1;
            self.depth -= 1;
        }
        closes
    }

    /// The key of a member, which begins here; goes up to the value.
    pub(super) fn key(&mut self) -> Result<Str<'json>, FilterError> {
        let key = self.string()?;
        self.next_token();
        self.expect(b':')?;
        self.next_token();
        Ok(key)
    }

    /// The value that begins here, as it is written. Does not recurse: a bit says of each open level whether it is an
    /// object.
    pub(super) fn skip_value(&mut self) -> Result<&'json [u8], FilterError> {
        let (start, outside) = (self.at, self.depth);
        let mut are_objects = 0_u128;
        loop {
            match self.peek() {
                Some(b'{') => {
                    if self.open(b'}')? {
                        are_objects = are_objects << 1 | 1;
                        self.key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    if self.open(b']')? {
                        are_objects <<= 1;
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            loop {
                if self.depth == outside {
                    return Ok(self.since(start));
                }
                let is_object = are_objects & 1 == 1;
                if self.next_or_close(if is_object { b'}' } else { b']' })? {
                    if is_object {
                        self.key()?;
                    }
                    break;
                }
                are_objects >>= 1;
            }
        }
    }

    /// Checks that nothing but white space follows.
    pub(super) fn end(&mut self) -> Result<(), FilterError> {
        if self.next_token().is_none() { Ok(()) } else { Err(self.unexpected()) }
    }

    fn scalar(&mut self) -> Result<(), FilterError> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => self.number(),
        }
    }

    fn literal(&mut self, literal: &[u8]) -> Result<(), FilterError> {
        literal.iter().try_for_each(|byte| self.expect(*byte))
    }

    fn number(&mut self) -> Result<(), FilterError> {
        self.take(|byte| byte == b'-');
        if !self.take(|byte| byte == b'0') {
            self.digits()?;
        }
        if self.take(|byte| byte == b'.') {
            self.digits()?;
        }
        if self.take(|byte| matches!(byte, b'e' | b'E')) {
            self.take(|byte| matches!(byte, b'+' | b'-'));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), FilterError> {
        let rest = self.json.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += length;
        if length > 0 { Ok(()) } else { Err(self.unexpected()) }
    }

    fn string(&mut self) -> Result<Str<'json>, FilterError> {
        let start = self.at;
        let mut has_escapes = false;
        self.expect(b'"')?;
        loop {
            self.at += plain_length(self.json.get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Str { quoted: self.since(start), has_escapes });
                }
                Some(b'\\') => {
                    has_escapes = true;
                    self.escape()?;
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn escape(&mut self) -> Result<(), FilterError> {
        self.at += 1;
        if self.take(|byte| byte == b'u') {
            for _ in 0..4 {
                if !self.take(|byte| byte.is_ascii_hexdigit()) {
                    return Err(self.unexpected());
                }
            }
            return Ok(());
        }
        let is_known = self.take(|byte| unescaped(byte).is_some());
        if is_known { Ok(()) } else { Err(self.unexpected()) }
    }

    fn take(&mut self, is_it: impl Fn(u8) -> bool) -> bool {
        let is_next = self.peek().is_some_and(is_it);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Result<(), FilterError> {
        if self.take(|next| next == byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn since(&self, start: usize) -> &'json [u8] {
        self.json.get(start..self.at).unwrap_or_default()
    }

    fn unexpected(&self) -> FilterError {
        FilterError::Syntax { at: self.at }
    }
}

impl<'json> Str<'json> {
    /// What is between the quotes.
    pub(super) fn content(self) -> &'json [u8] {
        match self.quoted {
            [_, content @ .., _] => content,
            _ => &[],
        }
    }

    /// Appends what the string means, as UTF-8. False if it has half of a surrogate pair, which the grammar allows and no
    /// text contains.
    pub(super) fn decode(self, out: &mut Vec<u8>) -> bool {
        let mut rest = self.content();
        while let Some(plain) = memchr::memchr(b'\\', rest) {
            let (before, escape) = rest.split_at(plain);
            out.extend_from_slice(before);
            let Some((character, length)) = unescape(escape) else { return false };
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = escape.get(length..).unwrap_or_default();
        }
        out.extend_from_slice(rest);
        true
    }
}

/// The character that an escape sequence means, and the bytes that it takes.
fn unescape(escape: &[u8]) -> Option<(char, usize)> {
    match *escape.get(1)? {
        b'u' => {
            let first = code_unit(escape)?;
            if let Some(character) = char::from_u32(u32::from(first)) {
                return Some((character, 6));
            }
            let second = code_unit(escape.get(6..)?)?;
            let pair = char::decode_utf16([first, second]).next()?;
            Some((pair.ok()?, 12))
        }
        byte => Some((char::from(unescaped(byte)?), 2)),
    }
}

/// The UTF-16 code unit of `\uXXXX`.
fn code_unit(escape: &[u8]) -> Option<u16> {
    let digits = escape.get(..6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// What a backslash before this byte means, if it may stand there; `\u` aside.
fn unescaped(byte: u8) -> Option<u8> {
    match byte {
        b'"' | b'\\' | b'/' => Some(byte),
        b'b' => Some(0x08),
        b'f' => Some(0x0c),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        _ => None,
    }
}

/// Bytes before the first that is a quote, a backslash or a control character. The last are looked for in a loop without
/// exits, which is compiled to vector code.
fn plain_length(bytes: &[u8]) -> usize {
    let end = memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
    let before = bytes.get(..end).unwrap_or_default();
    let is_control = |byte: &u8| *byte < b' ';
    if before.iter().fold(false, |found, byte| found | is_control(byte)) {
        return before.iter().position(is_control).unwrap_or(end);
    }
    end
}
