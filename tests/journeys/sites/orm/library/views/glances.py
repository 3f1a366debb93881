"""Rows that are fetched for their number, or for whether there are any. There are thirty parcels."""

from library.answers import answer
from library.models import Book, Parcel


def parcels():
    return Parcel.objects.filter(pk__gt=0)


def number_of_rows(request):
    return answer([len(parcels())])  # access: number-of-rows unread-queryset


def condition_alone(request):
    found = parcels()
    return answer(["some" if found else "none"])  # access: condition-alone unread-queryset


def condition_with_prefetch(request):
    found = parcels().prefetch_related("country")
    return answer(["some" if found else "none"])  # access: condition-with-prefetch unread-queryset


def condition_and_rows(request):  # silent: condition-and-rows
    found = parcels()
    return answer([parcel.label for parcel in found] if found else [])


def condition_and_index(request):  # silent: condition-and-index
    found = parcels()
    return answer([found[0].label] if found else [])


def condition_and_contains(request):  # silent: condition-and-contains
    found, first = parcels(), Parcel.objects.get(pk=1)
    return answer([found.contains(first)] if found else [])


def number_and_slice(request):  # silent: number-and-slice
    found = parcels()
    return answer([len(found), *(parcel.label for parcel in found[:2])])


def number_and_reversed(request):  # silent: number-and-reversed
    found = parcels()
    return answer([len(found), next(reversed(found)).label])


def list_of_rows(request):  # silent: list-of-rows
    return answer([len(list(parcels()))])


def few_rows(request):  # silent: few-rows
    return answer([len(Book.objects.all())])


def read_by_some(request):  # silent: read-by-some visited 3
    found = parcels()
    request.session["read"] = visits = request.session.get("read", 0) + 1
    return answer([len(found), found[0].label if visits == 2 else ""])
