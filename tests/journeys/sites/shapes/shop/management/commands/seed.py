from django.core.management import call_command
from django.core.management.base import BaseCommand

from shop.models import Author, Book, Country, Publisher, Store, Tag


class Command(BaseCommand):
    def handle(self, **options):
        call_command("migrate", run_syncdb=True, verbosity=0)
        for number in range(60):
            country = Country.objects.create(name=f"Country {number}")
            publisher = Publisher.objects.create(name=f"Publisher {number}", country=country)
            book = Book.objects.create(title=f"Book {number}", blurb="", publisher=publisher)
            book.authors.add(Author.objects.create(name=f"Author {number}"))
            Tag.objects.create(label="new", content_object=[book, publisher][number % 2])
        for number in range(2):
            Store.objects.create(name=f"Store {number}").books.set(Book.objects.all())
