from django.core.management import call_command
from django.core.management.base import BaseCommand

from rough.models import Book, Publisher


class Command(BaseCommand):
    def handle(self, **options):
        call_command("migrate", run_syncdb=True, verbosity=0)
        publishers = Publisher.objects.bulk_create(Publisher(name=f"Publisher {number}") for number in range(40))
        Book.objects.bulk_create(
            Book(title=f"Book {number}", publisher=publisher) for number, publisher in enumerate(publishers)
        )
