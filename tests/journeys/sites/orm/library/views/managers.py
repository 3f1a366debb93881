from library.answers import answer
from library.models import Book, Country, Loan, Place, Treasure


def manager_method(request):
    books = Book.newest_first.newest()
    return answer(book.publisher.name for book in books)  # access: manager-method n-plus-one library.Book.publisher


def queryset_method(request):
    books = Book.objects.affordable()  # origin: queryset-method
    return answer(book.publisher.name for book in books)  # access: queryset-method n-plus-one library.Book.publisher


def query_class(request):
    books = Book.shelved.order_by("pk")
    return answer(book.publisher.name for book in books)  # access: query-class n-plus-one library.Book.publisher


def two_of_one_manager(request):
    country = Country.objects.get(name="Country 1")
    stocked = list(country.publisher_set.prefetch_related("book_set").filter(motto="Read"))
    rest = country.publisher_set.exclude(motto="Read")  # origin: two-of-one-manager
    counts = [len(publisher.book_set.all()) for publisher in stocked]
    return answer(counts + [len(publisher.book_set.all()) for publisher in rest])  # access: two-of-one-manager n-plus-one-many library.Publisher.book_set


def narrowed_after_prefetch(request):
    country = Country.objects.prefetch_related("publisher_set").get(name="Country 1")
    publishers = country.publisher_set.exclude(motto="Read")  # origin: narrowed-after-prefetch
    return answer(len(publisher.book_set.all()) for publisher in publishers)  # access: narrowed-after-prefetch n-plus-one-many library.Publisher.book_set


def descriptor(request):
    loans = Loan.objects.order_by("pk")  # origin: descriptor
    return answer(loan.book.title for loan in loans)  # access: descriptor n-plus-one library.Loan.book


def equality(request):
    treasures = Treasure.objects.order_by("pk")  # origin: equality
    return answer(treasure.book.title for treasure in treasures)  # access: equality n-plus-one library.Treasure.book


def equality_iterator(request):
    treasures = Treasure.objects.defer("name").iterator()  # origin: equality-iterator
    return answer(treasure.name for treasure in treasures)  # access: equality-iterator deferred-field library.Treasure.name


def own_relation(request):
    places = Place.objects.order_by("pk")
    return answer(place.visitors.count() for place in places)  # access: own-relation query-in-loop
