"""Where the line is: the user's own code and templates count, and nothing else."""

from dataclasses import dataclass, field

import graphene
import shelving
from django.shortcuts import render
from django.views.generic import ListView
from rest_framework import generics, serializers

from library.answers import answer
from library.models import Author, Book, Publisher


def installed_package(request):
    publishers = Publisher.objects.order_by("pk")  # origin: installed-package
    return answer(shelving.country_of(publisher) for publisher in publishers)  # access: installed-package n-plus-one library.Publisher.country


def generated_code(request):
    publishers = Publisher.objects.order_by("pk")  # origin: generated-code
    namespace = {}
    exec("def country_of(publisher):\n    return publisher.country.name\n", namespace)
    return answer(namespace["country_of"](publisher) for publisher in publishers)  # access: generated-code n-plus-one library.Publisher.country


@dataclass
class Shelf:
    books: list = field(default_factory=Book.objects.all)
    label: str = "all"


def dataclass_default(request):
    shelf = Shelf()  # origin: dataclass-default
    return answer(book.publisher.name for book in shelf.books)  # access: dataclass-default n-plus-one library.Book.publisher


def template_extends(request):
    books = Book.objects.order_by("pk")  # origin: template-extends
    return render(request, "library/extends.html", {"books": books})


def template_block_super(request):
    books = Book.objects.order_by("pk")  # origin: template-block-super
    return render(request, "library/block_super.html", {"books": books})


def template_include(request):
    books = Book.objects.order_by("pk")  # origin: template-include
    return render(request, "library/include.html", {"books": books})


def template_partial(request):
    books = Book.objects.order_by("pk")  # origin: template-partial
    return render(request, "library/partial.html", {"books": books})


def template_partial_alone(request):
    authors = Author.objects.order_by("pk")  # origin: template-partial-alone
    return render(request, "library/partial.html#homes", {"authors": authors})


def template_jinja(request):
    books = Book.objects.order_by("pk")  # origin: template-jinja
    return render(request, "library/jinja.jinja", {"books": books})


def template_jinja_include(request):
    authors = Author.objects.order_by("pk")  # origin: template-jinja-include
    return render(request, "library/outer.jinja", {"authors": authors})


class BookList(ListView):  # origin: generic-view
    model = Book
    template_name = "library/list.html"


class PublisherSerializer(serializers.ModelSerializer):
    class Meta:
        model = Publisher
        fields = ["name"]


class BookSerializer(serializers.ModelSerializer):
    publisher = PublisherSerializer()  # access: serializer-nested n-plus-one library.Book.publisher

    class Meta:
        model = Book
        fields = ["title", "publisher"]


class BookListApi(generics.ListAPIView):
    queryset = Book.objects.order_by("pk")  # origin: serializer-nested
    serializer_class = BookSerializer


class BookAuthorsSerializer(serializers.ModelSerializer):
    names = serializers.SerializerMethodField()

    class Meta:
        model = Book
        fields = ["title", "names"]

    def get_names(self, book):
        return [author.name for author in book.authors.all()]  # access: serializer-method n-plus-one-many library.Book.authors


class BookAuthorsApi(generics.ListAPIView):
    queryset = Book.objects.order_by("pk")  # origin: serializer-method
    serializer_class = BookAuthorsSerializer


class PublisherType(graphene.ObjectType):
    name = graphene.String()


class BookType(graphene.ObjectType):
    title = graphene.String()
    publisher = graphene.Field(PublisherType)  # access: graphql-field n-plus-one library.Book.publisher
    author_names = graphene.List(graphene.String)

    def resolve_author_names(book, info):
        return [author.name for author in book.authors.all()]  # access: graphql-resolver n-plus-one-many library.Book.authors


class Query(graphene.ObjectType):
    books = graphene.List(BookType)
    dear_books = graphene.List(BookType)

    def resolve_books(root, info):
        return Book.objects.order_by("pk")  # origin: graphql-field

    def resolve_dear_books(root, info):
        return Book.objects.filter(price__gte=200)  # origin: graphql-resolver


schema = graphene.Schema(query=Query)


def graphql_field(request):
    return answer([schema.execute("{ books { title publisher { name } } }").data])


def graphql_resolver(request):
    return answer([schema.execute("{ dearBooks { title authorNames } }").data])
