from django.apps import apps
from django.urls import include, path

from measured import views

urlpatterns = [
    path("one/", views.countries),
    path("", include("bookstore.urls")),
]

if apps.is_installed("debug_toolbar"):
    urlpatterns.append(path("__debug__/", include("debug_toolbar.urls")))
if apps.is_installed("silk"):
    urlpatterns.append(path("silk/", include("silk.urls", namespace="silk")))
