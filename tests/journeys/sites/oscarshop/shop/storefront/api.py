from oscar.core.loading import get_model
from rest_framework import permissions, viewsets

from .serializers import OrderSerializer, ProductSerializer

Order = get_model("order", "Order")
Product = get_model("catalogue", "Product")


class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = Order.objects.order_by("-date_placed")
    serializer_class = OrderSerializer
    permission_classes = [permissions.IsAdminUser]
    lookup_field = "number"


class ProductViewSet(viewsets.ReadOnlyModelViewSet):
    serializer_class = ProductSerializer

    def get_queryset(self):
        return Product.objects.browsable().order_by("title")
