import copy
import pickle

from django.core.cache import cache

from library.answers import answer
from library.models import Book


def copied_queryset(request):
    books = Book.objects.order_by("pk")  # origin: copied-queryset
    books = copy.copy(books)
    return answer(book.publisher.name for book in books)  # access: copied-queryset n-plus-one library.Book.publisher


def deepcopied_queryset(request):
    books = Book.objects.order_by("pk")  # origin: deepcopied-queryset
    books = copy.deepcopy(books)
    return answer(book.publisher.name for book in books)  # access: deepcopied-queryset n-plus-one library.Book.publisher


def copied_instances(request):
    books = Book.objects.order_by("pk")  # origin: copied-instances
    books = [copy.copy(book) for book in books]
    return answer(book.publisher.name for book in books)  # access: copied-instances n-plus-one library.Book.publisher


def deepcopied_instances(request):
    books = list(Book.objects.select_related("publisher"))  # origin: deepcopied-instances
    books = copy.deepcopy(books)
    return answer(book.publisher.country.name for book in books)  # access: deepcopied-instances n-plus-one library.Publisher.country


def pickled_queryset(request):
    pickled = pickle.dumps(Book.objects.order_by("pk"))
    books = pickle.loads(pickled)  # origin: pickled-queryset
    return answer(book.publisher.name for book in books)  # access: pickled-queryset n-plus-one library.Book.publisher


def pickled_query(request):
    pickled = pickle.dumps(Book.objects.order_by("pk").query)
    books = Book.objects.none()
    books.query = pickle.loads(pickled)
    books = list(books)  # origin: pickled-query
    return answer(book.publisher.name for book in books)  # access: pickled-query n-plus-one library.Book.publisher


def pickles_are_the_same(request):  # silent: pickles-are-the-same
    return answer([pickle.dumps(Book.objects.filter(price=1).query, protocol=4).hex()])


def cached_instances(request):
    cache.set("books", list(Book.objects.order_by("pk")))
    books = cache.get("books")  # origin: cached-instances
    return answer(book.publisher.name for book in books)  # access: cached-instances n-plus-one library.Book.publisher
