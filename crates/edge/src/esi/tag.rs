//! One ESI tag: its name, the attributes that mean something, and the values that they have.

use std::ops::Range;

use memchr::{memchr, memmem};

use super::cursor::{Cursor, is_name_byte, is_space};
use super::error::Fault;

/// What stands for a character in a value. Besides what XML has, and HTML writers write, `&#x27;`: Django's `escape`.
const REFERENCES: [(&[u8], u8); 7] = [
    (b"&amp;", b'&'),
    (b"&quot;", b'"'),
    (b"&lt;", b'<'),
    (b"&gt;", b'>'),
    (b"&apos;", b'\''),
    (b"&#39;", b'\''),
    (b"&#x27;", b'\''),
];

/// A start tag; ranges are of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StartTag {
    /// Without the prefix.
    pub(super) name: Range<usize>,
    pub(super) src: Option<Range<usize>>,
    pub(super) alt: Option<Range<usize>>,
    pub(super) onerror: Option<Range<usize>>,
    /// Whether it ends in `/>`.
    pub(super) is_empty: bool,
}

impl StartTag {
    /// Reads a tag from its name on.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Fault> {
        let name = cursor.eat_while(is_name_byte);
        let mut tag = Self { name, src: None, alt: None, onerror: None, is_empty: false };
        loop {
            let space = cursor.eat_while(is_space);
            if cursor.eat(b">") {
                return Ok(tag);
            }
            if cursor.eat(b"/>") {
                tag.is_empty = true;
                return Ok(tag);
            }
            if space.is_empty() {
                return Err(broken(cursor, &tag.name));
            }
            tag.attribute(cursor)?;
        }
    }

    fn attribute(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        let name = cursor.eat_while(is_name_byte);
        if name.is_empty() {
            return Err(broken(cursor, &self.name));
        }
        let value = value(cursor, &name)?;
        let (attribute, slot) = match cursor.slice(&name) {
            b"src" => ("src", &mut self.src),
            b"alt" => ("alt", &mut self.alt),
            b"onerror" => ("onerror", &mut self.onerror),
            _ => return Ok(()),
        };
        match slot.replace(value) {
            Some(_) => Err(Fault::RepeatedAttribute { attribute }),
            None => Ok(()),
        }
    }
}

/// Reads the rest of an end tag from its name on.
pub(super) fn end(cursor: &mut Cursor<'_>) -> Result<Range<usize>, Fault> {
    let name = cursor.eat_while(is_name_byte);
    cursor.eat_while(is_space);
    if cursor.eat(b">") { Ok(name) } else { Err(broken(cursor, &name)) }
}

/// The value of an attribute, without its quotes.
fn value(cursor: &mut Cursor<'_>, name: &Range<usize>) -> Result<Range<usize>, Fault> {
    cursor.eat_while(is_space);
    let is_equated = cursor.eat(b"=");
    cursor.eat_while(is_space);
    let quote = match () {
        () if is_equated && cursor.eat(b"\"") => b'"',
        () if is_equated && cursor.eat(b"'") => b'\'',
        () => return Err(Fault::Unquoted { attribute: cursor.name(name) }),
    };
    let value = cursor.eat_until(quote);
    cursor.eat(&[quote]);
    value.ok_or_else(|| Fault::UnclosedQuote { attribute: cursor.name(name) })
}

/// Why a tag does not go on here.
fn broken(cursor: &Cursor<'_>, name: &Range<usize>) -> Fault {
    let name = cursor.name(name);
    if cursor.is_at_end() { Fault::UnfinishedTag { name } } else { Fault::MalformedTag { name } }
}

/// A value with its references replaced. What is no reference of [`REFERENCES`] stays: `?a=1&copy=2` is an address.
pub(super) fn decode(value: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr(b'&', rest) {
        let (before, from) = rest.split_at(at);
        decoded.extend_from_slice(before);
        let known = REFERENCES.iter().find(|(reference, _)| from.starts_with(reference));
        let (byte, length) = known.map_or((b'&', 1), |(reference, byte)| (*byte, reference.len()));
        decoded.push(byte);
        rest = &from[length..];
    }
    decoded.extend_from_slice(rest);
    decoded
}

/// Whether a value contains a variable (§4).
pub(super) fn has_variable(value: &[u8]) -> bool {
    memmem::find(value, b"$(").is_some()
}

#[cfg(test)]
mod tests;
