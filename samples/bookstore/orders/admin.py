from django.contrib import admin

from .models import Order, OrderLine


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    fields = readonly_fields = ["book", "quantity", "unit_price", "amount"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("book__publisher")


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["id", "user", "status", "placed_at"]
    list_filter = ["status"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    autocomplete_fields = ["user"]
    inlines = [OrderLineInline]


@admin.register(OrderLine)
class OrderLineAdmin(admin.ModelAdmin):
    list_display = ["order", "book", "quantity", "unit_price"]
    list_select_related = ["order__user", "book__publisher"]
    raw_id_fields = ["order"]
    autocomplete_fields = ["book"]
