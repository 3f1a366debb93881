use proptest::prelude::*;

use super::*;

fn tables_of(sql: &str) -> Vec<&str> {
    Statement::read(sql).tables
}

#[test]
fn tables_are_found_where_they_stand() {
    for (sql, expected) in [
        (r#"SELECT "b"."id" FROM "shop_book" "b" WHERE 1"#, vec!["shop_book"]),
        (r#"SELECT 1 FROM a INNER JOIN "b" ON (a.id = b.id) LEFT OUTER JOIN c T3 ON 1"#, vec!["a", "b", "c"]),
        ("SELECT 1 FROM a, b x, c AS y WHERE d", vec!["a", "b", "c"]),
        ("SELECT 1 FROM public.a, \"s\".\"b\"", vec!["a", "b"]),
        ("SELECT 1 FROM (SELECT 1 FROM inner_table, other) sub, c", vec!["inner_table", "other", "c"]),
        ("SELECT 1 FROM (a JOIN b ON 1) WHERE x IN (SELECT y FROM z)", vec!["a", "b", "z"]),
        ("SELECT EXTRACT(year FROM created) FROM a", vec!["a"]),
        ("SELECT 1 FROM a WHERE x IS DISTINCT FROM y", vec!["a"]),
        ("SELECT 1 FROM generate_series(1, 2) g, a", vec!["a"]),
        ("SELECT 1 FROM a FOR UPDATE", vec!["a"]),
        ("SELECT 1 FROM ONLY a, LATERAL (SELECT 1 FROM b) s", vec!["a", "b"]),
        ("SELECT 1 UNION SELECT 2 FROM a ORDER BY x, y", vec!["a"]),
        ("INSERT INTO a (x, y) VALUES (%s, %s) ON CONFLICT (x) DO UPDATE SET y = 1", vec!["a"]),
        ("INSERT INTO a (x) SELECT y FROM b", vec!["a", "b"]),
        ("REPLACE INTO `a` VALUES (1)", vec!["a"]),
        ("UPDATE \"a\" SET x = 1, y = (SELECT z FROM b) WHERE c", vec!["a", "b"]),
        ("UPDATE a SET x = 1 FROM b, c WHERE a.id = b.id", vec!["a", "b", "c"]),
        ("DELETE FROM a WHERE id IN (%s, %s)", vec!["a"]),
        (
            "WITH x AS (SELECT 1 FROM a), y (n) AS (SELECT 1 FROM b) SELECT 1 FROM x, y, c",
            vec!["c", "a", "b"],
        ),
        ("WITH RECURSIVE t AS (SELECT 1 FROM a UNION SELECT 1 FROM t) SELECT 1 FROM t", vec!["a"]),
        ("SELECT 1", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(tables_of(sql), expected, "{sql}");
    }
}

#[test]
fn verbs() {
    for (sql, verb) in [
        ("/* trace */ select 1", Verb::Select),
        ("(SELECT 1) UNION (SELECT 2)", Verb::Select),
        ("WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x", Verb::Insert),
        ("WITH x AS (DELETE FROM a RETURNING id) SELECT * FROM x", Verb::Select),
        ("UPDATE a SET b = 1; DROP TABLE a", Verb::Update),
        ("DELETE FROM a", Verb::Delete),
        ("SAVEPOINT \"s1\"", Verb::Savepoint),
        ("ROLLBACK TO SAVEPOINT s1", Verb::Savepoint),
        ("RELEASE SAVEPOINT s1", Verb::Savepoint),
        ("ROLLBACK", Verb::Transaction),
        ("BEGIN", Verb::Transaction),
        ("SET search_path TO x", Verb::Other),
        ("CREATE TABLE a (id int)", Verb::Other),
        ("", Verb::Other),
    ] {
        assert_eq!(Statement::read(sql).verb, verb, "{sql}");
    }
}

#[test]
fn a_count_is_told_from_a_column_among_others() {
    let counts = |sql| Statement::read(sql).counts;
    assert!(counts("SELECT COUNT(*) AS \"__count\" FROM a"));
    assert!(counts("SELECT COUNT(*) FROM (SELECT DISTINCT b FROM a) subquery"));
    assert!(!counts("SELECT b, COUNT(*) FROM a GROUP BY b"));
    assert!(!counts("SELECT COUNT(*), MAX(b) FROM a"));
    assert!(!counts("SELECT b FROM a"));
}

proptest! {
    #[test]
    fn any_text_can_be_read(
        sql in "((WITH|SELECT|FROM|JOIN|UPDATE|INTO|AS|DELETE|WHERE|,|\\(|\\)|\\.|;|=|%s|a|\"b\") ?){0,25}"
    ) {
        let statement = Statement::read(&sql);
        let mut seen = std::collections::HashSet::new();
        prop_assert!(statement.tables.iter().all(|table| seen.insert(*table) && sql.contains(table)));
    }
}
