from django.views.generic import ListView
from oscar.apps.dashboard.orders.views import queryset_orders_for_user


class PickingListView(ListView):
    """What the warehouse has to pack today, order by order."""

    context_object_name = "orders"
    template_name = "oscar/dashboard/orders/picking_list.html"

    def get_queryset(self):
        orders = queryset_orders_for_user(self.request.user)
        return orders.filter(status="Being processed").order_by("date_placed")
