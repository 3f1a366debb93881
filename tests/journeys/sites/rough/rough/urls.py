import importlib
import pkgutil

from django.urls import path

from rough import pages

names = [module.name for module in pkgutil.iter_modules(pages.__path__)]
urlpatterns = [path(f"{name}/", importlib.import_module(f"rough.pages.{name}").page) for name in names]
