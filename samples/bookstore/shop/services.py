from .models import Book, Review


def get_new_arrivals(limit=100):
    return Book.objects.newest()[:limit]


def get_bestsellers(limit=20):
    return Book.objects.bestsellers()[:limit]


def get_latest_reviews(limit=25):
    return Review.objects.all()[:limit]
