//! The fields that a client asks for, as a value: parsed, merged, and written in one canonical way.

mod parse;

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use crate::limits::{MASK_BYTES_MAX, MASK_DEPTH_MAX, MASK_NAMES_MAX};
use parse::Tree;

/// What is selected of an object.
///
/// Two masks are equal exactly if they select the same of every JSON text. [`Display`](fmt::Display) writes the canonical
/// form, which is equal for equal masks and so may stand in a cache key; parsing it gives the same mask again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mask {
    /// In the order of their names, each once, and none that `every` alone would select the same of.
    fields: Vec<Field>,
    /// Of each member that `fields` does not name.
    every: Option<Box<Selection>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Field {
    name: String,
    selection: Selection,
}

/// What is selected of the value of a member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Selection {
    /// All of it, whatever it is.
    Whole,
    /// Of an object these members; of an array the same of each element.
    Part(Mask),
}

/// Why a text is no list of fields: the client's fault, in words for the client. Characters are counted from 1, after
/// percent-decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskError {
    /// Nothing, or only spaces.
    #[error("the list of fields is empty: name at least one field, or leave the parameter out")]
    Empty,
    /// Not text.
    #[error("the list of fields is not UTF-8")]
    Encoding,
    /// More than [`MASK_BYTES_MAX`].
    #[error("the list of fields is longer than {MASK_BYTES_MAX} bytes")]
    TooLong,
    /// More than [`MASK_NAMES_MAX`].
    #[error("the list of fields has more than {MASK_NAMES_MAX} names")]
    TooManyNames,
    /// The canonical form goes over a limit, because `*` adds to each name beside it.
    #[error("the list of fields is too large: what `*` selects is added to every name that stands beside it")]
    TooLarge,
    /// More than [`MASK_DEPTH_MAX`].
    #[error("the fields are nested more than {MASK_DEPTH_MAX} deep, at character {at}")]
    TooDeep {
        /// Of the first name that is too deep.
        at: usize,
    },
    /// An empty item, as in `a,,b`, `a/` and `a()`.
    #[error("the name of a field is missing at character {at}")]
    NameMissing {
        /// Where it should begin.
        at: usize,
    },
    /// A character that is neither part of a name nor of the syntax, or stands in the wrong place.
    #[error(
        "the character {found:?} cannot stand at character {at}; in a name it needs a backslash before it"
    )]
    Unexpected {
        /// Its place.
        at: usize,
        /// What it is.
        found: char,
    },
    /// `(` without `)`.
    #[error("the bracket opened at character {at} is not closed")]
    Unclosed {
        /// Where it is opened.
        at: usize,
    },
    /// `)` without `(`.
    #[error("the bracket closed at character {at} was not opened")]
    Unopened {
        /// Where it is closed.
        at: usize,
    },
    /// A backslash as the last character.
    #[error("the backslash at character {at} has no character after it")]
    EscapesNothing {
        /// Its place.
        at: usize,
    },
}

impl Mask {
    /// Reads the value of the parameter, already percent-decoded. Names are letters, digits, `_`, `-`, `.`, `$`, `@`,
    /// and any character after a backslash; spaces around names are ignored.
    pub fn parse(text: &[u8]) -> Result<Self, MaskError> {
        if text.len() > MASK_BYTES_MAX {
            return Err(MaskError::TooLong);
        }
        let text = str::from_utf8(text).map_err(|_| MaskError::Encoding)?;
        let tree = parse::tree(text)?;
        let mask = Self::merged(&[&tree], &mut 0)?;
        if mask.to_string().len() > MASK_BYTES_MAX {
            return Err(MaskError::TooLarge);
        }
        Ok(mask)
    }

    /// What is selected of the member with this key.
    pub(super) fn of(&self, key: &[u8]) -> Option<&Selection> {
        match self.fields.binary_search_by(|field| field.name.as_bytes().cmp(key)) {
            Ok(found) => Some(&self.fields[found].selection),
            Err(_) => self.of_unnamed(),
        }
    }

    /// What is selected of a member whose key cannot be a name.
    pub(super) fn of_unnamed(&self) -> Option<&Selection> {
        self.every.as_deref()
    }

    /// The union of what the trees select, none of them whole.
    ///
    /// Each name is looked up in all of them, beside every `*`: so the result needs only one lookup for each key. Nested
    /// `*` beside names can multiply; `visits` bounds that. Of a canonical form no more is visited than of the text that
    /// it came from: it names a subset of the same keys on each path. So what was parsed once can be parsed again.
    fn merged(trees: &[&Tree], visits: &mut usize) -> Result<Self, MaskError> {
        let stars: Vec<&Tree> = trees.iter().filter_map(|tree| tree.every.as_deref()).collect();
        let every = if stars.is_empty() { None } else { Some(Selection::merged(&stars, visits)?) };
        let names: BTreeSet<&String> = trees.iter().flat_map(|tree| tree.names.keys()).collect();
        let mut fields = Vec::with_capacity(names.len());
        for name in names {
            let below = trees.iter().filter_map(|tree| tree.names.get(name));
            let trees: Vec<&Tree> = below.chain(stars.iter().copied()).collect();
            let selection = Selection::merged(&trees, visits)?;
            if every.as_ref() != Some(&selection) {
                fields.push(Field { name: name.clone(), selection });
            }
        }
        Ok(Self { fields, every: every.map(Box::new) })
    }
}

impl Selection {
    fn merged(trees: &[&Tree], visits: &mut usize) -> Result<Self, MaskError> {
        *visits += 1;
        if *visits > MASK_NAMES_MAX {
            return Err(MaskError::TooLarge);
        }
        if trees.iter().any(|tree| tree.whole) {
            return Ok(Self::Whole);
        }
        Mask::merged(trees, visits).map(Self::Part)
    }
}

/// The canonical form: `*` first, then names by their bytes, `/` before a single one and brackets around several.
impl fmt::Display for Mask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(every) = &self.every {
            write!(formatter, "*{every}")?;
        }
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 || self.every.is_some() {
                formatter.write_str(",")?;
            }
            for character in field.name.chars() {
                if !parse::is_plain(character) {
                    formatter.write_char('\\')?;
                }
                formatter.write_char(character)?;
            }
            write!(formatter, "{}", field.selection)?;
        }
        Ok(())
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Part(mask) if mask.fields.len() + usize::from(mask.every.is_some()) == 1 => {
                write!(formatter, "/{mask}")
            }
            Self::Part(mask) => write!(formatter, "({mask})"),
        }
    }
}

#[cfg(test)]
mod tests;
