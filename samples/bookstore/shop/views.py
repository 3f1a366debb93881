from django.core.paginator import Paginator
from django.db import connection
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import DetailView, ListView, TemplateView

from . import services
from .models import Author, Book, Publisher, Review, Store


class HomeView(TemplateView):
    template_name = "shop/home.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["books"] = services.get_new_arrivals()
        context["stores"] = Store.objects.all()
        context["reviews"] = services.get_latest_reviews()
        return context


def book_list(request):
    books = Book.objects.all()
    return render(request, "shop/book_list.html", {"books": books})


class BookDetailView(DetailView):
    queryset = Book.objects.select_related("publisher__country").prefetch_related(
        "authors", "reviews__user", "stores"
    )


def bestsellers(request):
    books = services.get_bestsellers()
    return render(request, "shop/bestsellers.html", {"books": books})


def search(request):
    query = request.GET.get("q", "").strip()
    books = Book.objects.search(query) if query else Book.objects.none()
    page = Paginator(books, 10).get_page(request.GET.get("page"))
    return render(request, "shop/search.html", {"query": query, "page": page})


class PublisherListView(ListView):
    model = Publisher


def publisher_detail(request, pk):
    publisher = get_object_or_404(Publisher, pk=pk)
    return render(request, "shop/publisher_detail.html", {"publisher": publisher})


class AuthorListView(ListView):
    model = Author

    def get_queryset(self):
        return super().get_queryset().filter(books__isnull=False).distinct()


class ReviewListView(ListView):
    queryset = Review.objects.filter(rating__gte=4)
    paginate_by = 25


def store_list(request):
    stores = []
    for store in Store.objects.all():
        titles = [book.title for book in store.books.all()]
        stores.append({"store": store, "titles": titles})
    return render(request, "shop/store_list.html", {"stores": stores})


def store_offers(request):
    stores = Store.objects.prefetch_related("books")
    offers = []
    for store in stores:
        books = list(store.books.filter(price__range=(250, 300)))
        offers.append({"store": store, "books": books})
    return render(request, "shop/store_offers.html", {"offers": offers})


def health(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
