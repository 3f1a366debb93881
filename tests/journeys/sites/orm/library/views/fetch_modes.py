"""Django 6.1 lets a queryset say how its instances load what is missing."""

from django.core.exceptions import FieldFetchBlocked
from django.db.models import FETCH_ONE, FETCH_PEERS, FETCH_RAISE
from django.db.models.fetch_modes import FetchMode

from library.answers import answer
from library.models import Book, Note


class Counting(FetchMode):
    """Somebody's own mode."""

    fetches = 0

    def fetch(self, fetcher, instance):
        Counting.fetches += 1
        fetcher.fetch_one(instance)  # access: fetch-mode-own n-plus-one library.Book.publisher since 6.1


def fetch_mode_one(request):
    books = Book.objects.fetch_mode(FETCH_ONE)  # origin: fetch-mode-one
    return answer(book.publisher.name for book in books)  # access: fetch-mode-one n-plus-one library.Book.publisher since 6.1


def fetch_mode_own(request):
    Counting.fetches = 0
    books = Book.objects.fetch_mode(Counting())  # origin: fetch-mode-own
    names = [book.publisher.name for book in books]
    return answer([*names, Counting.fetches])


def fetch_mode_peers(request):  # silent: fetch-mode-peers since 6.1
    books = Book.objects.fetch_mode(FETCH_PEERS).defer("blurb")
    notes = Note.objects.fetch_mode(FETCH_PEERS)
    return answer([f"{book.publisher.name} {book.blurb}" for book in books] + [note.subject.title for note in notes])


def fetch_mode_peers_hop(request):
    books = Book.objects.fetch_mode(FETCH_PEERS)  # origin: fetch-mode-peers-hop
    return answer(book.publisher.book_set.count() for book in books)  # access: fetch-mode-peers-hop n-plus-one-many library.Publisher.book_set since 6.1


def fetch_mode_raise(request):  # silent: fetch-mode-raise since 6.1
    books = list(Book.objects.fetch_mode(FETCH_RAISE).defer("blurb"))
    raised = 0
    for book in books:
        for field in ("publisher", "blurb"):
            try:
                getattr(book, field)
            except FieldFetchBlocked:
                raised += 1
    return answer([raised])
