from django.core.management import call_command
from django.core.management.base import BaseCommand

from library.models import Author, Book, Country, Cover, Draft, Loan, Note, Parcel, Place
from library.models import Publisher, Reminder, Shop, Treasure


class Command(BaseCommand):
    help = "Makes both databases and fills them."

    def handle(self, **options):
        for alias in ("default", "archive"):
            call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
            self.fill(alias)

    def fill(self, alias):
        for number in range(1, 7):
            country = Country.objects.using(alias).create(name=f"Country {number}")
            publisher = Publisher.objects.using(alias).create(name=f"House {number}", motto="Read", country=country)
            author = Author.objects.using(alias).create(name=f"Author {number}", home=country)
            book = Book.objects.using(alias).create(
                title=f"Title {number}", blurb="Long", price=number * 100, publisher=publisher
            )
            book.authors.add(author)
            Cover.objects.using(alias).create(book=book, colour="blue")
            Note(text=f"Note {number}", subject=book).save(using=alias)
            Draft.objects.using(alias).create(title=f"Draft {number}", text="Words", remarks="None")
            Shop.objects.using(alias).create(name=f"Shop {number}", street="High", country=country, phone="1")
            place = Place.objects.using(alias).create(name=f"Place {number}", street="Low", country=country)
            loan = Loan.objects.using(alias).create(reader=f"Reader {number}", book=book, returned_to=place)
            Reminder.objects.using(alias).create(loan=loan)
            Treasure(name=f"Treasure {number}", book=book).save(using=alias, force_insert=True)
        country = Country.objects.using(alias).get(name="Country 1")
        parcels = [Parcel(label=f"Parcel {number}", country=country) for number in range(30)]
        Parcel.objects.using(alias).bulk_create(parcels)
        for number in range(7, 10):
            Publisher.objects.using(alias).create(name=f"House {number}", motto="Print", country=country)
