use crate::root::RelativePath;

use super::*;

const TEXT: &str = "x = Book.objects.all()\n";

/// The verdict on edits that were not planned, for an order of `publisher` on the chain of [`TEXT`].
fn verdict(edits: &[(usize, usize, &str)]) -> Result<(), Unsupported> {
    let source = Source::new(RelativePath::new("a.py").unwrap(), TEXT.to_owned());
    let base = TextRange::new(TextSize::new(4), TextSize::new(16));
    let order = Order { spot: Spot::Chain(base), loads: vec![Load::Select("publisher".to_owned())] };
    let edits: Vec<_> = edits
        .iter()
        .map(|(start, end, replacement)| TextEdit {
            range: *start..*end,
            replacement: (*replacement).to_owned(),
        })
        .collect();
    check(&source, 0, &[order], &edits)
}

#[track_caller]
fn refused(edits: &[(usize, usize, &str)], expected: &'static str) {
    assert_eq!(verdict(edits), Err(Unsupported::Gate { reason: expected }));
}

#[test]
fn an_edit_that_does_what_was_ordered_passes() {
    assert_eq!(verdict(&[(17, 22, "select_related('publisher')")]), Ok(()));
}

#[test]
fn any_other_edit_is_stopped() {
    refused(&[(0, 1, "y")], "a second run would edit again");
    refused(&[(17, 22, "select_related('publisher'")], "the result does not parse");
    refused(&[(17, 22, "select_related(f'{'publisher'}')")], "the result would need a newer Python");
    refused(&[(17, 22, "values()")], "the result is not recognised");
    refused(&[(0, 3, "y ="), (2, 4, "")], "two edits overlap");
    refused(&[(2, 6, "= Bo")], "an edit swallows the place of another");
}
