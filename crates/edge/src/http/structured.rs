//! Structured fields (RFC 9651): dictionaries and lists, read strictly. A field with one mistake is no field at all.

use super::Fields;
use super::Name;

/// A value without its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Of at most 15 digits.
    Integer(i64),
    /// Its value does not matter to anything that the edge reads.
    Decimal,
    /// In double quotes, its escapes resolved.
    String(String),
    /// A word.
    Token(String),
    /// Between colons, or a date, or a text in other letters: valid, and of no use here.
    Other,
    /// `?1`, `?0`, or a key without a value.
    Boolean(bool),
    /// A list in parentheses.
    InnerList,
}

/// The members of a dictionary, the last of each key (RFC 9651 §4.2.2); `None` for a field that is not there or is
/// wrong anywhere.
pub fn dictionary(fields: &Fields, name: Name) -> Option<Vec<(String, Value)>> {
    let text = joined(fields, name)?;
    let mut reader = Reader { rest: &text };
    let mut members: Vec<(String, Value)> = Vec::new();
    reader.skip_spaces();
    while !reader.rest.is_empty() {
        let key = reader.key()?;
        let value = if reader.take(b'=') { reader.member()? } else { Value::Boolean(true) };
        reader.parameters()?;
        members.retain(|(known, _)| *known != key);
        members.push((key, value));
        reader.next_member()?;
    }
    Some(members)
}

/// The strings of a list whose every member is one (RFC 9875 §2); `None` for a field that is not there or is wrong
/// anywhere.
pub fn strings(fields: &Fields, name: Name) -> Option<Vec<String>> {
    let text = joined(fields, name)?;
    let mut reader = Reader { rest: &text };
    let mut members = Vec::new();
    reader.skip_spaces();
    while !reader.rest.is_empty() {
        let Value::String(string) = reader.member()? else { return None };
        reader.parameters()?;
        members.push(string);
        reader.next_member()?;
    }
    Some(members)
}

/// All lines as one, as RFC 9651 §4.2 has it.
fn joined(fields: &Fields, name: Name) -> Option<Vec<u8>> {
    let mut lines = fields.all(name);
    let mut text = lines.next()?.to_vec();
    for line in lines {
        text.extend_from_slice(b", ");
        text.extend_from_slice(line);
    }
    Some(text)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.rest.first() == Some(&byte);
        if is_there {
            self.rest = &self.rest[1..];
        }
        is_there
    }

    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn skip_spaces(&mut self) {
        while self.take(b' ') {}
    }

    fn skip_optional_space(&mut self) {
        while self.take(b' ') || self.take(b'\t') {}
    }

    /// After a member: the end, or a comma and another member.
    fn next_member(&mut self) -> Option<()> {
        self.skip_optional_space();
        if self.rest.is_empty() {
            return Some(());
        }
        if !self.take(b',') {
            return None;
        }
        self.skip_optional_space();
        (!self.rest.is_empty()).then_some(())
    }

    fn text_while(&mut self, belongs: impl Fn(u8) -> bool) -> String {
        let end = self.rest.iter().position(|&byte| !belongs(byte)).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text.iter().copied().map(char::from).collect()
    }

    fn key(&mut self) -> Option<String> {
        let starts = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'*';
        self.rest.first().filter(|byte| starts(byte))?;
        Some(self.text_while(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.' | b'*')
        }))
    }

    fn member(&mut self) -> Option<Value> {
        if !self.take(b'(') {
            return self.bare();
        }
        loop {
            self.skip_spaces();
            if self.take(b')') {
                return Some(Value::InnerList);
            }
            self.bare()?;
            self.parameters()?;
            if !matches!(self.rest.first(), Some(b' ' | b')')) {
                return None;
            }
        }
    }

    fn parameters(&mut self) -> Option<()> {
        while self.take(b';') {
            self.skip_spaces();
            self.key()?;
            if self.take(b'=') {
                self.bare()?;
            }
        }
        Some(())
    }

    fn bare(&mut self) -> Option<Value> {
        match *self.rest.first()? {
            b'-' | b'0'..=b'9' => self.number(),
            b'"' => self.string().map(Value::String),
            b'*' | b'A'..=b'Z' | b'a'..=b'z' => Some(Value::Token(self.text_while(is_token_byte))),
            b':' => self.bytes(),
            b'?' => self.boolean(),
            b'@' => self.date(),
            b'%' => self.display_string(),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value> {
        let is_negative = self.take(b'-');
        let whole = self.text_while(|byte| byte.is_ascii_digit());
        if whole.is_empty() {
            return None;
        }
        if self.take(b'.') {
            let part = self.text_while(|byte| byte.is_ascii_digit());
            return (whole.len() <= 12 && matches!(part.len(), 1..=3)).then_some(Value::Decimal);
        }
        let value: i64 = whole.parse().ok().filter(|_| whole.len() <= 15)?;
        Some(Value::Integer(if is_negative { -value } else { value }))
    }

    fn string(&mut self) -> Option<String> {
        self.next()?;
        let mut text = String::new();
        loop {
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => text.push(char::from(self.next().filter(|byte| matches!(byte, b'"' | b'\\'))?)),
                byte @ b' '..=b'~' => text.push(char::from(byte)),
                _ => return None,
            }
        }
    }

    fn bytes(&mut self) -> Option<Value> {
        self.next()?;
        self.text_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        self.take(b':').then_some(Value::Other)
    }

    fn boolean(&mut self) -> Option<Value> {
        self.next()?;
        match self.next()? {
            b'0' => Some(Value::Boolean(false)),
            b'1' => Some(Value::Boolean(true)),
            _ => None,
        }
    }

    fn date(&mut self) -> Option<Value> {
        self.next()?;
        matches!(self.number()?, Value::Integer(_)).then_some(Value::Other)
    }

    fn display_string(&mut self) -> Option<Value> {
        self.next()?;
        if !self.take(b'"') {
            return None;
        }
        loop {
            match self.next()? {
                b'"' => return Some(Value::Other),
                b'%' => {
                    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                    self.next().filter(is_hex)?;
                    self.next().filter(is_hex)?;
                }
                b' '..=b'~' => {}
                _ => return None,
            }
        }
    }
}

fn is_token_byte(byte: u8) -> bool {
    super::list::is_token_byte(byte) || matches!(byte, b':' | b'/')
}

#[cfg(test)]
mod tests;
