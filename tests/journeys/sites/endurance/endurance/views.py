"""Views that do too much of one thing. What they answer depends on everything that they did."""

from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse

from endurance.models import Book


def same(request, count):
    total = 0
    with connection.cursor() as cursor:
        for number in range(count):
            cursor.execute("SELECT %s", [number])
            total += cursor.fetchone()[0]
    return HttpResponse(str(total))


def distinct(request, count):
    total = 0
    with connection.cursor() as cursor:
        for number in range(count):
            cursor.execute(f"SELECT {number} AS column_{number}")
            total += cursor.fetchone()[0]
    return HttpResponse(str(total))


def lazy(request, count):
    names = 0
    for book in Book.objects.order_by("pk")[:count].iterator():
        names += len(book.publisher.name)
    return HttpResponse(str(names))


def sites(request, count):
    """Every query from a function of its own, made from text with a file name of the project."""
    total = 0
    for number in range(count):
        scope = {}
        source = f"def made_{number}(model):\n    return model.objects.filter(pk={number}).exists()\n"
        name = __file__ if number % 2 else "<made>"
        exec(compile(source, name, "exec"), scope)
        total += scope[f"made_{number}"](Book)
    return HttpResponse(str(total))


def rows(request, count):
    books = list(Book.objects.order_by("pk")[:count])
    return HttpResponse(str(sum(book.pk for book in books)))


def statement(request, size):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT length('{'x' * size}'), 1 /* {'y' * size} */")
        return HttpResponse(str(cursor.fetchone()))


def varied(request, name):
    number = len(name)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{name}' AS name_{name.replace('-', '_')}")
        rows = cursor.fetchall()
    request.user = User(pk=hash(name) % 10_000, username=name)
    books = Book.objects.filter(title__startswith=name).only("title")[: number + 1]
    return HttpResponse(f"{rows} {[book.title for book in books]}")
