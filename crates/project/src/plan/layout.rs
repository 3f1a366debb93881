//! Lines that would get too long: what an edit adds is laid out over several, as a formatter would.

use ruff_python_ast::AnyNodeRef;
use ruff_python_ast::token::TokenKind;
use ruff_text_size::{Ranged, TextSize};

use crate::syntax::{NodeId, Syntax};

/// The lengths that formatters are set to: Black's, and the two that teams choose instead.
const LINE_CHARS: [usize; 3] = [88, 100, 120];

/// A shorter call is not torn apart in the middle of a line: that would read worse than a long line.
const CALL_CHARS_MIN: usize = 32;

/// How the file is laid out.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    line_chars_max: usize,
    /// One step of indentation.
    unit: String,
}

impl Layout {
    /// The first of the usual lengths that all but one line in a hundred of the file keep to.
    pub(super) fn of(syntax: &Syntax<'_>) -> Self {
        let mut lines = 0_usize;
        let mut longer = [0_usize; LINE_CHARS.len()];
        for line in syntax.text.lines() {
            lines += 1;
            let chars = line.chars().count();
            for (count, limit) in longer.iter_mut().zip(LINE_CHARS) {
                *count += usize::from(chars > limit);
            }
        }
        let kept = longer.iter().position(|count| count * 100 <= lines);
        let indent = syntax.tokens().iter().find(|token| token.kind() == TokenKind::Indent);
        let unit = indent.map(|token| syntax.slice(token.range())).filter(|unit| !unit.is_empty());
        Self {
            line_chars_max: kept.map_or(usize::MAX, |at| LINE_CHARS[at]),
            unit: unit.unwrap_or("    ").to_owned(),
        }
    }

    /// The layout at an expression: before Python 3.12 a string cannot go on on another line in its braces.
    pub(super) fn at(self, syntax: &Syntax<'_>, id: NodeId) -> Self {
        let is_string =
            |around: NodeId| matches!(syntax.node(around), AnyNodeRef::FString(_) | AnyNodeRef::TString(_));
        let line_chars_max =
            if syntax.ancestors(id).any(is_string) { usize::MAX } else { self.line_chars_max };
        Self { line_chars_max, ..self }
    }

    /// No line is too long.
    pub(super) fn unlimited() -> Self {
        Self { line_chars_max: usize::MAX, unit: String::new() }
    }

    /// Whether a line may hold `added` characters more. One that is too long already may.
    pub(super) fn has_room(&self, line: usize, added: usize) -> bool {
        line > self.line_chars_max || line + added <= self.line_chars_max
    }

    pub(super) fn unit(&self) -> &str {
        &self.unit
    }

    /// Method calls one after the other behind a text of `line` characters: the last one over several lines where there
    /// is no room.
    pub(super) fn chained(&self, calls: &[Item], line: usize, place: Place<'_>) -> String {
        let inline = dotted(calls);
        match calls.split_last() {
            Some((last, others))
                if !self.has_room(line, chars(&inline)) && chars(&last.inline()) >= CALL_CHARS_MIN =>
            {
                format!("{}.{}", dotted(others), last.over_lines(self, place))
            }
            _ => inline,
        }
    }
}

/// Where a text that may go over several lines stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// What its line is indented with, and what its last one will be.
    pub(super) indentation: &'a str,
    /// The line ending.
    pub(super) newline: &'static str,
}

impl<'a> Place<'a> {
    /// The place of an offset.
    pub(super) fn of(syntax: &Syntax<'a>, offset: TextSize) -> Self {
        Self { indentation: syntax.indentation(offset), newline: syntax.newline(offset) }
    }
}

/// The number of characters on the line of `offset`.
pub(super) fn line_chars(syntax: &Syntax<'_>, offset: TextSize) -> usize {
    chars(syntax.lines.text(syntax.text, syntax.lines.line(offset)).unwrap_or_default())
}

pub(super) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Something to write between brackets or behind a dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// On one line, whatever its length.
    Text(String),
    /// A call, which can be laid out over lines.
    Call {
        /// What is called.
        function: String,
        /// Its arguments.
        arguments: Vec<Item>,
    },
}

impl Item {
    pub(super) fn call(function: impl Into<String>, arguments: Vec<Self>) -> Self {
        Self::Call { function: function.into(), arguments }
    }

    /// On one line.
    pub(super) fn inline(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Call { function, arguments } => format!("{function}({})", inline(arguments)),
        }
    }

    /// On one line behind `line` characters where there is room, over several otherwise.
    pub(super) fn fitted(&self, layout: &Layout, line: usize, place: Place<'_>) -> String {
        let inline = self.inline();
        if layout.has_room(line, chars(&inline)) { inline } else { self.over_lines(layout, place) }
    }

    /// The arguments of a call on a line of their own or, where they do not fit there either, on one each.
    fn over_lines(&self, layout: &Layout, place: Place<'_>) -> String {
        let Self::Call { function, arguments } = self else { return self.inline() };
        let Place { indentation, newline } = place;
        let inner = format!("{indentation}{}", layout.unit);
        let together = inline(arguments);
        let body = if layout.has_room(chars(&inner), chars(&together)) {
            format!("{newline}{inner}{together}")
        } else if let [only] = arguments.as_slice() {
            let place = Place { indentation: &inner, newline };
            format!("{newline}{inner}{}", only.fitted(layout, chars(&inner), place))
        } else {
            one_each(arguments, layout, Place { indentation: &inner, newline })
        };
        format!("{function}({body}{newline}{indentation})")
    }
}

/// Method calls, each behind its dot.
pub(super) fn dotted(calls: &[Item]) -> String {
    calls.iter().flat_map(|call| [".".to_owned(), call.inline()]).collect()
}

/// Items separated by commas.
pub(super) fn inline(items: &[Item]) -> String {
    items.iter().map(Item::inline).collect::<Vec<_>>().join(", ")
}

/// Items each on a line of its own, with a comma behind it.
pub(super) fn one_each(items: &[Item], layout: &Layout, place: Place<'_>) -> String {
    let Place { indentation, newline } = place;
    let line = |item: &Item| {
        let text = item.fitted(layout, chars(indentation) + 1, place);
        format!("{newline}{indentation}{text},")
    };
    items.iter().map(line).collect::<Vec<_>>().concat()
}

impl From<String> for Item {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
