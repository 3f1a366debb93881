from library.answers import answer
from library.models import Author, Book, Country


def values(request):  # silent: values
    return answer(f"{row['title']} {row['publisher__name']}" for row in Book.objects.values("title", "publisher__name"))


def values_list(request):  # silent: values-list
    titles = Book.objects.values_list("title", flat=True)
    rows = Book.objects.values_list("title", "price", named=True).iterator()
    return answer([*titles, *(row.price for row in rows)])


def in_bulk(request):
    books = Book.objects.in_bulk([1, 2, 3])  # origin: in-bulk
    return answer(book.publisher.name for book in books.values())  # access: in-bulk n-plus-one library.Book.publisher


def get(request):
    names = []
    for number in range(1, 4):
        book = Book.objects.get(pk=number)  # origin: get
        names.append(book.publisher.name)  # access: get n-plus-one library.Book.publisher
    return answer(names)


def first(request):
    names = []
    for number in range(1, 4):
        book = Book.objects.filter(pk=number).first()  # origin: first
        names.append(book.publisher.name)  # access: first n-plus-one library.Book.publisher
    return answer(names)


def last(request):
    names = []
    for number in range(1, 4):
        book = Book.objects.filter(pk__lte=number).last()  # origin: last
        names.append(book.publisher.name)  # access: last n-plus-one library.Book.publisher
    return answer(names)


def earliest(request):
    names = []
    for number in range(1, 4):
        book = Book.objects.filter(pk__gte=number).earliest("pk")  # origin: earliest
        names.append(book.publisher.name)  # access: earliest n-plus-one library.Book.publisher
    return answer(names)


def one_object(request):  # silent: one-object
    book = Book.objects.get(pk=1)
    return answer([book.publisher.country.name, book.authors.count()])


def union(request):
    cheap, dear = Book.objects.filter(price__lt=300), Book.objects.filter(price__gte=300)  # origin: union
    books = cheap.union(dear)
    return answer(sorted(book.publisher.name for book in books))  # access: union n-plus-one library.Book.publisher


def get_or_create(request):
    names = []
    for number in range(1, 4):
        author, _ = Author.objects.get_or_create(pk=number)  # origin: get-or-create
        names.append(author.home.name)  # access: get-or-create n-plus-one library.Author.home
    return answer(names)


def bulk_create(request):  # silent: bulk-create
    countries = Country.objects.bulk_create([Country(name="New"), Country(name="Newer")])
    names = [country.name for country in countries]
    Country.objects.filter(pk__in=[country.pk for country in countries]).delete()
    return answer(names)


def bulk_update(request):  # silent: bulk-update
    books = list(Book.objects.order_by("pk"))
    for book in books:
        book.blurb = "Long"
    return answer([Book.objects.bulk_update(books, ["blurb"])])
