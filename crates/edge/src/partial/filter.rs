//! What a mask selects of a JSON text, as bytes.
//!
//! Nothing is decoded and written again: a selected value is copied as the app wrote it, with its digits, escapes, order
//! and white space. Between selected values the white space goes. Everything is checked against RFC 8259, the skipped
//! parts too.

mod scan;

use super::mask::{Mask, Selection};
use crate::limits::JSON_DEPTH_MAX;
use scan::{Scanner, Str};

/// Why a JSON text was not filtered. The client then gets the app's own bytes. Places are counted in bytes from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Not as RFC 8259 has it, or cut off.
    #[error("the app's answer is not JSON at byte {at}")]
    Syntax {
        /// The first byte that cannot stand there, or the length of a text that ends too soon.
        at: usize,
    },
    /// RFC 8259, section 8.1.
    #[error("the app's JSON is not UTF-8 at byte {at}")]
    Encoding {
        /// The first byte that is not.
        at: usize,
    },
    /// More than [`JSON_DEPTH_MAX`].
    #[error("the app's JSON is nested more than {JSON_DEPTH_MAX} deep, at byte {at}")]
    TooDeep {
        /// Of the bracket.
        at: usize,
    },
    /// There is nothing to select from.
    #[error("the app's JSON is neither an object nor an array")]
    Scalar,
}

/// Appends to `out` what the mask selects of a JSON text that is an object or an array; nothing, if there is an error.
///
/// Where the mask goes into a member, an object stays with what is selected of it, `{}` if nothing is; so does `null`,
/// which says that there is no object; other scalars are left out, of arrays too. An array of which no element is left is
/// itself left out, except as the whole text; one that was empty stays. Keys are compared decoded; repeated ones are
/// treated each for itself.
///
/// Takes time in proportion to the text; never writes more than it reads. Filtering the result again changes nothing.
pub fn filter(json: &[u8], mask: &Mask, out: &mut Vec<u8>) -> Result<(), FilterError> {
    let text = str::from_utf8(json).map_err(|error| FilterError::Encoding { at: error.valid_up_to() })?;
    let start = out.len();
    let mut filter = Filter { scanner: Scanner::new(text), out, decoded: Vec::new() };
    let result = filter.text(mask);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

struct Filter<'json, 'out> {
    scanner: Scanner<'json>,
    out: &'out mut Vec<u8>,
    /// Of a key with escapes.
    decoded: Vec<u8>,
}

impl Filter<'_, '_> {
    fn text(&mut self, mask: &Mask) -> Result<(), FilterError> {
        let first = self.scanner.next_token();
        // Of the whole answer an array stays even without elements: something has to.
        self.value(mask)?;
        self.scanner.end()?;
        if matches!(first, Some(b'{' | b'[')) { Ok(()) } else { Err(FilterError::Scalar) }
    }

    /// Writes what the mask selects of the value that begins here. Gives whether anything is left of it; if not, what was
    /// written is for the caller to take back.
    ///
    /// Recurses with the nesting of the text, which the scanner bounds.
    fn value(&mut self, mask: &Mask) -> Result<bool, FilterError> {
        match self.scanner.peek() {
            Some(b'{') => self.object(mask),
            Some(b'[') => self.array(mask),
            Some(b'n') => self.copy(),
            _ => self.scanner.skip_value().map(|_| false),
        }
    }

    fn object(&mut self, mask: &Mask) -> Result<bool, FilterError> {
        self.out.push(b'{');
        let start = self.out.len();
        let mut is_open = self.scanner.open(b'}')?;
        while is_open {
            let key = self.scanner.key()?;
            if let Some(selection) = self.selected(mask, key) {
                self.member(selection, key, start)?;
            } else {
                self.scanner.skip_value()?;
            }
            is_open = self.scanner.next_or_close(b'}')?;
        }
        self.out.push(b'}');
        Ok(true)
    }

    fn member(&mut self, selection: &Selection, key: Str<'_>, start: usize) -> Result<(), FilterError> {
        let before = self.separate(start);
        self.out.extend_from_slice(key.quoted);
        self.out.push(b':');
        let is_left = match selection {
            Selection::Whole => self.copy()?,
            Selection::Part(mask) => self.value(mask)?,
        };
        if !is_left {
            self.out.truncate(before);
        }
        Ok(())
    }

    fn array(&mut self, mask: &Mask) -> Result<bool, FilterError> {
        self.out.push(b'[');
        let start = self.out.len();
        let mut is_open = self.scanner.open(b']')?;
        let was_empty = !is_open;
        while is_open {
            let before = self.separate(start);
            if !self.value(mask)? {
                self.out.truncate(before);
            }
            is_open = self.scanner.next_or_close(b']')?;
        }
        let is_left = was_empty || self.out.len() > start;
        self.out.push(b']');
        Ok(is_left)
    }

    /// Writes a comma unless nothing was written since `start`. Gives the length before it.
    fn separate(&mut self, start: usize) -> usize {
        let before = self.out.len();
        if before > start {
            self.out.push(b',');
        }
        before
    }

    fn copy(&mut self) -> Result<bool, FilterError> {
        let value = self.scanner.skip_value()?;
        self.out.extend_from_slice(value);
        Ok(true)
    }

    fn selected<'mask>(&mut self, mask: &'mask Mask, key: Str<'_>) -> Option<&'mask Selection> {
        if !key.has_escapes {
            return mask.of(key.content());
        }
        self.decoded.clear();
        if key.decode(&mut self.decoded) { mask.of(&self.decoded) } else { mask.of_unnamed() }
    }
}

#[cfg(test)]
mod tests;
