from library.answers import answer
from library.models import Book


def iterator(request):
    books = Book.objects.iterator()  # origin: iterator
    return answer(book.publisher.name for book in books)  # access: iterator n-plus-one library.Book.publisher


def iterator_chunked(request):
    books = Book.objects.order_by("pk").iterator(chunk_size=2)  # origin: iterator-chunked
    return answer(book.authors.count() for book in books)  # access: iterator-chunked n-plus-one-many library.Book.authors


def iterator_prefetch(request):
    titles = []
    for book in Book.objects.prefetch_related("authors").iterator(chunk_size=4):  # origin: iterator-prefetch
        for author in book.authors.all():
            titles.append(author.home.name)  # access: iterator-prefetch n-plus-one library.Author.home
    return answer(titles)


def iterator_joined(request):
    names = []
    for book in Book.objects.select_related("publisher").iterator():  # origin: iterator-joined
        names.append(book.publisher.country.name)  # access: iterator-joined n-plus-one library.Publisher.country
    return answer(names)


def iterator_left_early(request):
    for book in Book.objects.iterator():
        return answer([book.publisher.name])  # silent: iterator-left-early
