//! A body as pieces: one pass from the front, one function for each thing that can be open.

use std::ops::Range;

use super::cursor::{Cursor, Markup, is_space};
use super::error::{Construct, Fault, ParseError};
use super::tag::{self, StartTag};
use super::{Document, Notice, OnError, Piece, Position, Unsupported, contains_esi};
use crate::limits::{ESI_INCLUDES_MAX, ESI_NOTICES_MAX, ESI_OPEN_MAX, ESI_PIECES_MAX, ESI_SOURCE_BYTES_MAX};

/// Cuts a body into pieces. Takes time and memory linear in its length.
pub fn parse(body: &[u8]) -> Result<Document, ParseError> {
    Parser::new(body).read()
}

/// What is being read, and has to end.
#[derive(Clone, Debug)]
enum Inside {
    Page,
    /// `at` is where it begins.
    Comment {
        at: usize,
    },
    /// `at` is where its start tag begins.
    Element {
        at: usize,
        name: Range<usize>,
    },
}

/// What comes next; `at` is where it begins.
#[derive(Debug)]
enum Event {
    Start {
        at: usize,
        tag: StartTag,
    },
    CommentStart {
        at: usize,
    },
    /// The end of what is being read.
    End {
        at: usize,
    },
}

impl Event {
    fn at(&self) -> usize {
        match self {
            Self::Start { at, .. } | Self::CommentStart { at } | Self::End { at } => *at,
        }
    }
}

#[derive(Debug)]
struct Parser<'body> {
    cursor: Cursor<'body>,
    /// Things open around the cursor.
    open: usize,
    is_in_comment: bool,
    pieces: usize,
    includes: usize,
    notices: Vec<Notice>,
    further_notices: usize,
}

impl<'body> Parser<'body> {
    fn new(body: &'body [u8]) -> Self {
        Self {
            cursor: Cursor::new(body),
            open: 0,
            is_in_comment: false,
            pieces: 0,
            includes: 0,
            notices: Vec::new(),
            further_notices: 0,
        }
    }

    fn read(&mut self) -> Result<Document, ParseError> {
        let mut pieces = Vec::new();
        let body = self.cursor.body();
        if contains_esi(body) {
            self.content(&Inside::Page, &mut pieces)?;
        } else {
            self.text(0..body.len(), &mut pieces)?;
        }
        let notices = std::mem::take(&mut self.notices);
        Ok(Document { pieces, notices, further_notices: self.further_notices })
    }

    /// Reads text and elements up to the end of what they stand in.
    fn content(&mut self, inside: &Inside, pieces: &mut Vec<Piece>) -> Result<(), ParseError> {
        loop {
            let from = self.cursor.at();
            let event = self.next(inside)?;
            self.text(from..event.at(), pieces)?;
            match event {
                Event::End { .. } => return Ok(()),
                Event::CommentStart { at } => self.comment(at, pieces)?,
                Event::Start { at, tag } => self.element(at, &tag, pieces)?,
            }
        }
    }

    fn text(&mut self, range: Range<usize>, pieces: &mut Vec<Piece>) -> Result<(), ParseError> {
        if range.is_empty() { Ok(()) } else { self.piece(range.start, Piece::Text(range), pieces) }
    }

    fn piece(&mut self, at: usize, piece: Piece, pieces: &mut Vec<Piece>) -> Result<(), ParseError> {
        self.pieces += 1;
        if self.pieces > ESI_PIECES_MAX {
            return Err(self.error(at, Fault::TooManyPieces));
        }
        pieces.push(piece);
        Ok(())
    }

    fn comment(&mut self, at: usize, pieces: &mut Vec<Piece>) -> Result<(), ParseError> {
        if self.is_in_comment {
            return Err(self.error(at, Fault::CommentInComment));
        }
        self.is_in_comment = true;
        self.within(at, |parser| parser.content(&Inside::Comment { at }, pieces))?;
        self.is_in_comment = false;
        Ok(())
    }

    /// Reads an element where any may stand.
    fn element(&mut self, at: usize, tag: &StartTag, pieces: &mut Vec<Piece>) -> Result<(), ParseError> {
        match self.cursor.slice(&tag.name) {
            b"include" => {
                self.empty(at, tag, "include")?;
                self.include(at, tag, pieces)
            }
            b"comment" => self.empty(at, tag, "comment"),
            b"remove" => self.remove(at, tag),
            b"try" => self.try_element(at, tag, pieces),
            b"attempt" => Err(self.error(at, Fault::OutsideTry { name: "attempt" })),
            b"except" => Err(self.error(at, Fault::OutsideTry { name: "except" })),
            _ => {
                let name = self.cursor.name(&tag.name);
                self.notice(at, Unsupported::Element { name });
                self.skip(at, tag)
            }
        }
    }

