from django.urls import path

from . import views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("books/", views.book_list, name="book-list"),
    path("books/<int:pk>/", views.BookDetailView.as_view(), name="book-detail"),
    path("bestsellers/", views.bestsellers, name="bestsellers"),
    path("search/", views.search, name="search"),
    path("publishers/", views.PublisherListView.as_view(), name="publisher-list"),
    path("publishers/<int:pk>/", views.publisher_detail, name="publisher-detail"),
    path("authors/", views.AuthorListView.as_view(), name="author-list"),
    path("reviews/", views.ReviewListView.as_view(), name="review-list"),
    path("stores/", views.store_list, name="store-list"),
    path("stores/offers/", views.store_offers, name="store-offers"),
    path("health/", views.health, name="health"),
]
