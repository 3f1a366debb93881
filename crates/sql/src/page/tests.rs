use proptest::prelude::*;

use super::*;

#[test]
fn a_page_is_both_numbers_of_the_outermost_query() {
    let page = |limit, offset| Some(Page { limit, offset });
    for (sql, expected) in [
        (r#"SELECT "a"."id" FROM "a" ORDER BY "a"."id" ASC LIMIT 20 OFFSET 4000"#, page(20, 4000)),
        ("select 1 from a limit 20 /* far */ offset 0", page(20, 0)),
        ("SELECT 1 FROM (SELECT 1 FROM a LIMIT 5 OFFSET 9) x LIMIT 20 OFFSET 40", page(20, 40)),
        ("SELECT COUNT(*) FROM (SELECT 1 FROM a LIMIT 20 OFFSET 40) x", None),
        ("SELECT 1 FROM a LIMIT 20", None),
        ("SELECT 1 FROM a OFFSET 40", None),
        // SQLite's way to say that there is no limit.
        ("SELECT 1 FROM a LIMIT -1 OFFSET 40", None),
        ("SELECT 1 FROM a LIMIT %s OFFSET %s", None),
        ("SELECT 1 FROM a LIMIT 20 OFFSET 99999999999999999999", None),
        ("SELECT \"offset\" FROM a", None),
        ("", None),
    ] {
        assert_eq!(super::page(sql), expected, "{sql}");
    }
}

proptest! {
    #[test]
    fn any_text_can_be_read(sql in r"((SELECT|LIMIT|OFFSET|offset|20|-|\(|\)|%s|é|'x) ?){0,20}") {
        let _ = page(&sql);
    }
}
