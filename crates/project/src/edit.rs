//! Edits as replaced ranges of a text.

use std::ops::Range;

#[cfg(test)]
mod tests;

/// One replaced range of a text, in bytes. An empty range is an insertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// The bytes that go.
    pub range: Range<usize>,
    /// What comes in their place.
    pub replacement: String,
}

/// Edits that do not fit the text they are applied to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEdits {
    /// The ranges are not in order, or two of them share bytes.
    #[error(
        "the edit at byte {start} overlaps the one before it; this is a fault of Escala, please report it"
    )]
    Overlap {
        /// Where the second of the two starts.
        start: usize,
    },
    /// A range that ends outside the text or inside a character.
    #[error(
        "the edit at bytes {start}..{end} does not lie on characters of the text; the edits belong to another text"
    )]
    OutOfBounds {
        /// Where the range starts.
        start: usize,
        /// Where it ends.
        end: usize,
    },
}

/// The text with `edits` applied; they must be in order and must not overlap. All other bytes stay as they are.
pub fn apply(text: &str, edits: &[TextEdit]) -> Result<String, InvalidEdits> {
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for TextEdit { range, replacement } in edits {
        if range.start < copied {
            return Err(InvalidEdits::Overlap { start: range.start });
        }
        let kept = text.get(copied..range.start).filter(|_| text.get(range.clone()).is_some());
        let Some(kept) = kept else {
            return Err(InvalidEdits::OutOfBounds { start: range.start, end: range.end });
        };
        result.push_str(kept);
        result.push_str(replacement);
        copied = range.end;
    }
    result.push_str(&text[copied..]);
    Ok(result)
}

/// Where a place of the old text is in the new one; `None` when an edit swallowed it.
///
/// `after_insertion` decides on which side of text inserted exactly there the place ends up.
pub(crate) fn moved(edits: &[TextEdit], offset: usize, after_insertion: bool) -> Option<usize> {
    let mut moved = offset;
    for TextEdit { range, replacement } in edits {
        let insertion_here = range.is_empty() && range.start == offset;
        if range.start > offset || (range.start == offset && !range.is_empty()) {
            break;
        }
        if insertion_here && !after_insertion {
            continue;
        }
        if range.end > offset {
            return None;
        }
        moved = moved - range.len() + replacement.len();
    }
    Some(moved)
}
