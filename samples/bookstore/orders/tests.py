from decimal import Decimal

from django.urls import reverse

from orders.models import Order
from shop.tests.base import SeededTestCase


class OrderApiTests(SeededTestCase):
    def test_list_is_paginated_and_newest_first(self):
        page = self.client.get(reverse("order-list")).json()
        self.assertEqual(page["count"], 60)
        newest = list(Order.objects.values_list("id", flat=True)[:20])
        self.assertEqual([order["id"] for order in page["results"]], newest)

    def test_detail_nests_lines_books_and_publishers(self):
        order = Order.objects.get(pk=1)
        data = self.client.get(reverse("order-detail", args=[1])).json()
        self.assertEqual(data["customer"], order.user.get_full_name())
        self.assertEqual(len(data["lines"]), order.lines.count())
        book = order.lines.first().book
        self.assertEqual(
            data["lines"][0]["book"],
            {
                "id": book.pk,
                "title": book.title,
                "isbn": book.isbn,
                "publisher": book.publisher.name,
            },
        )

    def test_total_is_the_sum_of_the_lines(self):
        data = self.client.get(reverse("order-detail", args=[1])).json()
        total = sum(
            line["quantity"] * Decimal(line["unit_price"]) for line in data["lines"]
        )
        self.assertEqual(Decimal(data["total"]), total)

    def test_is_read_only(self):
        response = self.client.post(reverse("order-list"), {})
        self.assertEqual(response.status_code, 405)
