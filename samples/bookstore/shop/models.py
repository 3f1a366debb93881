from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from .managers import BookQuerySet


class Country(models.Model):
    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name", "id"]
        verbose_name_plural = "countries"

    def __str__(self):
        return self.name


class Publisher(models.Model):
    name = models.CharField(max_length=200)
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="publishers"
    )
    founded = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self):
        return f"{self.name}, {self.country}"

    def get_absolute_url(self):
        return reverse("publisher-detail", args=[self.pk])


class Author(models.Model):
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)

    class Meta:
        ordering = ["last_name", "first_name", "id"]

    def __str__(self):
        return f"{self.first_name} {self.last_name}"


class Book(models.Model):
    title = models.CharField(max_length=200)
    isbn = models.CharField("ISBN", max_length=13, unique=True)
    publisher = models.ForeignKey(
        Publisher, on_delete=models.CASCADE, related_name="books"
    )
    authors = models.ManyToManyField(Author, related_name="books")
    price = models.DecimalField(max_digits=8, decimal_places=2)
    pages = models.PositiveSmallIntegerField()
    published_on = models.DateField()

    objects = BookQuerySet.as_manager()

    class Meta:
        ordering = ["title", "id"]

    def __str__(self):
        return f"{self.title} ({self.publisher.name})"

    def get_absolute_url(self):
        return reverse("book-detail", args=[self.pk])

    @property
    def byline(self):
        return ", ".join(str(author) for author in self.authors.all())

    @property
    def average_rating(self):
        ratings = [review.rating for review in self.reviews.all()]
        if not ratings:
            return None
        return sum(ratings) / len(ratings)


class Store(models.Model):
    name = models.CharField(max_length=200)
    city = models.CharField(max_length=100)
    opened_on = models.DateField()
    books = models.ManyToManyField(Book, related_name="stores", blank=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self):
        return f"{self.name}, {self.city}"


class Review(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="reviews")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reviews"
    )
    rating = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    text = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["book", "user"], name="one_review_per_book_and_user"
            ),
        ]

    def __str__(self):
        return f"{self.user} on {self.book}"
