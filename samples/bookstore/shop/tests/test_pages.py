import re

from django.urls import reverse
from django.utils.html import escape

from shop.models import Author, Book, Publisher, Review, Store

from .base import SeededTestCase


class HomePageTests(SeededTestCase):
    def test_shows_new_books_stores_and_reviews(self):
        response = self.client.get(reverse("home"))
        newest = Book.objects.order_by("-published_on", "-id").first()
        self.assertEqual(response.context["books"][0], newest)
        self.assertContains(response, escape(newest.title))
        for store in Store.objects.all():
            self.assertContains(response, escape(store))
        self.assertContains(response, escape(Review.objects.first()))

    def test_a_book_without_reviews(self):
        Book.objects.get(pk=1).reviews.all().delete()
        response = self.client.get(reverse("home"))
        self.assertContains(response, "No reviews yet", count=1)


class BookPageTests(SeededTestCase):
    def test_lists_every_book_with_its_publisher(self):
        response = self.client.get(reverse("book-list"))
        self.assertEqual(len(response.context["books"]), 100)
        book = Book.objects.get(pk=1)
        self.assertContains(response, book.title)
        self.assertContains(response, escape(book.publisher.name))

    def test_detail(self):
        book = Book.objects.get(pk=1)
        response = self.client.get(book.get_absolute_url())
        self.assertContains(response, book.isbn)
        self.assertContains(response, book.byline)
        self.assertContains(response, escape(book.stores.first()))

    def test_detail_of_a_sold_out_book(self):
        response = self.client.get(reverse("book-detail", args=[100]))
        self.assertContains(response, "Sold out")

    def test_unknown_book(self):
        response = self.client.get(reverse("book-detail", args=[999_999]))
        self.assertEqual(response.status_code, 404)

    def test_bestsellers_come_in_order(self):
        response = self.client.get(reverse("bestsellers"))
        sold = [book.sold for book in response.context["books"]]
        self.assertEqual(len(sold), 20)
        self.assertEqual(sold, sorted(sold, reverse=True))


class SearchPageTests(SeededTestCase):
    def search(self, **query):
        return self.client.get(reverse("search"), query)

    def test_finds_words_in_titles(self):
        response = self.search(q="the")
        for book in response.context["page"]:
            self.assertIn("the", book.title.lower())

    def test_second_page_goes_on_where_the_first_ended(self):
        pages = [self.search(q="the", page=number) for number in (1, 2)]
        first, second = (list(page.context["page"]) for page in pages)
        self.assertEqual(first + second, list(Book.objects.search("the")[:20]))
        self.assertContains(pages[1], "Page 2 of")

    def test_finds_an_isbn(self):
        book = Book.objects.get(pk=7)
        response = self.search(q=book.isbn)
        self.assertEqual(list(response.context["page"]), [book])

    def test_without_words(self):
        response = self.search()
        self.assertContains(response, "Search by title or ISBN.")


class PublisherPageTests(SeededTestCase):
    def test_lists_every_publisher_with_its_books(self):
        response = self.client.get(reverse("publisher-list"))
        publisher = Publisher.objects.get(pk=1)
        self.assertEqual(len(response.context["publisher_list"]), 20)
        self.assertContains(response, publisher.country.name)
        self.assertContains(response, publisher.books.first().title)

    def test_detail(self):
        publisher = Publisher.objects.get(pk=1)
        response = self.client.get(publisher.get_absolute_url())
        self.assertContains(response, escape(publisher.name))
        for book in publisher.books.all():
            self.assertContains(response, book.byline)


class AuthorPageTests(SeededTestCase):
    def test_leaves_out_authors_without_books(self):
        Author.objects.create(first_name="Nobody", last_name="Inparticular")
        response = self.client.get(reverse("author-list"))
        authors = Author.objects.filter(books__isnull=False).distinct()
        self.assertEqual(list(response.context["author_list"]), list(authors))
        self.assertNotContains(response, "Inparticular")


class ReviewPageTests(SeededTestCase):
    def test_shows_good_reviews_only(self):
        response = self.client.get(reverse("review-list"))
        self.assertEqual(len(response.context["review_list"]), 25)
        for review in response.context["review_list"]:
            self.assertGreaterEqual(review.rating, 4)


class StorePageTests(SeededTestCase):
    def test_lists_stores_with_their_books(self):
        response = self.client.get(reverse("store-list"))
        store = Store.objects.first()
        self.assertEqual(len(response.context["stores"]), 10)
        self.assertEqual(
            response.context["stores"][0]["titles"],
            [book.title for book in store.books.all()],
        )

    def test_offers_cost_from_250_to_300(self):
        response = self.client.get(reverse("store-offers"))
        prices = re.findall(r", ([\d.]+) kr</li>", response.content.decode())
        self.assertTrue(prices)
        for price in prices:
            self.assertTrue(250 <= float(price) <= 300, price)


class HealthPageTests(SeededTestCase):
    def test_is_ok(self):
        response = self.client.get(reverse("health"))
        self.assertEqual(response.json(), {"status": "ok"})
