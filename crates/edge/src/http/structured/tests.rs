use proptest::prelude::*;

use super::*;

fn read(lines: &[&str]) -> Option<Vec<(String, Value)>> {
    dictionary(&fields(lines), Name::CdnCacheControl)
}

fn fields(lines: &[&str]) -> Fields {
    let mut fields = Fields::default();
    for line in lines {
        fields.push_known(Name::CdnCacheControl, line.as_bytes());
    }
    fields
}

fn member(key: &str, value: Value) -> (String, Value) {
    (key.to_owned(), value)
}

#[test]
fn a_dictionary_goes_over_lines_and_its_last_member_counts() {
    let expected = vec![member("a", Value::Boolean(true)), member("max-age", Value::Integer(60))];
    assert_eq!(read(&["max-age=1, a", "max-age=60"]), Some(expected));
    assert_eq!(read(&["a;x=1;y"]), Some(vec![member("a", Value::Boolean(true))]));
    assert_eq!(read(&[]), None);
    assert_eq!(read(&[""]), Some(vec![]));
}

#[test]
fn values_are_what_their_first_byte_says() {
    for (text, value) in [
        ("-5", Value::Integer(-5)),
        ("1.5", Value::Decimal),
        (r#""a\"b""#, Value::String("a\"b".to_owned())),
        ("public/x:*", Value::Token("public/x:*".to_owned())),
        (":aGVsbG8=:", Value::Other),
        ("?0", Value::Boolean(false)),
        ("@1659578233", Value::Other),
        ("%\"f%c3%bc\"", Value::Other),
        ("(1 \"a\";b c)", Value::InnerList),
    ] {
        assert_eq!(read(&[&format!("k={text}")]), Some(vec![member("k", value)]), "{text}");
    }
}

#[test]
fn one_mistake_makes_it_no_field() {
    for text in [
        "A=1",
        "a =1",
        "a= 1",
        "a=",
        "a,",
        ",a",
        "a,,b",
        "a b",
        "a=\"x",
        "a=1.",
        "a=1.2345",
        "a=1234567890123456",
        "a=?2",
        "a=(1",
        "a=(1,2)",
        "a=@1.5",
        "a=:x",
        "max-age=60, =",
        "a='1'",
        "a;B",
        "a=%\"%zz\"",
    ] {
        assert_eq!(read(&[text]), None, "{text}");
    }
}

#[test]
fn a_list_of_strings_has_nothing_else() {
    let of = |text: &str| strings(&fields(&[text]), Name::CdnCacheControl);
    assert_eq!(of(r#""a", "b";x"#), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(of(r#""a", b"#), None);
    assert_eq!(of(r#"("a")"#), None);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in proptest::collection::vec(any::<u8>(), 0..80)) {
        let mut fields = Fields::default();
        fields.push_known(Name::CdnCacheControl, &text);
        let _ = dictionary(&fields, Name::CdnCacheControl);
        let _ = strings(&fields, Name::CdnCacheControl);
    }

    #[test]
    fn strings_are_read_as_they_are_written(texts in proptest::collection::vec("[ -~]{0,12}", 1..5)) {
        let escaped = |text: &String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let line = texts.iter().map(escaped).collect::<Vec<_>>().join(", ");
        prop_assert_eq!(strings(&fields(&[&line]), Name::CdnCacheControl), Some(texts));
    }
}
