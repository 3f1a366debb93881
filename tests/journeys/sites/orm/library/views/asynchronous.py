from asgiref.sync import sync_to_async

from library.answers import answer
from library.models import Book, Publisher


async def async_for(request):
    counts = []
    async for book in Book.objects.order_by("pk"):  # origin: async-for
        counts.append(await book.authors.acount())  # access: async-for n-plus-one-many library.Book.authors
    return answer(counts)


async def async_comprehension(request):
    books = [book async for book in Book.objects.all()]  # origin: async-comprehension
    names = []
    for book in books:
        async for author in book.authors.all():  # access: async-comprehension n-plus-one-many library.Book.authors
            names.append(author.name)
    return answer(names)


def publisher_name(book):
    return book.publisher.name  # access: aiterator n-plus-one library.Book.publisher


async def aiterator(request):
    books = Book.objects.aiterator(chunk_size=2)  # origin: aiterator
    return answer([await sync_to_async(publisher_name)(book) async for book in books])


def home_name(author):
    return author.home.name  # access: aiterator-prefetch n-plus-one library.Author.home since 5.0


async def aiterator_prefetch(request):
    names = []
    books = Book.objects.prefetch_related("authors").aiterator(chunk_size=4)  # origin: aiterator-prefetch
    async for book in books:
        for author in book.authors.all():
            names.append(await sync_to_async(home_name)(author))
    return answer(names)


async def aget(request):
    counts = []
    for number in range(1, 4):
        publisher = await Publisher.objects.aget(pk=number)  # origin: aget
        counts.append(await publisher.book_set.acount())  # access: aget n-plus-one-many library.Publisher.book_set
    return answer(counts)


async def awaited_elsewhere(request):
    names = []
    async for book in Book.objects.order_by("pk"):  # origin: awaited-elsewhere
        authors = book.authors.all()
        names += [author.name async for author in authors]  # access: awaited-elsewhere n-plus-one-many library.Book.authors
    return answer(names)


async def asave(request):
    books = [book async for book in Book.objects.order_by("pk")]
    for book in books:
        await book.asave(update_fields=["blurb"])  # access: asave write-in-loop since 5.0
    return answer(len(book.blurb) for book in books)
