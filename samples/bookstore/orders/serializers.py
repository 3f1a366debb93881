from rest_framework import serializers

from shop.models import Book

from .models import Order, OrderLine


class BookSerializer(serializers.ModelSerializer):
    publisher = serializers.CharField(source="publisher.name")

    class Meta:
        model = Book
        fields = ["id", "title", "isbn", "publisher"]


class OrderLineSerializer(serializers.ModelSerializer):
    book = BookSerializer()

    class Meta:
        model = OrderLine
        fields = ["book", "quantity", "unit_price", "amount"]


class OrderSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="user.get_full_name")
    lines = OrderLineSerializer(many=True)

    class Meta:
        model = Order
        fields = ["id", "customer", "status", "placed_at", "lines", "total"]
