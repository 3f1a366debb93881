from django.contrib import admin

from .models import Author, Book, Country, Publisher, Review, Store


@admin.register(Country)
class CountryAdmin(admin.ModelAdmin):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]


@admin.register(Publisher)
class PublisherAdmin(admin.ModelAdmin):
    list_display = ["name", "country", "founded"]
    list_filter = ["country"]
    list_select_related = ["country"]
    search_fields = ["name"]


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["last_name", "first_name"]
    search_fields = ["first_name", "last_name"]


@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    list_display = ["title", "publisher", "byline", "price", "published_on"]
    list_filter = ["publisher__country"]
    list_select_related = ["publisher__country"]
    search_fields = ["title", "isbn"]
    autocomplete_fields = ["publisher", "authors"]
    date_hierarchy = "published_on"

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("authors")


@admin.register(Store)
class StoreAdmin(admin.ModelAdmin):
    list_display = ["name", "city", "opened_on"]
    list_filter = ["city"]
    search_fields = ["name", "city"]
    raw_id_fields = ["books"]


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):
    list_display = ["book", "user", "rating", "created_at"]
    list_filter = ["rating"]
    list_select_related = ["book__publisher", "user"]
    search_fields = ["book__title", "user__username"]
    autocomplete_fields = ["book", "user"]
