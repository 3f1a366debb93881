from django.core.paginator import Paginator
from django.db.models import Max

from library.answers import answer
from library.models import Book


def get_in_loop(request):
    return answer(Book.objects.get(pk=pk).title for pk in range(1, 6))  # access: get-in-loop query-in-loop


def helper_in_loop(request):
    return answer(title_of(pk) for pk in range(1, 6))


def title_of(pk):
    return Book.objects.values_list("title", flat=True).get(pk=pk)  # access: helper-in-loop query-in-loop


def get_a_few(request):  # silent: get-a-few
    return answer(Book.objects.get(pk=pk).title for pk in (1, 2, 3))


def exists_then_iterate(request):
    books = Book.objects.filter(pk__gt=2).order_by("title")
    if not books.exists():  # access: exists-then-iterate count-then-fetch
        return answer([])
    return answer(book.title for book in books)


def count_then_iterate(request):
    books = Book.objects.filter(pk__gt=2).order_by("title")
    number = books.count()  # access: count-then-iterate count-then-fetch
    return answer([number, *(book.title for book in books)])


def count_alone(request):  # silent: count-alone
    return answer([Book.objects.count(), Book.objects.filter(pk__gt=2).exists()])


def count_of_what_is_there(request):  # silent: count-of-what-is-there
    books = Book.objects.order_by("title")
    titles = [book.title for book in books]
    return answer([books.count(), *titles])


def count_then_aggregate(request):  # silent: count-then-aggregate
    books = Book.objects.filter(pk__gt=2)
    return answer([books.count(), books.aggregate(last=Max("title"))["last"]])


def count_of_others(request):  # silent: count-of-others
    others = Book.objects.filter(pk__in=[1, 2]).count()
    return answer([others, *(book.title for book in Book.objects.filter(pk__in=[3, 4, 5]))])


def pages(request):  # silent: pages
    page = Paginator(Book.objects.order_by("title"), 2).get_page(3)
    return answer([page.paginator.num_pages, *(book.title for book in page)])
