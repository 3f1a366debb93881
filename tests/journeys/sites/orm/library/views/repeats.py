"""What a page asks for twice."""

import datetime
import decimal
import sqlite3
import uuid

from django.db import connection
from django.db.models import F

from library.answers import answer
from library.models import Author, Book, Country


# As other databases take them, which have types for them.
for kind in (datetime.datetime, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, uuid.UUID):
    sqlite3.register_adapter(kind, str)


def title_of(pk):
    return Book.objects.only("title").get(pk=pk).title


def same_key_in_loop(request):
    return answer(
        Book.objects.only("title").get(pk=1).title  # access: same-key-in-loop duplicate-query
        for _ in range(6)
    )


def three_times(request):
    country = Country.objects.get(pk=1)  # before: three-times
    return answer([country.name, *(again(country) for _ in range(2))])


def again(country):
    return Country.objects.get(pk=country.pk).name  # access: three-times duplicate-query


def relation_of_one(request):
    author = Author.objects.get(pk=1)
    return answer(author.book_set.count() for _ in range(5))  # access: relation-of-one duplicate-query


def texts_and_lists(request):
    names = ["Ärger", "plain", None]
    found = [
        Country.objects.filter(name__in=names, pk__in=[1, 2, 3]).count()  # access: texts-and-lists duplicate-query
        for _ in range(4)
    ]
    return answer(found)


def times_and_decimals(request):
    def values():
        return [
            1.5,
            datetime.datetime(2026, 1, 2, 3, 4, 5, 6, datetime.timezone.utc),
            datetime.datetime(2026, 1, 2, 3, 4),
            datetime.date(2026, 1, 2),
            datetime.time(3, 4),
            datetime.timedelta(5, 6),
            decimal.Decimal("1.10"),
            uuid.UUID(int=2**100),
            b"bytes",
            True,
            None,
            2**62,
        ]

    places = ", ".join(["%s"] * len(values()))
    found = []
    for _ in range(4):
        with connection.cursor() as cursor:
            cursor.execute(  # access: times-and-decimals duplicate-query
                f"SELECT COUNT(*) FROM library_book WHERE title IN ({places})", values()
            )
            found.append(cursor.fetchone()[0])
    return answer(found)


def written_between(request):  # silent: written-between
    titles = []
    for _ in range(3):
        titles.append(title_of(1))
        Book.objects.filter(pk=2).exclude(pk=2).update(price=F("price"))
    return answer(titles)


def other_keys(request):  # silent: other-keys
    return answer(title_of(pk) for pk in (1, 2, 3))


def values_in_the_text(request):  # silent: values-in-the-text
    """The same template, with other values."""
    found = []
    for price in (1001, 2002, 3003):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM library_book WHERE price > {price}")
            found.append(cursor.fetchone()[0])
    return answer(found)


class Secretive(str):
    """Nobody but the app may look at it."""

    def __eq__(self, other):
        raise AssertionError("compared")

    def __hash__(self):
        raise AssertionError("hashed")

    def __len__(self):
        raise AssertionError("measured")


class Zone(datetime.tzinfo):
    def __repr__(self):
        raise AssertionError("shown")

    def utcoffset(self, when):
        return datetime.timedelta(hours=1)


class Precise(decimal.Decimal):
    asked = 0

    def __conform__(self, protocol):
        return "17"

    def __str__(self):
        Precise.asked += 1
        return super().__str__()


def three_books_called(value):
    found = []
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM library_book WHERE title = %s", [value])
            found.append(cursor.fetchone()[0])
    return found


def type_of_the_app(request):  # silent: type-of-the-app
    """A value of a type that nobody knows is like no other, and is not asked what it is."""
    return answer([*three_books_called(Precise("17")), Precise.asked])


def time_zone_of_the_app(request):  # silent: time-zone-of-the-app
    return answer(three_books_called(datetime.datetime(2026, 1, 2, tzinfo=Zone())))


def text_of_the_app(request):
    found = []
    for _ in range(4):
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM library_book WHERE title = %s", [Secretive("x")])  # access: text-of-the-app duplicate-query
            found.append(cursor.fetchone()[0])
    return answer(found)


def too_long_to_compare(request):  # silent: too-long-to-compare
    title = "x" * 100_000
    return answer(Book.objects.filter(title=title).count() for _ in range(3))
