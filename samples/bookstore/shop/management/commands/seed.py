import random
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.core.management.color import no_style
from django.db import connection, transaction

from inbox.models import Message
from orders.models import Order, OrderLine
from shop.models import Author, Book, Country, Publisher, Review, Store

from ._words import (
    ADJECTIVES,
    CITIES,
    COUNTRIES,
    FIRST_NAMES,
    LAST_NAMES,
    MESSAGE_SUBJECTS,
    NOUNS,
    PLACES,
    REVIEW_TEXTS,
)

OPENING_DAY = datetime(2024, 1, 1, 9, tzinfo=timezone.utc)
DEMO_PASSWORD = "paperback"
ADMIN_ID = 1
DEMO_ID = 2
STORES_PER_BOOK = 3
DEMO_MESSAGES = 25


class Command(BaseCommand):
    help = "Replaces the contents of the database with demo data."

    def add_arguments(self, parser):
        parser.add_argument(
            "--scale",
            type=int,
            default=1,
            help="1 (the default) gives 100 books and 10 stores, 2 gives twice that.",
        )

    def handle(self, *, scale, **options):
        if scale < 1:
            raise CommandError("--scale must be 1 or more.")
        with transaction.atomic():
            clear()
            Seeder(scale).run()
            reset_sequences()
        self.stdout.write(
            f"Seeded {Book.objects.count()} books, {Store.objects.count()} stores, "
            f"{Order.objects.count()} orders and {Message.objects.count()} messages."
        )


MODELS = [
    Country,
    Publisher,
    Author,
    Book,
    Store,
    User,
    Review,
    Order,
    OrderLine,
    Message,
]


def clear():
    for model in reversed(MODELS):
        model.objects.all().delete()


