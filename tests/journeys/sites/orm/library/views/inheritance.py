from library.answers import answer
from library.models import Novel, Place, Shop


def phone(place):
    try:
        return place.shop.phone  # access: parent-to-child n-plus-one library.Place.shop
    except Shop.DoesNotExist:
        return ""


def parent_to_child(request):
    places = Place.objects.order_by("pk")  # origin: parent-to-child
    return answer(phone(place) for place in places)


def child_to_parent(request):  # silent: child-to-parent
    return answer(shop.place_ptr.name for shop in Shop.objects.order_by("pk"))


def child_relation(request):
    shops = Shop.objects.order_by("pk")  # origin: child-relation
    return answer(shop.country.name for shop in shops)  # access: child-relation n-plus-one library.Place.country


def proxy(request):
    novels = Novel.objects.order_by("pk")  # origin: proxy
    return answer(novel.publisher.name for novel in novels)  # access: proxy n-plus-one library.Book.publisher


def proxy_deferred(request):
    novels = Novel.objects.defer("blurb")  # origin: proxy-deferred
    return answer(novel.blurb for novel in novels)  # access: proxy-deferred deferred-field library.Book.blurb
