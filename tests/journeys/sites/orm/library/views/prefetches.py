from django.db.models import Prefetch

from library.answers import answer
from library.models import Book, Publisher


def to_attr(request):
    stock = Book.objects.order_by("pk")  # origin: to-attr
    publishers = Publisher.objects.prefetch_related(Prefetch("book_set", queryset=stock, to_attr="stock"))
    colours = []
    for publisher in publishers:
        for book in publisher.stock:
            colours.append(book.cover.colour)  # access: to-attr n-plus-one library.Book.cover
    return answer(colours)


def to_attr_plain(request):
    publishers = Publisher.objects.prefetch_related(Prefetch("book_set", to_attr="stock"))  # origin: to-attr-plain
    colours = []
    for publisher in publishers:
        for book in publisher.stock:
            colours.append(book.cover.colour)  # access: to-attr-plain n-plus-one library.Book.cover
    return answer(colours)


def select_related(request):
    books = Book.objects.select_related("publisher")  # origin: select-related
    return answer(book.publisher.country.name for book in books)  # access: select-related n-plus-one library.Publisher.country


def select_related_kept(request):
    books = Book.objects.select_related("publisher")  # origin: select-related-kept
    publishers = [book.publisher for book in books]
    return answer(publisher.country.name for publisher in publishers)  # access: select-related-kept n-plus-one library.Publisher.country


def filtered_prefetch(request):
    publishers = Publisher.objects.prefetch_related("book_set")  # origin: filtered-prefetch
    return answer(publisher.book_set.filter(price__lt=300).count() for publisher in publishers)  # access: filtered-prefetch n-plus-one-filtered library.Publisher.book_set
