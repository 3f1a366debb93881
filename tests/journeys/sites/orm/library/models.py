from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor, ReverseManyToOneDescriptor
from django.db.models.sql import Query


class Country(models.Model):
    name = models.CharField(max_length=50)


class Publisher(models.Model):
    name = models.CharField(max_length=50)
    motto = models.CharField(max_length=50)
    country = models.ForeignKey(Country, models.CASCADE)


class Author(models.Model):
    name = models.CharField(max_length=50)
    home = models.ForeignKey(Country, models.CASCADE)


class Note(models.Model):
    text = models.CharField(max_length=50)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.BigIntegerField()
    subject = GenericForeignKey("content_type", "object_id")


class BookQuerySet(models.QuerySet):
    def affordable(self):
        return self.filter(price__lt=1000)


class TaggedQuery(Query):
    """Somebody's own class of query, as packages for common table expressions have it."""


class ShelfManager(models.Manager):
    def get_queryset(self):
        return models.QuerySet(self.model, query=TaggedQuery(self.model))  # origin: query-class


class NewestManager(models.Manager):
    def newest(self):
        return self.order_by("-pk")  # origin: manager-method


class Book(models.Model):
    title = models.CharField(max_length=50)
    blurb = models.TextField()
    price = models.IntegerField()
    publisher = models.ForeignKey(Publisher, models.CASCADE)
    authors = models.ManyToManyField(Author)
    notes = GenericRelation(Note)

    objects = BookQuerySet.as_manager()
    newest_first = NewestManager()
    shelved = ShelfManager()

    class Meta:
        base_manager_name = "objects"


class Novel(Book):
    class Meta:
        proxy = True


class Cover(models.Model):
    book = models.OneToOneField(Book, models.CASCADE)
    colour = models.CharField(max_length=50)


class Place(models.Model):
    name = models.CharField(max_length=50)
    street = models.CharField(max_length=50)
    country = models.ForeignKey(Country, models.CASCADE)


class Shop(Place):
    phone = models.CharField(max_length=50)


class Draft(models.Model):
    """Loads all deferred fields at once, as Django's documentation suggests."""

    title = models.CharField(max_length=50)
    text = models.TextField()
    remarks = models.TextField()

    def refresh_from_db(self, using=None, fields=None, **keywords):
        if fields is not None:
            fields = set(fields) | self.get_deferred_fields()
        super().refresh_from_db(using, fields, **keywords)  # access: deferred-override deferred-field library.Draft.text


class CarefulDescriptor(ForwardManyToOneDescriptor):
    def get_queryset(self, **hints):
        return Book.objects.defer("blurb")


class CarefulForeignKey(models.ForeignKey):
    forward_related_accessor_class = CarefulDescriptor


class Loan(models.Model):
    reader = models.CharField(max_length=50)
    book = CarefulForeignKey(Book, models.CASCADE)
    returned_to = models.ForeignKey(Place, models.CASCADE, null=True)

    def __str__(self):
        return f"{self.reader} has {self.book.title}"  # access: form-label n-plus-one library.Loan.book


class Reminder(models.Model):
    loan = models.ForeignKey(Loan, models.CASCADE)


class Parcel(models.Model):
    """There are many."""

    label = models.CharField(max_length=50)
    country = models.ForeignKey(Country, models.CASCADE)


class Treasure(models.Model):
    """Nobody but the app may compare two of these."""

    name = models.CharField(max_length=50)
    book = models.ForeignKey(Book, models.CASCADE)

    def __eq__(self, other):
        raise AssertionError("compared")

    def __hash__(self):
        raise AssertionError("hashed")


class Visitors:
    """A relation of somebody's own make, which has less than Django's have."""

    def __init__(self, field):
        self.field = field
        self.related_model = field.model


Place.visitors = ReverseManyToOneDescriptor(Visitors(Loan._meta.get_field("returned_to")))
