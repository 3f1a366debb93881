use crate::testing::{Code, Observed, findings};

const COUNT: &str = r#"SELECT COUNT(*) AS "__count" FROM "shop_book" WHERE "shop_book"."publisher_id" = %s"#;
const EXISTS: &str = r#"SELECT 1 AS "a" FROM "shop_book" WHERE "shop_book"."publisher_id" = %s LIMIT 1"#;
const FETCH: &str = r#"SELECT "shop_book"."id", "shop_book"."title" FROM "shop_book" WHERE "shop_book"."publisher_id" = %s ORDER BY "shop_book"."title" ASC"#;

fn views() -> Code {
    Code::new(
        "shop/views.py",
        r"
def publisher(request, pk):
    books = Book.objects.filter(publisher=pk)
    if books.exists():
        for book in books:
            show(book)


def other(request, pk):
    return [book for book in every(pk)]
",
    )
}

#[test]
fn rows_that_are_fetched_after_asking_whether_there_are_any() {
    for asked in [EXISTS, COUNT] {
        let mut request = Observed::get("/publisher/");
        request.asks(asked, 1, &[&views().at("books.exists()")]);
        request.asks(FETCH, 1, &[&views().at("for book in books:")]);
        assert_eq!(
            findings([request]),
            "count-then-fetch SELECT FROM shop_book (Certain)\n  \
               asked   shop/views.py:3\n  \
               costs   1 queries, 0.5 ms on GET /publisher/\n  \
               try     len(books) for .count(), `if books:` for .exists(): both keep the rows\n"
        );
    }
}

#[test]
fn guard_a_page_needs_the_number_apart() {
    let mut request = Observed::get("/publisher/");
    request.asks(COUNT, 1, &[&views().at("books.exists()")]);
    request.asks(&format!("{FETCH} LIMIT 20"), 1, &[&views().at("for book in books:")]);
    assert_eq!(findings([request]), "");
}

#[test]
fn guard_a_list_of_the_admin_counts_as_it_does() {
    let admin = Code::new("shop/admin.py", "class BookAdmin(ModelAdmin):\n    list_per_page = 20\n");
    let mut request = Observed::get("/admin/shop/book/");
    request.asks(COUNT, 1, &[&admin.class("BookAdmin", "")]);
    request.asks(FETCH, 1, &[&admin.class("BookAdmin", "")]);
    assert_eq!(findings([request]), "");
}

#[test]
fn guard_an_aggregate_fetches_no_rows() {
    let columns = r#""shop_book"."id", "shop_book"."title""#;
    for aggregate in [r#"SUM("shop_book"."price") AS "price__sum""#, r#"MAX("shop_book"."id")"#] {
        let sql = FETCH.replace(columns, aggregate);
        assert_ne!(sql, FETCH);
        let mut request = Observed::get("/publisher/");
        request.asks(COUNT, 1, &[&views().at("books.exists()")]);
        request.asks(&sql, 1, &[&views().at("for book in books:")]);
        assert_eq!(findings([request]), "");
    }
}

#[test]
fn guard_a_number_alone_is_what_count_is_for() {
    let mut request = Observed::get("/publisher/");
    request.asks(FETCH, 1, &[&views().at("for book in books:")]);
    request.asks(COUNT, 1, &[&views().at("books.exists()")]);
    assert_eq!(findings([request]), "");
}

#[test]
fn guard_another_condition_or_another_function_asks_for_other_rows() {
    let mut request = Observed::get("/publisher/");
    request.asks(EXISTS, 1, &[&views().at("books.exists()")]);
    request.asks(FETCH, 1, &[&views().at("[book for book in every(pk)]")]);
    let other = FETCH.replace("publisher_id", "author_id");
    request.asks(&other, 1, &[&views().at("for book in books:")]);
    assert_eq!(findings([request]), "");
}

#[test]
fn guard_a_longer_list_of_keys_asks_for_other_rows() {
    let found = |keys: &str| {
        let with = |sql: &str, keys: &str| sql.replace("= %s", &format!("IN ({keys})"));
        let mut request = Observed::get("/publisher/");
        request.asks(&with(COUNT, "%s, %s"), 1, &[&views().at("books.exists()")]);
        request.asks(&with(FETCH, keys), 1, &[&views().at("for book in books:")]);
        findings([request])
    };
    assert!(found("%s, %s").starts_with("count-then-fetch"));
    assert_eq!(found("%s, %s, %s"), "");
}

#[test]
fn guard_a_command_may_count_what_it_takes_one_by_one() {
    for mut unit in [Observed::command("import_books"), Observed::task("shop.tasks.index")] {
        unit.asks(COUNT, 1, &[&views().at("books.exists()")]);
        unit.asks(FETCH, 1, &[&views().at("for book in books:")]);
        assert_eq!(findings([unit]), "");
    }
}
