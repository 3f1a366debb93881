from django.db import models
from django.db.models import Q, Sum


class BookQuerySet(models.QuerySet):
    def newest(self):
        return self.order_by("-published_on", "-id")

    def bestsellers(self):
        return (
            self.annotate(sold=Sum("order_lines__quantity"))
            .filter(sold__gt=0)
            .order_by("-sold", "title", "id")
        )

    def search(self, words):
        return self.filter(Q(title__icontains=words) | Q(isbn=words))
