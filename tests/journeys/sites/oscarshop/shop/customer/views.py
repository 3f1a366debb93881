from oscar.apps.customer.views import OrderHistoryView as CoreOrderHistoryView


class OrderHistoryView(CoreOrderHistoryView):
    """Order history without cancelled orders, showing what was bought."""

    def get_queryset(self):
        return super().get_queryset().exclude(status="Cancelled")