    /// Reads the end tag of an element that has no content and does not end in `/>`.
    fn empty(&mut self, at: usize, tag: &StartTag, name: &'static str) -> Result<(), ParseError> {
        if tag.is_empty {
            return Ok(());
        }
        self.cursor.eat_while(is_space);
        let is_ended = self.cursor.eat(b"</esi:")
            && tag::end(&mut self.cursor).is_ok_and(|end| self.cursor.slice(&end) == name.as_bytes());
        if is_ended { Ok(()) } else { Err(self.error(at, Fault::HasContent { name })) }
    }

    fn include(&mut self, at: usize, tag: &StartTag, pieces: &mut Vec<Piece>) -> Result<(), ParseError> {
        let Some(src) = &tag.src else { return Err(self.error(at, Fault::NoSource)) };
        let src = self.address(at, src, "src")?;
        let alt = tag.alt.as_ref().map(|alt| self.address(at, alt, "alt")).transpose()?;
        let on_error = match tag.onerror.as_ref().map(|onerror| self.cursor.slice(onerror)) {
            None => OnError::Fail,
            Some(b"continue") => OnError::Continue,
            Some(_) => return Err(self.error(at, Fault::UnknownOnError)),
        };
        if tag::has_variable(&src) || alt.as_deref().is_some_and(tag::has_variable) {
            self.notice(at, Unsupported::Variable);
            return Ok(());
        }
        self.includes += 1;
        if self.includes > ESI_INCLUDES_MAX {
            return Err(self.error(at, Fault::TooManyIncludes));
        }
        self.piece(at, Piece::Include { src, alt, on_error }, pieces)
    }

    fn address(
        &self,
        at: usize,
        value: &Range<usize>,
        attribute: &'static str,
    ) -> Result<Vec<u8>, ParseError> {
        match value.len() {
            0 => Err(self.error(at, Fault::EmptySource { attribute })),
            1..=ESI_SOURCE_BYTES_MAX => Ok(tag::decode(self.cursor.slice(value))),
            _ => Err(self.error(at, Fault::LongSource { attribute })),
        }
    }

    fn remove(&mut self, at: usize, tag: &StartTag) -> Result<(), ParseError> {
        if tag.is_empty {
            return Ok(());
        }
        let inside = Inside::Element { at, name: tag.name.clone() };
        self.within(at, |parser| {
            let (at, found) = match parser.next(&inside)? {
                Event::End { .. } => return Ok(()),
                Event::CommentStart { at } => (at, Construct::Comment),
                Event::Start { at, tag } => (at, parser.named(&tag.name)),
            };
            Err(parser.error(at, Fault::InRemove { found }))
        })
    }

    /// Reads an element that is not supported, whatever stands in it.
    fn skip(&mut self, at: usize, tag: &StartTag) -> Result<(), ParseError> {
        if tag.is_empty {
            return Ok(());
        }
        let inside = Inside::Element { at, name: tag.name.clone() };
        self.within(at, |parser| {
            loop {
                match parser.next(&inside)? {
                    Event::End { .. } => return Ok(()),
                    Event::CommentStart { .. } => {}
                    Event::Start { at, tag } => parser.skip(at, &tag)?,
                }
            }
        })
    }

    fn try_element(&mut self, at: usize, tag: &StartTag, pieces: &mut Vec<Piece>) -> Result<(), ParseError> {
        let inside = Inside::Element { at, name: tag.name.clone() };
        let mut branches = Branches::default();
        if !tag.is_empty {
            self.within(at, |parser| parser.branches(&inside, &mut branches))?;
        }
        let no = |name| Fault::NoBranch { name };
        let attempt = branches.attempt.ok_or_else(|| self.error(at, no("attempt")))?;
        let except = branches.except.ok_or_else(|| self.error(at, no("except")))?;
        self.piece(at, Piece::Try { attempt, except }, pieces)
    }

