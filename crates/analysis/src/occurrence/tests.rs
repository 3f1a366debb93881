use observation::{Ask, Transaction};

use super::is_test_code;
use crate::testing::{Code, Observed, findings, foreign_key, many_to_many, report_on};
use crate::{Confidence, Place, Relation};

const VIEWS: &str = "
def book_list(request):
    books = Book.objects.all()
    return HttpResponse([book.publisher.name for book in books])
";

fn views() -> (Place, Place) {
    let code = Code::new("shop/views.py", VIEWS);
    (code.at("Book.objects.all()"), code.at("book.publisher.name"))
}

fn publisher() -> Relation {
    foreign_key("shop.Book.publisher", "shop.Publisher")
}

#[test]
fn a_transaction_without_loads_has_none() {
    assert!(super::occurrences(&Transaction::default()).is_empty());
}

#[test]
fn two_queries_for_two_instances_are_the_least() {
    let (built, touched) = views();
    for (instances, queries, expected) in [(2, 2, 1), (2, 1, 0), (1, 2, 0)] {
        let mut request = Observed::get("/books/");
        let books = request.queryset("shop.Book", instances, &[&built]);
        request.loads(books, &publisher(), Ask::Object, queries, &[&touched]);
        assert_eq!(report_on([request]).findings.len(), expected, "{instances} instances, {queries} queries");
    }
}

#[test]
fn a_queryset_that_is_evaluated_twice_may_have_two_instances_whatever_was_counted() {
    let (built, touched) = views();
    let mut request = Observed::get("/books/");
    let books = request.queryset("shop.Book", 1, &[&built]);
    request.again(books, 1, 0);
    request.loads(books, &publisher(), Ask::Object, 2, &[&touched]);
    assert_eq!(report_on([request]).findings.len(), 1);
}

#[test]
fn an_empty_list_is_no_finding() {
    let (built, touched) = views();
    let mut request = Observed::get("/books/");
    let books = request.queryset("shop.Book", 0, &[&built]);
    request.loads(books, &publisher(), Ask::Object, 0, &[&touched]);
    assert_eq!(findings([request]), "");
}

#[test]
fn one_object_at_a_time_is_an_n_plus_one_when_it_is_fetched_in_a_loop() {
    let (built, touched) = views();
    let mut request = Observed::get("/books/");
    let book = request.object("shop.Book", &[&built]);
    request.again(book, 9, 9);
    request.loads(book, &publisher(), Ask::Object, 10, &[&touched]);

    let report = report_on([request]);
    assert_eq!(report.findings[0].confidence, Confidence::Likely);
    assert_eq!(report.findings[0].suggestion().as_deref(), Some("select_related(\"publisher\")"));
    assert!(report.findings[0].origin.as_ref().unwrap().single);
}

