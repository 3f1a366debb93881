from oscar.core.loading import get_model
from rest_framework import serializers

Line = get_model("order", "Line")
Order = get_model("order", "Order")
Product = get_model("catalogue", "Product")
ShippingAddress = get_model("order", "ShippingAddress")


class ShippingAddressSerializer(serializers.ModelSerializer):
    country = serializers.CharField(source="country.printable_name")

    class Meta:
        model = ShippingAddress
        fields = ["line1", "line4", "postcode", "country"]


class LineSerializer(serializers.ModelSerializer):
    product = serializers.CharField(source="product.get_title", default=None)
    supplier = serializers.CharField(source="partner.name", default=None)

    class Meta:
        model = Line
        fields = ["upc", "product", "supplier", "quantity", "line_price_incl_tax"]


class OrderSerializer(serializers.ModelSerializer):
    customer = serializers.EmailField(source="user.email")
    shipping_address = ShippingAddressSerializer()
    lines = LineSerializer(many=True)

    class Meta:
        model = Order
        fields = [
            "number",
            "date_placed",
            "status",
            "customer",
            "total_incl_tax",
            "shipping_address",
            "lines",
        ]


class ProductSerializer(serializers.ModelSerializer):
    product_class = serializers.SlugRelatedField(slug_field="name", read_only=True)
    categories = serializers.SlugRelatedField(
        slug_field="name", many=True, read_only=True
    )
    price = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["id", "upc", "title", "product_class", "categories", "price"]

    def get_price(self, product):
        stockrecord = product.stockrecords.order_by("price").first()
        return str(stockrecord.price) if stockrecord else None
