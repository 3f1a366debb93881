use super::*;

#[test]
fn clauses_begin_lines_and_conditions_indented_ones() {
    let sql = r#"SELECT "a"."id" FROM "a" INNER JOIN "b" ON ("a"."b_id" = "b"."id" AND "b"."x") LEFT OUTER JOIN "c" ON (1) WHERE ("a"."x" = %s AND "a"."y" BETWEEN %s AND %s OR z) ORDER BY "a"."id" ASC LIMIT 21"#;
    assert_eq!(
        layout(sql),
        r#"SELECT "a"."id"
FROM "a"
INNER JOIN "b" ON ("a"."b_id" = "b"."id" AND "b"."x")
LEFT OUTER JOIN "c" ON (1)
WHERE ("a"."x" = %s AND "a"."y" BETWEEN %s AND %s OR z)
ORDER BY "a"."id" ASC
LIMIT 21"#
    );
    assert_eq!(
        layout("DELETE FROM a WHERE x BETWEEN 1 AND 2 AND y IS DISTINCT FROM z OR w"),
        "DELETE FROM a\nWHERE x BETWEEN 1 AND 2\n  AND y IS DISTINCT FROM z\n  OR w"
    );
    assert_eq!(layout("UPDATE a SET x = %s WHERE id = 1"), "UPDATE a\nSET x = %s\nWHERE id = 1");
    assert_eq!(
        layout("INSERT INTO a (x, y) VALUES (%s, %s) RETURNING id"),
        "INSERT INTO a (x, y)\nVALUES (%s, %s)\nRETURNING id"
    );
}

#[test]
fn subqueries_are_indented_and_calls_stay_on_their_line() {
    assert_eq!(
        layout("SELECT EXTRACT(YEAR FROM d), (SELECT count(*) FROM b WHERE b.a = a.id AND c) FROM a"),
        "SELECT EXTRACT(YEAR FROM d), (\n    SELECT count(*)\n    FROM b\n    WHERE b.a = a.id\n      AND c)\nFROM a"
    );
}

#[test]
fn long_lists_are_broken_after_a_comma() {
    let columns: Vec<_> = (0..40).map(|at| format!("\"shop_book\".\"column_{at}\"")).collect();
    let text = layout(&format!("SELECT {} FROM x", columns.join(", ")));
    assert!(text.lines().all(|line| line.len() < LINE_CHARACTERS + 30), "{text}");
    assert!(text.lines().count() > 8);
}

#[test]
fn only_white_space_changes_whatever_the_text() {
    let texts = [
        "",
        ")))((",
        "SELECT (SELECT 1",
        "-- a comment\nSELECT 1 -- another\n, 2 /* and */ FROM x)",
        "select 'it''s' || E'\\'' , $tag$ from $tag$ from a--b",
        "AND AND OR BETWEEN AND AND SELECT",
        "a\u{a0}\u{1f600}, \"unfinished",
        "%s%s%%(x)s ?::int",
    ];
    for sql in texts {
        let laid_out = layout(sql);
        let words = |text| tokens(text).map(|token| token.text.to_owned()).collect::<Vec<_>>();
        assert_eq!(words(&laid_out), words(sql), "{laid_out}");
        assert_eq!(layout(&laid_out), laid_out);
    }
}
