use observation::Ask;

use super::*;
use crate::testing::{Code, Observed, foreign_key, many_to_many, report_on};

/// Queries per row, and the rows and queries of the smallest and the largest request.
type Shown = (Option<f64>, [(u64, f64); 2]);

fn shown(samples: &[(u64, u64)]) -> Option<Shown> {
    let sample = |(rows, queries): &(u64, u64)| Sample { built: *rows, touched: 1, queries: *queries };
    let samples: Vec<_> = samples.iter().map(sample).collect();
    let point = |point: GrowthPoint| (point.rows, point.queries);
    growth(&samples, "shop.Store", "shop.Book")
        .map(|growth| (growth.per_row, [point(growth.fewest), point(growth.most)]))
}

#[test]
fn one_query_per_row_is_seen_in_a_single_size() {
    assert_eq!(shown(&[(100, 100), (100, 100)]), Some((Some(1.0), [(100, 100.0); 2])));
    // Twice as many for the same rows may be two loads, or one of twice as many instances.
    assert_eq!(shown(&[(100, 200)]), None);
    assert_eq!(shown(&[]), None);
}

#[test]
fn two_sizes_show_the_growth() {
    assert_eq!(shown(&[(100, 100), (20, 20)]), Some((Some(1.0), [(20, 20.0), (100, 100.0)])));
    assert_eq!(shown(&[(20, 50), (60, 150), (100, 250)]), Some((Some(2.5), [(20, 50.0), (100, 250.0)])));
    // Some rows had nothing to load.
    let per_row = shown(&[(20, 20), (100, 96)]).unwrap().0.unwrap();
    assert!((per_row - 0.967).abs() < 0.001, "{per_row}");
}

#[test]
fn what_is_not_in_step_is_left_to_the_reader() {
    for (samples, reason) in [
        ([(20, 10), (100, 10)], "only the first ten are shown"),
        ([(20, 20), (100, 60)], "the others are hidden"),
        ([(500, 2), (5_000, 20)], "a rare branch"),
    ] {
        assert_eq!(shown(&samples).unwrap().0, None, "{reason}");
    }
}

#[test]
fn the_median_stands_for_requests_of_one_size() {
    let samples = [(20, 20), (20, 18), (20, 20), (100, 100)];
    assert_eq!(shown(&samples).unwrap().1, [(20, 20.0), (100, 100.0)]);
}

fn code() -> Code {
    Code::new(
        "shop/views.py",
        "
def stores(request):
    stores = Store.objects.all()
    return HttpResponse([[book.publisher.name for book in store.books.all()] for store in stores])
",
    )
}

fn request(stores: u32) -> Observed {
    request_of(stores, 8)
}

/// Stores with so many books each, and the publishers of these books.
fn request_of(stores: u32, books_each: u32) -> Observed {
    let code = code();
    let mut request = Observed::get("/stores/");
    let set = request.queryset("shop.Store", stores, &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.loads_into(
        set,
        &books,
        Ask::All,
        (stores, books_each * stores),
        &[&code.at("store.books.all()")],
    );
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, books_each * stores, &[&code.at("book.publisher.name")]);
    request
}

fn of(requests: impl IntoIterator<Item = Observed>, field: &str) -> Option<Growth> {
    let report = report_on(requests);
    let finding = report.findings.into_iter().find(|finding| finding.relation().unwrap().field == field);
    finding.unwrap().growth
}

#[test]
fn rows_are_those_of_the_queryset_where_an_eager_load_would_go() {
    let publisher = of([request(5), request(10)], "publisher").unwrap();
    assert_eq!((publisher.model.as_str(), publisher.per_row), ("shop.Store", Some(8.0)));
    assert_eq!(publisher.most, GrowthPoint { rows: 10, queries: 80.0 });
    assert_eq!(of([request(5), request(10)], "books").unwrap().per_row, Some(1.0));
}

#[test]
fn where_a_relation_to_many_lies_between_rows_are_what_was_touched() {
    // The second page has stores with fewer books.
    let publisher = of([request_of(5, 8), request_of(10, 3)], "publisher").unwrap();
    assert_eq!((publisher.model.as_str(), publisher.per_row), ("shop.Book", Some(1.0)));
    assert_eq!(publisher.fewest, GrowthPoint { rows: 30, queries: 30.0 });
    let publisher = of([request_of(5, 8)], "publisher").unwrap();
    assert_eq!((publisher.model.as_str(), publisher.per_row), ("shop.Book", Some(1.0)));
}

#[test]
fn two_places_that_load_from_one_queryset_do_not_double_its_rows() {
    let mut twice = request(10);
    let other = code().at("stores(request)");
    let books = many_to_many("shop.Store.books", "shop.Book");
    twice.loads(ResultSetId(0), &books, Ask::Count, 10, &[&other]);
    assert_eq!(of([twice, request(5)], "books").unwrap().most, GrowthPoint { rows: 10, queries: 20.0 });
}

#[test]
fn what_two_callers_of_one_queryset_get_counts_together() {
    let code = code();
    let (built, touched) = (code.at("Store.objects.all()"), code.at("store.books.all()"));
    let books = many_to_many("shop.Store.books", "shop.Book");
    let mut request = Observed::get("/stores/");
    for (caller, stores) in [("stores(request)", 10), ("for store in stores", 3)] {
        let set = request.queryset("shop.Store", stores, &[&built, &code.at(caller)]);
        request.loads(set, &books, Ask::All, stores, &[&touched]);
    }
    assert_eq!(of([request], "books").unwrap().most, GrowthPoint { rows: 13, queries: 13.0 });
}

#[test]
fn nothing_is_said_when_the_agent_could_not_remember_every_instance() {
    assert_eq!(of([request(200)], "books"), None);
}

#[test]
fn nothing_is_said_of_an_unknown_queryset() {
    let mut request = Observed::get("/books/");
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(None, &publisher, Ask::Object, 9, &[&code().at("book.publisher.name")]);
    assert_eq!(of([request], "publisher"), None);
}
