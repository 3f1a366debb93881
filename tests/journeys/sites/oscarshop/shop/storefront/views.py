import csv

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import ListView
from oscar.core.loading import get_model

from .services import price_list_rows

Category = get_model("catalogue", "Category")
Partner = get_model("partner", "Partner")
ProductReview = get_model("reviews", "ProductReview")

LOW_STOCK = 5


def latest_reviews(request):
    reviews = ProductReview.objects.approved().order_by("-date_created", "-pk")[:50]
    return render(request, "storefront/latest_reviews.html", {"reviews": reviews})


class SupplierListView(ListView):
    model = Partner
    template_name = "storefront/suppliers.html"
    context_object_name = "suppliers"


def department(request, slug):
    category = get_object_or_404(Category, slug=slug)
    products = category.product_set.filter(is_public=True).order_by("title")
    return render(
        request,
        "storefront/department.html",
        {"category": category, "products": products},
    )


def price_list(request):
    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    writer.writerow(["upc", "title", "type", "supplier", "price", "stock"])
    writer.writerows(price_list_rows())
    return response


@staff_member_required(login_url="customer:login")
def low_stock(request):
    suppliers = Partner.objects.order_by("name")
    report = []
    for supplier in suppliers:
        records = supplier.stockrecords.filter(num_in_stock__lte=LOW_STOCK).order_by(
            "num_in_stock", "partner_sku"
        )
        report.append((supplier, list(records)))
    return render(request, "storefront/low_stock.html", {"report": report})
