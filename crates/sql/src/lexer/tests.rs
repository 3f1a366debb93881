use proptest::prelude::*;

use super::TokenKind::{Comment, Literal, Number, Placeholder, Quoted, Symbol, Word};
use super::*;

fn lex(sql: &str) -> Vec<(TokenKind, &str)> {
    tokens(sql).map(|token| (token.kind, token.text)).collect()
}

#[test]
fn what_django_sends() {
    assert_eq!(
        lex(r#"SELECT "book"."id" FROM "book" WHERE "book"."id" = %s LIMIT 21"#),
        [
            (Word, "SELECT"),
            (Quoted, "\"book\""),
            (Symbol, "."),
            (Quoted, "\"id\""),
            (Word, "FROM"),
            (Quoted, "\"book\""),
            (Word, "WHERE"),
            (Quoted, "\"book\""),
            (Symbol, "."),
            (Quoted, "\"id\""),
            (Symbol, "="),
            (Placeholder, "%s"),
            (Word, "LIMIT"),
            (Number, "21"),
        ]
    );
}

#[test]
fn one_token_each() {
    for (text, kind) in [
        ("'it''s'", Literal),
        (r"E'it\'s'", Literal),
        (r"'C:\'", Literal),
        ("'unfinished", Literal),
        ("$$it's$$", Literal),
        ("$q$ $$ $q$", Literal),
        ("$1", Placeholder),
        ("%(name)s", Placeholder),
        ("?", Placeholder),
        (":arg0", Placeholder),
        ("%%", Symbol),
        ("::", Symbol),
        ("$", Symbol),
        ("1.5e3", Number),
        ("`a``b`", Quoted),
        ("\"it's\"", Quoted),
        ("größe_2$", Word),
        ("-- to the end", Comment),
        ("/* a /* nested */ comment */", Comment),
        ("/*/", Comment),
    ] {
        assert_eq!(lex(text), [(kind, text)]);
    }
}

#[test]
fn a_cast_is_no_placeholder() {
    assert_eq!(lex("%s::int"), [(Placeholder, "%s"), (Symbol, "::"), (Word, "int")]);
    assert_eq!(lex("a % b"), [(Word, "a"), (Symbol, "%"), (Word, "b")]);
}

#[test]
fn identifiers_lose_their_quotes() {
    let names: Vec<_> = tokens("book \"Book\" `book` 'book'").map(Token::identifier).collect();
    assert_eq!(names, [Some("book"), Some("Book"), Some("book"), None]);
}

proptest! {
    #[test]
    fn any_text_has_tokens_and_loses_only_white_space(sql in r#"[ -~äß\n]{0,60}|[%$:'"`/*()sE -]{0,30}"#) {
        let together: String = tokens(&sql).map(|token| token.text).collect();
        let without_space = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        prop_assert_eq!(without_space(&together), without_space(&sql));
        prop_assert!(tokens(&sql).all(|token| !token.text.is_empty()));
    }
}
