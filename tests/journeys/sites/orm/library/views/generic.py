from library.answers import answer
from library.models import Book, Note


def generic_foreign_key(request):
    notes = Note.objects.order_by("pk")  # origin: generic-foreign-key
    return answer(note.subject.title for note in notes)  # access: generic-foreign-key n-plus-one library.Note.subject


def generic_twice(request):
    notes = list(Note.objects.all())  # origin: generic-twice
    titles = [note.subject.title for note in notes]  # access: generic-twice n-plus-one library.Note.subject
    return answer(titles + [note.subject.title for note in notes])


def generic_prefetch(request):
    notes = Note.objects.prefetch_related("subject")  # origin: generic-prefetch
    return answer(note.subject.publisher.name for note in notes)  # access: generic-prefetch n-plus-one library.Book.publisher


def generic_relation(request):
    books = Book.objects.order_by("pk")  # origin: generic-relation
    return answer(book.notes.count() for book in books)  # access: generic-relation n-plus-one-many library.Book.notes


def generic_filtered(request):
    books = Book.objects.order_by("pk")  # origin: generic-filtered
    return answer(book.notes.filter(text="Note 1").count() for book in books)  # access: generic-filtered n-plus-one-filtered library.Book.notes
