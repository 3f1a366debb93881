from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Country(models.Model):
    name = models.CharField(max_length=50)


class Publisher(models.Model):
    name = models.CharField(max_length=50)
    country = models.ForeignKey(Country, models.CASCADE)


class Author(models.Model):
    name = models.CharField(max_length=50)


class Tag(models.Model):
    label = models.CharField(max_length=50)
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey()


class BookQuerySet(models.QuerySet):
    def newest(self):
        return self.order_by("-pk")


class Book(models.Model):
    title = models.CharField(max_length=50)
    blurb = models.TextField()
    publisher = models.ForeignKey(Publisher, models.CASCADE)
    authors = models.ManyToManyField(Author)
    tags = GenericRelation(Tag)

    objects = BookQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]


class Store(models.Model):
    name = models.CharField(max_length=50)
    books = models.ManyToManyField(Book)
