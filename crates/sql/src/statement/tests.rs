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
    for (sql, verb, writes) in [
        ("/* trace */ select 1", Verb::Select, false),
        ("(SELECT 1) UNION (SELECT 2)", Verb::Select, false),
        ("WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x", Verb::Insert, true),
        ("WITH x AS (DELETE FROM a RETURNING id) SELECT * FROM x", Verb::Select, true),
        ("UPDATE a SET b = 1; DROP TABLE a", Verb::Update, true),
        ("DELETE FROM a", Verb::Delete, true),
        ("SAVEPOINT \"s1\"", Verb::Savepoint, false),
        ("ROLLBACK TO SAVEPOINT s1", Verb::Savepoint, false),
        ("RELEASE SAVEPOINT s1", Verb::Savepoint, false),
        ("ROLLBACK", Verb::Transaction, false),
        ("BEGIN", Verb::Transaction, false),
        ("SET search_path TO x", Verb::Other, false),
        ("CREATE TABLE a (id int)", Verb::Other, false),
        ("", Verb::Other, false),
    ] {
        let statement = Statement::read(sql);
        assert_eq!((statement.verb, statement.writes), (verb, writes), "{sql}");
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

#[test]
fn a_key_is_the_whole_condition() {
    let key = |sql| Statement::read(sql).key;
    assert_eq!(key(r#"SELECT 1 FROM "a" WHERE "a"."id" = %s LIMIT 21"#), Some("id"));
    assert_eq!(key("SELECT 1 FROM a WHERE slug = 'x' ORDER BY slug"), Some("slug"));
    assert_eq!(key("UPDATE a SET b = %s WHERE a.id = %s"), Some("id"));
    assert_eq!(key("SELECT 1 FROM a WHERE a.id = %s AND b = %s"), None);
    assert_eq!(key("SELECT 1 FROM a WHERE a.id IN (%s)"), None);
    assert_eq!(key("SELECT 1 FROM a WHERE a.id = b.id"), None);
    assert_eq!(key("SELECT 1 FROM a"), None);
}

#[test]
fn only_the_outermost_offset_counts() {
    assert!(Statement::read("SELECT 1 FROM a LIMIT 10 OFFSET 2000").skips);
    assert!(!Statement::read("SELECT 1 FROM (SELECT 1 FROM a OFFSET 3) x").skips);
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
