//! The grammar of a list of fields:
//!
//! ```text
//! list = item *( "," item )
//! item = ( name / "*" ) [ "/" item / "(" list ")" ]
//! name = 1*( plain / "\" any )
//! ```

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use super::MaskError;
use crate::limits::{MASK_DEPTH_MAX, MASK_NAMES_MAX};

/// What was written, equal names put together; `*` is not yet added to the names beside it.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Somebody asked for all of it: what else is asked for is part of that.
    pub(super) whole: bool,
    /// By name.
    pub(super) names: BTreeMap<String, Tree>,
    /// Below `*`.
    pub(super) every: Option<Box<Tree>>,
}

/// Whether a character may stand in a name without a backslash.
pub(super) fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '$' | '@')
}

/// Reads a whole text.
pub(super) fn tree(text: &str) -> Result<Tree, MaskError> {
    let mut parser = Parser { rest: text.chars().peekable(), at: 1, names: 0 };
    let mut tree = Tree::default();
    if parser.peek().is_none() {
        return Err(MaskError::Empty);
    }
    parser.list(&mut tree, 0)?;
    match parser.peek() {
        None => Ok(tree),
        Some(')') => Err(MaskError::Unopened { at: parser.at }),
        Some(found) => Err(MaskError::Unexpected { at: parser.at, found }),
    }
}

struct Parser<'text> {
    rest: Peekable<Chars<'text>>,
    /// The place of the next character, from 1.
    at: usize,
    names: usize,
}

impl Parser<'_> {
    /// The next character that is no space.
    fn peek(&mut self) -> Option<char> {
        while self.rest.next_if_eq(&' ').is_some() {
            self.at += 1;
        }
        self.rest.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        self.at += 1;
        self.rest.next()
    }

    fn take(&mut self, character: char) -> bool {
        let is_next = self.peek() == Some(character);
        if is_next {
            self.next();
        }
        is_next
    }

    fn list(&mut self, into: &mut Tree, depth: usize) -> Result<(), MaskError> {
        self.item(into, depth)?;
        while self.take(',') {
            self.item(into, depth)?;
        }
        Ok(())
    }

    /// Brackets only follow a name, and a name is one level down: the depth also bounds the recursion.
    fn item(&mut self, into: &mut Tree, mut depth: usize) -> Result<(), MaskError> {
        let mut tree = into;
        loop {
            depth += 1;
            tree = self.name(tree, depth)?;
            if !self.take('/') {
                break;
            }
        }
        let at = self.at;
        if !self.take('(') {
            tree.whole = true;
            return Ok(());
        }
        self.list(tree, depth)?;
        match self.peek() {
            Some(')') => drop(self.next()),
            Some(found) => return Err(MaskError::Unexpected { at: self.at, found }),
            None => return Err(MaskError::Unclosed { at }),
        }
        Ok(())
    }

    /// Reads a name or `*`, and gives the place for what follows it.
    fn name<'tree>(&mut self, parent: &'tree mut Tree, depth: usize) -> Result<&'tree mut Tree, MaskError> {
        let next = self.peek();
        if depth > MASK_DEPTH_MAX {
            return Err(MaskError::TooDeep { at: self.at });
        }
        self.names += 1;
        if self.names > MASK_NAMES_MAX {
            return Err(MaskError::TooManyNames);
        }
        match next {
            Some('*') => {
                self.next();
                Ok(parent.every.get_or_insert_default())
            }
            None | Some(',' | '/' | '(' | ')') => Err(MaskError::NameMissing { at: self.at }),
            Some(found) if found != '\\' && !is_plain(found) => {
                Err(MaskError::Unexpected { at: self.at, found })
            }
            Some(_) => Ok(parent.names.entry(self.plain_name()?).or_default()),
        }
    }

    fn plain_name(&mut self) -> Result<String, MaskError> {
        let mut name = String::new();
        while let Some(character) = self.rest.next_if(|next| *next == '\\' || is_plain(*next)) {
            let at = self.at;
            self.at += 1;
            if character == '\\' {
                name.push(self.next().ok_or(MaskError::EscapesNothing { at })?);
            } else {
                name.push(character);
            }
        }
        Ok(name)
    }
}
