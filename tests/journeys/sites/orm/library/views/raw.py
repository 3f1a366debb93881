from django.db import connection

from library.answers import answer
from library.models import Book


def raw(request):
    books = Book.objects.raw("SELECT * FROM library_book ORDER BY id")  # origin: raw
    return answer(book.publisher.name for book in books)  # access: raw n-plus-one library.Book.publisher


def raw_deferred(request):
    books = Book.objects.raw("SELECT id, title FROM library_book ORDER BY id")  # origin: raw-deferred
    return answer(book.blurb for book in books)  # access: raw-deferred deferred-field library.Book.blurb


def raw_prefetch(request):
    books = Book.objects.raw("SELECT * FROM library_book").prefetch_related("authors")  # origin: raw-prefetch
    names = []
    for book in books:
        for author in book.authors.all():
            names.append(author.home.name)  # access: raw-prefetch n-plus-one library.Author.home
    return answer(names)


def raw_using(request):
    books = Book.objects.raw("SELECT * FROM library_book").using("archive")  # origin: raw-using
    return answer(book.publisher.name for book in books)  # access: raw-using n-plus-one library.Book.publisher


def cursor(request):
    titles = []
    with connection.cursor() as statements:
        for number in range(1, 6):
            statements.execute("SELECT title FROM library_book WHERE id = %s", [number])  # access: cursor query-in-loop
            titles.append(statements.fetchone()[0])
    return answer(titles)
