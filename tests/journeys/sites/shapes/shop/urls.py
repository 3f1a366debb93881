from django.urls import path

from shop import views

functions = (
    "lines backslashes steps functions attributes managers pages columns deeper prefetches one generic tagged "
    "navigation tags branches assortment"
)
urlpatterns = [path(f"{name}/", getattr(views, name)) for name in functions.split()] + [
    path("inheriting/", views.Inheriting.as_view()),
    path("own-model/", views.OwnModel.as_view()),
    path("mixed/", views.Mixed.as_view()),
]
