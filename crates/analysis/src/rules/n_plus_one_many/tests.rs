use observation::{Ask, RelationKind};

use crate::testing::{Code, Observed, findings, many_to_many, relation, reverse_foreign_key};

#[test]
fn a_manager_that_is_asked_in_a_loop() {
    let views = Code::new(
        "shop/views.py",
        "
def store_list(request):
    stores = []
    for store in Store.objects.all():
        titles = [book.title for book in store.books.all()]
        stores.append({'store': store, 'titles': titles})
    return render(request, 'shop/store_list.html', {'stores': stores})
",
    );
    let mut request = Observed::get("/stores/");
    let stores = request.queryset("shop.Store", 10, &[&views.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    request.loads_into(stores, &books, Ask::All, (10, 80), &[&views.at("store.books.all()")]);

    let expected = r#"
n-plus-one-many shop.Store.books (Certain)
  built   shop/views.py:3
  touched shop/views.py:4
  costs   10 queries, 5 ms on GET /stores/
  try     prefetch_related("books")
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn all_and_count_and_exists_are_answered_by_one_prefetch() {
    let views = Code::new(
        "shop/services.py",
        "
def get_new_arrivals():
    return Book.objects.newest()[:20]
",
    );
    let card = Code::new(
        "shop/templates/shop/includes/book_card.html",
        "
{% if book.reviews.exists %}
  {% with count=book.reviews.count %}{{ book.average_rating }} of 5 ({{ count }}){% endwith %}
{% endif %}
",
    );
    let models = Code::new(
        "shop/models.py",
        "
class Book(models.Model):
    @property
    def average_rating(self):
        return mean(review.rating for review in self.reviews.all())
",
    );
    let mut request = Observed::get("/");
    let books = request.queryset("shop.Book", 20, &[&views.at("Book.objects.newest()")]);
    let reviews = reverse_foreign_key("shop.Book.reviews", "shop.Review");
    request.loads(books, &reviews, Ask::Exists, 20, &[&card.at("{% if book.reviews.exists %}")]);
    request.loads(books, &reviews, Ask::Count, 18, &[&card.at("{% with count=book.reviews.count %}")]);
    let rating = [&models.at("self.reviews.all()"), &card.at("{{ book.average_rating }}")];
    request.loads_into(books, &reviews, Ask::All, (18, 60), &rating);

    let expected = r#"
n-plus-one-many shop.Book.reviews (Certain)
  built   shop/services.py:2
  touched shop/templates/shop/includes/book_card.html:1
  costs   56 queries, 28 ms on GET /
  try     prefetch_related("reviews")
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn a_generic_relation_is_a_manager_too() {
    let code = Code::new(
        "blog/views.py",
        "
def index(request):
    return HttpResponse([post.tags.all() for post in Post.objects.all()])
",
    );
    let mut request = Observed::get("/blog/");
    let posts = request.queryset("blog.Post", 5, &[&code.at("Post.objects.all()")]);
    let tags = relation("blog.Post.tags", RelationKind::GenericRelation, "tags.Tag");
    request.loads(posts, &tags, Ask::All, 5, &[&code.at("post.tags.all()")]);

    let expected = r#"
n-plus-one-many blog.Post.tags (Certain)
  built   blog/views.py:2
  touched blog/views.py:2
  costs   5 queries, 2.5 ms on GET /blog/
  try     prefetch_related("tags")
"#;
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn one_store_that_is_asked_twice_is_no_loop() {
    let code = Code::new(
        "shop/views.py",
        "
def store_detail(request, pk):
    store = Store.objects.get(pk=pk)
    return HttpResponse([store.books.count(), *store.books.all()])
",
    );
    let mut request = Observed::get("/stores/<int:pk>/");
    let store = request.object("shop.Store", &[&code.at("Store.objects.get(pk=pk)")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    request.loads(store, &books, Ask::Count, 1, &[&code.at("store.books.count()")]);
    request.loads_into(store, &books, Ask::All, (1, 80), &[&code.at("store.books.all()")]);

    assert_eq!(findings([request]), "");
}

#[test]
fn a_list_of_one_row_says_nothing_about_lists() {
    let code = Code::new(
        "shop/views.py",
        "
def store_list(request):
    return HttpResponse([store.books.count() for store in Store.objects.all()])
",
    );
    let mut request = Observed::get("/stores/");
    let stores = request.queryset("shop.Store", 1, &[&code.at("Store.objects.all()")]);
    let books = many_to_many("shop.Store.books", "shop.Book");
    request.loads(stores, &books, Ask::Count, 1, &[&code.at("store.books.count()")]);

    assert_eq!(findings([request]), "");
}
