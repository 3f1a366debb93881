//! A place in a body that only moves forward, and finds where ESI stands.
//!
//! Every look at the body goes through here and is counted: that a document is read in linear time is a number in a test.

use std::ops::Range;

use memchr::{memchr, memchr2};

use crate::limits::ESI_NAME_BYTES_MAX;

/// Where ESI stands. `at` is its first byte; the cursor is left behind what is named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    /// `<esi:`, with a name behind it.
    Start { at: usize },
    /// `</esi:`, with a name behind it.
    End { at: usize },
    /// `<!--esi`
    CommentStart { at: usize },
    /// `-->`
    CommentEnd { at: usize },
}

#[derive(Debug)]
pub(super) struct Cursor<'body> {
    body: &'body [u8],
    at: usize,
    /// Bytes looked at, each as often as it was.
    examined: usize,
}

impl<'body> Cursor<'body> {
    pub(super) fn new(body: &'body [u8]) -> Self {
        Self { body, at: 0, examined: 0 }
    }

    pub(super) fn body(&self) -> &'body [u8] {
        self.body
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    #[cfg(test)]
    pub(super) fn examined(&self) -> usize {
        self.examined
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at == self.body.len()
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &'body [u8] {
        self.body.get(range.clone()).unwrap_or_default()
    }

    /// A name, cut to what a message may repeat.
    pub(super) fn name(&self, range: &Range<usize>) -> String {
        let name = self.slice(range);
        String::from_utf8_lossy(&name[..name.len().min(ESI_NAME_BYTES_MAX)]).into_owned()
    }

    /// Moves over these bytes if they are next.
    pub(super) fn eat(&mut self, literal: &[u8]) -> bool {
        let is_next = self.is_next(literal);
        if is_next {
            self.at += literal.len();
        }
        is_next
    }

    /// Moves over every byte of a kind.
    pub(super) fn eat_while(&mut self, is_of: impl Fn(u8) -> bool) -> Range<usize> {
        let from = self.at;
        let length = self.rest().iter().position(|byte| !is_of(*byte)).unwrap_or(self.rest().len());
        self.examined += length + 1;
        self.at += length;
        from..self.at
    }

    /// Moves to the next such byte; without one it stays.
    pub(super) fn eat_until(&mut self, byte: u8) -> Option<Range<usize>> {
        let from = self.at;
        let length = memchr(byte, self.rest());
        self.examined += length.map_or(self.rest().len(), |length| length + 1);
        self.at += length?;
        Some(from..self.at)
    }

    /// Moves to the next ESI and over its beginning, or to the end. `-->` counts only where `<!--esi` is open.
    pub(super) fn find_markup(&mut self, is_in_comment: bool) -> Option<Markup> {
        loop {
            let rest = self.rest();
            let found = if is_in_comment { memchr2(b'<', b'>', rest) } else { memchr(b'<', rest) };
            let Some(distance) = found else {
                self.examined += rest.len();
                self.at = self.body.len();
                return None;
            };
            self.examined += distance + 1;
            self.at += distance;
            if self.is_next(b">") {
                // The dashes are text: neither a tag nor `<!--esi` ends in any.
                let is_end = self.body[..self.at].ends_with(b"--");
                self.examined += 2;
                self.at += 1;
                if is_end {
                    return Some(Markup::CommentEnd { at: self.at - 3 });
                }
            } else if let Some(markup) = self.opening() {
                return Some(markup);
            }
        }
    }

    /// What the `<` here begins; moves over that, or over the `<` alone.
    fn opening(&mut self) -> Option<Markup> {
        let at = self.at;
        for (literal, markup) in [
            (&b"<esi:"[..], Markup::Start { at }),
            (b"</esi:", Markup::End { at }),
            (b"<!--esi", Markup::CommentStart { at }),
        ] {
            if self.eat(literal) {
                let is_comment = matches!(markup, Markup::CommentStart { .. });
                let is_markup = if is_comment { self.is_comment_boundary() } else { self.is_name_start() };
                return is_markup.then_some(markup);
            }
        }
        self.at += 1;
        None
    }

    fn is_name_start(&mut self) -> bool {
        self.examined += 1;
        self.rest().first().is_some_and(u8::is_ascii_alphabetic)
    }

    /// Whether `<!--esi` ends here, and is not the beginning of a longer word. A body that breaks off here meant ESI.
    fn is_comment_boundary(&mut self) -> bool {
        self.examined += 1;
        let is_boundary = |byte: &u8| is_space(*byte) || *byte == b'<';
        self.rest().first().is_none_or(is_boundary) || self.is_next(b"-->")
    }

    fn is_next(&mut self, literal: &[u8]) -> bool {
        self.examined += literal.len();
        self.rest().starts_with(literal)
    }

    fn rest(&self) -> &'body [u8] {
        &self.body[self.at..]
    }
}

/// White space as XML has it.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// What a name may contain behind its first letter.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':')
}
