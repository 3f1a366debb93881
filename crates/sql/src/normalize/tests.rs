use proptest::prelude::*;

use super::*;

#[test]
fn values_and_their_number_do_not_count() {
    for (sql, expected) in [
        ("SELECT a FROM t WHERE b = 1 AND c = 'x'", "select a from t where b = ? and c = ?"),
        ("SELECT a FROM t WHERE b = %s AND c = $2", "select a from t where b = ? and c = ?"),
        ("SELECT \"a\" FROM t WHERE b IN (%s, %s, %s)", "select \"a\" from t where b in (?)"),
        ("SELECT \"a\" FROM t WHERE b IN (1)", "select \"a\" from t where b in (?)"),
        ("INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s)", "insert into t (a, b) values (?)"),
        ("SELECT a /* id 7 */ FROM t -- now\n LIMIT 10 OFFSET 20", "select a from t limit ? offset ?"),
        ("SELECT f(a, 1)", "select f (a, ?)"),
        ("SELECT ((1), (2))", "select ((?))"),
    ] {
        assert_eq!(normalize(sql), expected);
    }
}

#[test]
fn other_statements_stay_apart() {
    let statements =
        ["SELECT a FROM t", "SELECT b FROM t", "SELECT a FROM \"T\"", "SELECT a FROM t WHERE b = 1"];
    let texts: std::collections::HashSet<_> = statements.iter().map(|sql| normalize(sql)).collect();
    assert_eq!(texts.len(), statements.len());
    assert_eq!(normalize("select A from T where b=2"), normalize(statements[3]));
}

proptest! {
    #[test]
    fn normalizing_twice_changes_nothing(sql in r#"([a-c]{1,2}|'x'|[0-9]{1,2}|%s|[(),.=*"-]| |\n){0,30}"#) {
        let once = normalize(&sql);
        prop_assert_eq!(normalize(&once), once);
    }
}
