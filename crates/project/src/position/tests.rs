use super::*;

#[test]
fn every_python_line_end_counts() {
    let text = "a\nbb\r\nc\rd";
    let lines = LineIndex::new(text);
    let all: Vec<_> = (0..=5).map(|line| lines.text(text, line)).collect();
    assert_eq!(all, [None, Some("a"), Some("bb"), Some("c"), Some("d"), None]);
}

#[test]
fn columns_are_bytes_after_the_byte_order_mark() {
    let text = "\u{feff}é = 1\n";
    let lines = LineIndex::new(text);
    assert_eq!(lines.offset(text, 1, 0), Some(TextSize::new(3)));
    assert_eq!(lines.offset(text, 1, 2), Some(TextSize::new(5)));
    assert_eq!(lines.offset(text, 1, 1), None, "inside a character");
    assert_eq!(lines.offset(text, 1, 99), None, "past the line");
    assert_eq!(lines.offset(text, u32::MAX, 0), None, "past the text");
}

#[test]
fn an_offset_knows_its_line() {
    let lines = LineIndex::new("a\nbb\n");
    let found: Vec<_> = (0..=5).map(|offset| lines.line(TextSize::new(offset))).collect();
    assert_eq!(found, [1, 1, 2, 2, 2, 3]);
}
