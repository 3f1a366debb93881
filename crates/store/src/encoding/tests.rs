use super::*;

#[test]
fn any_text_survives() {
    let headers = vec![
        ("accept".to_owned(), "text/html, */*;q=0.8".to_owned()),
        (String::new(), "\0\r\n: \u{1f4da}".to_owned()),
    ];
    assert_eq!(decode_pairs(&pairs(&headers)), Ok(headers));
    let search_path = vec!["/srv/shop".to_owned(), String::new(), "a\nb".to_owned()];
    assert_eq!(decode_texts(&texts(&search_path)), Ok(search_path));
}

#[test]
fn kinds_survive_and_unknown_ones_are_refused() {
    for each in
        [TransactionKind::Http, TransactionKind::Test, TransactionKind::Command, TransactionKind::Task]
    {
        assert_eq!(decode_kind(kind(each)), Ok(each));
    }
    assert_eq!(decode_kind(4), Err(DecodeError::Tag(4)));
    assert_eq!(decode_kind(-1), Err(DecodeError::Tag(u8::MAX)));
}

#[test]
fn damaged_lists_are_refused() {
    assert_eq!(decode_texts(&[9]), Err(DecodeError::Count));
    assert_eq!(decode_pairs(&[1, 1, b'a']), Err(DecodeError::Truncated));
    assert_eq!(decode_texts(&[0, 0]), Err(DecodeError::Trailing));
}

#[test]
fn integers_beyond_the_columns_are_cut() {
    assert_eq!(unsigned(integer(1 << 40)), 1 << 40);
    assert_eq!(integer(u64::MAX), i64::MAX);
    assert_eq!(unsigned(-1), 0);
}
