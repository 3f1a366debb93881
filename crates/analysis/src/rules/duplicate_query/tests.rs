use observation::Ask;

use crate::testing::{Code, Observed, findings, reverse_foreign_key};
use crate::{Place, Rule};

const BOOK: &str =
    r#"SELECT "shop_book"."id", "shop_book"."title" FROM "shop_book" WHERE "shop_book"."id" = %s LIMIT 21"#;
const UPDATE: &str = r#"UPDATE "shop_book" SET "title" = %s WHERE "shop_book"."id" = %s"#;
const OTHER_UPDATE: &str = r#"UPDATE "shop_author" SET "name" = %s WHERE "shop_author"."id" = %s"#;
const LONG_NS: u64 = 30_000_000;

fn views() -> Code {
    Code::new(
        "shop/views.py",
        r"
def book(request, pk):
    book = Book.objects.get(pk=pk)
    log(pk)
    return show(book)


def log(pk):
    logger.info(Book.objects.get(pk=pk).title)


def totals(request, pks):
    return [tax(pk) + Rate.objects.get(current=True).rate for pk in pks]
",
    )
}

fn first() -> Place {
    views().at("book = Book.objects.get(pk=pk)")
}

fn again() -> Place {
    views().at("logger.info(Book.objects.get(pk=pk).title)")
}

/// A page that asks, and asks again for so long.
fn page(query_ns: u64, between: &[&str]) -> Observed {
    let mut request = Observed::get("/book/");
    request.asks_alike(1, BOOK, LONG_NS, &[&first()]);
    for sql in between {
        request.asks(sql, 1, &[&first()]);
    }
    request.asks_alike(1, BOOK, query_ns, &[&again(), &views().at("log(pk)\n    return")]);
    request
}

#[test]
fn a_function_that_fetches_what_its_caller_has() {
    let expected = "duplicate-query SELECT FROM shop_book (Certain)\n  \
           asked   shop/views.py:8\n  \
           before  shop/views.py:2\n  \
           costs   1 queries, 30 ms on GET /book/\n  \
           try     ask once and keep the answer: a variable before the loop, an argument, cached_property\n";
    assert_eq!(findings([page(LONG_NS, &[])]), expected);
    assert_eq!(
        findings([page(LONG_NS, &[OTHER_UPDATE, "SAVEPOINT s1"])]),
        expected,
        "another table is written"
    );
}

#[test]
fn a_loop_that_asks_for_the_same_each_time() {
    let mut request = Observed::get("/totals/");
    request.asks_alike(20, BOOK, 500_000, &[&views().at("Rate.objects.get(current=True).rate")]);
    let told = findings([request]);
    assert!(told.starts_with("duplicate-query"), "{told}");
    assert!(told.contains("costs   19 queries"), "{told}");
    assert!(!told.contains("  before ") && !told.contains("query-in-loop"), "{told}");
}

#[test]
fn a_relation_of_one_object_asked_for_again_and_again() {
    let shelf = reverse_foreign_key("shop.Store.shelves", "shop.Shelf");
    let touched = views().at("tax(pk)");
    let mut request = Observed::get("/store/");
    let store = request.object("shop.Store", &[&first()]);
    request.loads(store, &shelf, Ask::All, 5, &[&touched]);
    request.loads_alike(5);
    let told = findings([request.clone()]);
    assert!(told.starts_with("duplicate-query SELECT FROM Shelf"), "{told}");
    assert!(told.contains("costs   4 queries"), "{told}");

    // Of several objects it is an N+1, some of whose queries happen to be alike.
    request.again(store, 1, 1);
    let report = crate::testing::report_on([request]);
    let rules: Vec<Rule> = report.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::NPlusOneMany]);
}

#[test]
fn guard_a_single_repeat_that_takes_no_time() {
    assert_eq!(findings([page(500_000, &[])]), "");
    let mut twice = page(500_000, &[]);
    twice.asks_alike(1, BOOK, 500_000, &[&again()]);
    assert!(findings([twice]).starts_with("duplicate-query"));
}

#[test]
fn guard_what_is_written_in_between_is_read_again() {
    for sql in
        [UPDATE, "DELETE FROM shop_book", "ROLLBACK TO SAVEPOINT s1", "CALL tidy_up()", "TRUNCATE shop_book"]
    {
        assert_eq!(findings([page(LONG_NS, &[sql])]), "", "{sql}");
    }
}

#[test]
fn guard_other_parameters_and_those_that_cannot_be_compared() {
    let mut request = Observed::get("/book/");
    request.asks_alike(1, BOOK, LONG_NS, &[&first()]);
    request.asks_alike_as(2, BOOK, 2, LONG_NS, &[&again()]);
    for _ in 0..3 {
        request.asks_slowly(BOOK, 1, LONG_NS, &[&views().at("log(pk)\n    return")]);
    }
    let told = findings([request]);
    assert!(told.contains("costs   1 queries"), "only those with number 2: {told}");
}

#[test]
fn guard_locks_and_random_rows() {
    for sql in [format!("{BOOK} FOR UPDATE"), BOOK.replace("LIMIT 21", "ORDER BY RANDOM() LIMIT 1")] {
        let mut request = Observed::get("/book/");
        request.asks_alike(1, &sql, LONG_NS, &[&first()]);
        request.asks_alike(1, &sql, LONG_NS, &[&again()]);
        assert_eq!(findings([request]), "", "{sql}");
    }
}

#[test]
fn guard_a_worker_may_look_again_and_again() {
    for mut unit in [Observed::command("work"), Observed::task("shop.tasks.work")] {
        unit.asks_alike(50, BOOK, LONG_NS, &[&first()]);
        assert_eq!(findings([unit]), "");
    }
}

#[test]
fn guard_a_loop_over_keys_some_of_which_come_twice() {
    let mut request = Observed::get("/totals/");
    for number in [1, 2, 3, 1, 4, 2] {
        request.asks_alike_as(number, BOOK, 1, LONG_NS, &[&views().at("tax(pk)")]);
    }
    let told = findings([request]);
    assert!(told.starts_with("query-in-loop"), "{told}");
    assert!(!told.contains("duplicate-query"), "{told}");
}

#[test]
fn guard_a_list_of_the_admin_asks_as_it_does() {
    let admin =
        Code::new("shop/admin.py", "class BookAdmin(ModelAdmin):\n    date_hierarchy = \"sold_at\"\n");
    let asked = |member| {
        let mut request = Observed::get("/admin/shop/book/");
        request.asks_alike(2, BOOK, LONG_NS, &[&admin.class("BookAdmin", member)]);
        findings([request])
    };
    assert_eq!(asked(""), "");
    assert!(asked("title").starts_with("duplicate-query"), "a column of it is the project's own");
}

#[test]
fn guard_code_that_is_not_the_project_s() {
    let library =
        Code::new("/venv/site-packages/library/views.py", "def show():\n    Book.objects.get(pk=pk)\n");
    let mut request = Observed::get("/book/");
    request.asks_alike(1, BOOK, LONG_NS, &[&first()]);
    request.asks_alike(1, BOOK, LONG_NS, &[&library.at("Book.objects.get(pk=pk)")]);
    assert_eq!(findings([request]), "");
}
