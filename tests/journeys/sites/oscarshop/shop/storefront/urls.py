from django.urls import include, path
from rest_framework.routers import DefaultRouter

from . import api, views

router = DefaultRouter()
router.register("orders", api.OrderViewSet)
router.register("products", api.ProductViewSet, basename="product")

urlpatterns = [
    path("api/", include(router.urls)),
    path("reviews/", views.latest_reviews, name="latest-reviews"),
    path("suppliers/", views.SupplierListView.as_view(), name="suppliers"),
    path("departments/<slug:slug>/", views.department, name="department"),
    path("price-list.csv", views.price_list, name="price-list"),
    path("stock/low/", views.low_stock, name="low-stock"),
]
