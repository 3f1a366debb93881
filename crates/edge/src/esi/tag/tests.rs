use super::*;

#[test]
fn references_are_decoded_once_and_only_those_that_are_known() {
    for (value, decoded) in [
        ("", ""),
        ("/a/", "/a/"),
        ("&amp;&lt;&gt;&quot;&apos;&#39;&#x27;", "&<>\"'''"),
        ("&amp;lt;", "&lt;"),
        ("&amp;amp;amp;", "&amp;amp;"),
        ("&", "&"),
        ("&&amp", "&&amp"),
        ("?a=1&b=2&copy;", "?a=1&b=2&copy;"),
        ("&AMP;&#x3C;&#60;", "&AMP;&#x3C;&#60;"),
    ] {
        assert_eq!(String::from_utf8_lossy(&decode(value.as_bytes())), decoded);
    }
}

#[test]
fn a_tag_is_its_name_its_attributes_and_its_end() {
    let read = |text: &str| {
        let mut cursor = Cursor::new(text.as_bytes());
        let tag = StartTag::read(&mut cursor).unwrap();
        (tag, cursor.at())
    };
    let tag = |name, src, alt, onerror, is_empty| StartTag { name, src, alt, onerror, is_empty };
    assert_eq!(read("try>>"), (tag(0..3, None, None, None, false), 4));
    assert_eq!(read("a/>"), (tag(0..1, None, None, None, true), 3));
    assert_eq!(read("a src=''/>").0.src, Some(7..7));
    assert_eq!(
        read("include onerror='x' src=\"'\" alt = '>' other='' />"),
        (tag(0..7, Some(25..26), Some(35..36), Some(17..18), true), 49)
    );
}
