from library.answers import answer
from library.models import Book


def using(request):
    books = Book.objects.using("archive")  # origin: using
    return answer(book.publisher.name for book in books)  # access: using n-plus-one library.Book.publisher


def db_manager(request):
    books = Book.objects.db_manager("archive").affordable()  # origin: db-manager
    return answer(book.authors.count() for book in books)  # access: db-manager n-plus-one-many library.Book.authors
