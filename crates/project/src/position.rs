//! Positions as CPython reports them, and their translation to byte offsets.

use ruff_text_size::TextSize;

#[cfg(test)]
mod tests;

/// Where an expression is, as `co_positions()` of a code object gives it.
///
/// Lines count from 1, columns are UTF-8 byte offsets from 0. For a call whose method name stands on a later line
/// than the start of its chain, CPython (3.11 and later) starts the span at the method name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourcePoint {
    /// The line that was executing.
    pub line: u32,
    /// The exact extent; `None` when the interpreter kept only lines (3.10, or `-X no_debug_ranges`).
    pub span: Option<SourceSpan>,
}

/// The extent of an expression that starts on the line of its [`SourcePoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceSpan {
    /// The line it ends on.
    pub end_line: u32,
    /// The column it starts at.
    pub column: u32,
    /// The column after its last byte.
    pub end_column: u32,
}

impl SourcePoint {
    /// A point of which only the line is known.
    pub fn line(line: u32) -> Self {
        Self { line, span: None }
    }
}

/// Line starts of a text, with Python's idea of a line end: `\n`, `\r\n` and a lone `\r`.
#[derive(Debug)]
pub(crate) struct LineIndex {
    starts: Vec<TextSize>,
}

impl LineIndex {
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        // CPython drops the byte-order mark before it counts columns.
        let first = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut starts = vec![first];
        for (index, byte) in bytes.iter().enumerate() {
            let ends_line = *byte == b'\n' || (*byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
            if ends_line {
                starts.push(index + 1);
            }
        }
        let starts = starts.into_iter().map(|start| TextSize::new(start as u32)).collect();
        Self { starts }
    }

    /// The line, counted from 1, that holds `offset`.
    pub(crate) fn line(&self, offset: TextSize) -> u32 {
        self.starts.partition_point(|start| *start <= offset).max(1) as u32
    }

    /// Where `line` starts, or `None` past the end of the text.
    pub(crate) fn start(&self, line: u32) -> Option<TextSize> {
        self.starts.get((line as usize).checked_sub(1)?).copied()
    }

    /// The text of `line` without its line ending.
    pub(crate) fn text<'t>(&self, text: &'t str, line: u32) -> Option<&'t str> {
        let start = self.start(line)?.to_usize();
        let end = self.start(line.checked_add(1)?).map_or(text.len(), |next| next.to_usize());
        Some(text.get(start..end)?.trim_end_matches(['\n', '\r']))
    }

    /// The offset of a line and column, or `None` when the text has no such place.
    pub(crate) fn offset(&self, text: &str, line: u32, column: u32) -> Option<TextSize> {
        let start = self.start(line)?;
        let content = self.text(text, line)?;
        content.is_char_boundary(column as usize).then(|| start + TextSize::new(column))
    }
}
