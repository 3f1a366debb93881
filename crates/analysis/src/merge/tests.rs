use observation::Ask;

use crate::testing::{Code, Observed, findings, foreign_key, many_to_many, report_on};
use crate::{Confidence, Cost, Place, Relation};

const SERVICES: &str = "
def get_books():
    return Book.objects.all()
";

fn publisher() -> Relation {
    foreign_key("shop.Book.publisher", "shop.Publisher")
}

fn built() -> Place {
    Code::new("shop/services.py", SERVICES).at("Book.objects.all()")
}

/// A template that touches the publisher on each of these lines.
fn touched(template: &'static str) -> Place {
    Code::new(template, "{{ book.publisher }}").at("{{ book.publisher }}")
}

fn listing(route: &str, rows: u32, touched: &[&Place]) -> Observed {
    let mut request = Observed::get(route);
    let books = request.queryset("shop.Book", rows, &[&built()]);
    request.loads(books, &publisher(), Ask::Object, rows, touched);
    request
}

#[test]
fn requests_that_differ_in_values_are_one_finding() {
    let page = touched("templates/books.html");
    let requests = [10, 30, 20, 1].map(|rows| listing("/books/", rows, &[&page]));

    let report = report_on(requests);
    assert_eq!(report.findings.len(), 1);
    // The request with one row has no N+1, and does not count.
    let expected = Cost {
        queries_per_request: 20.0,
        ms_per_request: 10.0,
        share: 60.0 / 126.0,
        total_ms: 30.0,
        requests: 3,
    };
    assert_eq!(report.findings[0].cost, expected);
}

#[test]
fn one_template_on_several_endpoints_is_one_finding() {
    let card = touched("templates/includes/book.html");
    let requests = ["/new/", "/books/", "/"].map(|route| listing(route, 10, &[&card]));

    let expected = r#"
n-plus-one shop.Book.publisher (Certain)
  built   shop/services.py:2
  touched templates/includes/book.html:1
  costs   10 queries, 5 ms on GET /, GET /books/, GET /new/
  try     select_related("publisher")
"#;
    assert_eq!(findings(requests), expected.trim_start());
}

#[test]
fn templates_of_different_endpoints_are_different_findings() {
    let requests = [
        listing("/books/", 30, &[&touched("templates/books.html")]),
        listing("/feed/", 20, &[&touched("templates/feed.xml")]),
    ];
    let expected = r#"
n-plus-one shop.Book.publisher (Certain)
  built   shop/services.py:2
  touched templates/books.html:1
  costs   30 queries, 15 ms on GET /books/
  try     select_related("publisher")

n-plus-one shop.Book.publisher (Certain)
  built   shop/services.py:2
  touched templates/feed.xml:1
  costs   20 queries, 10 ms on GET /feed/
  try     select_related("publisher")
"#;
    assert_eq!(findings(requests), expected.trim_start());
}

#[test]
fn places_within_an_endpoint_are_one_finding_even_when_requests_disagree_which_is_worse() {
    let (new, old) = (touched("templates/new.html"), touched("templates/old.html"));
    let request = |on_new, on_old| {
        let mut request = Observed::get("/books/");
        let books = request.queryset("shop.Book", 50, &[&built()]);
        request.loads(books, &publisher(), Ask::Object, on_new, &[&new]);
        request.loads(books, &publisher(), Ask::Object, on_old, &[&old]);
        request
    };
    let expected = r#"
n-plus-one shop.Book.publisher (Certain)
  built   shop/services.py:2
  touched templates/old.html:1
  costs   50 queries, 25 ms on GET /books/
  try     select_related("publisher")
"#;
    assert_eq!(findings([request(10, 40), request(26, 24)]), expected.trim_start());
}

#[test]
fn the_chain_behind_most_queries_stands_for_all() {
    let views = Code::new("shop/views.py", "new(get_books())\nold(get_books())");
    let page = touched("templates/books.html");
    let request = |rows, called: Place| {
        let mut request = Observed::get("/books/");
        let books = request.queryset("shop.Book", rows, &[&built(), &called]);
        request.loads(books, &publisher(), Ask::Object, rows, &[&page]);
        request
    };
    let report = report_on([request(10, views.at("new(")), request(20, views.at("old("))]);
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].origin.as_ref().unwrap().chain, [built(), views.at("old(")]);
}

#[test]
fn a_line_that_gives_one_object_here_and_many_there_is_not_single() {
    let page = touched("templates/books.html");
    let mut one_by_one = Observed::get("/books/");
    let book = one_by_one.object("shop.Book", &[&built()]);
    one_by_one.again(book, 50, 50);
    one_by_one.loads(book, &publisher(), Ask::Object, 51, &[&page]);

    let report = report_on([one_by_one, listing("/books/", 10, &[&page])]);
    assert_eq!(report.findings.len(), 1);
    assert!(!report.findings[0].origin.as_ref().unwrap().single);
}

#[test]
fn a_finding_is_as_sure_as_its_least_sure_request() {
    let page = touched("templates/books.html");
    let sure = listing("/books/", 10, &[&page]);
    let mut unsure = Observed::get("/books/");
    let books = unsure.queryset("shop.Book", 10, &[&built()]);
    unsure.again(books, 1, 10);
    unsure.loads(books, &publisher(), Ask::Object, 20, &[&page]);

    for requests in [[sure.clone(), unsure.clone()], [unsure, sure]] {
        let report = report_on(requests);
        assert_eq!(report.findings.len(), 1);
        assert_eq!(report.findings[0].confidence, Confidence::Likely);
    }
}

#[test]
fn advice_that_helps_some_of_the_requests_is_given() {
    let stores = Code::new("shop/views.py", "Store.objects.all()");
    let page = touched("templates/stores.html");
    let request = |ask| {
        let mut request = Observed::get("/stores/");
        let stores = request.queryset("shop.Store", 10, &[&stores.at("Store.objects.all()")]);
        let books = many_to_many("shop.Store.books", "shop.Book");
        let books = request.loads_into(stores, &books, ask, (10, 30), &[&page]);
        request.loads(books, &publisher(), Ask::Object, 30, &[&page]);
        request
    };
    for asks in [[Ask::All, Ask::Narrowed], [Ask::Narrowed, Ask::All]] {
        let report = report_on(asks.map(request));
        let publisher =
            report.findings.iter().find(|finding| finding.relation() == Some(&publisher())).unwrap();
        assert_eq!(publisher.cost.requests, 2);
        assert_eq!(publisher.suggestion().as_deref(), Some("prefetch_related(\"books__publisher\")"));
    }
}
