from django.urls import path
from oscar.apps.dashboard.orders import apps
from oscar.core.loading import get_class


class OrdersDashboardConfig(apps.OrdersDashboardConfig):
    name = "shop.dashboard.orders"

    def configure_permissions(self):
        super().configure_permissions()
        self.permissions_map["order-picking"] = self.permissions_map["order-list"]

    def ready(self):
        super().ready()
        self.picking_list_view = get_class("dashboard.orders.views", "PickingListView")

    def get_urls(self):
        picking = path(
            "picking/", self.picking_list_view.as_view(), name="order-picking"
        )
        return [*self.post_process_urls([picking]), *super().get_urls()]
