from django import template

from shop.models import Book

register = template.Library()


@register.simple_tag
def latest(count):
    return Book.objects.order_by("-pk")[:count]
