from django.shortcuts import render

from shop.models import Country


def countries(request):
    return render(request, "measured/countries.html", {"countries": Country.objects.all()})
