from datetime import date

from django.contrib.auth.models import User
from django.test import TestCase
from django.utils import timezone

from shop.models import Book, Country, Publisher, Review


class BookTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        country = Country.objects.create(code="SE", name="Sweden")
        cls.publisher = Publisher.objects.create(
            name="Berg Press", country=country, founded=1901
        )
        cls.book = Book.objects.create(
            title="The Quiet River",
            isbn="9780000000001",
            publisher=cls.publisher,
            price=250,
            pages=300,
            published_on=date(2020, 5, 4),
        )

    def review(self, username, rating):
        return Review.objects.create(
            book=self.book,
            user=User.objects.create(username=username),
            rating=rating,
            created_at=timezone.now(),
        )

    def test_names(self):
        self.assertEqual(str(self.publisher), "Berg Press, Sweden")
        self.assertEqual(str(self.book), "The Quiet River (Berg Press)")
        self.assertEqual(
            str(self.review("ana", 4)), "ana on The Quiet River (Berg Press)"
        )

    def test_byline_is_ordered_by_last_name(self):
        self.book.authors.create(first_name="Ana", last_name="Novák")
        self.book.authors.create(first_name="Jan", last_name="Berg")
        self.assertEqual(self.book.byline, "Jan Berg, Ana Novák")

    def test_average_rating(self):
        self.assertIsNone(self.book.average_rating)
        self.review("ana", 2)
        self.review("jan", 5)
        self.assertEqual(self.book.average_rating, 3.5)

    def test_search_ignores_case(self):
        self.assertEqual(list(Book.objects.search("quiet")), [self.book])
        self.assertEqual(list(Book.objects.search("loud")), [])

    def test_a_book_nobody_bought_is_no_bestseller(self):
        self.assertEqual(list(Book.objects.bestsellers()), [])
