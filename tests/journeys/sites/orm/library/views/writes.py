"""What a page writes that only asks to see something."""

from django.db.models import F

from library.answers import answer
from library.models import Book, Country


def counts_visitors(request):
    Book.objects.filter(pk=1).update(price=F("price") + 0)  # access: counts-visitors write-in-get visited 3
    return answer([Book.objects.get(pk=1).title])


def marks_what_is_new(request):  # silent: marks-what-is-new visited 3
    seen = Book.objects.filter(title="nothing is called so").update(title="seen")
    return answer([seen])


def makes_what_is_missing(request):  # silent: makes-what-is-missing visited 4
    country, _ = Country.objects.get_or_create(name="Made on the first visit")
    return answer([country.name])


def keeps_a_session(request):  # silent: keeps-a-session visited 3
    request.session["visits"] = request.session.get("visits", 0) + 1
    request.session.save()
    return answer(["kept"])
