use observation::{Ask, RelationId, ResultSetId, Source, Via};

use super::{Lineage, PATH_HOPS_MAX, Trace};
use crate::testing::{Code, Observed, foreign_key, many_to_many};

const VIEWS: &str = "
def page(request):
    stores = Store.objects.all()
    for store in stores:
        for book in store.books.all():
            print(book.publisher.name)
";

/// The path in words, and the set it starts from.
fn walk(observed: &Observed, touched: ResultSetId) -> (ResultSetId, String) {
    let details = observed.details();
    let load = details.loads.last().unwrap();
    let trace = Lineage::of(details).trace(touched, load.relation).unwrap();
    let path = crate::resolve::path(details, &trace.path).unwrap();
    let fields: Vec<String> = path.into_iter().map(|hop| hop.field).collect();
    (trace.anchor, fields.join("__"))
}

#[test]
fn a_loop_within_a_loop_leads_to_the_outer_queryset() {
    let code = Code::new("shop/views.py", VIEWS);
    let mut request = Observed::get("/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.loads_into(stores, &books, Ask::All, (10, 80), &[&code.at("store.books.all()")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, 80, &[&code.at("book.publisher.name")]);

    assert_eq!(walk(&request, books), (stores, "books__publisher".to_owned()));
}

#[test]
fn a_manager_that_python_asks_once_is_a_queryset_to_edit() {
    let code = Code::new("shop/views.py", VIEWS);
    let mut request = Observed::get("/");
    let store = request.object("shop.Store", &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.loads_into(store, &books, Ask::All, (1, 8), &[&code.at("store.books.all()")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, 8, &[&code.at("book.publisher.name")]);

    assert_eq!(walk(&request, books), (books, "publisher".to_owned()));
}

#[test]
fn a_manager_that_python_asks_twice_of_one_object_is_still_that_queryset() {
    let code = Code::new("shop/views.py", VIEWS);
    let mut request = Observed::get("/");
    let store = request.object("shop.Store", &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.loads_into(store, &books, Ask::All, (2, 16), &[&code.at("store.books.all()")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, 16, &[&code.at("book.publisher.name")]);

    assert_eq!(walk(&request, books), (books, "publisher".to_owned()));
}

#[test]
fn a_manager_that_a_template_or_a_library_asks_is_not() {
    let code = Code::new("shop/views.py", VIEWS);
    let template = Code::new("shop/templates/page.html", "{% for book in store.books.all %}");
    let library = Code::new("/usr/lib/python3/site-packages/shelves.py", "store.books.all()");
    for asked in [template.at("{% for book in store.books.all %}"), library.at("store.books.all()")] {
        let mut request = Observed::get("/");
        let store = request.object("shop.Store", &[&code.at("Store.objects.all()")]);
        let books = many_to_many("shop.Store.books", "shop.Book");
        let books = request.loads_into(store, &books, Ask::All, (1, 8), &[&asked]);
        let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
        request.loads(books, &publisher, Ask::Object, 8, &[&code.at("book.publisher.name")]);

        assert_eq!(walk(&request, books), (store, "books__publisher".to_owned()));
    }
}

#[test]
fn an_attribute_is_no_queryset_even_in_python() {
    let code = Code::new("shop/views.py", VIEWS);
    let mut request = Observed::get("/");
    let book = request.object("shop.Book", &[&code.at("Store.objects.all()")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    let touched = code.at("book.publisher.name");
    let publishers = request.loads_into(book, &publisher, Ask::Object, (1, 1), &[&touched]);
    let country = foreign_key("shop.Publisher.country", "shop.Country");
    request.loads(publishers, &country, Ask::Object, 1, &[&touched]);

    assert_eq!(walk(&request, publishers), (book, "publisher__country".to_owned()));
}

#[test]
fn joins_and_prefetches_of_django_are_walked_through() {
    let code = Code::new("shop/views.py", VIEWS);
    let mut request = Observed::get("/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let books = request.prefetched(stores, &many_to_many("shop.Store.books", "shop.Book"), 80, &[]);
    let publishers = request.joined(books, &foreign_key("shop.Book.publisher", "shop.Publisher"), 80);
    let country = foreign_key("shop.Publisher.country", "shop.Country");
    request.loads(publishers, &country, Ask::Object, 80, &[&code.at("book.publisher.name")]);

    assert_eq!(walk(&request, publishers), (stores, "books__publisher__country".to_owned()));
}

#[test]
fn a_prefetch_with_a_queryset_of_the_user_is_where_its_own_loads_belong() {
    let code = Code::new("shop/views.py", VIEWS);
    let own = Code::new("shop/querysets.py", "Prefetch('books', queryset=Book.objects.order_by('title'))");
    let mut request = Observed::get("/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.prefetched(stores, &books, 80, &[&own.at("Book.objects.order_by('title')")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, 80, &[&code.at("book.publisher.name")]);

    assert_eq!(walk(&request, books), (books, "publisher".to_owned()));
}

#[test]
fn a_hop_that_a_template_narrows_cannot_be_answered_from_above() {
    let code = Code::new("shop/views.py", VIEWS);
    let template = Code::new("shop/templates/page.html", "{{ store.books.first.publisher }}");
    let touched = template.at("{{ store.books.first.publisher }}");
    let mut request = Observed::get("/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.loads_into(stores, &books, Ask::Narrowed, (10, 10), &[&touched]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, 10, &[&touched]);

    let lineage = Lineage::of(request.details());
    let trace = lineage.trace(books, request.details().loads[1].relation).unwrap();
    assert_eq!((trace.anchor, trace.answerable), (stores, false));
}

#[test]
fn a_hop_that_is_also_asked_for_everything_is_answered_from_above() {
    let code = Code::new("shop/views.py", VIEWS);
    let narrowed = Code::new("shop/views.py", "store.books.first()");
    let mut request = Observed::get("/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let relation = many_to_many("shop.Store.books", "shop.Book");
    request.loads(stores, &relation, Ask::Narrowed, 10, &[&narrowed.at("store.books.first()")]);
    let books = request.loads_into(stores, &relation, Ask::All, (10, 80), &[&code.at("store.books.all()")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, 80, &[&code.at("book.publisher.name")]);

    assert_eq!(walk(&request, books), (stores, "books__publisher".to_owned()));
    let lineage = Lineage::of(request.details());
    assert!(lineage.trace(books, request.details().loads[2].relation).unwrap().answerable);
}

#[test]
fn a_hop_that_only_some_instances_took_is_not_complete() {
    let code = Code::new("shop/views.py", VIEWS);
    for (asked, complete) in [(10, true), (4, false)] {
        let mut request = Observed::get("/");
        let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
        let books = many_to_many("shop.Store.books", "shop.Book");
        let touched = code.at("store.books.all()");
        let books = request.loads_into(stores, &books, Ask::All, (asked, 80), &[&touched]);
        let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
        request.loads(books, &publisher, Ask::Object, 80, &[&code.at("book.publisher.name")]);

        let lineage = Lineage::of(request.details());
        let trace = lineage.trace(books, request.details().loads[1].relation).unwrap();
        assert_eq!(trace.complete, complete);
    }
}

#[test]
fn a_walk_along_rows_is_not_followed_for_ever() {
    let code = Code::new("wiki/views.py", "while page: page = page.previous");
    let touched = code.at("page.previous");
    let previous = foreign_key("wiki.Page.previous", "wiki.Page");
    let mut request = Observed::get("/history/");
    let first = request.queryset("wiki.Page", 2, &[&code.at("while page:")]);
    let mut pages = first;
    for hops in 1..PATH_HOPS_MAX + 3 {
        request.loads(pages, &previous, Ask::Object, 2, &[&touched]);
        let trace = Lineage::of(request.details()).trace(pages, request.details().loads[0].relation);
        let expected = (hops <= PATH_HOPS_MAX).then_some((first, hops));
        assert_eq!(trace.map(|trace| (trace.anchor, trace.path.len())), expected);
        pages = request.loads_into(pages, &previous, Ask::Object, (2, 2), &[&touched]);
    }
}

#[test]
fn tables_that_were_not_decoded_end_the_walk_all_the_same() {
    let code = Code::new("shop/views.py", VIEWS);
    let mut request = Observed::get("/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let mut details = request.details().clone();
    let relation = RelationId(7);
    details.result_sets[0].source = Source::Relation { parent: stores, relation, via: Via::Lazy };

    let lineage = Lineage::of(&details);
    let own_child = Trace { anchor: stores, path: vec![relation], complete: true, answerable: true };
    assert_eq!(lineage.trace(stores, relation), Some(own_child));
    assert_eq!(lineage.trace(ResultSetId(1), relation), None);
}
