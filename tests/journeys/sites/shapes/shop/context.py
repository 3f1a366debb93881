from shop.models import Publisher


def navigation(request):
    if request.path != "/navigation/":
        return {}
    return {"publishers": Publisher.objects.order_by("name")[:30]}
