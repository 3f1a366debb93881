from django.views.generic import ListView
from oscar.core.loading import get_model

Product = get_model("catalogue", "Product")


class CatalogueView(ListView):
    """The whole assortment as a table, straight from the database."""

    model = Product
    context_object_name = "products"
    template_name = "catalogue/assortment.html"
    paginate_by = 24

    def get_queryset(self):
        return Product.objects.browsable().order_by("title")
