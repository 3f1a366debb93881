from django.contrib import admin

from library.models import Book, Cover, Loan


class OpenAdmin(admin.ModelAdmin):
    """Everybody may look: the journey is about the lists."""

    def has_view_permission(self, request, obj=None):
        return True

    has_change_permission = has_add_permission = has_delete_permission = has_module_permission = has_view_permission


class BookAdmin(OpenAdmin):  # origin: admin-callable
    list_display = ["title", "house"]

    def house(self, book):
        return book.publisher.name  # access: admin-callable n-plus-one library.Book.publisher


class LoanAdmin(OpenAdmin):  # origin: admin-field access: admin-field n-plus-one library.Loan.returned_to
    list_display = ["reader", "returned_to"]
    list_select_related = ["book"]


class CoverAdmin(OpenAdmin):
    list_display = ["colour", "book_title"]

    def get_queryset(self, request):
        return super().get_queryset(request).order_by("pk")  # origin: admin-queryset

    @admin.display(description="title")
    def book_title(self, cover):
        return cover.book.title  # access: admin-queryset n-plus-one library.Cover.book


site = admin.AdminSite()
site.register(Book, BookAdmin)
site.register(Loan, LoanAdmin)
site.register(Cover, CoverAdmin)
