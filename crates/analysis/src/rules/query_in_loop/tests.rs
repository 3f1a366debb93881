use observation::Ask;

use crate::testing::{Code, Observed, findings, foreign_key};

const BY_KEY: &str = r#"SELECT "shop_book"."id" FROM "shop_book" WHERE "shop_book"."id" = %s LIMIT 21"#;

fn cart() -> Code {
    Code::new(
        "shop/views.py",
        r#"
def cart(request):
    books = [Book.objects.get(pk=pk) for pk in request.session["cart"]]
    first = one(1)
    second = one(2)


def one(pk):
    return get_object_or_404(Book, pk=pk)
"#,
    )
}

#[test]
fn rows_fetched_one_by_one() {
    let mut request = Observed::get("/cart/");
    request.asks(BY_KEY, 12, &[&cart().at("Book.objects.get(pk=pk)")]);
    assert_eq!(
        findings([request]),
        "query-in-loop SELECT FROM shop_book (Certain)\n  \
           asked   shop/views.py:2\n  \
           costs   12 queries, 6 ms on GET /cart/\n  \
           try     one query for all of them before the loop: in_bulk(), filter(…__in=…) or a prefetch\n"
    );
}

#[test]
fn a_helper_called_from_one_line_of_a_loop() {
    let code = cart();
    let mut request = Observed::get("/cart/");
    request.asks(BY_KEY, 12, &[&code.at("get_object_or_404(Book, pk=pk)"), &code.at("one(1)")]);
    let told = findings([request]);
    assert!(told.contains("asked   shop/views.py:8") && told.contains("12 queries"), "{told}");
}

#[test]
fn guard_a_few_rows_are_no_loop() {
    let mut request = Observed::get("/cart/");
    request.asks(BY_KEY, 3, &[&cart().at("Book.objects.get(pk=pk)")]);
    assert_eq!(findings([request]), "");
}

#[test]
fn guard_a_helper_called_from_many_lines_is_no_loop() {
    let code = cart();
    let helper = code.at("get_object_or_404(Book, pk=pk)");
    let mut request = Observed::get("/cart/");
    for caller in ["one(1)", "one(2)"] {
        request.asks(BY_KEY, 2, &[&helper, &code.at(caller)]);
    }
    assert_eq!(findings([request]), "");
}

#[test]
fn guard_a_lazy_load_is_counted_once() {
    let code = cart();
    let mut request = Observed::get("/cart/");
    let lines = request.queryset("shop.Line", 9, &[&code.at("one(1)")]);
    let book = foreign_key("shop.Line.book", "shop.Book");
    request.loads(lines, &book, Ask::Object, 9, &[&code.at("one(2)")]);
    let told = findings([request]);
    assert!(told.starts_with("n-plus-one ") && !told.contains("query-in-loop"), "{told}");
}
