"""One page for each way in which projects build their querysets."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import cached_property
from django.views.generic import ListView

from shop.models import Book, Store, Tag


def show(request, books, template="shop/books.html"):
    return render(request, template, {"books": books})


def lines(request):
    books = (
        Book.objects
        # Without the first, which is a sample.
        .filter(pk__gt=1)
        .order_by("title")
    )
    return show(request, books)


def backslashes(request):
    books = Book.objects \
        .filter(pk__gt=1) \
        .order_by("title")
    return show(request, books)


def steps(request):
    books = Book.objects.filter(pk__gt=1)
    if "q" in request.GET:
        books = books.filter(title__contains=request.GET["q"])
    books = books.order_by("title")
    return show(request, books)


def on_sale():
    return Book.objects.exclude(title="").order_by("publisher__name", "title")


def functions(request):
    return show(request, on_sale())


class Shelf:
    books = Book.objects.all()


def attributes(request):
    return show(request, Shelf.books.all())


class BookMixin:
    model = Book
    template_name = "shop/books.html"
    context_object_name = "books"


class Inheriting(BookMixin, ListView):
    paginate_by = 40


class OwnModel(ListView):
    model = Book
    template_name = "shop/books.html"
    context_object_name = "books"


class OnSaleMixin:
    def get_queryset(self):
        return super().get_queryset().filter(pk__gt=1)


class Mixed(OnSaleMixin, BookMixin, ListView):
    pass


def managers(request):
    return show(request, Book.objects.newest())


def pages(request):
    page = Paginator(Book.objects.order_by("title", "pk"), 40).get_page(request.GET.get("page"))
    return show(request, page)


def columns(request):
    return show(request, Book.objects.only("title"))


def deeper(request):
    return show(request, Book.objects.select_related("publisher"), "shop/countries.html")


def prefetches(request):
    books = Prefetch("books", queryset=Book.objects.filter(pk__gt=1), to_attr="offers")
    return render(request, "shop/stores.html", {"stores": Store.objects.prefetch_related(books)})


def one(request):
    store = get_object_or_404(Store, name="Store 1")
    return render(request, "shop/store.html", {"store": store})


def generic(request):
    return render(request, "shop/tags.html", {"tags": Tag.objects.order_by("pk")})


def tagged(request):
    return show(request, Book.objects.all(), "shop/tagged.html")


def navigation(request):
    return render(request, "shop/navigation.html")


def tags(request):
    return render(request, "shop/latest.html")


class Branches:
    """Those of a visitor, found once for all who ask."""

    @cached_property
    def stores(self):
        return Store.objects.exclude(name="")

    def is_open(self):
        return self.stores.exists()


def branches(request):
    visitor = Branches()
    names = [store.name for store in visitor.stores] if visitor.is_open() else []
    return HttpResponse(", ".join(names))


def assortment(request):
    visitor = Branches()
    titles = []
    if visitor.is_open():
        for store in visitor.stores.order_by("name"):
            titles += [book.title for book in store.books.all()]
    return HttpResponse(", ".join(titles))
