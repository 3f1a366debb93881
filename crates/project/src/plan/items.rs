//! Adding items to a list in brackets the way it is laid out.

use ruff_python_ast::token::{Token, TokenKind};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::edit::TextEdit;
use crate::syntax::Syntax;

use super::layout::{self, Item, Layout, Place};
use super::room::Line;

/// Arguments of a call, elements of a tuple or list, names of an import.
pub(super) struct Items<'r> {
    /// The existing items, in source order.
    pub(super) ranges: &'r [TextRange],
    /// The end of the opening bracket, for a list that may be laid out over lines.
    pub(super) open: Option<TextSize>,
    /// Where the closing bracket stands; `None` for a list without brackets.
    pub(super) close: Option<TextSize>,
    /// Whether a lone item needs a comma after it, as in a tuple.
    pub(super) lone_comma: bool,
}

/// The edits that append `new` items: on lines of their own where the list is laid out so, inline otherwise.
///
/// `line` is the one that they are on.
pub(super) fn append(
    syntax: &Syntax<'_>,
    layout: &Layout,
    line: &Line,
    items: &Items<'_>,
    new: &[Item],
) -> Vec<TextEdit> {
    let inline = layout::inline(new);
    let before_close = items.close.and_then(|close| syntax.token_before(close));
    let (last, before_close) = match (items.ranges.last(), before_close) {
        (Some(last), Some(before_close)) => (last, before_close),
        (Some(last), None) => return vec![after_bare_list(syntax, items, last.end(), &inline)],
        (None, Some(open)) => {
            let comma = if items.lone_comma && new.len() == 1 { "," } else { "" };
            return vec![insertion(open.end(), format!("{inline}{comma}"))];
        }
        (None, None) => return Vec::new(),
    };
    let end = before_close.end();
    let trailing_comma = before_close.kind() == TokenKind::Comma;
    if one_per_line(syntax, items) {
        append_lines(syntax, layout, *last, end, trailing_comma, new)
    } else if let Some(edits) = over_lines(syntax, layout, line, items, before_close, new) {
        edits
    } else if trailing_comma && items.lone_comma && items.ranges.len() == 1 {
        // The comma was there only to make the tuple.
        vec![TextEdit { range: before_close.range().to_std_range(), replacement: format!(", {inline}") }]
    } else if trailing_comma {
        vec![insertion(end, format!(" {inline},"))]
    } else {
        vec![insertion(end, format!(", {inline}"))]
    }
}

/// Without brackets the list ends at its last item, or at the comma that makes a lone one a tuple.
fn after_bare_list(syntax: &Syntax<'_>, items: &Items<'_>, end: TextSize, inline: &str) -> TextEdit {
    let next = syntax.tokens().iter().find(|token| token.start() >= end);
    match next.filter(|next| items.lone_comma && next.kind() == TokenKind::Comma) {
        Some(comma) => TextEdit { range: comma.range().to_std_range(), replacement: format!(", {inline}") },
        None => insertion(end, format!(", {inline}")),
    }
}

/// Whether the closing bracket has its own line and the last item does not share one with its neighbour.
fn one_per_line(syntax: &Syntax<'_>, items: &Items<'_>) -> bool {
    let (Some(close), Some(last)) = (items.close, items.ranges.last()) else { return false };
    let neighbour = items.ranges.len().checked_sub(2).map(|at| items.ranges[at]);
    syntax.breaks_between(last.end(), close)
        && neighbour.is_none_or(|neighbour| syntax.breaks_between(neighbour.end(), last.start()))
}

fn append_lines(
    syntax: &Syntax<'_>,
    layout: &Layout,
    last: TextRange,
    end: TextSize,
    trailing_comma: bool,
    new: &[Item],
) -> Vec<TextEdit> {
    let place = Place { indentation: syntax.indentation(last.start()), newline: syntax.newline(end) };
    let mut text = layout::one_each(new, layout, place);
    if !trailing_comma {
        text.pop();
    }
    // After the line's own comment, so that it stays with its item.
    let line_end = syntax.line_end(end);
    if trailing_comma {
        vec![insertion(line_end, text)]
    } else if line_end == end {
        vec![insertion(end, format!(",{text}"))]
    } else {
        vec![insertion(end, ",".to_owned()), insertion(line_end, text)]
    }
}

/// A list on one line that has no room for the new items: all of them on the next line or, where they do not fit there
/// either, on one each.
fn over_lines(
    syntax: &Syntax<'_>,
    layout: &Layout,
    line: &Line,
    items: &Items<'_>,
    before_close: Token,
    new: &[Item],
) -> Option<Vec<TextEdit>> {
    let (open, close) = (items.open?, items.close?);
    let inline = layout::inline(new);
    let added = layout::chars(&inline) + 2;
    if syntax.breaks_between(open, close) || layout.has_room(line.chars, added) {
        return None;
    }
    let Place { indentation, newline } = line.place();
    let inner = format!("{indentation}{}", layout.unit());
    let trailing_comma = before_close.kind() == TokenKind::Comma;
    let present = layout::chars(syntax.slice(TextRange::new(open, before_close.end())));
    let mut edits = vec![insertion(open, format!("{newline}{inner}"))];
    // A comma at the end asks for one item a line.
    let mut end = if !trailing_comma && layout.has_room(layout::chars(&inner), present + added) {
        format!(", {inline}")
    } else {
        for pair in items.ranges.windows(2) {
            let between = syntax.tokens_in(TextRange::new(pair[0].end(), pair[1].start()));
            let comma = between.iter().find(|token| token.kind() == TokenKind::Comma)?;
            let gap = syntax.slice(TextRange::new(comma.end(), pair[1].start()));
            let blank = gap.len() - gap.trim_start().len();
            let range = TextRange::at(comma.end(), TextSize::new(blank as u32));
            edits.push(TextEdit { range: range.to_std_range(), replacement: format!("{newline}{inner}") });
        }
        let comma = if trailing_comma { "" } else { "," };
        format!("{comma}{}", layout::one_each(new, layout, Place { indentation: &inner, newline }))
    };
    end.push_str(newline);
    end.push_str(indentation);
    let range = TextRange::new(before_close.end(), close).to_std_range();
    edits.push(TextEdit { range, replacement: end });
    Some(edits)
}

fn insertion(at: TextSize, replacement: String) -> TextEdit {
    TextEdit { range: TextRange::empty(at).to_std_range(), replacement }
}
