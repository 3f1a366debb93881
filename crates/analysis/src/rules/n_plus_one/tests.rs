use observation::{Ask, RelationKind};

use crate::testing::{Code, Observed, findings, foreign_key, many_to_many, relation};

#[test]
fn a_list_that_shows_what_each_row_points_to() {
    let views = Code::new(
        "shop/views.py",
        r#"
def book_list(request):
    books = Book.objects.all()
    return render(request, "shop/book_list.html", {"books": books})
"#,
    );
    let page = Code::new(
        "shop/templates/shop/book_list.html",
        "
<table>
  {% for book in books %}
    <tr><td>{{ book.title }}</td><td>{{ book.publisher.name }}</td></tr>
  {% endfor %}
</table>
",
    );

    let mut request = Observed::get("/books/");
    let books = request.queryset("shop.Book", 100, &[&views.at("Book.objects.all()")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, 100, &[&page.at("{{ book.publisher.name }}")]);

    let expected = r#"
n-plus-one shop.Book.publisher (Certain)
  built   shop/views.py:2
  touched shop/templates/shop/book_list.html:3
  costs   100 queries, 50 ms on GET /books/
  try     select_related("publisher")
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn a_second_hop_is_joined_from_the_same_queryset() {
    let code = Code::new(
        "library/views.py",
        "
def overdue(request):
    loans = Loan.objects.filter(returned=None)
    return HttpResponse([f'{loan.copy.title.name}' for loan in loans])
",
    );
    let (built, touched) = (code.at("Loan.objects.filter(returned=None)"), code.at("loan.copy.title.name"));

    let mut request = Observed::get("/overdue/");
    let loans = request.queryset("library.Loan", 30, &[&built]);
    let copy = foreign_key("library.Loan.copy", "library.Copy");
    let copies = request.loads_into(loans, &copy, Ask::Object, (30, 30), &[&touched]);
    let title = foreign_key("library.Copy.title", "library.Title");
    request.loads(copies, &title, Ask::Object, 30, &[&touched]);

    let expected = r#"
n-plus-one library.Loan.copy (Certain)
  built   library/views.py:2
  touched library/views.py:3
  costs   30 queries, 15 ms on GET /overdue/
  try     select_related("copy")

n-plus-one library.Copy.title (Certain)
  built   library/views.py:2
  touched library/views.py:3
  costs   30 queries, 15 ms on GET /overdue/
  try     select_related("copy__title")
"#;
    let mut told: Vec<String> =
        findings([request]).split("\n\n").map(|one| one.trim_end().to_owned()).collect();
    // Both cost the same, so that their ids decide the order.
    told.sort_by_key(|one| one.contains("Copy.title"));
    assert_eq!(told.join("\n\n"), expected.trim());
}

#[test]
fn below_a_to_many_relation_it_is_prefetched() {
    let views = Code::new(
        "shop/views.py",
        "
class StoreListView(ListView):
    model = Store
",
    );
    let shelf = Code::new(
        "shop/templates/shop/store_list.html",
        "
{% for book in store.books.all %}
  {{ book.publisher }}
{% endfor %}
",
    );
    let mut request = Observed::get("/stores/");
    let stores = request.queryset("shop.Store", 10, &[&views.class("StoreListView", "")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    let books = request.loads_into(
        stores,
        &books,
        Ask::All,
        (10, 80),
        &[&shelf.at("{% for book in store.books.all %}")],
    );
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, 80, &[&shelf.at("{{ book.publisher }}")]);

    let expected = r#"
n-plus-one shop.Book.publisher (Certain)
  built   shop/views.py StoreListView
  touched shop/templates/shop/store_list.html:2
  costs   80 queries, 40 ms on GET /stores/
  try     prefetch_related("books__publisher")

n-plus-one-many shop.Store.books (Certain)
  built   shop/views.py StoreListView
  touched shop/templates/shop/store_list.html:1
  costs   10 queries, 5 ms on GET /stores/
  try     prefetch_related("books")
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn a_serializer_field_is_where_it_is_touched() {
    let code = Code::new(
        "orders/serializers.py",
        "
class OrderSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source='user.get_full_name')
",
    );
    let viewset = Code::new(
        "orders/views.py",
        "
class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.all()
",
    );
    let mut request = Observed::get("/api/orders/");
    let orders = request.queryset("orders.Order", 20, &[&viewset.at("Order.objects.all()")]);
    let user = foreign_key("orders.Order.user", "auth.User");
    request.loads(orders, &user, Ask::Object, 20, &[&code.class("OrderSerializer", "customer")]);

    let expected = r#"
n-plus-one orders.Order.user (Certain)
  built   orders/views.py:2
  touched orders/serializers.py OrderSerializer.customer
  costs   20 queries, 10 ms on GET /api/orders/
  try     select_related("user")
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn a_generic_foreign_key_cannot_be_joined() {
    let code = Code::new(
        "activity/views.py",
        "
def feed(request):
    entries = Entry.objects.order_by('-pk')
    return HttpResponse([str(entry.subject) for entry in entries])
",
    );
    let mut request = Observed::get("/feed/");
    let entries = request.queryset("activity.Entry", 9, &[&code.at("Entry.objects.order_by('-pk')")]);
    let subject = relation("activity.Entry.subject", RelationKind::GenericForeignKey, "");
    request.loads(entries, &subject, Ask::Object, 9, &[&code.at("entry.subject")]);

    let expected = r#"
n-plus-one activity.Entry.subject (Certain)
  built   activity/views.py:2
  touched activity/views.py:3
  costs   9 queries, 4.5 ms on GET /feed/
  try     prefetch_related("subject")
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn a_detail_page_may_load_what_its_object_points_to() {
    let code = Code::new(
        "shop/views.py",
        "
def book_detail(request, pk):
    book = get_object_or_404(Book, pk=pk)
    return HttpResponse(book.publisher.name)
",
    );
    let mut request = Observed::get("/books/<int:pk>/");
    let book = request.object("shop.Book", &[&code.at("get_object_or_404(Book, pk=pk)")]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(book, &publisher, Ask::Object, 1, &[&code.at("book.publisher.name")]);

    assert_eq!(findings([request]), "");
}
