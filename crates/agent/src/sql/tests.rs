use super::*;

#[test]
fn literals_do_not_get_through() {
    for (sql, expected) in [
        ("SELECT 1", "SELECT 1"),
        ("SELECT * FROM t WHERE a = %s", "SELECT * FROM t WHERE a = %s"),
        ("… WHERE name = 'O''Hara' AND b = 'x'", "… WHERE name = ? AND b = ?"),
        (r"… WHERE name = E'it\'s secret' AND b", "… WHERE name = E? AND b"),
        ("… WHERE \"it's\" = 'secret'", "… WHERE \"it's\" = ?"),
        ("SELECT $$a 'secret'$$, 2", "SELECT ?, 2"),
        ("SELECT $q$secret$q$", "SELECT ?"),
        ("SELECT a FROM t WHERE b = $1 AND c = $2", "SELECT a FROM t WHERE b = $1 AND c = $2"),
        ("… WHERE token = 'unfinished", "… WHERE token = ?"),
        ("SELECT 'ä' || 'ö'", "SELECT ? || ?"),
    ] {
        assert_eq!(template(sql, 1_000), expected);
    }
}

#[test]
fn long_statements_are_cut_at_a_character() {
    assert_eq!(template("SELECT ää", 8), "SELECT …");
    assert_eq!(template("SELECT a", 8), "SELECT a");
}

#[test]
fn what_django_writes_is_recognised() {
    assert_eq!(leading("SELECT COUNT(*) AS \"__count\" FROM \"shop_book\""), Leading::Count);
    assert_eq!(leading("SELECT 1 AS \"a\" FROM \"shop_book\" LIMIT 1"), Leading::Exists);
    assert_eq!(leading("SELECT %s AS \"a\" FROM \"shop_book\" LIMIT 1"), Leading::Exists);
    assert_eq!(leading("SELECT %s AS \"av\" FROM \"shop_book\" LIMIT 1"), Leading::Other);
    assert_eq!(leading("SELECT \"shop_book\".\"id\" FROM \"shop_book\""), Leading::Other);
    assert!(is_select("select 1") && !is_select("UPDATE t") && !is_select("é") && !is_select(""));
}
