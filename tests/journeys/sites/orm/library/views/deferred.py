from library.answers import answer
from library.models import Book, Draft, Publisher, Shop


def only(request):
    books = Book.objects.only("title")  # origin: only
    return answer(book.blurb for book in books)  # access: only deferred-field library.Book.blurb


def defer(request):
    books = Book.objects.defer("blurb", "price")  # origin: defer
    return answer(book.blurb for book in books)  # access: defer deferred-field library.Book.blurb


def deferred_override(request):
    drafts = Draft.objects.only("title")  # origin: deferred-override
    return answer(draft.text + draft.remarks for draft in drafts)


def deferred_joined(request):
    books = Book.objects.select_related("publisher").only("title", "publisher__name")  # origin: deferred-joined
    return answer(book.publisher.motto for book in books)  # access: deferred-joined deferred-field library.Publisher.motto


def deferred_key(request):
    publishers = Publisher.objects.only("name")  # origin: deferred-key
    return answer(publisher.country_id for publisher in publishers)  # access: deferred-key deferred-field library.Publisher.country


def deferred_inherited(request):
    shops = Shop.objects.only("phone")  # origin: deferred-inherited
    return answer(shop.street for shop in shops)  # access: deferred-inherited deferred-field library.Place.street


def refresh(request):
    books = list(Book.objects.all())
    for book in books:
        book.refresh_from_db(fields=["price"])  # access: refresh query-in-loop
    return answer(book.price for book in books)
