//! Adding items to a list in brackets the way it is laid out.

use ruff_python_ast::token::TokenKind;
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::edit::TextEdit;
use crate::syntax::Syntax;

/// Arguments of a call, elements of a tuple or list, names of an import.
pub(super) struct Items<'r> {
    /// The existing items, in source order.
    pub(super) ranges: &'r [TextRange],
    /// Where the closing bracket stands; `None` for a list without brackets.
    pub(super) close: Option<TextSize>,
    /// Whether a lone item needs a comma after it, as in a tuple.
    pub(super) lone_comma: bool,
}

/// The edits that append `new` items: on lines of their own where the list is laid out so, inline otherwise.
pub(super) fn append(syntax: &Syntax<'_>, items: &Items<'_>, new: &[String]) -> Vec<TextEdit> {
    let inline = new.join(", ");
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
        append_lines(syntax, *last, end, trailing_comma, new)
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
    last: TextRange,
    end: TextSize,
    trailing_comma: bool,
    new: &[String],
) -> Vec<TextEdit> {
    let prefix = format!("{}{}", syntax.newline(end), syntax.indentation(last.start()));
    let mut text = new.iter().map(|item| format!("{prefix}{item}")).collect::<Vec<_>>().join(",");
    if trailing_comma {
        text.push(',');
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

fn insertion(at: TextSize, replacement: String) -> TextEdit {
    TextEdit { range: TextRange::empty(at).to_std_range(), replacement }
}