    fn branches(&mut self, inside: &Inside, branches: &mut Branches) -> Result<(), ParseError> {
        loop {
            let space = self.cursor.eat_while(is_space);
            let event = self.next(inside)?;
            if event.at() > space.end {
                return Err(self.error(space.end, Fault::TextInTry));
            }
            match event {
                Event::End { .. } => return Ok(()),
                Event::Start { at, tag } => match self.cursor.slice(&tag.name) {
                    b"attempt" => self.branch(at, &tag, "attempt", &mut branches.attempt)?,
                    b"except" if branches.attempt.is_none() => {
                        return Err(self.error(at, Fault::ExceptFirst));
                    }
                    b"except" => self.branch(at, &tag, "except", &mut branches.except)?,
                    _ => return Err(self.error(at, Fault::InTry { found: self.named(&tag.name) })),
                },
                Event::CommentStart { at } => {
                    return Err(self.error(at, Fault::InTry { found: Construct::Comment }));
                }
            }
        }
    }

    fn branch(
        &mut self,
        at: usize,
        tag: &StartTag,
        name: &'static str,
        slot: &mut Option<Vec<Piece>>,
    ) -> Result<(), ParseError> {
        if slot.is_some() {
            return Err(self.error(at, Fault::RepeatedBranch { name }));
        }
        let pieces = slot.insert(Vec::new());
        if tag.is_empty {
            return Ok(());
        }
        let inside = Inside::Element { at, name: tag.name.clone() };
        self.within(at, |parser| parser.content(&inside, pieces))
    }

    /// Reads what is one level deeper.
    fn within<T>(
        &mut self,
        at: usize,
        read: impl FnOnce(&mut Self) -> Result<T, ParseError>,
    ) -> Result<T, ParseError> {
        self.open += 1;
        if self.open > ESI_OPEN_MAX {
            return Err(self.error(at, Fault::TooDeep));
        }
        let result = read(self);
        self.open -= 1;
        result
    }

    /// The next thing that is no text, which is nowhere the end of anything but what is being read.
    fn next(&mut self, inside: &Inside) -> Result<Event, ParseError> {
        match self.cursor.find_markup(self.is_in_comment) {
            None => match self.opened(inside) {
                None => Ok(Event::End { at: self.cursor.at() }),
                Some((at, opened)) => Err(self.error(at, Fault::Unclosed { opened })),
            },
            Some(Markup::CommentStart { at }) => Ok(Event::CommentStart { at }),
            Some(Markup::CommentEnd { at }) => match inside {
                Inside::Comment { .. } => Ok(Event::End { at }),
                _ => Err(self.crossed(at, Construct::Comment, inside)),
            },
            Some(Markup::Start { at }) => match StartTag::read(&mut self.cursor) {
                Ok(tag) => Ok(Event::Start { at, tag }),
                Err(fault) => Err(self.error(at, fault)),
            },
            Some(Markup::End { at }) => {
                let end = tag::end(&mut self.cursor).map_err(|fault| self.error(at, fault))?;
                match inside {
                    Inside::Element { name, .. } if self.cursor.slice(name) == self.cursor.slice(&end) => {
                        Ok(Event::End { at })
                    }
                    _ => Err(self.crossed(at, self.named(&end), inside)),
                }
            }
        }
    }

    /// Where what is being read begins, unless that is the page itself.
    fn opened(&self, inside: &Inside) -> Option<(usize, Construct)> {
        match inside {
            Inside::Page => None,
            Inside::Comment { at } => Some((*at, Construct::Comment)),
            Inside::Element { at, name } => Some((*at, self.named(name))),
        }
    }

    fn crossed(&self, at: usize, closed: Construct, inside: &Inside) -> ParseError {
        let Some((opened_at, opened)) = self.opened(inside) else {
            return self.error(at, Fault::ClosesNothing { closed });
        };
        let opened_line = Position::of(self.cursor.body(), opened_at).line;
        self.error(at, Fault::Crossed { closed, opened, opened_line })
    }

    fn named(&self, name: &Range<usize>) -> Construct {
        Construct::Element { name: self.cursor.name(name) }
    }

    /// Notices come in order, so that lines are counted once.
    fn notice(&mut self, at: usize, unsupported: Unsupported) {
        if self.notices.len() == ESI_NOTICES_MAX {
            self.further_notices += 1;
            return;
        }
        let last = self.notices.last().map_or(Position { offset: 0, line: 1 }, |notice| notice.position);
        let position = last.advanced(self.cursor.body(), at);
        self.notices.push(Notice { position, unsupported });
    }

    fn error(&self, at: usize, fault: Fault) -> ParseError {
        ParseError { position: Position::of(self.cursor.body(), at), fault }
    }
}

/// What a `try` has so far.
#[derive(Debug, Default)]
struct Branches {
    attempt: Option<Vec<Piece>>,
    except: Option<Vec<Piece>>,
}

#[cfg(test)]
mod tests;
