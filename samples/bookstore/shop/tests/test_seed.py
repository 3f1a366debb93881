from io import StringIO

from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.test import TestCase, override_settings

from inbox.models import Message
from orders.models import Order, OrderLine
from shop.models import Author, Book, Country, Publisher, Review, Store


def everything():
    models = [
        Country,
        Publisher,
        Author,
        Book,
        Store,
        Review,
        Order,
        OrderLine,
        Message,
    ]
    return [serialize("json", model.objects.order_by("pk")) for model in models]


@override_settings(
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
)
class SeedTests(TestCase):
    def seed(self, **options):
        call_command("seed", stdout=StringIO(), **options)

    def test_running_again_gives_the_same_data(self):
        self.seed()
        first = everything()
        Store.objects.first().delete()
        self.seed()
        self.assertEqual(everything(), first)

    def test_scale(self):
        self.seed(scale=2)
        self.assertEqual(Book.objects.count(), 200)
        self.assertEqual(Store.objects.count(), 20)

    def test_scale_below_one(self):
        with self.assertRaisesMessage(CommandError, "1 or more"):
            self.seed(scale=0)

    def test_new_rows_can_be_added_afterwards(self):
        self.seed()
        self.assertGreater(Author.objects.create(last_name="Novák").pk, 50)

    def test_demo_user_can_log_in(self):
        self.seed()
        self.assertTrue(self.client.login(username="demo", password="paperback"))
        self.assertFalse(self.client.login(username="reader1", password="!"))
