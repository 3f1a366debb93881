//! The edits of one file while they are being collected.

use ruff_python_ast::str::Quote;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{AnyNodeRef, StringFlags};
use ruff_text_size::{TextRange, TextSize};

use crate::edit::TextEdit;
use crate::root::RelativePath;
use crate::syntax::{NodeId, Syntax};

use super::imports::Imports;
use super::layout::Layout;

pub(super) struct Draft<'s, 'a> {
    pub(super) syntax: &'s Syntax<'a>,
    pub(super) imports: Imports<'s, 'a>,
    pub(super) layout: Layout,
    /// Attributes this draft gives to instances, which later ones must not reuse.
    pub(super) new_attributes: Vec<String>,
    /// Brackets that were opened up: what stood in them.
    pub(super) opened: Vec<TextRange>,
    edits: Vec<TextEdit>,
    closings: Vec<TextEdit>,
}

impl<'s, 'a> Draft<'s, 'a> {
    pub(super) fn new(syntax: &'s Syntax<'a>, path: &'s RelativePath) -> Self {
        Self {
            syntax,
            imports: Imports::new(syntax, path),
            layout: Layout::of(syntax),
            new_attributes: Vec::new(),
            opened: Vec::new(),
            edits: Vec::new(),
            closings: Vec::new(),
        }
    }

    pub(super) fn insert(&mut self, at: TextSize, text: impl Into<String>) {
        self.replace(TextRange::empty(at), text);
    }

    pub(super) fn replace(&mut self, range: TextRange, text: impl Into<String>) {
        self.edits.push(TextEdit { range: range.to_std_range(), replacement: text.into() });
    }

    /// Replaces the end of something, behind whatever is inserted there.
    pub(super) fn close(&mut self, range: TextRange, text: String) {
        self.closings.push(TextEdit { range: range.to_std_range(), replacement: text });
    }

    pub(super) fn extend(&mut self, edits: Vec<TextEdit>) {
        self.edits.extend(edits);
    }

    /// All edits in order, imports included. Insertions at one place keep the order they were made in.
    pub(super) fn finish(mut self) -> Vec<TextEdit> {
        self.edits.extend(self.closings);
        self.edits.extend(self.imports.edits());
        self.edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        self.edits
    }
}

/// The quotes most of the file's one-line strings have; double ones when there is no majority.
pub(super) fn prevailing_quote(syntax: &Syntax<'_>) -> Quote {
    let (mut single, mut double) = (0_usize, 0_usize);
    for token in syntax.tokens() {
        if token.kind() == TokenKind::String && !token.is_triple_quoted_string() {
            match token.string_quote_style() {
                Quote::Single => single += 1,
                Quote::Double => double += 1,
            }
        }
    }
    if single > double { Quote::Single } else { Quote::Double }
}

/// The quotes for new strings at a place: within an f-string those it is not written in, as Python before 3.12 asks.
pub(super) fn quote_at(syntax: &Syntax<'_>, id: NodeId) -> Quote {
    let around = syntax
        .ancestors(id)
        .filter(|around| matches!(syntax.node(*around), AnyNodeRef::FString(_) | AnyNodeRef::TString(_)))
        .last();
    let start = around.and_then(|around| syntax.tokens_in(syntax.range(around)).first());
    match start.and_then(|start| start.string_flags()).map(StringFlags::quote_style) {
        Some(quote) => quote.opposite(),
        None => prevailing_quote(syntax),
    }
}

/// `text` as a string literal. Lookup paths and attribute names need no escapes.
pub(super) fn quoted(text: &str, quote: Quote) -> String {
    let quote = quote.as_char();
    format!("{quote}{text}{quote}")
}