#[test]
fn a_hop_from_only_some_of_the_instances_makes_it_likely() {
    let code = Code::new("shop/views.py", "[store.books.all() for store in Store.objects.all()]");
    let (_, touched) = views();
    let mut request = Observed::get("/stores/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.loads_into(stores, &books, Ask::All, (4, 30), &[&code.at("store.books.all()")]);
    request.loads(books, &publisher(), Ask::Object, 30, &[&touched]);

    let confidences: Vec<_> = report_on([request])
        .findings
        .iter()
        .map(|finding| (finding.relation().unwrap().field.clone(), finding.confidence))
        .collect();
    let expected = [("publisher".to_owned(), Confidence::Likely), ("books".to_owned(), Confidence::Certain)];
    assert_eq!(confidences, expected);
}

#[test]
fn an_unknown_origin_has_a_place_of_access_but_no_advice() {
    let (_, touched) = views();
    let mut untraced = Observed::get("/books/");
    untraced.loads(None, &publisher(), Ask::Object, 10, &[&touched]);
    let mut made_by_django = Observed::get("/books/");
    let books = made_by_django.queryset("shop.Book", 10, &[]);
    made_by_django.loads(books, &publisher(), Ask::Object, 10, &[&touched]);

    let expected = "
n-plus-one shop.Book.publisher (Possible)
  built   unknown
  touched shop/views.py:3
  costs   10 queries, 5 ms on GET /books/
  try     nothing
";
    for request in [untraced, made_by_django] {
        assert_eq!(findings([request]), expected.trim_start());
    }
}

#[test]
fn a_walk_along_rows_ends_in_one_finding_without_advice() {
    let code = Code::new("wiki/views.py", "while page: page = page.previous");
    let touched = code.at("page.previous");
    let previous = foreign_key("wiki.Page.previous", "wiki.Page");
    let mut request = Observed::get("/history/");
    let mut pages = request.queryset("wiki.Page", 2, &[&code.at("while page:")]);
    for _ in 0..500 {
        pages = request.loads_into(pages, &previous, Ask::Object, (2, 2), &[&touched]);
    }

    let report = report_on([request]);
    let queries: f64 = report.findings.iter().map(|finding| finding.cost.queries_per_request).sum();
    assert!((queries - 1000.0).abs() < 0.1, "none is lost");
    let (traced, untraced): (Vec<_>, Vec<_>) =
        report.findings.iter().partition(|finding| finding.origin.is_some());
    assert_eq!((traced.len(), untraced.len()), (12, 1));
    assert_eq!(untraced[0].remedy, None);
}

#[test]
fn untraced_loads_at_different_places_are_not_added_up() {
    let code = Code::new("shop/views.py", "print(book.publisher)\nprint(book.publisher.name)\n");
    let mut request = Observed::get("/books/");
    request.loads(None, &publisher(), Ask::Object, 1, &[&code.at("book.publisher)")]);
    request.loads(None, &publisher(), Ask::Object, 1, &[&code.at("book.publisher.name")]);
    assert_eq!(findings([request]), "");
}

#[test]
fn a_queryset_is_not_built_where_its_class_hands_on_the_arguments() {
    let (built, touched) = views();
    let constructor = Place {
        file: "shop/query.py".into(),
        name: "BookQuerySetMixin.__init__".into(),
        ..Code::new("shop/query.py", "super().__init__(*args, **kwargs)").at("super()")
    };
    let form = Place { name: "OrderForm.__init__".into(), ..constructor.clone() };
    for (chain, line) in
        [(&[&constructor, &built][..], built.line), (&[&constructor], 1), (&[&form, &built], 1)]
    {
        let mut request = Observed::get("/books/");
        let books = request.queryset("shop.Book", 10, chain);
        request.loads(books, &publisher(), Ask::Object, 10, &[&touched]);
        let report = report_on([request]);
        let origin = report.findings[0].origin.as_ref().unwrap();
        assert_eq!(origin.chain[0].line, line, "{chain:?}");
    }
}

#[test]
fn two_objects_that_are_compared_are_no_loop() {
    let code = Code::new(
        "shop/views.py",
        "old, new = Book.objects.all()
if old.publisher != new.publisher:
    changes = compare(
        old.publisher.name,
        new.publisher.name,
    )
",
    );
    let built = code.at("Book.objects.all()");
    let places = [code.at("old.publisher.name"), code.at("new.publisher.name")];
    let observed = |places: &[&Place]| {
        let mut request = Observed::get("/changes/");
        let books = request.queryset("shop.Book", 2, &[&built]);
        for place in places {
            request.loads(books, &publisher(), Ask::Object, 1, &[place]);
        }
        report_on([request]).findings.len()
    };
    assert_eq!(observed(&[&places[0], &places[1]]), 0);
    assert_eq!(observed(&[&places[0], &places[0]]), 1);
}

#[test]
fn a_narrowed_hop_in_a_template_leaves_nothing_to_advise() {
    let code = Code::new("shop/views.py", "Store.objects.all()");
    let template = Code::new("shop/templates/page.html", "{{ store.books.first.publisher }}");
    let touched = template.at("{{ store.books.first.publisher }}");
    let mut request = Observed::get("/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.loads_into(stores, &books, Ask::Narrowed, (10, 10), &[&touched]);
    request.loads(books, &publisher(), Ask::Object, 10, &[&touched]);

    let report = report_on([request]);
    let publisher =
        report.findings.iter().find(|finding| finding.relation().unwrap().field == "publisher").unwrap();
    assert_eq!(publisher.remedy, None);
    assert_eq!(publisher.origin.as_ref().unwrap().model, "shop.Store");
}

#[test]
fn a_queryset_that_a_test_builds_is_not_the_site() {
    let (_, touched) = views();
    let test = Code::new("shop/tests/test_books.py", "[str(book) for book in Book.objects.all()]");
    let mut observed = Observed::test("shop.tests.test_books.BookTests.test_str");
    let books = observed.queryset("shop.Book", 10, &[&test.at("Book.objects.all()")]);
    observed.loads(books, &publisher(), Ask::Object, 10, &[&touched]);
    observed.loads(None, &publisher(), Ask::Object, 10, &[&test.at("str(book)")]);
    assert_eq!(findings([observed]), "");
}

#[test]
fn code_that_a_test_reaches_is_the_site() {
    let (built, touched) = views();
    let mut observed = Observed::test("shop.tests.BookTests.test_list");
    let books = observed.queryset("shop.Book", 10, &[&built]);
    observed.loads(books, &publisher(), Ask::Object, 10, &[&touched]);

    let expected = r#"
n-plus-one shop.Book.publisher (Certain)
  built   shop/views.py:2
  touched shop/views.py:3
  costs   10 queries, 5 ms on test shop.tests.BookTests.test_list
  try     select_related("publisher")
"#;
    assert_eq!(findings([observed]), expected.trim_start());
}

#[test]
fn test_code_is_told_by_its_file() {
    let (views, _) = views();
    let is_test = |file: &str| is_test_code(&Place { file: file.to_owned(), ..views.clone() });
    for file in ["shop/tests.py", "test_books.py", "shop/test_books.py", "tests/helpers.py", "a/tests/b/c.py"]
    {
        assert!(is_test(file), "{file}");
    }
    let site = ["shop/views.py", "shop/latest_books.py", "contests/views.py", "shop/test_drive.html", ""];
    let library = ["/srv/tests/env/site-packages/oscar/views.py"];
    for file in site.into_iter().chain(library) {
        assert!(!is_test(file), "{file}");
    }
}

#[test]
fn what_prefetches_pass_through_is_known() {
    let (built, touched) = views();
    let mut request = Observed::get("/books/");
    let books = request.queryset("shop.Book", 40, &[&built]);
    let editors = request.prefetched(books, &foreign_key("shop.Book.editor", "shop.Person"), 9, &[]);
    request.prefetched(editors, &many_to_many("shop.Person.awards", "shop.Award"), 20, &[]);
    // Prefetched for itself, which somebody may have preferred to a join; and what a join cannot bring.
    request.prefetched(books, &foreign_key("shop.Book.shelf", "shop.Shelf"), 3, &[]);
    let authors = request.prefetched(books, &many_to_many("shop.Book.authors", "shop.Person"), 50, &[]);
    request.prefetched(authors, &many_to_many("shop.Person.prizes", "shop.Prize"), 5, &[]);
    request.loads(books, &publisher(), Ask::Object, 40, &[&touched]);
    let report = report_on([request]);
    assert_eq!(report.findings[0].origin.as_ref().unwrap().passed, ["editor"]);
}
