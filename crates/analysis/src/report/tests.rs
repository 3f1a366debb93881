use observation::Ask;

use crate::testing::{Code, Observed, foreign_key, many_to_many};
use crate::{Window, report};

mod properties;
mod windows;

#[test]
fn an_empty_window_gives_an_empty_report() {
    let report = report(&Window { transactions: vec![], dropped: 7 });
    assert_eq!((report.transactions, report.dropped), (0, 7));
    assert!(report.endpoints.is_empty() && report.findings.is_empty());
}

#[test]
fn totals_count_what_the_window_omits() {
    let requests = || vec![Observed::get("/books/").transaction(), Observed::get("/stores/").transaction()];
    let seen = report(&Window { transactions: requests(), dropped: 0 });
    let total = |route: &str, requests: u64, total_ms: f64| {
        let like = &seen.endpoints[0];
        let key = crate::EndpointKey { route: route.to_owned(), ..like.key.clone() };
        crate::Endpoint { key, requests, total_ms, view: "shop.views.total".to_owned(), ..like.clone() }
    };
    let totals = vec![total("/books/", 40, 90.0), total("/stores/", 1, 80.0), total("/gone/", 9, 100.0)];
    let report = seen.clone().with_totals(totals);
    let rows: Vec<_> = report.endpoints.iter().map(|each| (each.key.route.as_str(), each.requests)).collect();
    assert_eq!(rows, [("/gone/", 9), ("/books/", 40), ("/stores/", 1)]);
    assert_eq!((report.transactions, report.examined), (50, 2));
    let stores = |report: &crate::Report| {
        report.endpoints.iter().find(|each| each.key.route == "/stores/").cloned().expect("it was requested")
    };
    assert_eq!(stores(&report), stores(&seen), "what the window has in full is exact");
    assert_eq!(seen.clone().with_totals(Vec::new()), seen);
}

#[test]
fn queries_that_are_not_kept_one_by_one_are_told() {
    let mut long = Observed::get("/export/").transaction();
    long.queries_total += 91_808;
    let window = Window { transactions: vec![long, Observed::get("/").transaction()], dropped: 0 };
    assert_eq!(report(&window).summed_up_queries, 91_808);
}

#[test]
fn an_admin_list_that_is_already_eager_has_no_findings() {
    let admin = Code::new(
        "shop/admin.py",
        "
class BookAdmin(admin.ModelAdmin):
    list_display = ['title', 'publisher', 'byline']
    list_select_related = ['publisher__country']

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related('authors')
",
    );
    let mut request = Observed::get("/admin/shop/book/");
    let user = request.object("auth.User", &[]);
    request.loads(user, &many_to_many("auth.User.groups", "auth.Group"), Ask::Narrowed, 1, &[]);
    let books = request.queryset("shop.Book", 100, &[&admin.class("BookAdmin", "")]);
    let publishers = request.joined(books, &foreign_key("shop.Book.publisher", "shop.Publisher"), 100);
    request.joined(publishers, &foreign_key("shop.Publisher.country", "shop.Country"), 100);
    request.prefetched(books, &many_to_many("shop.Book.authors", "shop.Author"), 140, &[]);

    let window = Window { transactions: vec![request.transaction()], dropped: 0 };
    let report = report(&window);
    assert_eq!(report.findings, []);
    assert_eq!(report.endpoints.len(), 1);
}

#[test]
fn a_site_whose_pages_load_what_one_object_needs_has_no_findings() {
    let views = Code::new(
        "shop/views.py",
        "
def book_detail(request, pk):
    book = Book.objects.get(pk=pk)
    return HttpResponse([book.publisher, *book.authors.all(), *book.reviews.order_by('-rating')[:3]])

def book_list(request):
    return HttpResponse(Book.objects.values_list('title'))
",
    );
    let detail = || {
        let mut request = Observed::get("/books/<int:pk>/");
        let book = request.object("shop.Book", &[&views.at("Book.objects.get(pk=pk)")]);
        let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
        request.loads(book, &publisher, Ask::Object, 1, &[&views.at("book.publisher")]);
        let authors = many_to_many("shop.Book.authors", "shop.Author");
        request.loads_into(book, &authors, Ask::All, (1, 3), &[&views.at("book.authors.all()")]);
        let reviews = many_to_many("shop.Book.reviews", "shop.Review");
        request.loads(book, &reviews, Ask::Narrowed, 1, &[&views.at("book.reviews.order_by('-rating')")]);
        request
    };
    let mut list = Observed::get("/books/");
    list.queryset("shop.Book", 100, &[&views.at("Book.objects.values_list('title')")]);

    // However often the page is visited: each visit is looked at alone.
    let transactions = (0..50).map(|_| detail()).chain([list]).map(Observed::transaction).collect();
    let report = report(&Window { transactions, dropped: 0 });
    assert_eq!(report.findings, []);
    assert_eq!(report.transactions, 51);
}
