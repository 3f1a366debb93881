use observation::{Ask, RelationKind};

use crate::Relation;
use crate::testing::{Code, Observed, findings, foreign_key, relation};

fn deferred(attribute: &str) -> Relation {
    relation(attribute, RelationKind::Deferred, "")
}

#[test]
fn a_list_that_shows_what_only_left_out() {
    let code = Code::new(
        "shop/views.py",
        r#"
def isbns(request):
    books = Book.objects.only("title")
    return JsonResponse({book.title: book.isbn for book in books})
"#,
    );
    let mut request = Observed::get("/isbns/");
    let books = request.queryset("shop.Book", 40, &[&code.at("Book.objects.only(\"title\")")]);
    request.loads(books, &deferred("shop.Book.isbn"), Ask::Object, 40, &[&code.at("book.isbn")]);

    let expected = "
deferred-field shop.Book.isbn (Certain)
  built   shop/views.py:2
  touched shop/views.py:3
  costs   40 queries, 20 ms on GET /isbns/
  try     only(…, \"isbn\"), or defer() without it
";
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn what_a_join_left_out_is_named_from_the_queryset() {
    let code = Code::new(
        "shop/views.py",
        r#"
def mottos(request):
    books = Book.objects.select_related("publisher").only("title", "publisher__name")
    return JsonResponse({book.title: book.publisher.motto for book in books})
"#,
    );
    let mut request = Observed::get("/mottos/");
    let built = code.at(r#"Book.objects.select_related("publisher").only("title", "publisher__name")"#);
    let books = request.queryset("shop.Book", 40, &[&built]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    let publishers = request.joined(books, &publisher, 40);
    let touched = code.at("book.publisher.motto");
    request.loads(publishers, &deferred("shop.Publisher.motto"), Ask::Object, 40, &[&touched]);

    let expected = "
deferred-field shop.Publisher.motto (Certain)
  built   shop/views.py:2
  touched shop/views.py:3
  costs   40 queries, 20 ms on GET /mottos/
  try     only(…, \"publisher__motto\"), or defer() without it
";
    assert_eq!(findings([request]), expected.trim_start());
}

#[test]
fn a_detail_page_that_loads_a_long_text_later_is_none() {
    let code = Code::new(
        "shop/views.py",
        r#"
def book_detail(request, pk):
    book = Book.objects.defer("blurb").get(pk=pk)
    return HttpResponse(book.blurb)
"#,
    );
    let mut request = Observed::get("/books/<int:pk>/");
    let book = request.object("shop.Book", &[&code.at("Book.objects.defer(\"blurb\").get(pk=pk)")]);
    request.loads(book, &deferred("shop.Book.blurb"), Ask::Object, 1, &[&code.at("book.blurb")]);

    assert_eq!(findings([request]), "");
}
