use observation::Ask;

use crate::testing::{Code, Observed, findings, foreign_key, many_to_many};

const OFFERS: &str = "
def store_offers(request):
    stores = Store.objects.prefetch_related('books')
    offers = []
    for store in stores:
        books = list(store.books.filter(price__range=(250, 300)))
        offers.append((store, books))
    return render(request, 'shop/store_offers.html', {'offers': offers})
";

#[test]
fn a_prefetch_does_not_answer_a_filter() {
    let views = Code::new("shop/views.py", OFFERS);
    let mut request = Observed::get("/stores/offers/");
    let stores = request.queryset("shop.Store", 10, &[&views.at("Store.objects.prefetch_related('books')")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    request.prefetched(stores, &books, 80, &[]);
    let filter = views.at("store.books.filter(price__range=(250, 300))");
    request.loads_into(stores, &books, Ask::Narrowed, (10, 25), &[&filter]);

    let expected = r#"
n-plus-one-filtered shop.Store.books (Certain)
  built   shop/views.py:2
  touched shop/views.py:5
  costs   10 queries, 5 ms on GET /stores/offers/
  try     prefetch_related(Prefetch("books", queryset=…))
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn what_is_touched_on_filtered_objects_belongs_to_the_filter() {
    let views = Code::new("shop/views.py", OFFERS);
    let page = Code::new("shop/templates/shop/store_offers.html", "{{ book.publisher }}");
    let mut request = Observed::get("/stores/offers/");
    let stores = request.queryset("shop.Store", 10, &[&views.at("Store.objects.prefetch_related('books')")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let filter = views.at("store.books.filter(price__range=(250, 300))");
    let offered = request.loads_into(stores, &books, Ask::Narrowed, (10, 25), &[&filter]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(offered, &publisher, Ask::Object, 25, &[&page.at("{{ book.publisher }}")]);

    let expected = r#"
n-plus-one shop.Book.publisher (Likely)
  built   shop/views.py:5
  touched shop/templates/shop/store_offers.html:1
  costs   25 queries, 12.5 ms on GET /stores/offers/
  try     select_related("publisher")

n-plus-one-filtered shop.Store.books (Certain)
  built   shop/views.py:2
  touched shop/views.py:5
  costs   10 queries, 5 ms on GET /stores/offers/
  try     prefetch_related(Prefetch("books", queryset=…))
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn a_relation_asked_for_all_and_for_some_has_two_findings() {
    let code = Code::new(
        "shop/views.py",
        "
def store_list(request):
    return HttpResponse(
        [
            (store.books.all(), store.books.first())
            for store in Store.objects.all()
        ]
    )
",
    );
    let mut request = Observed::get("/stores/");
    let stores = request.queryset("shop.Store", 10, &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    request.loads_into(stores, &books, Ask::All, (10, 80), &[&code.at("store.books.all()")]);
    request.loads(stores, &books, Ask::Narrowed, 8, &[&code.at("store.books.first()")]);

    let expected = r#"
n-plus-one-many shop.Store.books (Certain)
  built   shop/views.py:5
  touched shop/views.py:4
  costs   10 queries, 5 ms on GET /stores/
  try     prefetch_related("books")

n-plus-one-filtered shop.Store.books (Certain)
  built   shop/views.py:5
  touched shop/views.py:4
  costs   8 queries, 4 ms on GET /stores/
  try     prefetch_related(Prefetch("books", queryset=…))
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn one_store_may_be_filtered() {
    let code = Code::new(
        "shop/views.py",
        "
def store_detail(request, pk):
    store = Store.objects.get(pk=pk)
    return HttpResponse(store.books.filter(pages__gt=500))
",
    );
    let mut request = Observed::get("/stores/<int:pk>/");
    let store = request.object("shop.Store", &[&code.at("Store.objects.get(pk=pk)")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    request.loads_into(
        store,
        &books,
        Ask::Narrowed,
        (1, 9),
        &[&code.at("store.books.filter(pages__gt=500)")],
    );

    assert_eq!(findings([request]), "");
}
