use proptest::prelude::*;

use super::*;

fn edit(range: Range<usize>, replacement: &str) -> TextEdit {
    TextEdit { range, replacement: replacement.to_owned() }
}

#[test]
fn replaces_inserts_and_deletes() {
    let edits = [edit(0..1, "A"), edit(2..2, "-"), edit(3..4, "")];
    assert_eq!(apply("abcde", &edits).as_deref(), Ok("Ab-ce"));
}

#[test]
fn refuses_what_does_not_fit() {
    let overlap = [edit(0..3, ""), edit(2..4, "")];
    assert_eq!(apply("abcde", &overlap), Err(InvalidEdits::Overlap { start: 2 }));
    assert_eq!(apply("abc", &[edit(2..9, "")]), Err(InvalidEdits::OutOfBounds { start: 2, end: 9 }));
    assert_eq!(apply("é", &[edit(1..1, "x")]), Err(InvalidEdits::OutOfBounds { start: 1, end: 1 }));
    #[expect(clippy::reversed_empty_ranges, reason = "the case under test")]
    let reversed = [edit(3..1, "")];
    assert_eq!(apply("abcde", &reversed), Err(InvalidEdits::OutOfBounds { start: 3, end: 1 }));
}

#[test]
fn a_place_moves_with_the_text_before_it() {
    let edits = [edit(1..1, "xx"), edit(3..5, "")];
    assert_eq!(moved(&edits, 0, true), Some(0));
    assert_eq!(moved(&edits, 1, false), Some(1));
    assert_eq!(moved(&edits, 1, true), Some(3));
    assert_eq!(moved(&edits, 3, true), Some(5));
    assert_eq!(moved(&edits, 4, true), None);
    assert_eq!(moved(&edits, 5, true), Some(5));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Edits made of arbitrary ranges either are refused or leave every byte between them alone.
    #[test]
    fn bytes_outside_the_edits_stay(
        text in "\\PC{0,40}",
        ranges in prop::collection::vec((0_usize..60, 0_usize..8, "[xyz]{0,3}"), 0..4),
    ) {
        let mut edits: Vec<_> =
            ranges.into_iter().map(|(start, len, replacement)| edit(start..start + len, &replacement)).collect();
        edits.sort_by_key(|edit| edit.range.start);
        if let Ok(result) = apply(&text, &edits) {
            let mut old = 0;
            let mut rest = result.as_str();
            for edit in &edits {
                rest = rest.strip_prefix(&text[old..edit.range.start]).expect("kept bytes");
                rest = rest.strip_prefix(edit.replacement.as_str()).expect("replacement");
                old = edit.range.end;
            }
            prop_assert_eq!(rest, &text[old..]);
        }
    }
}
