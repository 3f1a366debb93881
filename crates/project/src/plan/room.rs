//! Room for more on a line: the brackets around the place go over several lines first, as a formatter splits them.

use ruff_python_ast::token::{Token, TokenKind};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::syntax::Syntax;

use super::draft::Draft;
use super::layout::{Layout, Place, chars, line_chars};

/// The line that a text is written on.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) indentation: String,
    pub(super) newline: &'static str,
    /// Its characters so far.
    pub(super) chars: usize,
}

impl Line {
    /// The line of an offset as it is.
    pub(super) fn of(syntax: &Syntax<'_>, offset: TextSize) -> Self {
        let Place { indentation, newline } = Place::of(syntax, offset);
        Self { indentation: indentation.to_owned(), newline, chars: line_chars(syntax, offset) }
    }

    pub(super) fn place(&self) -> Place<'_> {
        Place { indentation: &self.indentation, newline: self.newline }
    }
}

impl Draft<'_, '_> {
    /// The line of `range`, to which `added` characters are going to be added. Where it has no room for them, it is the
    /// one that `range` comes to stand on when the outermost brackets around it on its line are opened up.
    pub(super) fn line_for(&mut self, layout: &Layout, range: TextRange, added: usize) -> Line {
        let syntax = self.syntax;
        let line = Line::of(syntax, range.start());
        if layout.has_room(line.chars, added) {
            return line;
        }
        if let Some((body, separators)) = body(syntax, range) {
            if !self.opened.contains(&body) {
                self.opened.push(body);
                self.break_behind(&separators, body, &format!("{}{}", line.newline, line.indentation));
                self.close(TextRange::empty(body.end()), ",".to_owned());
            }
            let segment = item_around(range, &separators, body);
            return Line { chars: chars(&line.indentation) + chars(syntax.slice(segment).trim()), ..line };
        }
        let Some(brackets) = Brackets::around(syntax, range) else { return line };
        let Place { indentation, newline } = Place::of(syntax, range.start());
        let inner = format!("{indentation}{}", layout.unit());
        let content = chars(syntax.slice(brackets.content));
        let separators = if layout.has_room(chars(&inner) + content, added) {
            Vec::new()
        } else {
            commas(syntax, brackets.content)
        };
        let segment = item_around(range, &separators, brackets.content);
        if !self.opened.contains(&brackets.content) {
            self.opened.push(brackets.content);
            self.open_up(
                &brackets,
                &separators,
                &format!("{newline}{inner}"),
                &format!("{newline}{indentation}"),
            );
        }
        Line { chars: chars(&inner) + chars(syntax.slice(segment).trim()), indentation: inner, newline }
    }

    fn open_up(&mut self, brackets: &Brackets, separators: &[Token], inner: &str, outer: &str) {
        let syntax = self.syntax;
        self.replace(TextRange::new(brackets.open, brackets.content.start()), inner);
        self.break_behind(separators, brackets.content, inner);
        let ends_in_comma = syntax.slice(brackets.content).ends_with(',');
        let comma = if separators.is_empty() || ends_in_comma { "" } else { "," };
        self.close(TextRange::new(brackets.content.end(), brackets.close), format!("{comma}{outer}"));
    }

    /// Each item of the content that follows a comma goes on a line of its own, which begins with `inner`.
    fn break_behind(&mut self, commas: &[Token], content: TextRange, inner: &str) {
        for comma in commas {
            let rest = &self.syntax.text[comma.end().to_usize()..content.end().to_usize()];
            let blank = TextSize::new((rest.len() - rest.trim_start().len()) as u32);
            if blank.to_usize() < rest.len() {
                self.replace(TextRange::at(comma.end(), blank), inner);
            }
        }
    }
}

/// The item that holds `range`, with the comma behind it.
fn item_around(range: TextRange, commas: &[Token], content: TextRange) -> TextRange {
    let mut item = content;
    for comma in commas {
        if comma.end() <= range.start() {
            item = TextRange::new(comma.end(), item.end());
        } else if comma.start() >= range.end() {
            return TextRange::new(item.start(), comma.end());
        }
    }
    item
}

/// What stands between brackets that were opened up already, when all of it is on the line of `range`, and its commas;
/// none when it is a single item or ends in a comma.
fn body(syntax: &Syntax<'_>, range: TextRange) -> Option<(TextRange, Vec<Token>)> {
    let start = syntax.lines.start(syntax.lines.line(range.start()))?;
    let line = TextRange::new(start, syntax.line_end(start));
    let tokens = syntax.tokens_in(line);
    let (first, last) = (tokens.first()?, tokens.iter().rfind(|token| !token.kind().is_trivia())?);
    let opens = syntax.token_before(first.start())?;
    let closes =
        syntax.tokens().iter().find(|token| token.start() >= line.end() && !token.kind().is_trivia())?;
    let is_comment = |token: &Token| token.kind() == TokenKind::Comment;
    if !matches!(opens.kind(), TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace)
        || !matches!(closes.kind(), TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace)
        || matches!(last.kind(), TokenKind::Comma | TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace)
        || tokens.iter().any(is_comment)
    {
        return None;
    }
    let content = TextRange::new(first.start(), last.end());
    let commas = commas(syntax, content);
    (!commas.is_empty()).then_some((content, commas))
}

/// The commas between the items, unless it is a comprehension, whose commas separate something else.
fn commas(syntax: &Syntax<'_>, content: TextRange) -> Vec<Token> {
    let mut depth = 0_usize;
    let mut commas = Vec::new();
    for token in syntax.tokens_in(content) {
        match token.kind() {
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => depth += 1,
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => depth = depth.saturating_sub(1),
            TokenKind::For | TokenKind::Lambda if depth == 0 => return Vec::new(),
            TokenKind::Comma if depth == 0 => commas.push(*token),
            _ => {}
        }
    }
    commas
}

/// A pair of brackets on one line.
struct Brackets {
    open: TextSize,
    /// Without the blanks at its ends.
    content: TextRange,
    close: TextSize,
}

impl Brackets {
    /// The outermost pair on the line of `range` that holds it.
    fn around(syntax: &Syntax<'_>, range: TextRange) -> Option<Self> {
        let start = syntax.lines.start(syntax.lines.line(range.start()))?;
        let line = TextRange::new(start, syntax.line_end(start));
        let mut open: Vec<Token> = Vec::new();
        let mut outermost = None;
        for token in syntax.tokens_in(line) {
            match token.kind() {
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => open.push(*token),
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                    let pair = TextRange::new(open.pop()?.end(), token.start());
                    if pair.contains_range(range) {
                        outermost = Some(pair);
                    }
                }
                _ => {}
            }
        }
        let pair = outermost?;
        let text = syntax.slice(pair);
        let content = TextRange::at(
            pair.start() + TextSize::new((text.len() - text.trim_start().len()) as u32),
            TextSize::of(text.trim()),
        );
        Some(Self { open: pair.start(), content, close: pair.end() })
    }
}