def reset_sequences():
    """PostgreSQL does not advance a sequence past ids that were given to it."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), MODELS):
            cursor.execute(statement)


class Seeder:
    def __init__(self, scale):
        self.scale = scale
        self.random = random.Random(1439)

    def run(self):
        self.create_countries()
        self.create_publishers()
        self.create_authors()
        self.create_books()
        self.create_stores()
        self.create_users()
        self.create_reviews()
        self.create_orders()
        self.create_messages()

    def create_countries(self):
        self.countries = Country.objects.bulk_create(
            Country(id=number, code=code, name=name)
            for number, (code, name) in enumerate(COUNTRIES, start=1)
        )

    def create_publishers(self):
        suffixes = ["Press", "Books", "& Sons", "House", "Editions"]
        self.publishers = Publisher.objects.bulk_create(
            Publisher(
                id=number,
                name=f"{self.random.choice(LAST_NAMES)} {self.random.choice(suffixes)}",
                country=self.random.choice(self.countries),
                founded=self.random.randint(1820, 2015),
            )
            for number in range(1, 20 * self.scale + 1)
        )

    def create_authors(self):
        self.authors = Author.objects.bulk_create(
            Author(
                id=number,
                first_name=self.random.choice(FIRST_NAMES),
                last_name=self.random.choice(LAST_NAMES),
            )
            for number in range(1, 50 * self.scale + 1)
        )

    def create_books(self):
        # Publishers take turns, so that each of them has books.
        self.books = Book.objects.bulk_create(
            Book(
                id=number,
                title=self.title(),
                isbn=f"978{number:010}",
                publisher=self.publishers[number % len(self.publishers)],
                price=Decimal(self.random.randrange(9000, 45000, 500)) / 100,
                pages=self.random.randint(90, 900),
                published_on=date(2015, 1, 1)
                + timedelta(days=self.random.randrange(3285)),
            )
            for number in range(1, 100 * self.scale + 1)
        )
        through = Book.authors.through
        through.objects.bulk_create(
            through(book=book, author=author)
            for book in self.books
            for author in self.random.sample(
                self.authors, self.random.choice([1, 1, 1, 2, 2, 3])
            )
        )

    def title(self):
        pattern = self.random.choice(
            [
                "The {adjective} {noun}",
                "The {noun} of {place}",
                "{adjective} {noun}",
                "My {noun} in {place}",
                "{place} and the {noun}",
            ]
        )
        return pattern.format(
            adjective=self.random.choice(ADJECTIVES),
            noun=self.random.choice(NOUNS),
            place=self.random.choice(PLACES),
        )

    def create_stores(self):
        self.stores = Store.objects.bulk_create(
            Store(
                id=number,
                name=" & ".join(self.random.sample(NOUNS, 2)),
                city=self.random.choice(CITIES),
                opened_on=date(1950, 1, 1)
                + timedelta(days=self.random.randrange(25000)),
            )
            for number in range(1, 10 * self.scale + 1)
        )
        through = Store.books.through
        through.objects.bulk_create(
            through(store=store, book=book)
            for book in self.books
            if not self.is_sold_out(book)
            for store in self.random.sample(self.stores, STORES_PER_BOOK)
        )

    def is_sold_out(self, book):
        """One book in a hundred."""
        return book.id % 100 == 0

    def create_users(self):
        # The two who can log in have the same password, and so one hash.
        password = make_password(DEMO_PASSWORD)
        users = [
            User(
                id=ADMIN_ID,
                username="admin",
                first_name="Agnes",
                last_name="Admin",
                password=password,
                is_staff=True,
                is_superuser=True,
                date_joined=OPENING_DAY,
            ),
            User(
                id=DEMO_ID,
                username="demo",
                first_name="Dana",
                last_name="Demo",
                password=password,
                date_joined=OPENING_DAY,
            ),
        ]
        self.readers = [
            User(
                id=DEMO_ID + number,
                username=f"reader{number}",
                first_name=self.random.choice(FIRST_NAMES),
                last_name=self.random.choice(LAST_NAMES),
                # "!" is how Django marks a password nobody can use.
                password="!",
                date_joined=self.moment(),
            )
            for number in range(1, 40 * self.scale + 1)
        ]
        User.objects.bulk_create(users + self.readers)

    def create_reviews(self):
        reviews = []
        for book in self.books:
            for user in self.random.sample(self.readers, self.random.randint(1, 6)):
                reviews.append(
                    Review(
                        id=len(reviews) + 1,
                        book=book,
                        user=user,
                        rating=self.random.choice([1, 2, 3, 3, 4, 4, 4, 5, 5]),
                        text=self.random.choice(REVIEW_TEXTS),
                        created_at=self.moment(),
                    )
                )
        Review.objects.bulk_create(reviews)

    def create_orders(self):
        orders = Order.objects.bulk_create(
            Order(
                id=number,
                user=self.random.choice(self.readers),
                status=self.random.choice(Order.Status.values),
                placed_at=self.moment(),
            )
            for number in range(1, 60 * self.scale + 1)
        )
        lines = []
        for order in orders:
            for book in self.random.sample(self.books, self.random.randint(1, 5)):
                lines.append(
                    OrderLine(
                        id=len(lines) + 1,
                        order=order,
                        book=book,
                        quantity=self.random.randint(1, 3),
                        unit_price=book.price,
                    )
                )
        OrderLine.objects.bulk_create(lines)

    def create_messages(self):
        messages = []
        for number in range(1, 150 * self.scale + 1):
            sender, recipient = self.random.sample(self.readers, 2)
            sent_at = self.moment()
            to_demo = number <= DEMO_MESSAGES
            is_read = not to_demo and self.random.random() < 0.7
            messages.append(
                Message(
                    id=number,
                    sender=sender,
                    recipient_id=DEMO_ID if to_demo else recipient.id,
                    subject=self.random.choice(MESSAGE_SUBJECTS),
                    body=f"Have you read “{self.random.choice(self.books).title}”?",
                    sent_at=sent_at,
                    read_at=sent_at + timedelta(hours=8) if is_read else None,
                )
            )
        Message.objects.bulk_create(messages)

    def moment(self):
        """A time in the shop's first year."""
        return OPENING_DAY + timedelta(minutes=self.random.randrange(366 * 24 * 60))
